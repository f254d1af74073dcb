// The table of commands: brokers by commands, a button each. One of them is reached by Tab, the others by the arrow keys.

function drawHeat(index) {
  const classes = new Map();
  index.commands.forEach((name, command) => {
    const family = name.includes(".") ? name.split(".")[0] : "framing";
    if (!classes.has(family)) classes.set(family, []);
    classes.get(family).push(command);
  });
  const heat = byId("heat");
  heat.style.setProperty("--brokers", index.runs.length);
  heat.replaceChildren(...[...classes].map(([family, commands]) => block(index, family, commands)));
  heat.addEventListener("keydown", moveByArrow);
  heat.addEventListener("focusin", ({ target }) => {
    if (target.matches("button")) keepTabStop(heat, target);
  });
  const first = heat.querySelector("button");
  if (first) keepTabStop(heat, first);
  drawLegend(index);
}

/** The commands of a class, a row each. */
function block(index, family, commands) {
  const heads = index.runs.map((run) => make("th", { scope: "col", title: run.label }, make("span", {}, run.short)));
  const rows = commands.map((command) => {
    const name = index.commands[command];
    const rest = name.includes(".") ? name.slice(family.length + 1) : name;
    return make("tr", {},
      make("th", { scope: "row" }, rest),
      index.runs.map((run, broker) => make("td", {}, cell(index, command, run, broker))));
  });
  return make("table", {},
    make("caption", {}, family),
    index.runs.length > 1 && make("thead", {}, make("tr", {}, make("td", {}), heads)),
    make("tbody", {}, rows));
}

function cell(index, command, run, broker) {
  const standing = index.standings[run.commands[command]];
  const places = run.byCommand[command];
  const alike = (place) => kin(index, run.cases[place].standing) === kin(index, run.commands[command]);
  const count = index.silent.has(run.commands[command]) ? 0 : places.filter(alike).length;
  const share = count === 0 || index.fine.has(run.commands[command]) ? 0 : wrongShare(index, command, run);
  const said = standing.key === "not-run" ? "not exercised" : `${standing.name}, ${counted(count, "case")}`;
  return make("button", {
    type: "button", class: `cell ${standing.key}`, "data-heat": Math.ceil(share * 4),
    "data-command": index.commands[command], "data-broker": run.name,
    title: `${index.commands[command]}, ${run.label}: ${said}`,
    onclick: () => {
      go({ command: index.commands[command], broker: run.name, case: "", run: "", class: "", level: "", verdict: "", q: "", differ: "" });
      byId("cases").scrollIntoView();
      byId("cases-title").focus({ preventScroll: true });
    },
  }, make("span", { class: "mark", "aria-hidden": "true" }, standing.mark),
  make("span", { "aria-hidden": "true" }, count > 0 ? number(count) : ""),
  spoken(`${index.commands[command]}, ${run.label}: ${said}`));
}

/** Which part of the cases of a command went wrong: of those in its own section or, where they are few, of all. */
function wrongShare(index, command, run) {
  const judged = run.byCommand[command].filter((place) => !index.silent.has(run.cases[place].standing));
  const own = judged.filter((place) => index.cases[place].section === index.commands[command]);
  const base = own.length < 5 ? judged : own;
  return base.filter((place) => !index.fine.has(run.cases[place].standing)).length / base.length;
}

/** What is allowed counts as passed. */
const kin = (index, standing) => (index.fine.has(standing) ? index.of("passed") : standing);

function keepTabStop(heat, button) {
  heat.querySelectorAll("button[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
  heat.querySelectorAll("button:not([tabindex])").forEach((other) => { other.tabIndex = -1; });
  button.tabIndex = 0;
}

/** Up and down through all classes, left and right from broker to broker, Home and End to the first and last command. */
function moveByArrow(event) {
  if (!event.target.matches("button.cell") || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...event.currentTarget.querySelectorAll("tbody tr")];
  const row = rows.indexOf(event.target.closest("tr"));
  const column = [...rows[row].querySelectorAll("button")].indexOf(event.target);
  const to = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [0, column], End: [rows.length - 1, column],
  }[event.key];
  if (!to) return;
  event.preventDefault();
  rows[to[0]]?.querySelectorAll("button")[to[1]]?.focus();
}

function drawLegend(index) {
  const seen = new Set(index.runs.flatMap((run) => run.commands));
  const told = index.standings.filter((_, place) => seen.has(place)).reverse();
  const name = (standing) => (standing.key === "not-run" ? "not exercised" : standing.name);
  byId("legend").replaceChildren(...told.map((standing) => make("span", { class: standing.key },
    make("span", { class: "mark", "aria-hidden": "true" }, standing.mark), ` ${name(standing)}`)),
  make("span", { class: "hint" }, "a number counts the cases that stand so; choose a cell for its cases"));
}
