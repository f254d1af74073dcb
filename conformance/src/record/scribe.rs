//! What happens, as steps of the notation.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::{Happening, What};
use crate::dialect::{Conduct, Datum, Dialect, Overheard, Secrets, Side, condensed};
use crate::run::{Variables, transcript};
use crate::script::{Field, Lane, Message, Piece, Spanned, Step, StepKind, Value};

/// The name of a connection: a, b, …, z, aa, ab, …
pub fn name(connection: usize) -> String {
    let letter = char::from(b'a' + (connection % 26) as u8);
    match connection / 26 {
        0 => letter.to_string(),
        more => format!("{}{letter}", name(more - 1)),
    }
}

/// Turns happenings into steps.
#[derive(Debug)]
pub struct Scribe {
    dialect: &'static dyn Dialect,
    secrets: Secrets,
    /// Texts of more octets are written as `noise` of their length.
    longest: usize,
    variables: Variables,
    connections: BTreeMap<usize, Box<dyn Conduct>>,
    /// What clients said: a name among them is not of the broker's making.
    said: HashSet<Vec<u8>>,
    /// The seeds that stand for long texts, by what these are in short.
    noises: HashMap<(usize, u64), i128>,
    commands: usize,
}

impl Scribe {
    /// Nothing has happened yet.
    pub fn new(dialect: &'static dyn Dialect, secrets: Secrets, longest: usize) -> Self {
        Scribe {
            dialect,
            secrets,
            longest,
            variables: Variables::new("", []),
            connections: BTreeMap::new(),
            said: HashSet::new(),
            noises: HashMap::new(),
            commands: 0,
        }
    }

    /// How many commands were written down.
    pub fn commands(&self) -> usize {
        self.commands
    }

    /// The steps that a happening completes.
    pub fn note(&mut self, happening: &Happening) -> Vec<Step> {
        let Happening {
            connection,
            at,
            what,
        } = happening;
        match what {
            What::Opened(peer) => {
                let conduct = self.dialect.conduct(false);
                self.connections.insert(*connection, conduct);
                let mut step = open(*connection);
                step.comment = Some(format!("from {peer}"));
                vec![step]
            }
            What::Unreachable(why) => {
                let mut step = self.end(*connection, Side::Broker, "closed");
                step.comment = Some(format!("the broker could not be reached: {why}"));
                vec![step]
            }
            What::Said(side, octets) => {
                let conduct = self.connections.get_mut(connection);
                let heard = conduct.map(|it| it.hear(*side, octets, *at));
                self.write(*connection, heard.unwrap_or_default())
            }
            What::Finished(side) => self.ended(*connection, *side, *at, "eof"),
            What::Reset(Side::Client) => self.ended(*connection, Side::Client, *at, "cut"),
            What::Reset(Side::Broker) => self.ended(*connection, Side::Broker, *at, "closed"),
            What::Over => {
                self.connections.remove(connection);
                Vec::new()
            }
        }
    }

    /// What was begun and did not come to its end by now.
    pub fn finish(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (connection, mut conduct) in std::mem::take(&mut self.connections) {
            for side in [Side::Client, Side::Broker] {
                let heard = conduct.ended(side, Duration::ZERO);
                let begun = heard.into_iter().filter(|it| it.command != "eof");
                steps.extend(self.write(connection, begun.collect()));
            }
        }
        steps
    }

    fn ended(&mut self, connection: usize, side: Side, at: Duration, how: &str) -> Vec<Step> {
        let conduct = self.connections.get_mut(&connection);
        let heard = conduct.map(|it| it.ended(side, at)).unwrap_or_default();
        let begun = heard.into_iter().filter(|it| it.command != "eof");
        let mut steps = self.write(connection, begun.collect());
        let mut step = self.end(connection, side, how);
        if how != "eof" {
            step.comment = Some("a reset".to_owned());
        }
        steps.push(step);
        steps
    }

    fn end(&self, connection: usize, side: Side, how: &str) -> Step {
        let with = match how {
            "closed" => vec![field("silent", word("pass"))],
            _ => Vec::new(),
        };
        let message = Message {
            lane: lane(connection, None),
            command: Spanned::of(how.to_owned()),
            fields: Vec::new(),
            with,
        };
        Step::of(directed(side, message))
    }

