//! What was said, in the notation: a transcript is a case that can be run again.

use std::collections::{BTreeMap, HashMap};

use super::evaluate::Variables;
use crate::dialect::{Datum, Incoming, Outgoing};
use crate::script::{Case, Field, Lane, Message, Piece, Spanned, Step, StepKind, Value};

/// A case in the making.
///
/// What a script sends and awaits step by step stands there as steps. What reactions took and answered is told in
/// comments, of which the first and the last of each kind are kept: the reactions themselves are steps, and so is what
/// the script waited for, so that the transcript can be run again although another run goes another way in between.
#[derive(Debug, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
    /// How many steps there are.
    steps: usize,
    /// How many entries there were when they were last shortened.
    shortened: usize,
}

#[derive(Debug)]
enum Entry {
    /// With its octets in hexadecimal digits, where it has any.
    Step(Box<Step>, String),
    /// Said by a reaction or to it, since so many steps.
    Aside { after: usize, step: Box<Step> },
    /// So much of each kind was left out here.
    LeftOut(BTreeMap<String, usize>),
}

/// How many steps a transcript holds at most; what is said in a bulk case after that is counted, not kept.
const KEPT: usize = 4000;
/// How many asides of a kind are kept at the beginning, and at the end, between two steps.
const FIRST: usize = 2;
const LAST: usize = 1;
/// After how many entries asides are left out.
const MANY: usize = 1000;
/// How many characters of an aside are shown.
const WIDTH: usize = 160;
/// How many octets of a step are kept.
const OCTETS: usize = 512;

/// What was said.
#[derive(Debug, Default)]
pub struct Written {
    /// A case, in the notation.
    pub text: String,
    /// The octets of each of its steps, as [`Octets`](super::Octets) has them.
    pub octets: Vec<String>,
}

impl Transcript {
    fn push(&mut self, mut step: Step, octets: String) {
        self.steps += 1;
        if self.steps > KEPT + 1 {
            return;
        }
        if self.steps > KEPT {
            step.lead
                .push(format!("(only the first {KEPT} steps are kept)"));
        }
        self.entries.push(Entry::Step(Box::new(step), octets));
    }

    fn push_aside(&mut self, step: Step) {
        let after = self.steps;
        let step = Box::new(step);
        self.entries.push(Entry::Aside { after, step });
        if self.entries.len() > self.shortened + MANY {
            self.shorten();
            self.shortened = self.entries.len();
        }
    }

    fn last(&mut self) -> Option<&mut Step> {
        match self.entries.last_mut()? {
            Entry::Step(step, _) => Some(step),
            Entry::Aside { .. } | Entry::LeftOut(_) => None,
        }
    }

    /// Leaves out what lies between the first and the last asides of a kind.
    fn shorten(&mut self) {
        let mut left: HashMap<(usize, String), usize> = HashMap::new();
        for kind in self.entries.iter().filter_map(Entry::kind) {
            *left.entry(kind).or_default() += 1;
        }
        let mut met: HashMap<(usize, String), usize> = HashMap::new();
        let mut kept: Vec<Entry> = Vec::new();
        for entry in std::mem::take(&mut self.entries) {
            let counts = match (entry.kind(), entry) {
                (None, Entry::LeftOut(counts)) => counts,
                (None, step) => {
                    kept.push(step);
                    continue;
                }
                (Some(kind), aside) => {
                    let before = met.entry(kind.clone()).or_default();
                    let behind = left.entry(kind.clone()).or_default();
                    (*before, *behind) = (*before + 1, behind.saturating_sub(1));
                    if *before <= FIRST || *behind < LAST {
                        kept.push(aside);
                        continue;
                    }
                    BTreeMap::from([(kind.1, 1)])
                }
            };
            match kept.last_mut() {
                Some(Entry::LeftOut(sum)) => {
                    for (kind, count) in counts {
                        *sum.entry(kind).or_default() += count;
                    }
                }
                _ => kept.push(Entry::LeftOut(counts)),
            }
        }
        self.entries = kept;
    }

