// What the page is made of. The parts are packed as in pack.rs; the large ones are unpacked when they are asked for.

const parts = new Map();

/** The part of that name, unpacked once. */
function part(name) {
  if (!parts.has(name)) parts.set(name, unpack(document.getElementById(name).textContent));
  return parts.get(name);
}

async function unpack(text) {
  const letters = atob(text);
  const octets = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) octets[at] = letters.charCodeAt(at);
  const plain = new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain).json();
}

/** The exchanges of a run, by the case's id: numbers are steps that only say something, and -1 what was not said before. */
async function exchanges(broker) {
  const exchange = await part(`exchange-${broker}`);
  if (exchange.byCase) return exchange;
  let next = 0;
  const whole = (steps) => steps.map((step) => {
    const row = typeof step === "number" ? { said: step } : step;
    if (row.said === -1) row.said = next++;
    if (row.steps) row.steps = whole(row.steps);
    return row;
  });
  exchange.byCase = new Map(exchange.cases.map(([id, steps]) => [id, typeof steps === "string" ? steps : whole(steps)]));
  return exchange;
}

/** The index with what is looked up again and again: section and class of each case, which cases count for a command. */
async function load() {
  const index = await part("index");
  index.places = new Map(index.cases.map((one, place) => [one.id, place]));
  index.commandPlaces = new Map(index.commands.map((name, place) => [name, place]));
  const of = (key) => index.standings.findIndex((standing) => standing.key === key);
  index.of = of;
  index.fine = new Set([of("passed"), of("lenient"), of("surprise")]);
  index.silent = new Set([of("skipped"), of("not-run")]);
  const classes = new Set(index.commands.map((name) => name.split(".")[0]));
  for (const one of index.cases) {
    one.section = one.id.split("/")[0];
    one.class = one.section.split(".")[0];
    // What no command's section holds: by its section within the command's class, else by its class.
    if (!index.commandPlaces.has(one.section)) one.theme = classes.has(one.class) ? one.section : one.class;
  }
  index.themes = [...new Set(index.cases.map((one) => one.theme).filter(Boolean))].sort();
  for (const run of index.runs) run.byCommand = countByCommand(index, run);
  return index;
}

/** For each command the places of the cases that count for it in a run: those about it, and those that passed with it. */
function countByCommand(index, run) {
  const lists = index.commands.map(() => []);
  run.cases.forEach((result, place) => {
    if (!result) return;
    const section = index.commandPlaces.get(index.cases[place].section);
    const counted = new Set(section === undefined ? [] : [section]);
    if (index.fine.has(result.standing)) index.uses[result.uses].forEach((command) => counted.add(command));
    (result.about ?? []).forEach((command) => counted.add(command));
    counted.forEach((command) => lists[command].push(place));
  });
  // What only occurs where something else went wrong is shown with that.
  const lonely = new Set([...lists.keys()].filter((command) => lists[command].length === 0));
  run.cases.forEach((result, place) => {
    if (result) index.uses[result.uses].filter((command) => lonely.has(command)).forEach((command) => lists[command].push(place));
  });
  return lists;
}

/** The text in which a case is searched: lower case, made once. */
function searched(index, place) {
  const one = index.cases[place];
  if (one.text === undefined) {
    const results = index.runs.map((run) => run.cases[place]).filter(Boolean);
    const said = results.flatMap(({ detail, finding, known, notes }) => [
      detail, finding?.came, finding?.why, finding?.clause, known?.reason, ...(notes ?? []),
    ]);
    one.text = [one.id, one.title, one.level, one.file, ...one.clauses, ...one.needs, ...said]
      .filter(Boolean).map((text) => text.slice(0, 1000)).join("\n").toLowerCase();
  }
  return one.text;
}
