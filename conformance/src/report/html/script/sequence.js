// An exchange as a sequence diagram: a lane for each connection, one for the broker, an arrow for each command.

/** How many steps are drawn at first, and how many more at a time. */
const STEPS = 300;
/** How much of a value is shown at first. */
const LONG = 2000;

/** The diagram. `exchange` is what exchange.rs wrote about the run, `finding` where it left the script. */
function sequence(exchange, steps, finding) {
  const names = connections(exchange, steps);
  const lanes = new Map(names.map((name, lane) => [name, lane]));
  if (!lanes.has("")) lanes.set("", 0);
  const drawing = { exchange, lanes, finding };
  const rows = make("ol", { class: "steps" });
  fill(drawing, rows, steps);
  if (finding && !marks(steps)) rows.append(nothingCame(drawing, finding));
  const lines = [...names.map((_, lane) => lane), "broker"].map((lane) =>
    make("i", { class: lane === "broker" ? "life broker" : "life", style: lane === "broker" ? "" : `--lane:${lane}` }));
  return make("div", { class: "sequence", style: `--lanes:${names.length}` },
    make("div", { class: "heads", "aria-hidden": "true" },
      names.map((name, lane) => make("span", { style: `--lane:${lane}` }, name || "client")),
      make("span", { class: "broker" }, "broker")),
    make("div", { class: "lives" }, make("div", { class: "lines", "aria-hidden": "true" }, lines), rows));
}

/** The connections in the order in which they speak. */
function connections(exchange, steps) {
  const names = new Set();
  const walk = (steps) => steps.forEach((step) => {
    (step.opens ?? []).forEach((name) => names.add(name));
    // Without a name it is the first connection.
    if (step.said !== undefined && (names.size === 0 || exchange.said[step.said][0])) names.add(exchange.said[step.said][0]);
    walk(step.steps ?? []);
  });
  walk(steps);
  return names.size === 0 ? [""] : [...names];
}

const marks = (steps) => steps.some((step) => step.here || marks(step.steps ?? []));

/** Draws steps into a list, the first and those around the deviation at once, the others on demand. */
function fill(drawing, list, steps) {
  const groups = grouped(steps);
  const mark = groups.findLastIndex(({ step, inner }) => step.here || marks(inner));
  const parts = groups.length <= STEPS * 1.2 ? [[0, groups.length]]
    : mark < STEPS ? [[0, STEPS]] : [[0, STEPS / 2], [mark - STEPS / 2, Math.min(groups.length, mark + STEPS / 2)]];
  let at = 0;
  for (const [start, end] of parts) {
    if (start > at) list.append(gap(drawing, groups, at, start));
    groups.slice(start, end).forEach((group) => list.append(...drawn(drawing, group)));
    at = end;
  }
  if (at < groups.length) list.append(gap(drawing, groups, at, groups.length));
}

/** Steps with how often each is repeated at once, and with the usual dialogue behind an `open` taken into it. */
function grouped(steps) {
  const groups = [];
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at];
    if (step.usual) {
      groups.push({ step, times: 1, inner: steps.slice(at + 1, at + 1 + step.usual) });
      at += step.usual;
      continue;
    }
    const last = groups.at(-1);
    const alike = last && step.said !== undefined && !step.here && !step.comment && !step.above
      && last.step.said === step.said && !last.step.here && !last.step.comment;
    if (alike) last.times++;
    else groups.push({ step, times: 1, inner: step.steps ?? [] });
  }
  return groups;
}

function gap(drawing, groups, from, to) {
  const item = make("li", { class: "note" });
  item.append(make("button", { type: "button", class: "quiet", onclick: () => {
    const end = Math.min(to, from + STEPS);
    const drawnNow = groups.slice(from, end).flatMap((group) => drawn(drawing, group));
    item.replaceWith(...drawnNow, ...(end < to ? [gap(drawing, groups, end, to)] : []));
    drawnNow.find((element) => element.querySelector("summary"))?.querySelector("summary").focus();
  } }, `Show ${number(Math.min(STEPS, to - from))} of ${counted(to - from, "more step")}`));
  return item;
}

/** The rows of a group. */
function drawn(drawing, { step, times, inner }) {
  const above = step.above ? [asides(step.above)] : [];
  if (step.said !== undefined) return [...above, arrow(drawing, step, times)];
  if (step.opens) return [...above, opening(drawing, step, inner)];
  const note = make("li", { class: `note${step.here ? " here" : ""}` }, make("code", {}, step.statement ?? ""),
    step.comment && make("span", { class: "comment" }, step.comment));
  if (inner.length > 0) {
    const list = make("ol", { class: "steps block" });
    fill(drawing, list, inner);
    note.append(list);
  }
  return step.here ? [...above, note, because(drawing)] : [...above, note];
}

function asides(lines) {
  const text = make("pre", {}, lines.map((line) => line.trim()).join("\n"));
  return make("li", { class: "aside" }, lines.length <= 4 ? text
    : make("details", {}, make("summary", {}, `${number(lines.length)} lines said by reactions and to them`), text));
}

function opening(drawing, step, inner) {
  const names = step.opens.map((name) => name || "the connection").join(", ");
  const lane = drawing.lanes.get(step.opens[0]) ?? 0;
  if (inner.length === 0) return make("li", { class: "open", style: `--lane:${lane}` }, make("span", { class: "line" }, `${names} opens`));
  const list = make("ol", { class: "steps" });
  const details = make("details", {},
    make("summary", {}, make("span", { class: "line" }, `${names} opens: the usual dialogue, ${counted(inner.length, "step")}`)), list);
  details.addEventListener("toggle", () => {
    if (details.open && list.childElementCount === 0) fill(drawing, list, inner);
  });
  return make("li", { class: "open", style: `--lane:${lane}` }, details);
}

