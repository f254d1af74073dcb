//! The whole broker as one value: octets in, octets out, time as an argument.
//!
//! Whoever has sockets and a clock drives it so:
//!
//! 1. tell it what has happened: [`Broker::connect`], [`Broker::receive`], [`Broker::written`], [`Broker::verified`],
//!    [`Broker::disconnect`], and [`Broker::tick`] once [`Broker::next_deadline`] has come;
//! 2. after each, do what [`Broker::poll_output`] says until it says nothing more.
//!
//! Times are counted from any moment that the driver likes, and never go back. The same calls always
//! have the same outputs.
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use reference_broker::{Broker, Config, Output, Peer};
//!
//! let mut broker = Broker::new(Config::default());
//! let client = broker.connect(&Peer::default(), Duration::ZERO);
//! broker.receive(client, Bytes::from_static(b"AMQP\x00\x00\x09\x01"), Duration::from_millis(5));
//! // The answer is `connection.start`: a method frame on channel 0.
//! let Some((to, Output::Write(octets))) = broker.poll_output() else { panic!("no answer") };
//! assert_eq!(to, client);
//! assert!(octets.starts_with(&[1, 0, 0]));
//! broker.written(client, octets.len(), Duration::from_millis(6));
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;

use crate::alarm::{Alarm, Alarms};
use crate::amqp::{Dialogue, Environment};
use crate::model::{Changes, Journal, Owner, Stored, VirtualHost, VirtualHosts, lock};
use crate::store::{Batch, Position, RestoreError, StoredRecord};
use crate::users::{Attempt, Known};
use crate::{Config, Peer};

#[cfg(any(feature = "fuzzing", test))]
mod audit;

/// One connection, for as long as the broker lives. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    fn owner(self) -> Owner {
        Owner(self.0)
    }
}

impl From<Owner> for ConnectionId {
    fn from(owner: Owner) -> Self {
        Self(owner.0)
    }
}

/// What the broker wants done with a connection's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Write these octets, and report them by [`Broker::written`].
    Write(Bytes),
    /// Stop reading. What is received all the same is kept and not looked at.
    Pause,
    /// Read again.
    Resume,
    /// Find out whether a password is right, which takes milliseconds, and report it by [`Broker::verified`].
    Verify(Attempt),
    /// Write what is still to be written, then close. The last output of a connection.
    Close,
}

/// A broker without sockets and clock.
#[derive(Debug)]
pub struct Broker {
    config: Config,
    hosts: VirtualHosts,
    known: Known,
    logged_in: BTreeMap<String, usize>,
    connections: BTreeMap<ConnectionId, Connection>,
    outputs: VecDeque<(ConnectionId, Output)>,
    /// Connections that may have something to say.
    touched: BTreeSet<ConnectionId>,
    /// When each connection wants to be looked at. It may turn out to be too early, never too late.
    deadlines: BTreeSet<(Duration, ConnectionId)>,
    alarms: Alarms,
    accepting: bool,
    last_id: u64,
    /// What is to be stored, if anything is.
    unstored: Option<Unstored>,
    /// How many changes have been stored.
    stored: u64,
    /// Connections that have something to say once more has been stored.
    waiting: BTreeSet<ConnectionId>,
}

/// What a store has still to be told.
#[derive(Debug)]
struct Unstored {
    changes: Arc<Mutex<Changes>>,
    /// How many changes there have been, with those that are stored.
    position: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Connection {
    dialogue: Dialogue,
    paused: bool,
    deadline: Option<Duration>,
}

impl Broker {
    /// A broker with the standard exchanges in every virtual host and nothing else.
    pub fn new(config: Config) -> Self {
        let host = || VirtualHost::new(config.names, config.limits);
        Self {
            hosts: VirtualHosts::new(&config.virtual_hosts, host),
            config,
            known: Known::new(),
            logged_in: BTreeMap::new(),
            connections: BTreeMap::new(),
            outputs: VecDeque::new(),
            touched: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            alarms: Alarms::default(),
            accepting: true,
            last_id: 0,
            unstored: None,
            stored: 0,
            waiting: BTreeSet::new(),
        }
    }

    /// A peer has connected. One too many is closed at once.
    pub fn connect(&mut self, peer: &Peer, now: Duration) -> ConnectionId {
        self.last_id += 1;
        let id = ConnectionId(self.last_id);
        if self.accepting && self.connections.len() < self.config.limits.connections {
            let dialogue = Dialogue::new(id.owner(), peer, &self.config, now);
            self.connections.insert(
                id,
                Connection {
                    dialogue,
                    paused: false,
                    deadline: None,
                },
            );
            self.touched.insert(id);
            self.hand_out(now);
        } else {
            self.outputs.push_back((id, Output::Close));
        }
        id
    }

    /// Says what time since 1970 it was at the moment from which times are counted. Only messages that
    /// tell when something happened show it; without it that moment is 1970.
    pub fn set_epoch(&mut self, since_1970: Duration) {
        for (_, host) in self.hosts.iter_mut() {
            host.set_epoch(since_1970);
        }
    }

