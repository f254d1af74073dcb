// Elements, in one line each. All that the report tells becomes text, never markup.

/** An element: `make("a", { class: "x", href: "#" }, "text", child)`; `on…` are listeners, false and null leave out. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");
const counted = (count, what) => `${number(count)} ${what}${count === 1 ? "" : "s"}`;

/** A word that only a screen reader says. */
const spoken = (text) => make("span", { class: "spoken" }, text);

/** The sign of a standing, with its name for whoever does not see it. */
function sign(standing, label) {
  return make("span", { class: `sign ${standing.key}`, title: label ?? standing.name },
    make("span", { class: "mark", "aria-hidden": "true" }, standing.mark), spoken(label ?? standing.name));
}

/** The sign of a standing and its name. */
const badge = (standing) => make("span", { class: `badge ${standing.key}` },
  make("span", { class: "mark", "aria-hidden": "true" }, standing.mark), ` ${standing.name}`);

/** A button that copies a text and says that it did. */
function copies(label, text) {
  const button = make("button", { type: "button", class: "quiet" }, label);
  button.addEventListener("click", async () => {
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      said = copyBySelection(text()) ? "Copied" : "Not copied: the browser refuses";
    }
    button.textContent = said;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}

/** The way of browsers that give no clipboard to files. */
function copyBySelection(text) {
  const area = make("textarea", { "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Fills a list as its reader comes near the end of it: `next()` gives the next elements, none at the end. */
function lazily(list, next) {
  const end = make("li", { class: "end", "aria-hidden": "true" });
  const watcher = new IntersectionObserver((seen) => {
    if (seen.some((entry) => entry.isIntersecting)) more();
  }, { rootMargin: "800px" });
  function more() {
    const elements = next();
    end.before(...elements);
    if (elements.length === 0) return stop();
    // Looked at anew: it may still be in sight.
    watcher.unobserve(end);
    watcher.observe(end);
  }
  function stop() {
    watcher.disconnect();
    end.remove();
  }
  list.replaceChildren(end);
  more();
  return {
    stop,
    all() { while (end.isConnected) more(); },
    until(found) { while (end.isConnected && !found()) more(); },
  };
}
