//! What was said, in the notation: a transcript is a case that can be run again.

use super::evaluate::Variables;
use crate::dialect::{Datum, Incoming, Outgoing};
use crate::script::{Case, Field, Lane, Message, Piece, Span, Spanned, Step, StepKind, Value};

/// A case in the making.
#[derive(Debug, Default)]
pub struct Transcript {
    steps: Vec<Step>,
}

/// How many steps a transcript holds at most; what is said in a bulk case after that is counted, not kept.
const KEPT: usize = 4000;

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
        if self.steps.len() < KEPT {
            self.steps.push(step);
        } else if self.steps.len() == KEPT {
            let mut last = step;
            last.lead
                .push(format!("(only the first {KEPT} steps are kept)"));
            self.steps.push(last);
        }
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
        if let Some(StepKind::Expect { message, .. }) =
            self.steps.last_mut().map(|step| &mut step.kind)
        {
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
        if let Some(last) = self.steps.last_mut() {
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
            steps: self.steps,
        };
        case.to_string()
    }
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
            let value = match binding {
                Some((variable, _)) => Value::Bind(variable.clone()),
                None => named(datum.to_value(), variables),
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
