//! What each statement of a script does to the exchange.

use std::collections::VecDeque;
use std::sync::Arc;

use super::evaluate::EvaluateError;
use super::exchange::{Connection, Cursor, Effect, Exchange, Repeat, Scope, Variant, Waiting};
use crate::dialect::{Datum, Incoming, Outgoing};
use crate::script::{Field, Lane, Message, Step, StepKind};

/// No name that a broker may be told, and so none that it may have made up, is longer.
const LONGEST_NAME: usize = 255;

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Task {
    /// Make a connection.
    Connect(usize),
    /// Do what a statement says, perhaps as part of opening a connection.
    Step(Box<Step>, Option<Scope>),
}

/// Whether a script opens its connections itself.
pub(super) fn opens_first(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.kind {
        StepKind::Open { .. } => true,
        StepKind::Control(steps) | StepKind::Fault(steps) => opens_first(steps),
        _ => false,
    })
}

/// The expectations with which a part of `unordered` or an arm begins, each with its line.
fn heads(step: &Step) -> Vec<(&Message, bool, u32)> {
    match &step.kind {
        StepKind::Expect {
            message,
            eventually,
        } => vec![(message, *eventually, step.line)],
        StepKind::Ordered(steps) => steps.iter().flat_map(heads).collect(),
        _ => Vec::new(),
    }
}

fn only_sends(step: &Step) -> bool {
    match &step.kind {
        StepKind::Send(_) => true,
        StepKind::Repeat { steps, .. } => steps.iter().all(only_sends),
        _ => false,
    }
}

impl Exchange {
    pub(super) fn next_step(&mut self) -> Option<Task> {
        loop {
            let cursor = self.cursors.last_mut()?;
            if let Some(connection) = cursor.connect.take() {
                return Some(Task::Connect(connection));
            }
            if let Some(step) = cursor.steps.get(cursor.next) {
                cursor.next += 1;
                return Some(Task::Step(Box::new(step.clone()), cursor.scope.clone()));
            }
            match &mut cursor.repeat {
                Some(repeat) if repeat.left > 0 => {
                    repeat.left -= 1;
                    repeat.done += 1;
                    cursor.next = 0;
                    if let Some(name) = &repeat.name {
                        self.variables.bind(name, Datum::Int(repeat.done));
                    }
                }
                _ => {
                    self.cursors.pop();
                }
            }
        }
    }

    pub(super) fn enter(&mut self, steps: Vec<Step>, scope: Option<Scope>) {
        self.cursors.push(Cursor {
            steps: Arc::new(steps),
            scope,
            ..Cursor::default()
        });
    }

