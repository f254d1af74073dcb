//! What was said in each case, step by step. A command that was said before is named by its place, since most of what
//! two cases say is alike.

use std::collections::HashMap;

use serde::Serialize;

use crate::dialect::Dialect;
use crate::report::transcript::{dialogue, is_marked, parsed};
use crate::run::{CaseReport, RunReport};
use crate::script::{Field, Lane, Message, Step, StepKind};

/// All exchanges of a run, in the order in which the cases were written down.
#[derive(Debug, Serialize)]
pub(super) struct Exchanges {
    said: Vec<Said>,
    cases: Vec<(String, Exchange)>,
}

/// The exchange of a case.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Exchange {
    Steps(Vec<Line>),
    /// A transcript that cannot be taken apart.
    Text(String),
}

/// A command on a connection: its name and stream, `>` or `<`, the command, its fields, what stands behind `with`, and
/// its octets.
type Said = (String, Option<u16>, char, String, Pairs, Pairs, String);

type Pairs = Vec<(String, String)>;

/// What was said: its place among all that was, or -1 for what is said for the first time in the run, whose place is the
/// next. Most of what is said once is of one case, and that many different numbers would be half of the page.
type Place = i64;

/// A step: a command with nothing beside it, or a row.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line {
    Plain(Place),
    Row(Box<Row>),
}

/// A step, and what stands beside it.
#[derive(Debug, Default, Serialize)]
struct Row {
    /// What was said and answered by reactions before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    above: Vec<String>,
    /// A command.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<Place>,
    /// Connections that open here.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<Vec<String>>,
    /// How many steps behind it are the dialogue that opens every connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<usize>,
    /// A statement that is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    /// The steps inside that statement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// Whether the exchange left the script here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    here: bool,
}

impl Exchanges {
    pub(super) fn of(report: &RunReport, dialect: &'static dyn Dialect) -> Self {
        let mut writer = Writer {
            said: Vec::new(),
            places: HashMap::new(),
            dialect,
        };
        let spoken = report
            .cases
            .iter()
            .filter(|case| !case.transcript.is_empty());
        let cases = spoken.map(|case| (case.id.clone(), writer.exchange(case)));
        let cases = cases.collect();
        Exchanges {
            said: writer.said,
            cases,
        }
    }
}

struct Writer {
    said: Vec<Said>,
    places: HashMap<Said, Place>,
    dialect: &'static dyn Dialect,
}

impl Writer {
    fn exchange(&mut self, case: &CaseReport) -> Exchange {
        match parsed(&case.transcript) {
            Some(parsed) => Exchange::Steps(self.lines(&parsed.steps, case.octets.steps())),
            None => Exchange::Text(case.transcript.clone()),
        }
    }

    fn lines(&mut self, steps: &[Step], octets: &[String]) -> Vec<Line> {
        let line = |(index, step): (usize, &Step)| {
            let octets = octets.get(index).map(String::as_str).unwrap_or_default();
            match self.row(step, &steps[index + 1..], octets) {
                Row {
                    said: Some(place),
                    comment: None,
                    here: false,
                    ref above,
                    ..
                } if above.is_empty() => Line::Plain(place),
                row => Line::Row(Box::new(row)),
            }
        };
        steps.iter().enumerate().map(line).collect()
    }

    fn row(&mut self, step: &Step, rest: &[Step], octets: &str) -> Row {
        let lead = step.lead.iter().filter(|line| !line.trim().is_empty());
        let here = is_marked(step);
        let row = Row {
            above: lead.map(|line| line.trim_end().to_owned()).collect(),
            comment: step.comment.clone().filter(|_| !here),
            here,
            ..Row::default()
        };
        match &step.kind {
            StepKind::Send(message) => Row {
                said: Some(self.place('>', message, octets)),
                ..row
            },
            StepKind::Expect { message, .. } => Row {
                said: Some(self.place('<', message, octets)),
                ..row
            },
            StepKind::Open { lanes, .. } => Row {
                opens: Some(names(lanes)),
                usual: dialogue(lanes, rest, self.dialect),
                ..row
            },
            StepKind::Whenever { message, steps } => {
                let lane = message.lane.to_string();
                let blank = if lane.is_empty() { "" } else { " " };
                Row {
                    statement: Some(format!("whenever {lane}{blank}< {message}")),
                    steps: self.lines(steps, &[]),
                    ..row
                }
            }
            StepKind::Repeat { count, name, steps } => {
                let name = name.iter().map(|name| format!(" {name}"));
                Row {
                    statement: Some(format!("repeat {count}{}", name.collect::<String>())),
                    steps: self.lines(steps, &[]),
                    ..row
                }
            }
            kind => Row {
                statement: Some(Step::of(kind.clone()).to_string().trim().to_owned()),
                ..row
            },
        }
    }

    fn place(&mut self, arrow: char, message: &Message, octets: &str) -> Place {
        let said: Said = (
            message.lane.connection.clone().unwrap_or_default(),
            message.lane.stream,
            arrow,
            message.command.value.clone(),
            pairs(&message.fields),
            pairs(&message.with),
            octets.to_owned(),
        );
        if let Some(place) = self.places.get(&said) {
            return *place;
        }
        self.places.insert(said.clone(), self.said.len() as Place);
        self.said.push(said);
        -1
    }
}

fn names(lanes: &[Lane]) -> Vec<String> {
    match lanes {
        [] => vec![String::new()],
        lanes => lanes
            .iter()
            .map(|lane| lane.connection.clone().unwrap_or_default())
            .collect(),
    }
}

fn pairs(fields: &[Field]) -> Pairs {
    let pair = |field: &Field| (field.name.value.clone(), field.value.to_string());
    fields.iter().map(pair).collect()
}
