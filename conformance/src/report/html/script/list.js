// The list of cases: filters, chips with counts, and rows that are made as one comes near them.

const CHUNK = 80;
let rows = null;
/** The places of the cases that the filters leave, in the suite's order. */
let shown = [];
let drawnFor = null;

function drawFilters(index) {
  const form = byId("filters");
  const choices = (name, any, values) => form.elements[name].replaceChildren(
    make("option", { value: "" }, any), ...values.map(([value, label]) => make("option", { value }, label)));
  choices("broker", index.runs.length > 1 ? "any" : index.runs[0].label, index.runs.length > 1 ? index.runs.map((run) => [run.name, run.label]) : []);
  form.elements.broker.closest("label").hidden = index.runs.length < 2;
  form.elements.differ.closest("label").hidden = index.runs.length < 2;
  const distinct = (values) => [...new Set(values)].map((value) => [value, value]);
  choices("class", "any", distinct([...index.cases.map((one) => one.class), ...index.themes].sort()));
  choices("level", "any", distinct(["MUST", "SHOULD", "MAY"].filter((level) => index.cases.some((one) => one.level === level))));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.q.addEventListener("input", () => slide({ q: form.elements.q.value }));
  for (const name of ["broker", "class", "level"]) {
    form.elements[name].addEventListener("change", () => go({ [name]: form.elements[name].value }));
  }
  form.elements.differ.addEventListener("change", () => go({ differ: form.elements.differ.checked ? "yes" : "" }));
  byId("clear").addEventListener("click", () => {
    go({ ...EVERYTHING, case: place().case, run: place().run });
    form.elements.q.focus();
  });
}

/** The brokers' names above their signs. */
function drawColumns(index) {
  byId("columns").replaceChildren(make("span", { class: "signs" }, index.runs.map((run) =>
    make("span", { class: "sign", title: run.label }, make("span", {}, run.short)))));
}

/** Brings the list up to the address. */
function drawList(index, here) {
  const key = address({ ...here, case: "", run: "" });
  if (key === drawnFor) return;
  drawnFor = key;
  fillForm(here);
  const allowed = filter(index, { ...here, verdict: "" });
  drawChips(index, here, allowed);
  const wanted = new Set(here.verdict.split(",").filter(Boolean));
  shown = wanted.size === 0 ? allowed : allowed.filter((place) => judged(index, here, place)
    .some((result) => wanted.has(index.standings[result.standing].key)));
  byId("found").textContent = shown.length === index.cases.length
    ? counted(shown.length, "case") : `${number(shown.length)} of ${counted(index.cases.length, "case")}`;
  rows?.stop();
  let next = 0;
  let section = null;
  rows = lazily(byId("list"), () => {
    const made = [];
    for (; next < shown.length && made.length < CHUNK; next++) {
      const one = index.cases[shown[next]];
      if (one.section !== section) {
        section = one.section;
        made.push(make("li", { class: "section" }, section));
      }
      made.push(row(index, shown[next]));
    }
    return made;
  });
  byId("columns").hidden = index.runs.length < 2 || shown.length === 0;
  if (shown.length === 0) byId("list").replaceChildren(make("li", { class: "nothing" }, "No case is like that. Clear a filter."));
}

function fillForm(here) {
  const form = byId("filters");
  for (const name of ["broker", "class", "level"]) form.elements[name].value = here[name];
  if (form.elements.q.value !== here.q) form.elements.q.value = here.q;
  form.elements.differ.checked = here.differ === "yes";
  const command = byId("command");
  command.hidden = !here.command;
  command.replaceChildren("command ", make("b", {}, here.command), " ",
    make("button", { type: "button", class: "quiet", "aria-label": `Show all commands, not only ${here.command}`, onclick: () => go({ command: "" }) }, "✕"));
  byId("clear").hidden = !["command", "broker", "class", "level", "verdict", "differ", "q"].some((key) => here[key]);
}