    /// One command as a step, unless it says nothing.
    pub fn line(&mut self, connection: usize, said: &Overheard) -> Option<Step> {
        self.step(connection, said)
    }

    fn write(&mut self, connection: usize, heard: Vec<Overheard>) -> Vec<Step> {
        let steps = heard.iter().filter_map(|said| self.step(connection, said));
        steps.collect()
    }

    /// One command as a step.
    fn step(&mut self, connection: usize, said: &Overheard) -> Option<Step> {
        let noted = self.dialect.noted(said, self.secrets);
        if noted.silent {
            return None;
        }
        self.commands += 1;
        let raw = [("data".to_owned(), Datum::Octets(said.octets.clone()))];
        let (command, came) = match noted.as_octets {
            true => ("raw", &raw[..]),
            false => (said.command.as_str(), &said.fields[..]),
        };
        let mut bound = Vec::new();
        match said.side {
            Side::Client => self.remember(&said.fields),
            Side::Broker => bound.extend(self.made_by_broker(said)),
        }
        let mut fields = transcript::fields(came, &self.variables, &bound);
        for (written, (_, value)) in fields.iter_mut().zip(came) {
            if let Some(noise) = self.noise(value) {
                written.value = noise;
            }
        }
        for (name, value) in noted.instead {
            let place = fields.iter().position(|field| field.name.value == name);
            match (place, value) {
                (Some(place), Some(value)) => fields[place].value = value,
                (Some(place), None) => drop(fields.remove(place)),
                (None, _) => {}
            }
        }
        let with = match noted.without_content && !noted.as_octets {
            true => vec![field("content", word("none"))],
            false => Vec::new(),
        };
        let usual = self.dialect.stream(command) == said.stream;
        let message = Message {
            lane: lane(connection, (!usual).then_some(said.stream)),
            command: Spanned::of(command.to_owned()),
            fields,
            with,
        };
        let mut step = Step::of(directed(said.side, message));
        step.comment = noted.comment;
        Some(step)
    }

    fn remember(&mut self, fields: &[(String, Datum)]) {
        for (_, value) in fields {
            if let Some(octets) = value.octets().filter(|it| it.len() <= 255) {
                self.said.insert(octets.to_vec());
            }
        }
    }

    /// The name that the broker made up, if it did, as the variable that stands for it.
    fn made_by_broker(&mut self, said: &Overheard) -> Option<(String, Datum)> {
        let value = said.field(self.dialect.named_by_broker(&said.command)?)?;
        let known = self.variables.names().any(|(_, known)| known == value);
        let by_client = value.octets().is_none_or(|it| self.said.contains(it));
        if known || by_client {
            return None;
        }
        Some((self.variables.made(None, value), value.clone()))
    }

    /// What stands for a long text.
    fn noise(&mut self, value: &Datum) -> Option<Value> {
        let octets = value.octets().filter(|it| it.len() > self.longest)?;
        let next = self.noises.len() as i128 + 1;
        let key = (octets.len(), condensed(octets));
        let seed = *self.noises.entry(key).or_insert(next);
        let arguments = vec![Value::Int(seed), Value::Int(octets.len() as i128)];
        Some(Value::Call("noise".to_owned(), arguments))
    }
}

/// `open NAME at=tcp`
fn open(connection: usize) -> Step {
    Step::of(StepKind::Open {
        lanes: vec![lane(connection, None)],
        options: vec![field("at", word("tcp"))],
    })
}

fn lane(connection: usize, stream: Option<u16>) -> Lane {
    Lane {
        connection: Some(name(connection)),
        stream,
    }
}

fn directed(side: Side, message: Message) -> StepKind {
    match side {
        Side::Client => StepKind::Send(message),
        Side::Broker => StepKind::Expect {
            message,
            eventually: false,
        },
    }
}

fn field(name: &str, value: Value) -> Field {
    Field {
        name: Spanned::of(name.to_owned()),
        value,
    }
}

fn word(text: &str) -> Value {
    Value::Text(vec![Piece::Literal(text.as_bytes().to_vec())])
}
