//! Plays operations on a broker: its clients, its store, its time, and its end.

mod carry;
mod ends;

use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::Duration;

use super::channel::Phase;
use super::client::Client;
use super::faults;
use super::handshake::handshake;
use super::ledger::Ledger;
use super::operation::{At, Operation, SLOTS, Setting};
use crate::store::{Batch, MemoryStore, Position, Store};
use crate::{Alarm, Broker, Config, Limits, Peer};

/// A broker with everything around it.
pub(super) struct Player {
    setting: Setting,
    broker: Broker,
    now: Duration,
    store: MemoryStore,
    /// Whether changes are stored as soon as there are any.
    is_prompt: bool,
    /// What was taken and is not written.
    batches: VecDeque<Batch>,
    /// What was written and is not reported.
    written: Option<Position>,
    clients: [Option<Client>; SLOTS],
    ledger: Ledger,
}

fn config(narrow: bool) -> &'static Config {
    static CONFIGS: [OnceLock<Config>; 2] = [OnceLock::new(), OnceLock::new()];
    CONFIGS[usize::from(narrow)].get_or_init(|| {
        let mut limits = Limits::default();
        if narrow {
            limits.backlog = 400;
            limits.unread_replies = 1500;
        }
        Config {
            limits,
            ..Config::default()
        }
    })
}

/// A peer that needs no password.
fn peer() -> &'static Peer {
    static PEER: OnceLock<Peer> = OnceLock::new();
    PEER.get_or_init(|| Peer {
        address: None,
        certificate: Some("guest".to_owned()),
    })
}

impl Player {
    pub(super) fn new(setting: Setting) -> Self {
        let mut player = Self {
            setting,
            broker: Broker::new(config(setting.narrow).clone()),
            now: Duration::ZERO,
            store: MemoryStore::default(),
            is_prompt: true,
            batches: VecDeque::new(),
            written: None,
            clients: [const { None }; SLOTS],
            ledger: Ledger::new(setting.stores),
        };
        player.restore();
        player.declare_first();
        player
    }

    fn restore(&mut self) {
        if self.setting.stores {
            let records = self.store.load().expect("memory is always there");
            self.broker
                .restore(records)
                .expect("a broker's own records");
        }
    }

    /// Plays one operation, and everything that follows from it.
    pub(super) fn play(&mut self, operation: &Operation) {
        if let Operation::Wait(time) = operation {
            return self.wait(Duration::from_millis(*time));
        }
        self.begin(operation);
        self.go_on();
    }

    /// Begins an operation, so that several can follow each other before anybody is heard.
    fn begin(&mut self, operation: &Operation) {
        match operation {
            Operation::Connect {
                slot,
                extensions,
                small_frames,
                heartbeats,
            } => {
                if self.clients[*slot].is_none() {
                    self.connect(*slot, *extensions, *small_frames, *heartbeats);
                }
            }
            Operation::Cut(slot) => self.cut(*slot),
            Operation::CloseConnection(slot) => {
                if let Some(client) = self.open_client(*slot) {
                    let id = client.id;
                    client.close();
                    self.ledger.release(id);
                }
            }
            Operation::Split { slot, pieces, late } => {
                if let Some(client) = self.open_client(*slot) {
                    client.pieces = usize::from(*pieces);
                    client.late = usize::from(*late);
                }
            }
            Operation::Read { slot, reads } => {
                if let Some(client) = &mut self.clients[*slot] {
                    client.reads = *reads;
                }
            }
            Operation::Raw(slot, octets) => {
                self.ledger.is_lost = true;
                if let Some(client) = self.open_client(*slot) {
                    client.is_wild = true;
                    client.say_octets(octets);
                }
            }
            Operation::Alarm(on) => self.broker.set_alarm(Alarm::Operator, *on, self.now),
            Operation::Prompt(prompt) => self.is_prompt = *prompt || !self.setting.stores,
            Operation::Take if !self.is_prompt => self.take(),
            Operation::Write if !self.is_prompt => self.write(),
            Operation::Report if !self.is_prompt => self.report(),
            Operation::Take | Operation::Write | Operation::Report | Operation::Wait(_) => {}
            Operation::Crash => self.crash(),
            Operation::Stop => self.stop(),
            Operation::Fault(at, fault) => {
                if let Some(client) = self.open_client(at.slot) {
                    faults::commit(client, at.channel, *fault);
                }
            }
            Operation::OpenChannel(at) => {
                self.speaker(*at);
            }
            other => {
                if let Some(at) = other.at()
                    && self.speaker(at)
                    && let Some(client) = &mut self.clients[at.slot]
                {
                    client.speak(at.channel, other, &mut self.ledger);
                }
            }
        }
    }

