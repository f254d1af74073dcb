//! What was found about a client.

use std::collections::BTreeMap;

use mqspec_specs::Level;
use mqspec_specs::clauses::Binds;
use serde::{Deserialize, Serialize};

use super::case::ClientCase;
use super::judge::line;
use super::play::Record;
use crate::dialect::{Datum, Dialect, Overheard, Side};
use crate::run::Verdict;
use crate::script::{Field, Lane, Message, Spanned, Step, StepKind, Value};

/// The version of the report's form.
pub const SCHEMA: u32 = 1;
/// How many lines of an exchange are kept.
const KEPT: usize = 400;

/// What one case tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it tells about the client.
    pub verdict: Verdict,
    /// The clause, where one broke that no case has to ask for.
    pub clause: Option<String>,
    /// What was acceptable.
    pub expected: Vec<String>,
    /// What came instead.
    pub came: String,
    /// The difference in a sentence, or why nothing can be said.
    pub why: String,
    /// How the task ended, as the client tells.
    pub told: String,
    /// Which of the commands that were heard shows it.
    pub at: Option<usize>,
}

impl Default for Found {
    fn default() -> Self {
        Found {
            verdict: Verdict::Passed,
            clause: None,
            expected: Vec::new(),
            came: String::new(),
            why: String::new(),
            told: String::new(),
            at: None,
        }
    }
}

/// One case's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The case's permanent name.
    pub id: String,
    /// What a right client does.
    pub title: String,
    /// The clauses that it proves, the deciding one first.
    pub clauses: Vec<String>,
    /// The level of the deciding clause.
    pub level: String,
    /// What the client was asked to do.
    pub task: String,
    /// What it tells.
    pub verdict: Verdict,
    /// The clause that broke, where it is not the case's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// What was acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// What came instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub came: String,
    /// The difference in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// How the task ended, as the client tells.
    #[serde(default)]
    pub told: String,
    /// Why it is known, if the client's file lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The exchange in the notation, one statement each.
    pub exchange: Vec<String>,
    /// Which statement shows it, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<usize>,
}

/// A clause that a client broke where no case asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conducted {
    /// The clause.
    pub clause: String,
    /// Its level.
    pub level: String,
    /// What the client did, the first time.
    pub what: String,
    /// In which command.
    pub command: String,
    /// In which cases.
    pub cases: Vec<String>,
    /// Why it is known, if the client's file lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
}

/// Everything about one client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientReport {
    /// The version of this form.
    pub schema: u32,
    /// What the client is called.
    pub client: String,
    /// Its version, as its program says.
    pub version: Option<String>,
    /// When it was run.
    pub date: String,
    /// The cases.
    pub cases: Vec<CaseResult>,
    /// What it did that no case asks for.
    pub conduct: Vec<Conducted>,
}

impl CaseResult {
    /// What is kept of a case.
    pub fn new(
        case: &ClientCase,
        dialect: &dyn Dialect,
        record: &Record,
        found: Found,
        duration_ms: u64,
    ) -> CaseResult {
        let deciding = found.clause.as_ref().or(case.clauses.first());
        let level = deciding.map_or_else(String::new, |id| weight(id, dialect));
        let (exchange, marked) = exchange(case, dialect, record, found.at);
        CaseResult {
            id: case.id.clone(),
            title: case.title.clone(),
            clauses: case.clauses.clone(),
            level,
            task: case.task.clone(),
            verdict: found.verdict,
            clause: found.clause,
            expected: found.expected,
            came: found.came,
            why: found.why,
            told: found.told,
            known: None,
            duration_ms,
            exchange,
            marked,
        }
    }

    /// Whether it is a failure that nothing forgives.
    pub fn fails(&self) -> bool {
        self.verdict == Verdict::Failed && self.level == "MUST" && self.known.is_none()
    }
}

impl ClientReport {
    /// Adds what a case's client did that the case did not ask for.
    pub fn conducted(&mut self, case: &ClientCase, dialect: &dyn Dialect, record: &Record) {
        let mut first: BTreeMap<&str, (String, String)> = BTreeMap::new();
        for (_, command) in &record.heard {
            for breach in &command.breaches {
                let told = || (breach.what.clone(), line(command, dialect));
                first.entry(breach.clause).or_insert_with(told);
            }
        }
        for (clause, (what, command)) in first {
            if case.clauses.iter().any(|asked| asked == clause) {
                continue;
            }
            if let Some(known) = self.conduct.iter_mut().find(|it| it.clause == clause) {
                known.cases.push(case.id.clone());
                continue;
            }
            self.conduct.push(Conducted {
                clause: clause.to_owned(),
                level: weight(clause, dialect),
                what,
                command,
                cases: vec![case.id.clone()],
                known: None,
            });
        }
    }

