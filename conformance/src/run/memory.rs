//! An exchange against the reference broker's core, without sockets and with a clock that jumps.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reference_broker::{Alarm, Broker, ConnectionId, Output, Peer};

use super::evaluate::Variables;
use super::exchange::{Effect, Event, Exchange, Variant};
use super::patience::Patience;
use crate::dialect::{Datum, Dialect};
use crate::script::Case;

/// An exchange of a case with a broker that knows the usual user and virtual host.
pub fn exchange_in_memory(case: Arc<Case>, dialect: &'static dyn Dialect) -> Exchange {
    let built_in = [
        (
            "response".to_owned(),
            Datum::Octets(dialect.response("guest", "guest")),
        ),
        ("vhost".to_owned(), Datum::text("/")),
    ];
    let variables = Variables::new("t", built_in);
    Exchange::new(case, Variant::Main, dialect, variables, Patience::default())
}

/// What becomes of the octets that the broker writes on a connection; the identity for an honest broker.
pub type Meddler<'a> = dyn FnMut(usize, Vec<u8>) -> Vec<u8> + 'a;

/// Sees the octets that the exchange writes on a connection.
pub type Watcher<'a> = dyn FnMut(usize, &[u8]) + 'a;

/// What a client did not read yet, and how it reads.
struct Reading {
    most: Option<usize>,
    unread: VecDeque<Bytes>,
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            most: Some(usize::MAX),
            unread: VecDeque::new(),
        }
    }
}

impl Reading {
    /// Gives the exchange octets in the pieces in which the client reads.
    fn hand_over(&self, exchange: &mut Exchange, connection: usize, octets: &[u8], now: Duration) {
        for part in octets.chunks(self.most.unwrap_or(usize::MAX).max(1)) {
            exchange.handle(Event::Received(connection, part.to_vec()), now);
        }
    }
}

/// Plays an exchange to its end at memory speed. Time passes only while nothing else can happen, so that the same
/// exchange always goes the same way. `now` is where the clock stands, and where it stands afterwards.
///
/// Controls other than `alarm-on` and `alarm-off` cannot be done to a broker without a process.
pub fn drive_in_memory(
    exchange: &mut Exchange,
    broker: &mut Broker,
    now: &mut Duration,
    meddle: &mut Meddler<'_>,
) {
    drive_in_memory_watched(exchange, broker, now, meddle, &mut |_, _| {});
}

/// The same, with somebody who sees what the exchange writes.
pub fn drive_in_memory_watched(
    exchange: &mut Exchange,
    broker: &mut Broker,
    now: &mut Duration,
    meddle: &mut Meddler<'_>,
    watch: &mut Watcher<'_>,
) {
    let began = *now;
    let mut numbers: HashMap<ConnectionId, usize> = HashMap::new();
    let mut ids: HashMap<usize, ConnectionId> = HashMap::new();
    let mut reading: HashMap<usize, Reading> = HashMap::new();
    while !exchange.is_over() {
        let mut acted = false;
        while let Some(effect) = exchange.effect() {
            acted = true;
            match effect {
                Effect::Connect(connection) => {
                    let id = broker.connect(&Peer::default(), *now);
                    numbers.insert(id, connection);
                    ids.insert(connection, id);
                    exchange.handle(Event::Connected(connection), *now - began);
                }
                Effect::Write(connection, pieces) => {
                    for piece in pieces {
                        watch(connection, &piece);
                        if let Some(id) = ids.get(&connection) {
                            broker.receive(*id, Bytes::from(piece), *now);
                        }
                    }
                }
                Effect::Read(connection, most) => {
                    let reading = reading.entry(connection).or_default();
                    reading.most = most;
                    while most.is_some()
                        && let Some(octets) = reading.unread.pop_front()
                    {
                        if let Some(id) = ids.get(&connection) {
                            broker.written(*id, octets.len(), *now);
                        }
                        let octets = meddle(connection, octets.to_vec());
                        reading.hand_over(exchange, connection, &octets, *now - began);
                    }
                }
                Effect::HalfClose(connection)
                | Effect::Reset(connection)
                | Effect::Close(connection) => {
                    if let Some(id) = ids.remove(&connection) {
                        numbers.remove(&id);
                        broker.disconnect(id, *now);
                    }
                }
                Effect::Target(name) => {
                    let done = match name.as_str() {
                        "alarm-on" => {
                            broker.set_alarm(Alarm::Operator, true, *now);
                            Ok(())
                        }
                        "alarm-off" => {
                            broker.set_alarm(Alarm::Operator, false, *now);
                            Ok(())
                        }
                        other => Err(format!("a broker without a process has no `{other}`")),
                    };
                    exchange.handle(Event::TargetDone(done), *now - began);
                }
            }
        }
        while let Some((id, output)) = broker.poll_output() {
            acted = true;
            let Some(connection) = numbers.get(&id).copied() else {
                continue;
            };
            match output {
                Output::Write(octets) => {
                    let reading = reading.entry(connection).or_default();
                    if reading.most.is_none() {
                        reading.unread.push_back(octets);
                        continue;
                    }
                    broker.written(id, octets.len(), *now);
                    let octets = meddle(connection, octets.to_vec());
                    reading.hand_over(exchange, connection, &octets, *now - began);
                }
                Output::Verify(attempt) => broker.verified(id, attempt.succeeds(), *now),
                Output::Close => {
                    numbers.remove(&id);
                    ids.remove(&connection);
                    broker.disconnect(id, *now);
                    exchange.handle(Event::EndOfFile(connection), *now - began);
                }
                Output::Pause | Output::Resume => {}
            }
        }
        if !acted && !exchange.is_over() {
            let wake = began + exchange.wake_at();
            let next = broker
                .next_deadline()
                .map_or(wake, |deadline| deadline.min(wake));
            *now = next.max(*now + Duration::from_millis(1));
            broker.tick(*now);
            exchange.tick(*now - began);
        }
    }
    for id in ids.into_values() {
        broker.disconnect(id, *now);
    }
    while broker.poll_output().is_some() {}
}
