//! The core and its connections as a state machine: octets in, octets out, time as an argument.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reference_broker::{Broker, Config, ConnectionId, Output, Peer};

use super::case::{Action, ClientCase, When};
use super::meddle::Lines;
use crate::dialect::{Conduct, Cutter, Dialect, Overheard, Session, Side};
use crate::run::{Variables, drive_in_memory, exchange_in_memory};
use crate::script;

/// What is to be done to a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Write these octets, by themselves.
    Write(usize, Vec<u8>),
    /// End the connection.
    Close(usize),
    /// Reset it.
    Reset(usize),
}

/// Everything that was said, and what the rules did.
#[derive(Debug, Default)]
pub struct Record {
    /// What passed by, with the number of its connection, in order.
    pub heard: Vec<(usize, Overheard)>,
    /// When each rule applied for the first time: how much had been heard, and the time.
    pub applied: Vec<Option<(usize, Duration)>>,
    /// Whether contents were to be interleaved, and were.
    pub interleaved: Option<bool>,
    /// When the client ended each of its connections; none while it lasts or if the broker did.
    pub left: Vec<Option<Duration>>,
}

/// A broker that is played.
#[derive(Debug)]
pub struct Play {
    pub(super) case: Arc<ClientCase>,
    pub(super) dialect: &'static dyn Dialect,
    pub(super) broker: Broker,
    pub(super) connections: Vec<Connection>,
    pub(super) variables: Variables,
    pub(super) encoder: Box<dyn Session>,
    pub(super) record: Record,
    effects: VecDeque<Effect>,
    /// How often the moment of each rule came.
    counts: Vec<usize>,
    /// Upon which connection each rule applied.
    places: Vec<usize>,
    /// When each rule that waits for time applies next.
    timers: Vec<Option<Duration>>,
    /// Where the core's clock stood when the play began.
    began: Duration,
}

/// One connection of the client.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    /// Whether the core still knows it.
    pub(super) attached: bool,
    from_client: Box<dyn Cutter>,
    from_core: Box<dyn Cutter>,
    conduct: Box<dyn Conduct>,
    pub(super) lines: Lines,
    /// Nothing more is written.
    closed: bool,
}

impl Play {
    /// A broker for that case, with what the case prepares.
    ///
    /// # Errors
    /// A preparation that the broker does not take, which is a mistake of the case.
    pub fn new(case: Arc<ClientCase>, dialect: &'static dyn Dialect) -> Result<Play, String> {
        let mut config = Config::default();
        let limits = case.limits;
        config.channel_max = limits.channel_max.unwrap_or(config.channel_max);
        config.frame_max = limits.frame_max.unwrap_or(config.frame_max);
        config.heartbeat = limits.heartbeat.unwrap_or(config.heartbeat);
        let mut broker = Broker::new(config);
        let mut began = Duration::ZERO;
        prepare(&case, dialect, &mut broker, &mut began)?;
        let rules = case.rules.len();
        let interleaves = |action: &Action| matches!(action, Action::Interleave(_));
        let mut actions = case.rules.iter().flat_map(|rule| &rule.actions);
        let record = Record {
            applied: vec![None; rules],
            interleaved: actions.any(interleaves).then_some(false),
            ..Record::default()
        };
        Ok(Play {
            case,
            dialect,
            broker,
            connections: Vec::new(),
            variables: Variables::new("t", []),
            encoder: dialect.session(),
            record,
            effects: VecDeque::new(),
            counts: vec![0; rules],
            places: vec![0; rules],
            timers: vec![None; rules],
            began,
        })
    }

    /// A client connected. The number of the connection.
    pub fn connect(&mut self, now: Duration) -> usize {
        let id = self.broker.connect(&Peer::default(), self.began + now);
        let number = self.connections.len();
        self.connections.push(Connection {
            id,
            attached: true,
            from_client: self.dialect.cutter(Side::Client),
            from_core: self.dialect.cutter(Side::Broker),
            conduct: self.dialect.conduct(self.case.trusted),
            lines: Lines::default(),
            closed: false,
        });
        self.record.left.push(None);
        self.set_timers(None, number, now);
        self.go_on(now);
        number
    }