    /// Brings back what an earlier broker has left in a store. From now on [`Broker::take_changes`] says
    /// what is to be stored, so that it can be brought back again. To be called before anything else but
    /// [`Broker::set_epoch`].
    ///
    /// # Errors
    /// If a record is damaged, or does not fit the broker's configuration.
    pub fn restore(
        &mut self,
        records: impl IntoIterator<Item = StoredRecord>,
    ) -> Result<(), RestoreError> {
        let changes = Arc::new(Mutex::new(Changes::default()));
        let mut of_hosts: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
        for record in records {
            lock(&changes).skip_to(record.id);
            let (host, stored) = record.read()?;
            of_hosts.entry(host).or_default().push(stored);
        }
        for (name, host) in self.hosts.iter_mut() {
            let journal = Journal::new(name, Arc::clone(&changes));
            let records = of_hosts.remove(name).unwrap_or_default();
            host.restore(records, journal)?;
        }
        if let Some(name) = of_hosts.into_keys().next() {
            return Err(RestoreError::VirtualHost(name));
        }
        let position = lock(&changes).watch();
        self.unstored = Some(Unstored { changes, position });
        // Nobody is there to be delivered anything, but what expires some day has to be on the list.
        self.deliver();
        Ok(())
    }

    /// What has changed since the last call and has to survive, if anything has. Clients are not told
    /// that it is safe until [`Broker::stored`] is called.
    pub fn take_changes(&mut self) -> Option<Batch> {
        let mut changes = lock(&self.unstored.as_ref()?.changes);
        if changes.is_empty() {
            return None;
        }
        let taken = changes.take();
        Some(Batch::new(taken, changes.position()))
    }

    /// Everything up to a batch has been stored.
    pub fn stored(&mut self, batch: Position, now: Duration) {
        self.advance(now);
        self.stored = batch.0;
        self.touched.append(&mut self.waiting);
        self.hand_out(now);
    }

    /// A peer has sent octets. What they are is the same however they are cut.
    pub fn receive(&mut self, id: ConnectionId, octets: Bytes, now: Duration) {
        self.advance(now);
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.dialogue.receive(octets, now);
            self.go_on(id, now);
            self.hand_out(now);
        }
    }

    /// The socket has taken that many octets of what was to be written. A connection whose octets
    /// pile up gets no deliveries, and in the end is not listened to, until they are taken.
    pub fn written(&mut self, id: ConnectionId, octets: usize, now: Duration) {
        self.advance(now);
        let Some(Connection { dialogue, .. }) = self.connections.get_mut(&id) else {
            return;
        };
        dialogue.written(octets, now);
        if dialogue.waiting() <= self.config.limits.backlog / 2
            && let Some(host) = dialogue.host_id().and_then(|id| self.hosts.get_mut(id))
        {
            host.set_congested(id.owner(), false);
            self.deliver();
        }
        self.go_on(id, now);
        self.hand_out(now);
    }

    /// A password was looked at ([`Output::Verify`]).
    pub fn verified(&mut self, id: ConnectionId, right: bool, now: Duration) {
        self.advance(now);
        self.with(id, now, |dialogue, env| dialogue.verified(env, right));
        self.go_on(id, now);
        self.hand_out(now);
    }