    /// A client that may say something, on a connection that is opened if there is none.
    fn open_client(&mut self, slot: usize) -> Option<&mut Client> {
        if self.clients[slot].is_none() {
            self.connect(slot, true, false, false);
        }
        self.clients[slot].as_mut().filter(|it| !it.is_leaving)
    }

    /// Opens the channel unless it is, and says whether something may be said on it.
    fn speaker(&mut self, at: At) -> bool {
        let Some(client) = self.open_client(at.slot) else {
            return false;
        };
        if client.channel(at.channel).phase == Phase::Free {
            client.open(at.channel);
        }
        client.channel(at.channel).phase == Phase::Open
    }

    fn connect(&mut self, slot: usize, extensions: bool, small_frames: bool, heartbeats: bool) {
        let id = self.broker.connect(peer(), self.now);
        let mut client = Client::new(id, if small_frames { 4096 } else { 0 });
        client.has_heartbeats = heartbeats;
        client.has_extensions = extensions;
        handshake(&mut client, small_frames);
        self.clients[slot] = Some(client);
    }

    fn cut(&mut self, slot: usize) {
        if let Some(mut client) = self.clients[slot].take() {
            client.end(&mut self.ledger);
            self.broker.disconnect(client.id, self.now);
        }
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.broker.next_deadline().filter(|due| *due < end) {
            self.set_time(due.max(self.now));
            self.broker.tick(self.now);
            self.go_on();
        }
        self.set_time(end);
        self.broker.tick(self.now);
        self.go_on();
    }

    fn set_time(&mut self, now: Duration) {
        self.now = now;
        self.ledger.now = now;
    }

    fn take(&mut self) {
        if let Some(batch) = self.broker.take_changes() {
            self.ledger.taken += 1;
            self.batches.push_back(batch);
        }
    }

    fn write(&mut self) {
        if let Some(batch) = self.batches.pop_front() {
            self.store.write(&batch).expect("memory is always there");
            self.ledger.written += 1;
            self.written = Some(batch.position);
        }
    }

    fn report(&mut self) {
        if let Some(position) = self.written.take() {
            self.broker.stored(position, self.now);
        }
    }

    /// Stores everything, and says whether there was anything.
    fn store_all(&mut self) -> bool {
        self.take();
        while !self.batches.is_empty() {
            self.write();
        }
        let was_written = self.written.is_some();
        self.report();
        was_written
    }

    /// The broker is gone. What was not written has never been.
    fn crash(&mut self) {
        for client in &mut self.clients {
            if let Some(mut client) = client.take() {
                client.end(&mut self.ledger);
            }
        }
        self.batches.clear();
        self.written = None;
        self.ledger.taken = self.ledger.written;
        self.ledger.restart();
        self.broker = Broker::new(config(self.setting.narrow).clone());
        self.restore();
    }

    fn stop(&mut self) {
        self.is_prompt = true;
        for client in self.clients.iter_mut().flatten() {
            client.stop();
        }
        self.broker.shut_down(self.now);
        self.go_on();
        self.wait(Duration::from_secs(10));
        assert_eq!(
            self.broker.connection_count(),
            0,
            "connections are left though the broker has stopped"
        );
        self.crash();
    }

    /// Lets everybody have what there is for them until nothing more follows.
    fn go_on(&mut self) {
        self.carry();
        loop {
            let mut moved = false;
            for slot in 0..SLOTS {
                while let Some(client) = &mut self.clients[slot]
                    && let Some(octets) = client.next_octets()
                {
                    let id = client.id;
                    self.broker.receive(id, octets, self.now);
                    self.carry();
                    moved = true;
                }
            }
            if self.is_prompt && self.store_all() {
                self.carry();
                moved = true;
            }
            for slot in 0..SLOTS {
                if let Some(client) = &mut self.clients[slot]
                    && client.reads
                    && client.unread > 0
                {
                    let (id, octets) = (client.id, std::mem::take(&mut client.unread));
                    self.broker.written(id, octets, self.now);
                    self.carry();
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        self.end_step();
    }

    fn end_step(&mut self) {
        self.broker.audit();
        let is_quiet = |client: &Client| !client.is_paused && !client.has_octets();
        let is_clear = self.is_prompt && self.clients.iter().flatten().all(is_quiet);
        if is_clear {
            for client in self.clients.iter_mut().flatten() {
                assert!(
                    !client.is_at_fault || client.is_refused,
                    "a connection goes on though it should have been closed"
                );
                client.settle_down(&mut self.ledger);
            }
        }
        self.ledger.end_step(is_clear);
    }
}
