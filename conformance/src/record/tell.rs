//! What was found in a recording, for a person and for a program.

use serde::Serialize;
use serde_json::json;

use super::verdict::{Told, Verdict};
use super::{Recording, Scribe};
use crate::dialect::{Dialect, Found, Secrets, Side};
use crate::report::layout::{WIDTH, counted, folded, rule, shorten, wrapped};
use crate::report::paint::Paint;

/// How wide the column of the labels is.
const LABEL: usize = 12;
/// How many commands are shown before the one that deviates, and behind it.
const AROUND: (usize, usize) = (14, 3);
/// How many lines one command gets, and the one that is marked.
const ROWS: (usize, usize) = (2, 5);
/// Longer texts are shown as `noise`.
const LONGEST: usize = 256;
/// How many further breaches are named.
const FURTHER: usize = 10;

/// What the text needs to know beside the verdict.
#[derive(Debug, Clone, Copy)]
pub struct Teller {
    /// The protocol, for its clauses.
    pub dialect: &'static dyn Dialect,
    /// Colours, or none.
    pub paint: Paint,
    /// Whether the whole exchange is shown, and every breach.
    pub verbose: bool,
    /// What a place is called: `line` or `packet`.
    pub unit: &'static str,
    /// Whether passwords are shown.
    pub secrets: Secrets,
}

/// The verdict on a recording, in lines of 80 columns.
pub fn report(recording: &Recording, verdict: &Verdict, teller: &Teller) -> Vec<String> {
    let lines = Lines::of(recording, teller);
    let mut out = Vec::new();
    let paint = teller.paint;
    for first in verdict.firsts() {
        let head = format!("THE {} DEVIATES", side(first.side).to_uppercase());
        out.push(paint.bad(rule(&format!(
            "{head} ─ {}",
            place(first, recording, teller)
        ))));
        one(first, &lines, teller, &mut out);
        out.push(String::new());
        out.extend(lines.around(first, teller));
        out.push(String::new());
    }
    let firsts = verdict.firsts();
    let further = verdict.breaches.iter().filter(|it| !firsts.contains(it));
    let further: Vec<&Found> = further.collect();
    others("further breaches", &further, recording, teller, &mut out);
    let warnings: Vec<&Found> = verdict.warnings.iter().collect();
    others("not recommended", &warnings, recording, teller, &mut out);
    let judged = format!(
        "{}, {}",
        counted(recording.parties.len(), "connection"),
        counted(recording.passed.len(), "command")
    );
    let name = &recording.file;
    out.push(match verdict.breaches.len() {
        0 => format!("{}: {name}: {judged}", paint.good("clean")),
        many => format!(
            "{}: {name}: {judged}",
            paint.bad(counted(many, "breach").replace("breachs", "breaches"))
        ),
    });
    if !verdict.remarks.is_empty() {
        out.push(paint.bold("not judged"));
        for remark in &verdict.remarks {
            out.extend(wrapped(remark, "  - ", "    "));
        }
    }
    out
}

/// What was found, as a program reads it.
pub fn told(recording: &Recording, verdict: &Verdict, teller: &Teller) -> impl Serialize {
    let lines = Lines::of(recording, teller);
    let all = |found: &[Found]| -> Vec<Told> {
        found
            .iter()
            .map(|it| tell(it, recording, &lines, teller))
            .collect()
    };
    json!({
        "file": recording.file,
        "unit": teller.unit,
        "connections": recording.parties.iter().map(|it| json!({"name": it.name, "ends": it.ends})).collect::<Vec<_>>(),
        "commands": recording.passed.len(),
        "clean": verdict.breaches.is_empty(),
        "breaches": all(&verdict.breaches),
        "warnings": all(&verdict.warnings),
        "not_judged": verdict.remarks,
    })
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Broker => "broker",
    }
}

fn place(found: &Found, recording: &Recording, teller: &Teller) -> String {
    let place = recording.places.get(found.place).copied().unwrap_or(0);
    match teller.unit {
        "line" => format!("{}:{place}", recording.file),
        unit => format!("{}, {unit} {place}", recording.file),
    }
}

fn tell(found: &Found, recording: &Recording, lines: &Lines, teller: &Teller) -> Told {
    let clause = teller.dialect.clauses().get(found.breach.clause);
    let connection = recording.passed.get(found.place).map(|it| it.connection);
    let party = connection.and_then(|it| recording.parties.get(it));
    Told {
        side: side(found.side),
        clause: found.breach.clause.to_owned(),
        level: clause.map(|it| it.level.to_string()).unwrap_or_default(),
        text: clause.map(|it| it.text.clone()).unwrap_or_default(),
        what: found.breach.what.clone(),
        connection: party.map(|it| it.name.clone()).unwrap_or_default(),
        place: recording.places.get(found.place).copied().unwrap_or(0),
        came: lines.statement(found.place),
        acceptable: found.acceptable.clone(),
    }
}