    /// The steps, each with what was said before it as comments above, and their octets.
    fn into_steps(mut self) -> (Vec<Step>, Vec<String>) {
        self.shorten();
        let mut steps: Vec<Step> = Vec::new();
        let mut all_octets = Vec::new();
        let mut above = Vec::new();
        for entry in self.entries {
            match entry {
                Entry::LeftOut(counts) => above.push(left_out_text(&counts)),
                Entry::Aside { step, .. } => above.push(aside_text(&step)),
                Entry::Step(mut step, octets) => {
                    step.lead.splice(0..0, std::mem::take(&mut above));
                    steps.push(*step);
                    all_octets.push(octets);
                }
            }
        }
        (steps, all_octets)
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
            name: Spanned::of("at".to_owned()),
            value: Value::Text(vec![Piece::Literal(b"tcp".to_vec())]),
        };
        self.other(StepKind::Open {
            lanes,
            options: vec![at],
        });
    }

    /// Something was sent, in these pieces. `comment` says why, where the script does not.
    pub fn sent(
        &mut self,
        lane: Lane,
        message: &Outgoing,
        pieces: &[Vec<u8>],
        variables: &Variables,
        comment: Option<&str>,
    ) {
        let mut line = sent(lane, message, variables);
        line.comment = comment.map(str::to_owned);
        self.push(line, hexadecimal(pieces.iter().flatten().copied()));
    }

    /// Something came. `bound` are the variables that got their value from it.
    pub fn received(
        &mut self,
        lane: Lane,
        message: &Incoming,
        variables: &Variables,
        bound: &[(String, Datum)],
    ) {
        let octets = hexadecimal(message.octets.iter().copied());
        self.push(received(lane, message, variables, bound), octets);
    }

    /// Something came, and a reaction took it.
    pub fn reacted(
        &mut self,
        lane: Lane,
        message: &Incoming,
        variables: &Variables,
        bound: &[(String, Datum)],
    ) {
        self.push_aside(received(lane, message, variables, bound));
    }

    /// A reaction said something.
    pub fn answered(&mut self, lane: Lane, message: &Outgoing, variables: &Variables) {
        self.push_aside(sent(lane, message, variables));
    }

    /// The command just written down was taken without the content that follows it.
    pub fn without_content(&mut self) {
        if let Some(StepKind::Expect { message, .. }) = self.last().map(|step| &mut step.kind) {
            message.with.push(Field {
                name: Spanned::of("content".to_owned()),
                value: Value::Text(vec![Piece::Literal(b"none".to_vec())]),
            });
        }
    }

    /// A further step such as `> cut`.
    pub fn other(&mut self, kind: StepKind) {
        self.push(Step::of(kind), String::new());
    }

    /// Says something about the line just written.
    pub fn remark(&mut self, remark: &str) {
        if let Some(last) = self.last() {
            last.comment = Some(remark.to_owned());
        }
    }

    /// The transcript of a case.
    pub fn finish(self, case: &Case) -> Written {
        let (steps, octets) = self.into_steps();
        let case = Case {
            lead: Vec::new(),
            id: case.id.clone(),
            title: case.title.clone(),
            line: 0,
            clauses: case.clauses.clone(),
            needs: case.needs.clone(),
            group: case.group.clone(),
            no_control: Some("a transcript".to_owned()),
            steps,
        };
        Written {
            text: case.to_string(),
            octets,
        }
    }
}

impl Entry {
    /// What else may be like it between the same two steps.
    fn kind(&self) -> Option<(usize, String)> {
        let Entry::Aside { after, step } = self else {
            return None;
        };
        let (arrow, message) = arrow_and_message(step)?;
        Some((*after, format!("{arrow}{}", message.command.value)))
    }
}

/// The lane and the arrow, and the message.
fn arrow_and_message(step: &Step) -> Option<(String, &Message)> {
    let (arrow, message) = match &step.kind {
        StepKind::Send(message) => ('>', message),
        StepKind::Expect { message, .. } => ('<', message),
        _ => return None,
    };
    let lane = message.lane.to_string();
    let blank = if lane.is_empty() { "" } else { " " };
    Some((format!("{lane}{blank}{arrow} "), message))
}

/// An aside in one line.
fn aside_text(step: &Step) -> String {
    let Some((arrow, message)) = arrow_and_message(step) else {
        return String::new();
    };
    let text = format!("  {arrow}{message}");
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// `  … and 1994 more: 997 × c < basic.deliver, 997 × c > basic.ack`
fn left_out_text(counts: &BTreeMap<String, usize>) -> String {
    let total: usize = counts.values().sum();
    let kinds: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} × {kind}"))
        .collect();
    format!("  … and {total} more: {}", kinds.join(", "))
}

/// The digits of the first octets, and how many more there are.
fn hexadecimal(octets: impl Iterator<Item = u8> + Clone) -> String {
    let mut digits = String::new();
    for octet in octets.clone().take(OCTETS) {
        for digit in [octet >> 4, octet & 15] {
            digits.extend(char::from_digit(digit.into(), 16));
        }
    }
    match octets.skip(OCTETS).count() {
        0 => digits,
        more => format!("{digits}+{more}"),
    }
}

/// What was sent, as a step of the notation.
fn sent(lane: Lane, message: &Outgoing, variables: &Variables) -> Step {
    Step::of(StepKind::Send(Message {
        lane,
        command: Spanned::of(message.command.clone()),
        fields: fields(&message.fields, variables, &[]),
        with: fields(&message.with, variables, &[]),
    }))
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
        command: Spanned::of(message.command.clone()),
        fields: fields(&message.fields, variables, bound),
        with: Vec::new(),
    };
    Step::of(StepKind::Expect {
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

pub(crate) fn fields(
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
                name: Spanned::of(name.clone()),
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
