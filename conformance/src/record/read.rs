//! A recording out of the notation: what `mqspec record` wrote, or a transcript of a run.

use std::collections::HashMap;
use std::time::Duration;

use super::recording::{Ear, Party, Recording};
use crate::dialect::{Datum, Dialect, Outgoing, Session, Side, UNTOLD};
use crate::run::Variables;
use crate::script::{self, Case, Diagnostic, Field, Message, Piece, Step, StepKind, Value};

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not the notation.
    #[error("it is not in the notation")]
    Notation(Vec<Diagnostic>),
    /// It is, and does not tell what was said.
    #[error("{file}:{line}: {why}")]
    Script {
        /// The file.
        file: String,
        /// The line.
        line: u32,
        /// Why not.
        why: String,
    },
}

/// What the password is taken for where a recording does not tell it.
const PASSWORD: &str = "password";

/// The recordings in a file, one for each case.
///
/// # Errors
/// A text that is not the notation, or that asks for something rather than telling what was said.
pub fn read(
    name: &str,
    text: &str,
    dialect: &'static dyn Dialect,
) -> Result<Vec<Recording>, ReadError> {
    let file = script::parse(name, text).map_err(ReadError::Notation)?;
    let found = script::check(&file, text, dialect.vocabulary());
    let mistakes: Vec<Diagnostic> = found
        .into_iter()
        .filter(|it| it.severity == script::Severity::Error)
        .collect();
    if !mistakes.is_empty() {
        return Err(ReadError::Notation(mistakes));
    }
    file.cases()
        .map(|case| Reader::new(name, dialect).case(case))
        .collect()
}

struct Reader {
    file: String,
    dialect: &'static dyn Dialect,
    variables: Variables,
    ear: Ear,
    connections: HashMap<String, Open>,
    first: Option<String>,
    /// Whether nothing more is read.
    over: bool,
}

struct Open {
    number: usize,
    /// Writes what either side says.
    client: Box<dyn Session>,
    broker: Box<dyn Session>,
}

impl Reader {
    fn new(file: &str, dialect: &'static dyn Dialect) -> Self {
        let response = dialect.response("guest", PASSWORD);
        let built_in = [
            ("user", Datum::text("guest")),
            ("password", Datum::text(PASSWORD)),
            ("vhost", Datum::text("/")),
            ("host", Datum::text("localhost")),
            ("response", Datum::Octets(response)),
        ];
        let built_in = built_in.map(|(name, value)| (name.to_owned(), value));
        Reader {
            file: file.to_owned(),
            dialect,
            variables: Variables::new("t", built_in),
            ear: Ear::new(dialect, file),
            connections: HashMap::new(),
            first: None,
            over: false,
        }
    }

    fn case(mut self, case: &Case) -> Result<Recording, ReadError> {
        for step in &case.steps {
            self.step(step)?;
        }
        Ok(self.ear.finish())
    }

    fn refuse<T>(&self, step: &Step, why: impl Into<String>) -> Result<T, ReadError> {
        Err(ReadError::Script {
            file: self.file.clone(),
            line: step.line,
            why: why.into(),
        })
    }

    fn step(&mut self, step: &Step) -> Result<(), ReadError> {
        if self.over {
            return Ok(());
        }
        match &step.kind {
            StepKind::Open { lanes, options } => {
                let from_tcp = options.iter().any(|option| {
                    option.name.value == "at" && option.value.to_string() == "tcp"
                });
                if !from_tcp {
                    return self.refuse(
                        step,
                        "the dialogue that opens the connection is not told here: this is a script, and no record. \
                         `mqspec run --suite FILE --transcripts DIR` writes records of a script",
                    );
                }
                let nameless = [crate::script::Lane::default()];
                let lanes = match lanes.is_empty() {
                    true => &nameless[..],
                    false => lanes,
                };
                for lane in lanes {
                    self.open(lane.connection.clone().unwrap_or_default(), step);
                }
                Ok(())
            }
            StepKind::Send(message) => self.say(step, message, Side::Client),
            StepKind::Expect { message, .. } => self.say(step, message, Side::Broker),
            // What a run waited for, and what it was asked about its history.
            StepKind::Wait(_) | StepKind::Until(_) | StepKind::Check(_) => Ok(()),
            StepKind::Target(name) => {
                self.over = true;
                self.ear.remark(format!(
                    "from line {} on, where `target {name}` was done to the broker, nothing was judged",
                    step.line
                ));
                Ok(())
            }
            _ => self.refuse(
                step,
                "this asks for something rather than telling what was said: `mqspec run --suite FILE \
                 --transcripts DIR` writes records of a script",
            ),
        }
    }

    fn open(&mut self, name: String, step: &Step) {
        let ends = step.comment.clone().unwrap_or_default();
        let number = self.ear.open(Party {
            name: name.clone(),
            ends: ends.trim().to_owned(),
        });
        self.first.get_or_insert_with(|| name.clone());
        let open = Open {
            number,
            client: self.dialect.session(),
            broker: self.dialect.session(),
        };
        self.connections.insert(name, open);
    }