/** The results of a case that the choice of a broker leaves. */
function judged(index, here, place) {
  const runs = here.broker ? index.runs.filter((run) => run.name === here.broker) : index.runs;
  return runs.map((run) => run.cases[place]).filter(Boolean);
}

/** The places of all cases that fit, whatever their verdict. */
function filter(index, here) {
  const words = here.q.toLowerCase().split(/\s+/).filter(Boolean);
  const command = index.commandPlaces.get(here.command);
  const runs = here.broker ? index.runs.filter((run) => run.name === here.broker) : index.runs;
  const counting = here.command ? new Set(runs.flatMap((run) => run.byCommand[command] ?? [])) : null;
  const differs = (place) => new Set(index.runs.map((run) => {
    const result = run.cases[place];
    return result ? (index.standings[result.standing].key === "known" ? index.of("failed") : result.standing) : -1;
  })).size > 1;
  return index.cases.map((_, place) => place).filter((place) => {
    const one = index.cases[place];
    return (!here.class || one.class === here.class || one.theme === here.class)
      && (!here.level || one.level === here.level)
      && (!counting || counting.has(place))
      && (!here.broker || judged(index, here, place).length > 0)
      && (here.differ !== "yes" || differs(place))
      && words.every((word) => searched(index, place).includes(word));
  });
}

function drawChips(index, here, allowed) {
  const counts = index.standings.map(() => 0);
  for (const place of allowed) {
    new Set(judged(index, here, place).map((result) => result.standing)).forEach((standing) => { counts[standing]++; });
  }
  const wanted = new Set(here.verdict.split(",").filter(Boolean));
  const chips = index.standings.map((standing, place) => {
    if (counts[place] === 0 && !wanted.has(standing.key)) return null;
    const pressed = wanted.has(standing.key);
    const after = new Set(wanted);
    if (pressed) after.delete(standing.key);
    else after.add(standing.key);
    return make("button", {
      type: "button", class: `chip ${standing.key}`, "aria-pressed": String(pressed), "data-verdict": standing.key,
      onclick: () => {
        go({ verdict: [...after].join(",") });
        // The chips are new; whoever pressed one stays where he was.
        requestAnimationFrame(() => byId("chips").querySelector(`[data-verdict="${standing.key}"]`)?.focus({ preventScroll: true }));
      },
    }, make("span", { class: "mark", "aria-hidden": "true" }, standing.mark), ` ${standing.name} `, make("b", {}, number(counts[place])));
  });
  byId("chips").replaceChildren(...chips.filter(Boolean).reverse());
}

/** A case in a row: how each broker stands, its name, and what it is about. */
function row(index, place) {
  const one = index.cases[place];
  const signs = index.runs.map((run) => {
    const result = run.cases[place];
    if (!result) return make("span", { class: "sign none" }, spoken(`${run.label}: not part of its run`));
    const standing = index.standings[result.standing];
    return sign(standing, index.runs.length > 1 ? `${run.label}: ${standing.name}` : standing.name);
  });
  const name = one.id.slice(one.section.length + 1) || one.id;
  return make("li", {}, make("a", { class: "row", href: changed({ case: one.id, run: "" }), "data-place": place },
    make("span", { class: "signs" }, signs),
    make("span", { class: "id" }, spoken(`${one.section} `), name),
    make("span", { class: "what" }, one.title),
    one.level !== "MUST" && make("span", { class: "level" }, one.level)));
}

/** Up and down from row to row. */
function moveByRow(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...byId("list").querySelectorAll("a.row")];
  const at = links.indexOf(event.target);
  if (!step || at < 0) return;
  event.preventDefault();
  links[at + step]?.focus();
}

/** Marks the row of the open case, and brings it into sight where the list has a scroll bar of its own. */
function markRow(place) {
  byId("list").querySelector("[aria-current]")?.removeAttribute("aria-current");
  if (place === undefined) return;
  const find = () => byId("list").querySelector(`a[data-place="${place}"]`);
  // Where it is not in sight, none of it has to be made.
  if (shown.includes(place) && byId("cases").checkVisibility()) rows?.until(find);
  const link = find();
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
}