    /// A peer has gone, or its socket has failed.
    pub fn disconnect(&mut self, id: ConnectionId, now: Duration) {
        self.advance(now);
        self.with(id, now, |dialogue, env| {
            dialogue.end(env, "the peer has gone")
        });
        self.hand_out(now);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration) {
        self.advance(now);
        self.deliver();
        self.hand_out(now);
        while let Some((deadline, id)) = self.deadlines.pop_first() {
            if deadline > now {
                self.deadlines.insert((deadline, id));
                break;
            }
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.deadline = None;
            }
            self.with(id, now, Dialogue::tick);
            self.hand_out(now);
        }
    }

    /// When [`Broker::tick`] is next of use.
    pub fn next_deadline(&self) -> Option<Duration> {
        let connections = self.deadlines.first().map(|(deadline, _)| *deadline);
        let hosts = self.hosts.iter().filter_map(VirtualHost::next_deadline);
        hosts.chain(connections).min()
    }

    /// Raises or clears an alarm. While any is on, connections that publish are told so, if they know
    /// the extension, and are not listened to.
    pub fn set_alarm(&mut self, alarm: Alarm, on: bool, now: Duration) {
        self.advance(now);
        self.set(alarm, on, now);
        self.hand_out(now);
    }

    /// Closes every connection with `connection-forced` 320 and takes no further ones.
    pub fn shut_down(&mut self, now: Duration) {
        self.advance(now);
        self.accepting = false;
        let ids: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in ids {
            self.with(id, now, Dialogue::shut_down);
        }
        self.hand_out(now);
    }

    /// The next thing to do to a socket, in order.
    pub fn poll_output(&mut self) -> Option<(ConnectionId, Output)> {
        self.outputs.pop_front()
    }

    /// How many connections there are.
    pub fn connection_count(&self) -> usize {
        self.connections.len()
    }

    /// Raises the alarm where much is held, and clears it when there is room again: not at once, so that it does not
    /// come and go with every message.
    fn watch_memory(&mut self, now: Duration) {
        let held: u64 = self.hosts.iter().map(VirtualHost::octets).sum();
        let most = self.config.limits.high_water;
        if held > most {
            self.set(Alarm::Memory, true, now);
        } else if held < most / 5 * 4 {
            self.set(Alarm::Memory, false, now);
        }
    }

    /// Raises or clears one alarm, and tells the connections if it is the first or the last.
    fn set(&mut self, alarm: Alarm, on: bool, now: Duration) {
        if !self.alarms.set(alarm, on) {
            return;
        }
        let ids: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in ids {
            self.with(id, now, |dialogue, env| {
                if env.alarm {
                    dialogue.raise_alarm()
                } else {
                    dialogue.clear_alarm(env.now)
                }
            });
            self.go_on(id, now);
        }
    }

    /// Lets the virtual hosts know what time it is, and their consumers have what follows from it.
    fn advance(&mut self, now: Duration) {
        let mut changed = false;
        for (_, host) in self.hosts.iter_mut() {
            changed |= host.advance(now);
        }
        if changed {
            self.deliver();
            self.hand_out(now);
        }
    }

    /// Looks at what a connection has received, frame by frame. Deliveries that a frame causes go out
    /// before the next one is looked at.
    fn go_on(&mut self, id: ConnectionId, now: Duration) {
        self.touched.insert(id);
        while self.act(id, now, Dialogue::step) == Some(true) {}
    }

    fn with<T>(
        &mut self,
        id: ConnectionId,
        now: Duration,
        act: impl FnOnce(&mut Dialogue, &mut Environment<'_>) -> T,
    ) -> Option<T> {
        self.touched.insert(id);
        self.act(id, now, act)
    }

    /// Lets a connection act, and delivers what follows from it.
    fn act<T>(
        &mut self,
        id: ConnectionId,
        now: Duration,
        act: impl FnOnce(&mut Dialogue, &mut Environment<'_>) -> T,
    ) -> Option<T> {
        let connection = self.connections.get_mut(&id)?;
        let mut env = Environment {
            config: &self.config,
            hosts: &mut self.hosts,
            known: &mut self.known,
            logged_in: &mut self.logged_in,
            alarm: self.alarms.is_any_on(),
            position: self.unstored.as_ref().map(|it| &*it.position),
            now,
        };
        let result = act(&mut connection.dialogue, &mut env);
        self.deliver();
        Some(result)
    }

    /// Hands the connections what the virtual hosts have for them.
    fn deliver(&mut self) {
        for (_, host) in self.hosts.iter_mut() {
            for cancelled in host.take_cancelled() {
                let id = ConnectionId::from(cancelled.owner);
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.dialogue.cancel(cancelled);
                    self.touched.insert(id);
                }
            }
            while let Some(delivery) = host.next_delivery() {
                let id = ConnectionId::from(delivery.owner);
                if let Some(Connection { dialogue, .. }) = self.connections.get_mut(&id) {
                    dialogue.deliver(&delivery);
                    if dialogue.waiting() > self.config.limits.backlog {
                        host.set_congested(delivery.owner, true);
                    }
                    self.touched.insert(id);
                }
            }
        }
    }

    /// Turns what the connections have to say into outputs.
    fn hand_out(&mut self, now: Duration) {
        self.watch_memory(now);
        while let Some(id) = self.touched.pop_first() {
            let Some(connection) = self.connections.get_mut(&id) else {
                continue;
            };
            let Connection {
                dialogue,
                paused,
                deadline,
            } = connection;
            for octets in dialogue.take_output(now, self.stored) {
                self.outputs.push_back((id, Output::Write(octets)));
            }
            if dialogue.waits_for_store() {
                self.waiting.insert(id);
            }
            if let Some(attempt) = dialogue.take_attempt() {
                self.outputs.push_back((id, Output::Verify(attempt)));
            }
            if dialogue.is_closed() {
                self.outputs.push_back((id, Output::Close));
                if let Some(deadline) = deadline {
                    self.deadlines.remove(&(*deadline, id));
                }
                self.connections.remove(&id);
                continue;
            }
            if *paused != dialogue.is_held_up() {
                *paused = !*paused;
                let output = if *paused {
                    Output::Pause
                } else {
                    Output::Resume
                };
                self.outputs.push_back((id, output));
            }
            // A later deadline can wait until the earlier one has come: octets come more often.
            if let Some(next) = dialogue.deadline()
                && deadline.is_none_or(|earlier| next < earlier)
            {
                if let Some(earlier) = deadline.replace(next) {
                    self.deadlines.remove(&(earlier, id));
                }
                self.deadlines.insert((next, id));
            }
        }
    }
}