    pub(super) fn execute(&mut self, step: &Step, scope: Option<Scope>) {
        self.line = scope.as_ref().map_or(step.line, |scope| scope.line);
        let line = self.line;
        match &step.kind {
            StepKind::Open { lanes, options } => self.open(lanes, options, line),
            StepKind::Send(message) => self.send(message, scope.as_ref()),
            StepKind::Expect {
                message,
                eventually,
            } => match self.thread(&[(message, *eventually, line)], scope.as_ref()) {
                Ok(thread) => {
                    self.waiting = Some(Waiting::Threads {
                        threads: vec![thread],
                        choice: None,
                    })
                }
                Err(why) => self.script_error(why),
            },
            StepKind::Unordered(steps) => {
                let threads = steps
                    .iter()
                    .map(|step| self.thread(&heads(step), scope.as_ref()))
                    .collect();
                match threads {
                    Ok(threads) => {
                        self.waiting = Some(Waiting::Threads {
                            threads,
                            choice: None,
                        })
                    }
                    Err(why) => self.script_error(why),
                }
            }
            StepKind::OneOf(arms) => {
                let threads = arms
                    .iter()
                    .map(|arm| match arm.steps.first() {
                        Some(first) => self.thread(&heads(first), scope.as_ref()),
                        None => Err("an alternative is empty".to_owned()),
                    })
                    .collect();
                match threads {
                    Ok(threads) => {
                        self.waiting = Some(Waiting::Threads {
                            threads,
                            choice: Some(arms.clone()),
                        });
                    }
                    Err(why) => self.script_error(why),
                }
            }
            StepKind::Ordered(steps) => self.enter(steps.clone(), scope),
            StepKind::Repeat { count, name, steps } => {
                let told = self.tell_at_once(step);
                match self
                    .variables
                    .evaluate(count, self.dialect)
                    .map(|count| count.int())
                {
                    Ok(Some(count)) => self.cursors.push(Cursor {
                        told,
                        next: steps.len(),
                        steps: Arc::new(steps.clone()),
                        repeat: Some(Repeat {
                            left: count,
                            done: 0,
                            name: name.clone(),
                        }),
                        scope,
                        connect: None,
                    }),
                    Ok(None) => self.script_error(format!("`{count}` is no number")),
                    Err(error) => self.script_error(error.to_string()),
                }
            }
            StepKind::Control(steps) if self.variant == Variant::Control => {
                self.enter(steps.clone(), scope)
            }
            StepKind::Fault(steps) if self.variant == Variant::Main => {
                self.enter(steps.clone(), scope)
            }
            StepKind::Control(_) | StepKind::Fault(_) => {}
            StepKind::Wait(time) => {
                self.transcript.other(step.kind.clone());
                self.waiting = Some(Waiting::Pause {
                    until: self.now + *time,
                });
            }
            StepKind::Whenever { message, steps } => {
                self.answer_with(message, steps, line, scope.as_ref())
            }
            StepKind::Until(fields) => self.await_history(fields),
            StepKind::Check(fields) => self.check_history(fields),
            StepKind::Target(name) => {
                self.transcript.other(step.kind.clone());
                self.effects.push_back(Effect::Target(name.clone()));
                self.waiting = Some(Waiting::Target);
            }
        }
    }

    /// Writes a block down as it stands in the script, if it only sends and the case is about many messages; also if a
    /// block around it was.
    fn tell_at_once(&mut self, step: &Step) -> bool {
        if self.cursors.last().is_some_and(|cursor| cursor.told) {
            return true;
        }
        let told = self.record.is_some() && only_sends(step);
        if told {
            self.transcript.other(step.kind.clone());
        }
        told
    }

    /// The connection that a lane names.
    pub(super) fn connection(&self, lane: &Lane, scope: Option<&Scope>) -> Result<usize, String> {
        if let Some(scope) = scope {
            return Ok(scope.connection);
        }
        let found = match &lane.connection {
            None if self.connections.is_empty() => None,
            None => Some(0),
            Some(name) => self
                .connections
                .iter()
                .rposition(|connection| connection.name == *name),
        };
        found.ok_or_else(|| match &lane.connection {
            Some(name) => format!("connection `{name}` was not opened"),
            None => "no connection was opened".to_owned(),
        })
    }

    pub(super) fn stream(&self, message: &Message, scope: Option<&Scope>) -> u16 {
        let usual = self.dialect.stream(&message.command.value);
        match scope {
            Some(scope) if usual != 0 => scope.stream.unwrap_or(usual),
            _ => message.lane.stream.unwrap_or(usual),
        }
    }

    /// A lane as a transcript names it: the stream only where it is not the command's usual one.
    pub(super) fn lane(&self, connection: usize, stream: u16, command: &str) -> Lane {
        let name = &self.connections[connection].name;
        Lane {
            connection: (!name.is_empty()).then(|| name.clone()),
            stream: (stream != self.dialect.stream(command)).then_some(stream),
        }
    }

