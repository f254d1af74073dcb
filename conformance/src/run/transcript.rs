//! What was said, in the notation: a transcript is a case that can be run again.

use std::collections::{BTreeMap, HashMap};

use super::evaluate::Variables;
use crate::dialect::{Datum, Incoming, Outgoing};
use crate::script::{Case, Field, Lane, Message, Piece, Span, Spanned, Step, StepKind, Value};

/// A case in the making.
#[derive(Debug, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
    /// How many steps there were.
    count: usize,
}

#[derive(Debug)]
enum Entry {
    Step(Box<Step>),
    /// So many steps of each kind were left out here.
    LeftOut(BTreeMap<String, usize>),
}

/// How many steps a transcript holds in full. Of a longer one the first and the last of each kind are kept, and what
/// lies between is counted.
const MANY: usize = 1000;
/// How many of each kind are kept at the beginning, and at the end.
const FIRST: usize = 3;
const LAST: usize = 2;

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned {
        value,
        span: Span::default(),
    }
}

fn step(kind: StepKind) -> Step {
    Step {
        lead: Vec::new(),
        comment: None,
        line: 0,
        span: Span::default(),
        kind,
    }
}

impl Transcript {
    fn push(&mut self, step: Step) {
        self.count += 1;
        self.entries.push(Entry::Step(Box::new(step)));
        if self.entries.len() > 2 * MANY {
            self.shorten();
        }
    }

    fn last(&mut self) -> Option<&mut Step> {
        match self.entries.last_mut()? {
            Entry::Step(step) => Some(step),
            Entry::LeftOut(_) => None,
        }
    }

    /// Leaves out what lies between the first and the last steps of a kind.
    fn shorten(&mut self) {
        let mut left: HashMap<String, usize> = HashMap::new();
        for entry in &self.entries {
            if let Some(kind) = entry.kind() {
                *left.entry(kind).or_default() += 1;
            }
        }
        let mut met: HashMap<String, usize> = HashMap::new();
        let mut kept: Vec<Entry> = Vec::new();
        for entry in std::mem::take(&mut self.entries) {
            let (counts, step) = match (entry.kind(), entry) {
                (Some(kind), step) => {
                    let before = met.entry(kind.clone()).or_default();
                    let behind = left.entry(kind.clone()).or_default();
                    (*before, *behind) = (*before + 1, behind.saturating_sub(1));
                    match *before <= FIRST || *behind < LAST {
                        true => (BTreeMap::new(), Some(step)),
                        false => (BTreeMap::from([(kind, 1)]), None),
                    }
                }
                (None, Entry::LeftOut(counts)) => (counts, None),
                (None, step) => (BTreeMap::new(), Some(step)),
            };
            match (kept.last_mut(), step) {
                (_, Some(step)) => kept.push(step),
                (Some(Entry::LeftOut(sum)), None) => {
                    for (kind, count) in counts {
                        *sum.entry(kind).or_default() += count;
                    }
                }
                (_, None) => kept.push(Entry::LeftOut(counts)),
            }
        }
        self.entries = kept;
    }

    /// The steps; what was left out before one stands above it as a comment.
    fn into_steps(mut self) -> Vec<Step> {
        if self.count > MANY {
            self.shorten();
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut left_out = None;
        for entry in self.entries {
            match entry {
                Entry::LeftOut(counts) => left_out = Some(left_out_text(&counts)),
                Entry::Step(mut step) => {
                    step.lead.extend(left_out.take());
                    steps.push(*step);
                }
            }
        }
        if let (Some(said), Some(last)) = (left_out, steps.last_mut()) {
            last.comment.get_or_insert(said);
        }
        steps
    }

    /// A connection was opened; nothing is sent yet.
    pub fn opened(&mut self, connection: &str) {
        let lanes = match connection {
            "" => Vec::new(),
            name => vec![Lane {
                connection: Some(name.to_owned()),
                stream: None,
            }],
        };
        let at = Field {
            name: spanned("at".to_owned()),
            value: Value::Text(vec![Piece::Literal(b"tcp".to_vec())]),
        };
        self.push(step(StepKind::Open {
            lanes,
            options: vec![at],
        }));
    }

    /// Something was sent. `comment` says why, where the script does not.
    pub fn sent(
        &mut self,
        lane: Lane,
        message: &Outgoing,
        variables: &Variables,
        comment: Option<&str>,
    ) {
        let mut line = step(StepKind::Send(Message {
            lane,
            command: spanned(message.command.clone()),
            fields: fields(&message.fields, variables, &[]),
            with: fields(&message.with, variables, &[]),
        }));
        line.comment = comment.map(str::to_owned);
        self.push(line);
    }

    /// Something came. `bound` are the variables that got their value from it.
    pub fn received(
        &mut self,
        lane: Lane,
        message: &Incoming,
        variables: &Variables,
        bound: &[(String, Datum)],
    ) {
        self.push(received(lane, message, variables, bound));
    }

    /// The command just written down was taken without the content that follows it.
    pub fn without_content(&mut self) {
        if let Some(StepKind::Expect { message, .. }) = self.last().map(|step| &mut step.kind) {
            message.with.push(Field {
                name: spanned("content".to_owned()),
                value: Value::Text(vec![Piece::Literal(b"none".to_vec())]),
            });
        }
    }

    /// A further step such as `> cut`.
    pub fn other(&mut self, kind: StepKind) {
        self.push(step(kind));
    }

    /// Says something about the line just written.
    pub fn remark(&mut self, remark: &str) {
        if let Some(last) = self.last() {
            last.comment = Some(remark.to_owned());
        }
    }

    /// The transcript of a case, as text in the notation.
    pub fn finish(self, case: &Case) -> String {
        let case = Case {
            lead: Vec::new(),
            id: case.id.clone(),
            title: case.title.clone(),
            line: 0,
            clauses: case.clauses.clone(),
            needs: case.needs.clone(),
            group: case.group.clone(),
            no_control: Some("a transcript".to_owned()),
            steps: self.into_steps(),
        };
        case.to_string()
    }
}

impl Entry {
    /// What else may be like it; `None` if it is to be kept in any case.
    fn kind(&self) -> Option<String> {
        let Entry::Step(step) = self else { return None };
        match (&step.kind, &step.comment) {
            (StepKind::Send(message), None) => Some(kind_text(message, '>')),
            (StepKind::Expect { message, .. }, None) => Some(kind_text(message, '<')),
            _ => None,
        }
    }
}

fn kind_text(message: &Message, arrow: char) -> String {
    let lane = message.lane.to_string();
    let blank = if lane.is_empty() { "" } else { " " };
    format!("{lane}{blank}{arrow} {}", message.command.value)
}

/// `… 1994 steps are left out here: 997 times …`
fn left_out_text(counts: &BTreeMap<String, usize>) -> String {
    let total: usize = counts.values().sum();
    let kinds: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} times `{kind}`"))
        .collect();
    format!("… {total} steps are left out here: {}", kinds.join(", "))
}