    /// Whether something failed that nothing forgives.
    pub fn fails(&self) -> bool {
        let breaks = |it: &Conducted| it.level == "MUST" && it.known.is_none();
        self.cases.iter().any(CaseResult::fails) || self.conduct.iter().any(breaks)
    }

    /// How many cases have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases
            .iter()
            .filter(|case| case.verdict == verdict)
            .count()
    }
}

/// What was said, with what the rules did as comments, and the place of the statement that shows the fault: where no
/// statement does, of what the first rule did.
fn exchange(
    case: &ClientCase,
    dialect: &dyn Dialect,
    record: &Record,
    at: Option<usize>,
) -> (Vec<String>, Option<usize>) {
    let mut lines = Vec::new();
    let (mut marked, mut first) = (None, None);
    for place in 0..=record.heard.len().min(KEPT) {
        for (rule, applied) in case.rules.iter().zip(&record.applied) {
            let here = applied.is_some_and(|(heard, _)| heard == place);
            if here && !rule.text.is_empty() {
                first.get_or_insert(lines.len());
                lines.push(format!("# at {}: {}", rule.moment, rule.text));
            }
        }
        let Some((number, command)) = record.heard.get(place).filter(|_| place < KEPT) else {
            break;
        };
        if at == Some(place) {
            marked = Some(lines.len());
        }
        lines.push(statement(command, &lane(*number), dialect));
    }
    (lines, marked.or(first))
}

/// What a breach weighs: as the clause says, but no more than a SHOULD where it binds brokers alone to refuse what only a
/// client can do.
fn weight(clause: &str, dialect: &dyn Dialect) -> String {
    let Some(clause) = dialect.clauses().get(clause) else {
        return String::new();
    };
    let level = match (clause.level.weight(), clause.binds) {
        (Level::Must, Binds::Server) => Level::Should,
        (level, _) => level,
    };
    level.to_string()
}

/// The first connection has no name.
fn lane(number: usize) -> String {
    match u8::try_from(number) {
        Ok(0) => String::new(),
        Ok(number @ 1..=25) => char::from(b'a' + number).to_string(),
        _ => format!("c{number}"),
    }
}

/// What passed by, as a statement of the notation. Fields that say nothing are left out.
pub(super) fn statement(command: &Overheard, connection: &str, dialect: &dyn Dialect) -> String {
    let usual = dialect.stream(&command.command);
    let lane = Lane {
        connection: (!connection.is_empty()).then(|| connection.to_owned()),
        stream: (command.stream != usual).then_some(command.stream),
    };
    let says = |value: &Datum| match value.bare() {
        Datum::Bool(flag) => *flag,
        Datum::Int(number) => *number != 0,
        Datum::Octets(octets) => !octets.is_empty(),
        Datum::Table(pairs) => !pairs.is_empty(),
        _ => true,
    };
    let fields = command.fields.iter();
    let fields = fields.filter(|(name, value)| name == "body" || says(value));
    let message = Message {
        lane,
        command: Spanned::of(command.command.clone()),
        fields: fields
            .map(|(name, value)| Field {
                name: Spanned::of(name.clone()),
                value: short(value.to_value()),
            })
            .collect(),
        with: Vec::new(),
    };
    let kind = match command.side {
        Side::Client => StepKind::Send(message),
        Side::Broker => StepKind::Expect {
            message,
            eventually: false,
        },
    };
    let text = Step::of(kind).to_string();
    let lines = text.lines().map(|line| line.trim().trim_end_matches(" \\"));
    lines.collect::<Vec<_>>().join(" ")
}

/// A value that fits into a line: of long ones no more than their length is of interest.
fn short(value: Value) -> Value {
    let text = value.to_string();
    match text.len() > 300 {
        true => Value::Text(vec![crate::script::Piece::Literal(
            format!("… {} characters", text.len()).into_bytes(),
        )]),
        false => value,
    }
}