    /// The client sent octets.
    pub fn receive(&mut self, number: usize, octets: &[u8], now: Duration) {
        let Some(connection) = self.connections.get_mut(number) else {
            return;
        };
        let frames = connection.from_client.cut(octets);
        for mut frame in frames {
            let conduct = &mut self.connections[number].conduct;
            let heard = conduct.hear(Side::Client, &frame.octets, now);
            self.note(number, heard);
            if !self.meet(number, &mut frame, now) {
                self.pass_to_core(number, &frame.octets, now);
            }
            self.go_on(now);
        }
    }

    /// The client ended the connection, or reset it.
    pub fn end_of_file(&mut self, number: usize, now: Duration) {
        let Some(connection) = self.connections.get_mut(number) else {
            return;
        };
        let heard = connection.conduct.ended(Side::Client, now);
        if !connection.closed {
            self.record.left[number] = Some(now);
        }
        connection.closed = true;
        connection.lines.clear();
        self.detach(number, now);
        self.note(number, heard);
        self.effects.push_back(Effect::Close(number));
        self.go_on(now);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration) {
        self.broker.tick(self.began + now);
        for rule in 0..self.timers.len() {
            if self.timers[rule].is_none_or(|due| due > now) {
                continue;
            }
            self.timers[rule] = match self.case.rules[rule].when {
                When::Every(time) => Some(now + time),
                _ => None,
            };
            let number = self.places[rule];
            self.apply(rule, number, None, now);
        }
        self.go_on(now);
    }

    /// When [`Play::tick`] is next of use.
    pub fn next_deadline(&self) -> Option<Duration> {
        let core = self
            .broker
            .next_deadline()
            .map(|due| due.saturating_sub(self.began));
        let timers = self.timers.iter().copied().flatten();
        let lines = self.connections.iter().filter_map(|it| it.lines.deadline());
        timers.chain(lines).chain(core).min()
    }

    /// The next thing to do to a socket, in order.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Whether a connection is open.
    pub fn is_open(&self) -> bool {
        self.connections.iter().any(|connection| !connection.closed)
    }

    /// Everything that was said.
    pub fn finish(self) -> Record {
        self.record
    }

    /// What the core's clock says.
    pub(super) fn core_time(&self, now: Duration) -> Duration {
        self.began + now
    }

    fn note(&mut self, number: usize, heard: Vec<Overheard>) {
        let heard = heard.into_iter().map(|command| (number, command));
        self.record.heard.extend(heard);
    }

    pub(super) fn pass_to_core(&mut self, number: usize, octets: &[u8], now: Duration) {
        let connection = &self.connections[number];
        if connection.attached {
            let octets = Bytes::copy_from_slice(octets);
            self.broker.receive(connection.id, octets, self.began + now);
        }
    }

    pub(super) fn detach(&mut self, number: usize, now: Duration) {
        let connection = &mut self.connections[number];
        if std::mem::replace(&mut connection.attached, false) {
            self.broker.disconnect(connection.id, self.began + now);
        }
    }

    pub(super) fn reset(&mut self, number: usize, now: Duration) {
        self.detach(number, now);
        self.connections[number].lines.clear();
        self.connections[number].closed = true;
        self.effects.push_back(Effect::Reset(number));
        let heard = self.connections[number].conduct.ended(Side::Broker, now);
        self.note(number, heard);
    }

    /// Applies what a frame calls for. Whether the frame goes no further.
    fn meet(&mut self, number: usize, frame: &mut Overheard, now: Duration) -> bool {
        let case = self.case.clone();
        let mut dropped = false;
        for (index, rule) in case.rules.iter().enumerate() {
            let When::Frame { side, pattern, nth } = &rule.when else {
                continue;
            };
            let early = rule.then && self.record.applied.get(index.wrapping_sub(1)) == Some(&None);
            if early || *side != frame.side || !self.matches(pattern, frame) {
                continue;
            }
            self.counts[index] += 1;
            if *nth == 0 || self.counts[index] == *nth {
                dropped |= self.apply(index, number, Some(frame), now);
            }
        }
        dropped
    }