/// The clause, what came, and why it breaks it.
fn one(found: &Found, lines: &Lines, teller: &Teller, out: &mut Vec<String>) {
    if let Some(clause) = teller.dialect.clauses().get(found.breach.clause) {
        let head = format!("{} ({})", clause.id, clause.source);
        label(&clause.level.to_string(), &head, teller, out);
        label("", &clause.text, teller, out);
    }
    for (index, acceptable) in found.acceptable.iter().enumerate() {
        label(["expected", "or"][index.min(1)], acceptable, teller, out);
    }
    let mut came = folded(&lines.statement(found.place), WIDTH - LABEL);
    shorten(&mut came, ROWS.1, WIDTH - LABEL);
    rows("came", came, teller, out);
    label("because", &found.breach.what, teller, out);
}

fn label(label: &str, text: &str, teller: &Teller, out: &mut Vec<String>) {
    let indent = " ".repeat(LABEL);
    let lines = wrapped(text, &indent, &indent);
    let lines = lines.into_iter().map(|line| line.trim_start().to_owned());
    rows(label, lines.collect(), teller, out);
}

fn rows(label: &str, lines: Vec<String>, teller: &Teller, out: &mut Vec<String>) {
    for (index, line) in lines.into_iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let label = teller.paint.dim(format!("  {label:<0$}", LABEL - 2));
        out.push(format!("{label}{line}"));
    }
}

/// Breaches in a line or two each.
fn others(
    title: &str,
    found: &[&Found],
    recording: &Recording,
    teller: &Teller,
    out: &mut Vec<String>,
) {
    if found.is_empty() {
        return;
    }
    // What is said of several connections or commands in the same words is told once.
    let mut groups: Vec<(&Found, usize)> = Vec::new();
    for it in found {
        let same = |other: &Found| (other.side, &other.breach) == (it.side, &it.breach);
        match groups.iter_mut().find(|(other, _)| same(other)) {
            Some((_, count)) => *count += 1,
            None => groups.push((it, 1)),
        }
    }
    out.push(teller.paint.bold(title));
    let most = if teller.verbose {
        groups.len()
    } else {
        FURTHER
    };
    for (it, count) in groups.iter().take(most) {
        let number = recording.places.get(it.place).copied().unwrap_or(0);
        let times = match count {
            1 => String::new(),
            many => format!(" ({many} times)"),
        };
        let text = format!(
            "{} {number}, {}, {}: {}{times}",
            teller.unit,
            side(it.side),
            it.breach.clause,
            it.breach.what
        );
        out.extend(wrapped(&text, "  ", "    "));
    }
    if groups.len() > most {
        out.push(format!(
            "  … and {} more: -v shows all",
            groups.len() - most
        ));
    }
}

/// The commands of a recording as lines of the notation.
struct Lines(Vec<String>);

impl Lines {
    fn of(recording: &Recording, teller: &Teller) -> Lines {
        let mut scribe = Scribe::new(teller.dialect, teller.secrets, LONGEST);
        let lines = recording.passed.iter().map(|passed| {
            let step = scribe.line(passed.connection, &passed.said);
            let statement = step.map(|mut step| {
                step.comment = None;
                step.to_string()
            });
            statement.unwrap_or_default()
        });
        Lines(lines.collect())
    }

    fn statement(&self, place: usize) -> String {
        let line = self.0.get(place).map(String::as_str).unwrap_or_default();
        match line {
            "" => "heartbeat".to_owned(),
            line => line.replace(" \\\n", " "),
        }
    }

    /// What was said before and behind a breach, with its own line marked.
    fn around(&self, found: &Found, teller: &Teller) -> Vec<String> {
        let (before, behind) = AROUND;
        let (from, to) = match teller.verbose {
            true => (0, self.0.len()),
            false => (
                found.place.saturating_sub(before),
                (found.place + 1 + behind).min(self.0.len()),
            ),
        };
        let mut out = Vec::new();
        if from > 0 {
            let said = format!("  ⋮ {} before", counted(from, "command"));
            out.push(teller.paint.dim(said));
        }
        for place in from..to {
            let marked = place == found.place;
            if self.0[place].is_empty() && !marked {
                continue;
            }
            let mut rows = folded(&self.statement(place), WIDTH - 4);
            shorten(&mut rows, if marked { ROWS.1 } else { ROWS.0 }, WIDTH - 4);
            out.extend(
                rows.into_iter()
                    .enumerate()
                    .map(|(index, row)| match (marked, index) {
                        (true, 0) => teller.paint.bad(format!("  ▶ {row}")),
                        (true, _) => teller.paint.bad(format!("    {row}")),
                        (false, _) => format!("    {row}"),
                    }),
            );
        }
        let left = self.0.len() - to;
        if left > 0 {
            let said = format!("  ⋮ {} behind", counted(left, "command"));
            out.push(teller.paint.dim(said));
        }
        out
    }
}
