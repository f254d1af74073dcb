// Where the reader is: the address behind `#` holds the open case and the filters, so that it can be kept and sent on,
// and the browser's own buttons lead back.

const KEYS = ["case", "run", "command", "broker", "class", "level", "verdict", "differ", "q"];

/** No case and no filter. */
const EVERYTHING = Object.fromEntries(KEYS.map((key) => [key, ""]));

/** What the address says. */
function place() {
  const said = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(KEYS.map((key) => [key, said.get(key) ?? ""]));
}

/** The address of a place. */
function address(wanted) {
  const readable = (text) => encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",");
  const said = KEYS.filter((key) => wanted[key]).map((key) => `${key}=${readable(wanted[key])}`);
  return `#${said.join("&")}`;
}

/** The address of the present place with changes. */
const changed = (changes) => address({ ...place(), ...changes });

/** Goes there; the browser's button leads back. */
function go(changes) {
  location.hash = changed(changes);
}

/** Goes there as if one had been there: what is typed letter by letter is one place. */
function slide(changes) {
  history.replaceState(null, "", changed(changes) === "#" ? location.pathname + location.search : changed(changes));
  dispatchEvent(new HashChangeEvent("hashchange"));
}