    pub(super) fn open(&mut self, lanes: &[Lane], options: &[Field], line: u32) {
        let at = options
            .iter()
            .find(|option| option.name.value == "at")
            .map(|option| &option.value);
        let at: Option<String> = match at.map(|value| self.variables.evaluate(value, self.dialect))
        {
            None => None,
            Some(Ok(value)) => value.as_text().map(str::to_owned),
            Some(Err(error)) => return self.script_error(error.to_string()),
        };
        let overrides: Vec<Field> = options
            .iter()
            .filter(|option| option.name.value != "at")
            .cloned()
            .collect();
        let stages = self.dialect.prologue();
        let nameless = [Lane::default()];
        let lanes = if lanes.is_empty() {
            &nameless[..]
        } else {
            lanes
        };
        let mut cursors = Vec::new();
        for lane in lanes {
            let name = lane.connection.clone().unwrap_or_default();
            let (connection, steps, connect) = match lane.stream {
                Some(_) => match self
                    .connections
                    .iter()
                    .rposition(|connection| connection.name == name)
                {
                    Some(connection) => {
                        let steps = stages
                            .last()
                            .map(|stage| stage.steps.clone())
                            .unwrap_or_default();
                        (connection, steps, None)
                    }
                    None => return self.script_error(format!("open `{name}` before `{lane}`")),
                },
                None => {
                    let last = match &at {
                        None => stages.len(),
                        Some(at) => match stages.iter().position(|stage| stage.name == *at) {
                            Some(place) => place + 1,
                            None => return self.script_error(format!("`{at}` is no stage")),
                        },
                    };
                    self.connections.push(Connection {
                        name,
                        session: self.dialect.session(),
                        ended: None,
                        abandoned: false,
                        recorded_end: false,
                        aside: VecDeque::new(),
                    });
                    let played = stages
                        .iter()
                        .take(last)
                        .flat_map(|stage| stage.steps.iter().cloned());
                    let connection = self.connections.len() - 1;
                    (connection, played.collect(), Some(connection))
                }
            };
            let scope = Scope {
                connection,
                stream: lane.stream,
                overrides: overrides.clone(),
                line,
            };
            cursors.push(Cursor {
                steps: Arc::new(steps),
                scope: Some(scope),
                connect,
                ..Cursor::default()
            });
        }
        self.cursors.extend(cursors.into_iter().rev());
    }

    /// Connects.
    pub(super) fn connect(&mut self, connection: usize) {
        self.record_ends();
        let name = self.connections[connection].name.clone();
        self.transcript.opened(&name);
        self.effects.push_back(Effect::Connect(connection));
        self.waiting = Some(Waiting::Connecting { connection });
    }

    fn evaluated(&mut self, fields: &[Field]) -> Result<Vec<(String, Datum)>, EvaluateError> {
        fields
            .iter()
            .map(|field| {
                Ok((
                    field.name.value.clone(),
                    self.variables.evaluate(&field.value, self.dialect)?,
                ))
            })
            .collect()
    }

    pub(super) fn send(&mut self, message: &Message, scope: Option<&Scope>) {
        let connection = match self.connection(&message.lane, scope) {
            Ok(connection) => connection,
            Err(why) => return self.script_error(why),
        };
        let command = message.command.value.as_str();
        if let "cut" | "eof" | "stop-reading" | "read" = command {
            let mut written = message.clone();
            written.lane = self.lane(connection, 0, command);
            written.lane.stream = None;
            self.transcript.other(StepKind::Send(written));
            return self.handle_socket(connection, message);
        }
        let mut fields = message.fields.clone();
        for option in scope.iter().flat_map(|scope| &scope.overrides) {
            if self.dialect.has_field(command, &option.name.value) {
                fields.retain(|field| field.name.value != option.name.value);
                fields.push(option.clone());
            }
        }
        let evaluated = self
            .evaluated(&fields)
            .and_then(|fields| Ok((fields, self.evaluated(&message.with)?)));
        let (fields, with) = match evaluated {
            Ok(evaluated) => evaluated,
            Err(error) => return self.script_error(error.to_string()),
        };
        let stream = self.stream(message, scope);
        let outgoing = Outgoing {
            stream,
            command: command.to_owned(),
            fields,
            with,
        };
        self.write(connection, &outgoing, None);
    }

