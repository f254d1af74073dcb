// Puts the page together, and brings it up to the address whenever that changes.

const THEMES = { "": "Theme: system", light: "Theme: light", dark: "Theme: dark" };

/** Light, dark, or what the system says; kept where the browser keeps anything. */
function offerThemes() {
  const button = byId("theme");
  const kept = (theme) => {
    try {
      if (theme === undefined) return localStorage.getItem("mqspec-theme") ?? "";
      localStorage.setItem("mqspec-theme", theme);
    } catch {
      // A browser that keeps nothing for files: the choice lasts as long as the page.
    }
    return theme ?? "";
  };
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = THEMES[theme] ?? THEMES[""];
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const all = Object.keys(THEMES);
    const next = all[(all.indexOf(document.documentElement.dataset.theme) + 1) % all.length];
    kept(next);
    show(next);
  });
  const theme = kept();
  show(theme in THEMES ? theme : "");
}

/** What a column is called: the target's name, or the first word of the broker's own where the target is a URL. */
function shortLabels(runs) {
  const first = runs.map((run) => (/^[\w.#-]+( #\d+)?$/.test(run.name) ? run.name : run.label.split(" ")[0]));
  runs.forEach((run, place) => {
    const alone = first.filter((name) => name === first[place]).length === 1;
    run.short = alone ? first[place] : run.label;
  });
}

function byKey(event) {
  if (event.target.matches("input, select, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { j: "[data-step='1']", k: "[data-step='-1']" }[event.key];
  if (to) byId("case").querySelector(to)?.click();
  else if (event.key === "Escape" && !byId("case").hidden) go({ case: "", run: "" });
  else if (event.key === "/") {
    event.preventDefault();
    byId("filters").elements.q.focus();
  }
}

async function start() {
  offerThemes();
  if (typeof DecompressionStream === "undefined") {
    byId("trouble").hidden = false;
    byId("trouble").textContent = "This browser cannot unpack the cases: it takes one of 2024 or later.";
    return;
  }
  const index = await load();
  shortLabels(index.runs);
  document.body.classList.toggle("alone", index.runs.length === 1);
  drawHeat(index);
  drawFilters(index);
  drawColumns(index);
  drawLists(index);
  for (const id of ["commands", "bench", "lists"]) byId(id).hidden = false;
  byId("cases-title").tabIndex = -1;
  const title = document.title;
  let scrolled = 0;
  let reading = false;
  const follow = async () => {
    const here = place();
    if (!reading) scrolled = scrollY;
    drawList(index, here);
    await drawCase(index, here);
    // Back from a case: where the list was left.
    if (reading && !here.case) scrollTo(0, scrolled);
    reading = Boolean(here.case);
    document.title = here.case ? `${here.case} · ${title}` : title;
  };
  addEventListener("hashchange", follow);
  byId("list").addEventListener("keydown", moveByRow);
  addEventListener("keydown", byKey);
  addEventListener("beforeprint", () => {
    rows?.all();
    document.querySelectorAll("#case details, #lists details").forEach((details) => { details.open = true; });
  });
  await follow();
}

start().catch((error) => {
  byId("trouble").hidden = false;
  byId("trouble").textContent = `The page's data cannot be read: ${error}`;
});
