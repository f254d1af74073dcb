// One case: what it asks, how each broker stands, the script, and what was said.

let openCase = null;

async function drawCase(index, here) {
  const article = byId("case");
  const at = index.places.get(here.case);
  document.body.classList.toggle("reading", Boolean(here.case));
  article.hidden = !here.case;
  if (!here.case) {
    openCase = null;
    markRow(undefined);
    return;
  }
  if (at === undefined) {
    openCase = null;
    article.replaceChildren(make("p", { class: "plain" }, `This report has no case ${here.case}.`), back());
    return;
  }
  const broker = chosenRun(index, here, at);
  const key = `${at} ${broker}`;
  // Behind the case itself: a list has to be made up to the row.
  setTimeout(() => {
    if (openCase === key) markRow(at);
  });
  if (openCase === key) return;
  const sameCase = openCase?.startsWith(`${at} `);
  openCase = key;
  const [sources, exchange] = await Promise.all([part("sources"), exchanges(broker)]);
  // Another case may have been opened in between.
  if (openCase !== key) return;
  article.replaceChildren(...contents(index, at, broker, sources[at], exchange));
  if (sameCase) article.querySelector("[role=tab][aria-selected=true]")?.focus({ preventScroll: true });
  else {
    article.scrollTop = 0;
    article.focus({ preventScroll: true });
    if (getComputedStyle(article).position !== "sticky") scrollTo(0, 0);
  }
}

/** The run whose exchange is shown: the one asked for, else that of the filter, else the gravest. */
function chosenRun(index, here, at) {
  const has = (broker) => broker >= 0 && index.runs[broker].cases[at];
  const named = (name) => index.runs.findIndex((run) => run.name === name);
  for (const broker of [named(here.run), named(here.broker)]) if (has(broker)) return broker;
  let best = -1;
  index.runs.forEach((run, broker) => {
    if (has(broker) && (best < 0 || run.cases[at].standing > index.runs[best].cases[at].standing)) best = broker;
  });
  return best;
}

const back = () => make("a", { class: "button", href: changed({ case: "", run: "" }) }, "← All cases");

function contents(index, at, broker, source, exchange) {
  const one = index.cases[at];
  const run = index.runs[broker];
  const result = run.cases[at];
  const nearby = (step) => shown[shown.indexOf(at) + step];
  const to = (step, label, key) => {
    const other = shown.includes(at) ? nearby(step) : undefined;
    return other === undefined ? null : make("a", { class: "button", href: changed({ case: index.cases[other].id, run: "" }), "data-step": step, title: `${index.cases[other].id} (${key})` }, label);
  };
  return [
    make("nav", { class: "steps-nav", "aria-label": "Cases" }, back(), to(-1, "↑ Previous", "k"), to(1, "↓ Next", "j"),
      copies("Copy link", () => `${location.href.split("#")[0]}${address({ case: one.id, run: index.runs.length > 1 ? run.name : "" })}`)),
    make("h2", { id: "case-title" }, one.id),
    make("p", { class: "lead" }, one.title),
    make("p", { class: "meta" }, `${one.file}:${one.line}`, one.generated && " · written by a generator", one.needs.length > 0 && ` · needs ${one.needs.join(", ")}`),
    index.runs.length > 1 && tabs(index, at, broker),
    make("div", index.runs.length > 1 ? { role: "tabpanel", "aria-label": run.label } : {},
      verdict(index, run, result, one, source),
      make("h3", {}, "Exchange"),
      said(one, result, exchange)),
    make("h3", {}, one.clauses.length === 1 ? "Clause" : "Clauses"),
    clauses(index, one, result),
    make("h3", {}, "Script"),
    script(one, source, result.finding),
    make("h3", {}, "Run it again"),
    again(run, one),
  ];
}