    /// Does what a script asks of the socket itself.
    fn handle_socket(&mut self, connection: usize, message: &Message) {
        match message.command.value.as_str() {
            "cut" => {
                self.connections[connection].abandoned = true;
                self.record_end(connection);
                self.effects.push_back(Effect::Reset(connection));
            }
            "eof" => self.effects.push_back(Effect::HalfClose(connection)),
            "stop-reading" => self.effects.push_back(Effect::Read(connection, None)),
            _ => match self.evaluated(&message.fields) {
                Ok(fields) => {
                    let most = fields.first().and_then(|(_, most)| most.int());
                    let most = most.and_then(|most| usize::try_from(most).ok());
                    let most = most.unwrap_or(usize::MAX).max(1);
                    self.effects.push_back(Effect::Read(connection, Some(most)));
                }
                Err(error) => self.script_error(error.to_string()),
            },
        }
    }

    /// Writes a command, of the script or of the runner's own.
    pub(super) fn write(&mut self, connection: usize, outgoing: &Outgoing, comment: Option<&str>) {
        if self.connections[connection].abandoned {
            return self.script_error("the connection was cut".to_owned());
        }
        match self.connections[connection].session.encode(outgoing) {
            Err(error) => self.script_error(error.to_string()),
            Ok(pieces) => {
                let lane = self.lane(connection, outgoing.stream, &outgoing.command);
                if self.reacting {
                    self.transcript.answered(lane, outgoing, &self.variables);
                } else if !self.cursors.last().is_some_and(|cursor| cursor.told) {
                    self.transcript
                        .sent(lane, outgoing, &pieces, &self.variables, comment);
                }
                self.sent.insert(outgoing.command.clone());
                self.record_sent(connection, outgoing);
                self.note_creation(&outgoing.command, &outgoing.fields);
                self.effects.push_back(Effect::Write(connection, pieces));
                let texts = outgoing
                    .fields
                    .iter()
                    .filter_map(|(_, value)| value.octets())
                    .filter(|octets| octets.len() <= LONGEST_NAME);
                self.said.extend(texts.map(<[u8]>::to_vec));
                // What was asked on a lane is still being answered when a reaction says something in between.
                if !self.reacting {
                    let lane = (connection, outgoing.stream);
                    self.last_sent.insert(lane, outgoing.clone());
                }
            }
        }
    }

    /// Writes a command once more, without a word in the transcript.
    pub(super) fn write_again(&mut self, connection: usize, outgoing: &Outgoing) {
        match self.connections[connection].session.encode(outgoing) {
            Err(error) => self.script_error(error.to_string()),
            Ok(pieces) => self.effects.push_back(Effect::Write(connection, pieces)),
        }
    }

    /// Gives a name that the broker made up a variable, so that the transcript holds in another run.
    pub(super) fn note_names(&mut self, incoming: &Incoming, bound: &mut Vec<(String, Datum)>) {
        let Some(field) = self.dialect.named_by_broker(&incoming.command) else {
            return;
        };
        let Some(value) = incoming.field(field) else {
            return;
        };
        let known = self.variables.names().any(|(_, known)| known == value);
        if known
            || value
                .octets()
                .is_none_or(|octets| self.said.contains(octets))
        {
            return;
        }
        let named = bound
            .iter()
            .find(|(_, other)| other == value)
            .map(|(name, _)| name.clone());
        let name = self.variables.made(named.as_deref(), value);
        if named.is_none() {
            bound.push((name, value.clone()));
        }
    }

    /// Remembers what the case leaves behind at the broker.
    pub(super) fn note_creation(&mut self, command: &str, fields: &[(String, Datum)]) {
        if let Some(creation) = self.dialect.creation(command, fields)
            && !self.creations.contains(&creation)
        {
            self.creations.push(creation);
        }
    }
}
