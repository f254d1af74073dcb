//! The task that owns the broker: it feeds it what the sockets report, and hands out what it answers.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::door::{Arrival, Door};
use super::keeper::{Keeper, Outcome};
use super::socket::Socket;
use super::verifier::Verifier;
use crate::{Alarm, Broker, ConnectionId, Output};

/// How many reports are taken up before what they caused is written.
const BATCH: usize = 128;
/// How many reports of sockets may wait; a reader that finds no room waits, and so does its peer.
const REPORTS: usize = 256;
/// How many peers who have come in may wait to be taken in.
const ARRIVALS: usize = 64;

/// How long the last octets may take when the server stops.
const FAREWELL: Duration = Duration::from_millis(500);

/// What an operator asks for.
#[derive(Debug)]
pub(super) enum Command {
    SetAlarm(bool),
    ShutDown,
}

/// What a socket's tasks have to say.
#[derive(Debug)]
pub(super) enum Report {
    /// Octets, and the reader's turn to read on, which comes back when this is dropped.
    Received(Bytes, OwnedSemaphorePermit),
    Written(usize),
    /// A password was looked at, and is right or not.
    Verified(bool),
    Ended,
}

pub(super) struct Core {
    broker: Broker,
    /// Stores what is to survive, if anything is.
    keeper: Option<Keeper>,
    /// The tasks that let peers in.
    doors: JoinSet<()>,
    arrivals: mpsc::Receiver<Arrival>,
    commands: mpsc::UnboundedReceiver<Command>,
    reports: mpsc::Receiver<(ConnectionId, Report)>,
    reporter: mpsc::Sender<(ConnectionId, Report)>,
    sockets: BTreeMap<ConnectionId, Socket>,
    tasks: JoinSet<()>,
    verifier: Verifier,
    start: Instant,
}

impl Core {
    /// A core whose times are counted from `start`.
    pub(super) fn new(
        broker: Broker,
        keeper: Option<Keeper>,
        start: Instant,
        doors: Vec<Door>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let (reporter, reports) = mpsc::channel(REPORTS);
        let verifier = Verifier::new(reporter.clone());
        let (entrance, arrivals) = mpsc::channel(ARRIVALS);
        let doors = doors.into_iter().map(|door| door.attend(entrance.clone()));
        Self {
            broker,
            keeper,
            doors: doors.collect(),
            arrivals,
            commands,
            reports,
            reporter,
            sockets: BTreeMap::new(),
            tasks: JoinSet::new(),
            verifier,
            start,
        }
    }

    /// Serves until told to shut down and every connection has ended.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while !self.arrivals.is_closed() || self.broker.connection_count() > 0 || !self.is_idle() {
            let deadline = self
                .broker
                .next_deadline()
                .and_then(|after| self.start.checked_add(after));
            // Whichever is ready, in turn, so that busy connections keep nobody out.
            tokio::select! {
                command = self.commands.recv() => self.obey(command.unwrap_or(Command::ShutDown)),
                _ = self.reports.recv_many(&mut batch, BATCH) => {
                    // An order given before a client sent something is carried out before, too.
                    while let Ok(command) = self.commands.try_recv() {
                        self.obey(command);
                    }
                    for (id, report) in batch.drain(..) {
                        self.take(id, report);
                    }
                }
                Some(arrival) = self.arrivals.recv() => self.admit(arrival),
                Some(_) = self.tasks.join_next() => {}
                outcome = outcome(self.keeper.as_mut()) => self.conclude(outcome),
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    self.broker.tick(self.now());
                }
            }
            self.hand_out();
            self.store_changes();
        }
        self.doors.shutdown().await;
        self.sockets.clear();
        self.reports.close();
        let farewell = async { while self.tasks.join_next().await.is_some() {} };
        // Whoever has not read the last octets by then goes without.
        let _ = timeout(FAREWELL, farewell).await;
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn obey(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::SetAlarm(on) => self.broker.set_alarm(Alarm::Operator, on, now),
            Command::ShutDown => {
                self.doors.abort_all();
                self.arrivals.close();
                self.broker.shut_down(now);
            }
        }
    }

    fn admit(&mut self, Arrival { stream, peer }: Arrival) {
        let id = self.broker.connect(&peer, self.now());
        let (socket, work) = Socket::new(stream, id, self.reporter.clone());
        self.sockets.insert(id, socket);
        self.tasks.spawn(work);
    }

    fn take(&mut self, id: ConnectionId, report: Report) {
        let now = self.now();
        match report {
            Report::Received(octets, _turn) => self.broker.receive(id, octets, now),
            Report::Written(octets) => self.broker.written(id, octets, now),
            Report::Verified(right) => self.broker.verified(id, right, now),
            Report::Ended => self.broker.disconnect(id, now),
        }
    }

    /// Does what the broker wants done to the sockets. What one batch of reports has caused for a client is
    /// written at once.
    fn hand_out(&mut self) {
        let mut written = Vec::new();
        while let Some((id, output)) = self.broker.poll_output() {
            let Some(socket) = self.sockets.get_mut(&id) else {
                continue;
            };
            match output {
                Output::Write(octets) => {
                    socket.write(octets);
                    if written.last() != Some(&id) {
                        written.push(id);
                    }
                }
                Output::Verify(attempt) => self.verifier.look_at(id, attempt),
                Output::Pause => socket.pause(true),
                Output::Resume => socket.pause(false),
                Output::Close => {
                    socket.flush();
                    self.sockets.remove(&id);
                }
            }
        }
        for id in written {
            if let Some(socket) = self.sockets.get_mut(&id) {
                socket.flush();
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.keeper.as_ref().is_none_or(Keeper::is_idle)
    }

    /// Has stored what has changed. While one batch is on its way the next one gathers.
    fn store_changes(&mut self) {
        while let Some(keeper) = self.keeper.as_mut().filter(|keeper| keeper.is_ready()) {
            match self.broker.take_changes() {
                Some(batch) if batch.is_empty() && !keeper.has_failed() => {
                    self.broker.stored(batch.position, self.now());
                    self.hand_out();
                }
                None if !keeper.has_failed() => return,
                batch => return keeper.begin(batch),
            }
        }
    }

    /// A batch has been stored, or cannot be for the time being: then nobody may publish.
    fn conclude(&mut self, outcome: Outcome) {
        let now = self.now();
        match outcome {
            Outcome::Stored(position) => {
                self.broker.set_alarm(Alarm::Store, false, now);
                self.broker.stored(position, now);
            }
            Outcome::Failed(error) => {
                tracing::error!(%error, "cannot store, and tries again");
                self.broker.set_alarm(Alarm::Store, true, now);
                if self.arrivals.is_closed() && self.broker.connection_count() == 0 {
                    // Nobody has been promised what is given up now.
                    self.keeper = None;
                }
            }
            // The loop goes on to do so.
            Outcome::Ready => {}
        }
    }
}

/// What becomes of the present batch; for ever pending while there is none.
async fn outcome(keeper: Option<&mut Keeper>) -> Outcome {
    match keeper {
        Some(keeper) => keeper.outcome().await,
        None => std::future::pending().await,
    }
}