    fn say(&mut self, step: &Step, message: &Message, side: Side) -> Result<(), ReadError> {
        let name = match &message.lane.connection {
            Some(name) => name.clone(),
            None => self.first.clone().unwrap_or_default(),
        };
        let Some(number) = self.connections.get(&name).map(|it| it.number) else {
            return self.refuse(
                step,
                format!(
                    "connection `{name}` was not opened: a record has `open {name} at=tcp` above this"
                ),
            );
        };
        let command = message.command.value.as_str();
        let place = step.line.into();
        match (side, command) {
            (_, "eof") | (Side::Client, "cut") => {
                self.ear.ended(number, side, place, Duration::ZERO);
                return Ok(());
            }
            (Side::Client, "stop-reading" | "read") => return Ok(()),
            (Side::Broker, "closed") => {
                if !message.fields.is_empty()
                    && let Some((close, _)) = self.dialect.closing()
                {
                    self.pronounce(step, &name, side, close, &message.fields, &[])?;
                }
                self.ear.ended(number, side, place, Duration::ZERO);
                return Ok(());
            }
            _ => {}
        }
        let stream = message.lane.stream;
        let stream = stream.unwrap_or_else(|| self.dialect.stream(command));
        let with: Vec<Field> = match side {
            Side::Client => message.with.clone(),
            // The other options of an expectation say when and how, not what.
            Side::Broker => {
                let content = message.with.iter().filter(|it| it.name.value == "content");
                content.cloned().collect()
            }
        };
        let fields = &message.fields;
        self.pronounce_on(step, &name, side, (stream, command), fields, &with)
    }

    fn pronounce(
        &mut self,
        step: &Step,
        name: &str,
        side: Side,
        command: &str,
        fields: &[Field],
        with: &[Field],
    ) -> Result<(), ReadError> {
        let stream = self.dialect.stream(command);
        self.pronounce_on(step, name, side, (stream, command), fields, with)
    }

    /// Turns a line into octets, and has them heard.
    fn pronounce_on(
        &mut self,
        step: &Step,
        name: &str,
        side: Side,
        (stream, command): (u16, &str),
        fields: &[Field],
        with: &[Field],
    ) -> Result<(), ReadError> {
        let mut outgoing = Outgoing::new(stream, command, Vec::new());
        for field in fields {
            if let Some(value) = self.known(step, &field.value)? {
                outgoing.fields.push((field.name.value.clone(), value));
            }
        }
        for field in with {
            if let Some(value) = self.known(step, &field.value)? {
                outgoing.with.push((field.name.value.clone(), value));
            }
        }
        let known: Vec<String> = outgoing
            .fields
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        let Some(open) = self.connections.get_mut(name) else {
            return Ok(());
        };
        let session = match side {
            Side::Client => &mut open.client,
            Side::Broker => &mut open.broker,
        };
        let (number, encoded) = (open.number, session.encode(&outgoing));
        let pieces = match encoded {
            Ok(pieces) => pieces,
            Err(error) => return self.refuse(step, error.to_string()),
        };
        let plain = side == Side::Broker && command != "raw" && command != "frame";
        let known = plain.then_some(known.as_slice());
        let octets = pieces.concat();
        self.ear.hear(
            number,
            side,
            &octets,
            step.line.into(),
            Duration::ZERO,
            known,
        );
        Ok(())
    }

    /// What a value or a pattern tells; nothing if it does not say.
    fn known(&mut self, step: &Step, value: &Value) -> Result<Option<Datum>, ReadError> {
        Ok(match value {
            Value::Bind(name) => {
                let value = match self.variables.peek(name) {
                    Some(value) => value,
                    None => Datum::text(&format!("{UNTOLD}{name}")),
                };
                self.variables.bind(name, value.clone());
                Some(value)
            }
            Value::Table { pairs, .. } => {
                let mut known = Vec::new();
                for (name, value) in pairs {
                    if let Some(value) = self.known(step, value)? {
                        known.push((name.clone(), value));
                    }
                }
                Some(Datum::Table(known))
            }
            Value::All(parts) => {
                let mut known = None;
                for part in parts {
                    known = known.or(self.known(step, part)?);
                }
                known
            }
            // Words, any of which would do for whoever runs the script: all of them were there.
            Value::Matches(text) if text.chars().all(is_plain) => {
                Some(Datum::text(&text.replace('|', " ")))
            }
            Value::Any
            | Value::Absent
            | Value::Either(_)
            | Value::Range(..)
            | Value::Matches(_)
            | Value::Not(_)
            | Value::Cover(_) => None,
            Value::Text(pieces) if matches!(pieces.as_slice(), [Piece::Literal(_)]) => {
                let evaluated = self.variables.evaluate(value, self.dialect);
                evaluated.ok()
            }
            value => match self.variables.evaluate(value, self.dialect) {
                Ok(value) => Some(value),
                Err(error) => return self.refuse(step, error.to_string()),
            },
        })
    }
}

/// Whether a character of a regular expression stands for itself, or divides words.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_ |".contains(c)
}
