// What belongs to no single case: known deviations, what the broker chose, what was skipped.

function drawLists(index) {
  const section = byId("lists");
  const kinds = [
    ["Known deviations", "what the target's file lists, with reason and source", known],
    ["Chosen where the text leaves a choice", "facts that the cases showed on their way", facts],
    ["Skipped", "what could not be asked, by reason", skipped],
  ];
  section.replaceChildren(...kinds.flatMap(([title, what, of]) => {
    const groups = index.runs.map((run) => ({ run, groups: of(index, run) })).filter(({ groups }) => groups.length > 0);
    if (groups.length === 0) return [];
    return [make("section", {}, make("h2", {}, title), make("p", { class: "meta" }, what),
      groups.map(({ run, groups }) => runGroups(run, groups)))];
  }));
}

/** The groups of a run, made when they are opened. */
function runGroups(run, groups) {
  const cases = new Set(groups.flatMap((group) => group.cases));
  const list = make("ul", { class: "groups" });
  const details = make("details", {},
    make("summary", {}, make("b", {}, run.label), ` ${counted(cases.size, "case")}, ${number(groups.length)} kinds`), list);
  details.addEventListener("toggle", () => {
    if (!details.open || list.childElementCount > 0) return;
    list.append(...groups.map((group) => make("li", {},
      make("p", {}, group.text),
      group.source && make("p", { class: "source" }, "source: ", documented(group.source)),
      names(run, group.cases))));
  });
  return details;
}

/** The cases, the first few at once. */
function names(run, cases) {
  const link = (id) => make("a", { href: address({ case: id, run: run.name }) }, id);
  const list = make("p", { class: "ids" }, cases.slice(0, 6).flatMap((id) => [link(id), " "]));
  if (cases.length > 6) {
    const button = make("button", { type: "button", class: "quiet", onclick: () => {
      button.replaceWith(...cases.slice(6).flatMap((id) => [link(id), " "]));
    } }, `and ${number(cases.length - 6)} more`);
    list.append(button);
  }
  return list;
}

/** Cases by what they have in common, the commonest first. */
function gather(index, run, pick) {
  const groups = new Map();
  run.cases.forEach((result, place) => {
    const found = result && pick(result);
    if (!found) return;
    const key = JSON.stringify(found);
    if (!groups.has(key)) groups.set(key, { ...found, cases: [] });
    groups.get(key).cases.push(index.cases[place].id);
  });
  return [...groups.values()].sort((a, b) => b.cases.length - a.cases.length);
}

const known = (index, run) => gather(index, run, (result) => ["known", "surprise"].includes(index.standings[result.standing].key) && { text: result.known.reason, source: result.known.source });

const skipped = (index, run) => gather(index, run, (result) => index.standings[result.standing].key === "skipped"
  && { text: result.finding ? "a MAY that the broker does not offer" : result.detail });

const facts = (_, run) => run.facts.map((fact) => ({ text: fact.fact, cases: fact.cases }));