/** A command as an arrow; its fields and octets are made when they are asked for. */
function arrow(drawing, step, times) {
  const [connection, stream, direction, command, fields, options, octets] = drawing.exchange.said[step.said];
  const sent = direction === ">";
  const lane = `${connection}${stream === null ? "" : `/${stream}`}`;
  const text = [...fields.map(pair), ...(options.length > 0 ? ["with", ...options.map(pair)] : [])].join(" ");
  const body = make("div", { class: "inside" });
  const end = { cut: "cut", eof: "eof", closed: "closed" }[command] ?? "";
  const details = make("details", {},
    make("summary", {},
      spoken(`${step.here ? "The exchange left the script here. " : ""}${sent ? `${lane || "client"} to broker:` : `broker to ${lane || "client"}:`} `),
      make("span", { class: "said" },
        step.here && make("span", { class: "flag", "aria-hidden": "true" }, "✗ here"),
        lane && make("span", { class: "lane", "aria-hidden": "true" }, lane),
        make("b", {}, command),
        times > 1 && make("span", { class: "times" }, `× ${number(times)}`),
        make("span", { class: "with" }, ` ${text.slice(0, 300)}`)),
      make("span", { class: `arrow ${end}`, "aria-hidden": "true" })),
    body);
  details.addEventListener("toggle", () => {
    if (details.open && body.childElementCount === 0) body.append(...inside(fields, options, octets));
  });
  return make("li", { class: `${sent ? "sent" : "came"}${step.here ? " here" : ""}`, style: `--lane:${drawing.lanes.get(connection) ?? 0}` },
    details, step.comment && make("p", { class: "comment" }, step.comment), step.here && because(drawing, true));
}

const pair = ([name, value]) => `${name}=${value}`;

function inside(fields, options, octets) {
  const line = ([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, long(value)));
  const rows = [...fields.map(line), ...options.map(([name, value]) => line([`with ${name}`, value]))];
  return [
    rows.length > 0 ? make("table", { class: "fields" }, make("tbody", {}, rows)) : make("p", {}, "no fields"),
    octets ? dump(octets) : make("p", { class: "source" }, "The report does not hold its octets."),
  ];
}

/** A value, the first part of it if it is long. */
function long(value) {
  if (value.length <= LONG) return make("code", {}, value);
  const code = make("code", {}, value.slice(0, LONG), "…");
  const button = make("button", { type: "button", class: "quiet", onclick: () => {
    code.textContent = value;
    button.remove();
  } }, `Show all ${number(value.length)} characters`);
  return make("div", {}, code, button);
}

/** Octets, 16 in a row, with the letters that they may be. */
function dump(text) {
  const [hex, more = "0"] = text.split("+");
  const octets = hex.match(/../g) ?? [];
  const left = Number(more);
  const width = innerWidth < 600 ? 8 : 16;
  const lines = [];
  for (let at = 0; at < octets.length; at += width) {
    const some = octets.slice(at, at + width);
    const letters = some.map((octet) => Number.parseInt(octet, 16)).map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : "·"));
    lines.push(`${at.toString(16).padStart(4, "0")}  ${some.join(" ").padEnd(width * 3)} ${letters.join("")}`);
  }
  if (left > 0) lines.push(`… ${counted(left, "more octet")}`);
  return make("div", { class: "octets" }, make("h4", {}, counted(octets.length + left, "octet")), make("pre", { tabindex: "0" }, lines.join("\n")));
}

/** What was acceptable where the exchange left the script. */
function because(drawing, inRow) {
  if (!drawing.finding) return null;
  const box = make("div", { class: "because" },
    drawing.finding.expected.map((text, at) => make("p", {}, make("span", {}, at === 0 ? "expected" : "or"), make("code", {}, text))),
    make("p", {}, make("span", {}, "because"), drawing.finding.why));
  return inRow ? box : make("li", { class: "note" }, box);
}

/** The arrow that is not there. */
function nothingCame(drawing, finding) {
  return make("li", { class: "came here missing" },
    make("p", { class: "said" }, make("span", { class: "flag", "aria-hidden": "true" }, "✗ here"), make("b", {}, finding.came === "nothing" ? "nothing came" : `${finding.came} came`)),
    make("span", { class: "arrow", "aria-hidden": "true" }), because(drawing, true));
}

/** The exchange in the notation, as a case that can be run. */
function transcript(one, exchange, steps) {
  const lines = [`case ${one.id}`, `  "${one.title.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`];
  if (one.clauses.length > 0) lines.push(`  clause ${one.clauses.join(" ")}`);
  if (one.needs.length > 0) lines.push(`  needs ${one.needs.join(" ")}`);
  if (one.group) lines.push(`  group ${one.group}`);
  lines.push('  no-control "a transcript"');
  const walk = (steps, indent) => steps.forEach((step) => {
    (step.above ?? []).forEach((line) => lines.push(`${indent}# ${line}`));
    const comment = step.here ? "<- here" : step.comment;
    lines.push(`${indent}${statement(exchange, step)}${comment ? `  # ${comment}` : ""}`);
    walk(step.steps ?? [], `${indent}  `);
  });
  walk(steps, "  ");
  return `${lines.join("\n")}\n`;
}

function statement(exchange, step) {
  if (step.opens) return `open ${[...step.opens.filter(Boolean), "at=tcp"].join(" ")}`;
  if (step.said === undefined) return step.statement;
  const [connection, stream, direction, command, fields, options] = exchange.said[step.said];
  const lane = `${connection}${stream === null ? "" : `/${stream}`}`;
  const behind = options.length > 0 ? ["with", ...options.map(pair)] : [];
  return [lane, direction, command, ...fields.map(pair), ...behind].filter(Boolean).join(" ");
}