/** How every broker stands; the arrow keys go from one to the next. */
function tabs(index, at, broker) {
  const list = make("div", { class: "tabs", role: "tablist", "aria-label": "Brokers" }, index.runs.map((run, other) => {
    const result = run.cases[at];
    if (!result) return null;
    const standing = index.standings[result.standing];
    return make("button", {
      type: "button", role: "tab", class: standing.key, "aria-selected": String(other === broker), tabindex: other === broker ? 0 : -1,
      onclick: () => slide({ run: run.name }),
    }, make("span", { class: "mark", "aria-hidden": "true" }, standing.mark), " ", make("b", {}, run.label), ` ${standing.name}`);
  }));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.children];
    all[(all.indexOf(event.target) + step + all.length) % all.length].click();
  });
  return list;
}

/** The verdict, and why. */
function verdict(index, run, result, one, source) {
  const standing = index.standings[result.standing];
  const { finding } = result;
  const rows = [];
  const tell = (label, ...said) => rows.push(make("dt", {}, label), make("dd", {}, said));
  if (finding) {
    const line = source.split("\n")[finding.line - one.line];
    tell("script", make("span", {}, `${one.file}:${finding.line}`), line && make("code", {}, line.trim()));
    if (finding.control) tell("run", "the positive control: what has to work before the fault proves anything");
    finding.expected.forEach((text, at) => tell(at === 0 ? "expected" : "or", long(text)));
    tell("came", long(finding.came));
    tell("because", finding.why);
  } else if (result.detail) tell("why", result.detail);
  (result.notes ?? []).forEach((note) => tell("chosen", note));
  if (result.known) tell("known", result.known.reason, make("span", { class: "source" }, "source: ", documented(result.known.source)));
  return make("div", { class: `verdict ${standing.key}` },
    make("p", {}, badge(standing), make("span", { class: "meta" }, ` ${run.label} · ${number(result.ms)} ms`)),
    rows.length > 0 && make("dl", {}, rows));
}

/** Where something is documented: a link where it is an address of the web, and nothing else. */
function documented(text) {
  const address = /^https?:\/\/\S+$/.test(text);
  return address ? make("a", { href: text, rel: "noreferrer noopener" }, text) : text;
}

function clauses(index, one, result) {
  const broken = result.finding?.clause;
  const ids = [...new Set([broken, ...one.clauses].filter(Boolean))];
  return make("ul", { class: "clauses" }, ids.map((id) => {
    const clause = index.clauses[id];
    if (!clause) return make("li", {}, make("p", {}, make("b", {}, id)));
    return make("li", {},
      make("p", {}, make("span", { class: "level" }, clause.level), " ", make("b", {}, id), " ",
        make("span", { class: "source" }, `${clause.source}${clause.extension ? ", an extension" : ""}`),
        id === broken && make("span", { class: "source" }, " · broken without being asked about")),
      make("p", { class: "wording" }, clause.text),
      clause.note && make("p", { class: "source" }, `In the field: ${clause.note}`));
  }));
}

function said(one, result, exchange) {
  const steps = exchange.byCase.get(one.id);
  if (steps === undefined) return make("p", { class: "plain" }, "Nothing was said.");
  if (typeof steps === "string") return make("pre", { class: "script", tabindex: "0" }, steps);
  return make("div", {},
    make("p", { class: "tools" }, copies("Copy as a script", () => transcript(one, exchange, steps)),
      make("span", { class: "source" }, "Choose an arrow for its fields and octets.")),
    sequence(exchange, steps, result.finding));
}

/** The script, with the line where the exchange left it. */
function script(one, source, finding) {
  if (!source) return make("p", { class: "plain" }, `The script is not at hand: ${one.file}:${one.line}`);
  const lines = source.split("\n").map((line, at) => {
    const here = finding && one.line + at === finding.line;
    return make("span", { class: here ? "line here" : "line", "data-line": one.line + at },
      here && spoken("The exchange left the script here: "), line, "\n");
  });
  return make("pre", { class: "script", tabindex: "0", "aria-label": "Script" }, make("code", {}, lines));
}

function again(run, one) {
  const plain = /^[\w./-]+$/.test(one.id) ? one.id : `'${one.id.replaceAll("'", "'\\''")}'`;
  const command = `${run.again} --only ${plain}`;
  return make("p", { class: "tools" }, make("code", {}, command), copies("Copy", () => command));
}