    fn apply(
        &mut self,
        rule: usize,
        number: usize,
        frame: Option<&mut Overheard>,
        now: Duration,
    ) -> bool {
        if self.record.applied[rule].is_none() {
            self.record.applied[rule] = Some((self.record.heard.len(), now));
            self.set_timers(Some(rule), number, now);
        }
        let actions = self.case.rules[rule].actions.clone();
        self.perform(&actions, number, frame, now)
    }

    /// A rule applied for the first time, or the first connection was made: what waits for that begins to wait.
    fn set_timers(&mut self, applied: Option<usize>, number: usize, now: Duration) {
        let next = applied.map_or(0, |rule| rule + 1);
        if applied.is_none() && number > 0 {
            return;
        }
        let Some(rule) = self.case.rules.get(next) else {
            return;
        };
        if let When::After(time) | When::Every(time) = rule.when {
            self.timers[next] = Some(now + time);
            self.places[next] = number;
        }
    }

    /// Takes what the core has to say, and writes what is due.
    fn go_on(&mut self, now: Duration) {
        while let Some((id, output)) = self.broker.poll_output() {
            let numbered = self.connections.iter().position(|it| it.id == id);
            let Some(number) = numbered else { continue };
            match output {
                Output::Write(octets) => {
                    self.broker.written(id, octets.len(), self.began + now);
                    if !self.connections[number].attached {
                        continue;
                    }
                    let frames = self.connections[number].from_core.cut(&octets);
                    for mut frame in frames {
                        if !self.meet(number, &mut frame, now) {
                            self.pass_to_client(number, &frame, now);
                        }
                    }
                }
                Output::Verify(attempt) => {
                    self.broker
                        .verified(id, attempt.succeeds(), self.began + now);
                }
                Output::Close => {
                    let attached = std::mem::replace(&mut self.connections[number].attached, false);
                    self.broker.disconnect(id, self.began + now);
                    if attached {
                        self.connections[number].lines.end(now);
                    }
                }
                Output::Pause | Output::Resume => {}
            }
        }
        for number in 0..self.connections.len() {
            self.flush(number, now);
        }
    }

    fn flush(&mut self, number: usize, now: Duration) {
        let (parts, interleaved) = self.connections[number].lines.take(now);
        if interleaved {
            self.record.interleaved = Some(true);
        }
        for part in parts {
            let connection = &mut self.connections[number];
            if connection.closed {
                break;
            }
            let heard = match part {
                Some(pieces) => {
                    let mut heard = Vec::new();
                    for piece in pieces {
                        heard.extend(connection.conduct.hear(Side::Broker, &piece, now));
                        self.effects.push_back(Effect::Write(number, piece));
                    }
                    heard
                }
                None => {
                    connection.closed = true;
                    self.effects.push_back(Effect::Close(number));
                    connection.conduct.ended(Side::Broker, now)
                }
            };
            self.note(number, heard);
        }
    }
}

/// Plays the steps that a case begins with against the core.
fn prepare(
    case: &ClientCase,
    dialect: &'static dyn Dialect,
    broker: &mut Broker,
    now: &mut Duration,
) -> Result<(), String> {
    if case.before.is_empty() {
        return Ok(());
    }
    let steps: Vec<String> = case.before.iter().map(|line| format!("  {line}")).collect();
    let text = format!(
        "case before/it\n  \"before\"\n  clause X\n  no-control \"preparation\"\n{}\n",
        steps.join("\n")
    );
    let file = script::parse(&case.file, &text)
        .map_err(|found| format!("{}: before: {}", case.id, found[0].message))?;
    let Some(script) = file.cases().next().cloned() else {
        return Err(format!("{}: before: no steps", case.id));
    };
    let mut exchange = exchange_in_memory(Arc::new(script), dialect);
    drive_in_memory(&mut exchange, broker, now, &mut |_, octets| octets);
    match exchange.into_outcome().finding {
        None => Ok(()),
        Some(finding) => Err(format!("{}: before: {}", case.id, finding.why)),
    }
}