/// What came, as a step of the notation.
fn received(
    lane: Lane,
    message: &Incoming,
    variables: &Variables,
    bound: &[(String, Datum)],
) -> Step {
    let message = Message {
        lane,
        command: spanned(message.command.clone()),
        fields: fields(&message.fields, variables, bound),
        with: Vec::new(),
    };
    step(StepKind::Expect {
        message,
        eventually: false,
    })
}

/// What came, as one line of the notation.
pub fn line(lane: Lane, message: &Incoming, variables: &Variables) -> String {
    received(lane, message, variables, &[])
        .to_string()
        .trim()
        .to_owned()
}

fn fields(
    fields: &[(String, Datum)],
    variables: &Variables,
    bound: &[(String, Datum)],
) -> Vec<Field> {
    fields
        .iter()
        .map(|(name, datum)| {
            let binding = bound
                .iter()
                .find(|(_, value)| value == datum.bare() && value.octets().is_some());
            let noise = datum.octets().and_then(|octets| variables.noise_of(octets));
            let value = match (binding, noise) {
                (Some((variable, _)), _) => Value::Bind(variable.clone()),
                (None, Some((seed, count))) => {
                    let arguments = vec![Value::Int(seed), Value::Int(count as i128)];
                    Value::Call("noise".to_owned(), arguments)
                }
                (None, None) => named(datum.to_value(), variables),
            };
            Field {
                name: spanned(name.clone()),
                value,
            }
        })
        .collect()
}

/// The value with the names of this run replaced by the variables that stand for them, so that it holds in the next.
fn named(value: Value, variables: &Variables) -> Value {
    match value {
        Value::Text(pieces) => text(pieces, variables),
        Value::Table { pairs, open } => Value::Table {
            pairs: pairs
                .into_iter()
                .map(|(name, value)| (name, named(value, variables)))
                .collect(),
            open,
        },
        Value::Array { values, open } => Value::Array {
            values: values
                .into_iter()
                .map(|value| named(value, variables))
                .collect(),
            open,
        },
        Value::Typed(tag, value) => Value::Typed(tag, Box::new(named(*value, variables))),
        other => other,
    }
}

fn text(pieces: Vec<Piece>, variables: &Variables) -> Value {
    let mut names: Vec<(&str, &[u8])> = variables
        .names()
        .filter_map(|(name, value)| Some((name, value.octets()?)))
        .collect();
    // The longest first: one generated name may begin with another.
    names.sort_by_key(|(name, value)| (std::cmp::Reverse(value.len()), *name));
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(octets) => replace(&octets, &names, &mut out),
            variable => out.push(variable),
        }
    }
    match out.as_slice() {
        [Piece::Var(name)] => Value::Var(name.clone()),
        _ => Value::Text(out),
    }
}

fn replace(octets: &[u8], names: &[(&str, &[u8])], out: &mut Vec<Piece>) {
    let mut literal = Vec::new();
    let mut rest = octets;
    while let Some((first, tail)) = rest.split_first() {
        match names
            .iter()
            .find(|(_, value)| !value.is_empty() && rest.starts_with(value))
        {
            Some((name, value)) => {
                if !literal.is_empty() {
                    out.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                out.push(Piece::Var((*name).to_owned()));
                rest = &rest[value.len()..];
            }
            None => {
                literal.push(*first);
                rest = tail;
            }
        }
    }
    if !literal.is_empty() || out.is_empty() {
        out.push(Piece::Literal(literal));
    }
}
