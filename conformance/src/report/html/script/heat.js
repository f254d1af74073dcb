// The table of commands: brokers by commands, a button each; and below it the themes. One button of each table is reached by
// Tab, the others by the arrow keys.

/** How many themes stand below each other. */
const THEMES_IN_A_COLUMN = 20;

function drawHeat(index) {
  const classes = new Map();
  index.commands.forEach((name, command) => {
    const family = name.split(".")[0];
    if (!classes.has(family)) classes.set(family, []);
    classes.get(family).push(commandRow(index, name, command));
  });
  const heat = byId("heat");
  document.documentElement.style.setProperty("--brokers", index.runs.length);
  heat.replaceChildren(...[...classes].map(([family, rows]) => block(index, family, rows)));
  drawThemes(index);
  for (const part of [heat, byId("themes-heat")]) {
    part.addEventListener("keydown", moveByArrow);
    part.addEventListener("focusin", ({ target }) => {
      if (target.matches("button")) keepTabStop(part, target);
    });
    const first = part.querySelector("button");
    if (first) keepTabStop(part, first);
  }
  drawLegend(index);
}

/** A row of the table: what it is called, what choosing it shows, and in each run its standing and its cases. */
function commandRow(index, name, command) {
  return {
    label: name.includes(".") ? name.slice(name.indexOf(".") + 1) : name,
    name,
    filters: { command: name },
    standing: (run) => run.commands[command],
    places: (run) => run.byCommand[command],
  };
}

/** The cases that no command's section holds, by theme. */
function drawThemes(index) {
  const rows = index.themes.map((theme) => {
    const places = index.cases.flatMap((one, place) => (one.theme === theme ? [place] : []));
    const own = (run) => places.filter((place) => run.cases[place]);
    return {
      label: theme,
      name: theme,
      filters: { class: theme },
      places: own,
      standing: (run) => own(run).reduce((gravest, place) => Math.max(gravest, run.cases[place].standing), 0),
    };
  });
  const blocks = [];
  for (let at = 0; at < rows.length; at += THEMES_IN_A_COLUMN) blocks.push(block(index, "", rows.slice(at, at + THEMES_IN_A_COLUMN)));
  byId("themes-heat").replaceChildren(...blocks);
  byId("themes").hidden = rows.length === 0;
  const gravest = Math.max(...index.runs.flatMap((run) => rows.map((row) => row.standing(run))));
  const worst = index.standings[gravest];
  byId("themes-title").replaceChildren(make("b", {}, "Themes"), ` that are about no single command: ${number(rows.length)}, the gravest `, badge(worst));
}

/** Rows below a caption. */
function block(index, caption, rows) {
  const heads = index.runs.map((run) => make("th", { scope: "col", title: run.label }, make("span", {}, run.short)));
  return make("table", {},
    make("caption", {}, caption || spoken("themes")),
    index.runs.length > 1 && make("thead", {}, make("tr", {}, make("td", {}), heads)),
    make("tbody", {}, rows.map((row) => make("tr", {},
      make("th", { scope: "row", title: row.name }, row.label),
      index.runs.map((run) => make("td", {}, cell(index, row, run)))))));
}

function cell(index, row, run) {
  const place = row.standing(run);
  const standing = index.standings[place];
  const places = row.places(run);
  const alike = (other) => kin(index, run.cases[other].standing) === kin(index, place);
  const count = index.silent.has(place) ? 0 : places.filter(alike).length;
  const share = count === 0 || index.fine.has(place) ? 0 : wrongShare(index, row, run);
  const said = standing.key === "not-run" ? "not exercised" : count > 0 ? `${standing.name}, ${counted(count, "case")}`
    : index.silent.has(place) ? standing.name : "only where something else went wrong";
  return make("button", {
    type: "button", class: `cell ${standing.key}`, "data-heat": Math.ceil(share * 4), "data-row": row.name, "data-broker": run.name,
    title: `${row.name}, ${run.label}: ${said}`,
    onclick: () => {
      go({ ...EVERYTHING, ...row.filters, broker: index.runs.length > 1 ? run.name : "" });
      byId("cases").scrollIntoView();
      byId("cases-title").focus({ preventScroll: true });
    },
  }, make("span", { class: "mark", "aria-hidden": "true" }, standing.mark),
  make("span", { "aria-hidden": "true" }, count > 0 ? number(count) : ""),
  spoken(`${row.name}, ${run.label}: ${said}`));
}

/** Which part of the cases of a row went wrong: of those in its own section or, where they are few, of all. */
function wrongShare(index, row, run) {
  const judged = row.places(run).filter((place) => !index.silent.has(run.cases[place].standing));
  const own = judged.filter((place) => index.cases[place].section === row.name);
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
  make("span", { class: "hint" }, "a number counts the cases that stand so, and the deeper the colour, the more of its cases went wrong; choose a cell for them"));
}
