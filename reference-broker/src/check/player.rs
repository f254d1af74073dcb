//! Plays operations on a broker: its clients, its store, its time, and its end.

use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::Duration;

use super::channel::Phase;
use mqspec_codec::Method;

use super::client::Client;
use super::faults;
use super::handshake::handshake;
use super::ledger::{Exists, Ledger};
use super::names::{KINDS, Queue};
use super::operation::{At, Form, Operation, SLOTS, Setting};
use super::wire::Heard;
use crate::store::{Batch, MemoryStore, Position, Store};
use crate::{Alarm, Broker, Config, ConnectionId, Limits, Output, Peer};

/// Where queues are declared in the beginning, and everything is fetched and deleted in the end.
const FIRST: At = At {
    slot: 0,
    channel: 1,
};

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

    /// Declares the queues that the sequence begins with.
    fn declare_first(&mut self) {
        let declared = self.setting.declared;
        for kind in (0..8).filter(|bit| declared >> bit & 1 == 1) {
            self.begin(&Operation::Declare(
                FIRST,
                Queue::of_kind(kind),
                Form::Usual,
            ));
        }
        self.go_on();
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

    /// Whether there is an open channel.
    fn speaks_on(&self, at: At) -> bool {
        let client = self.clients[at.slot].as_ref();
        client.is_some_and(|it| it.channels[usize::from(at.channel)].phase == Phase::Open)
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

    fn slot_of(&self, id: ConnectionId) -> Option<usize> {
        let is_its = |client: &Option<Client>| client.as_ref().is_some_and(|it| it.id == id);
        self.clients.iter().position(is_its)
    }

    /// Does what the broker wants done.
    fn carry(&mut self) {
        let mut heard: Vec<(usize, Heard)> = Vec::new();
        let mut closed = Vec::new();
        let mut resumed = Vec::new();
        let waited = self.clients.iter().flatten().filter(|it| it.is_paused);
        let several_waited = waited.count() > 1;
        while let Some((id, output)) = self.broker.poll_output() {
            let Some(slot) = self.slot_of(id) else {
                continue;
            };
            let Some(client) = &mut self.clients[slot] else {
                continue;
            };
            assert!(!closed.contains(&slot), "an output after the last one");
            match output {
                Output::Write(octets) => {
                    client.unread += octets.len();
                    client.reader.push(&octets);
                    while let Some(it) = client.reader.next() {
                        heard.push((slot, it));
                    }
                }
                Output::Pause => {
                    assert!(!client.is_paused, "paused twice");
                    client.is_paused = true;
                    client.doubt_unsettled(&mut self.ledger);
                }
                Output::Resume => {
                    assert!(client.is_paused, "resumed twice");
                    client.is_paused = false;
                    resumed.push(slot);
                }
                Output::Verify(_) => panic!("a password is asked for"),
                Output::Close => closed.push(slot),
            }
        }
        if several_waited && !resumed.is_empty() {
            // Who came first is not known, and those who still have to wait may have been heard before.
            (0..KINDS.len()).for_each(|kind| self.ledger.blur_queue(kind));
            for (slot, client) in self.clients.iter_mut().enumerate() {
                if let Some(client) = client
                    && (client.is_paused || resumed.contains(&slot))
                {
                    client.doubt_arrived(&mut self.ledger);
                }
            }
        }
        let is_dismissed = |slot: &usize| {
            let says_so = |(its, heard): &(usize, Heard)| {
                its == slot && matches!(heard.method, Method::ConnectionClose(_))
            };
            closed.contains(slot) || heard.iter().any(says_so)
        };
        // What had to wait is not carried out any more when the connection is closed.
        resumed.retain(is_dismissed);
        for (slot, client) in self.clients.iter_mut().enumerate() {
            if let Some(client) = client
                && !client.is_paused
                && !resumed.contains(&slot)
            {
                client.apply_arrived(&mut self.ledger);
            }
        }
        for slot in &closed {
            if let Some(client) = &mut self.clients[*slot] {
                client.foresee_end(&mut self.ledger);
            }
        }
        for (slot, heard) in &heard {
            if let Some(client) = &mut self.clients[*slot] {
                client.foresee(&heard.method, heard.channel, &mut self.ledger);
            }
        }
        for (slot, heard) in heard {
            if let Some(client) = &mut self.clients[slot] {
                client.hear(heard, &mut self.ledger);
            }
        }
        for slot in closed {
            if let Some(mut client) = self.clients[slot].take() {
                // A word that waits for the store is given up when its time is over.
                assert!(
                    client.may_end() || !self.is_prompt,
                    "the connection at {slot} is closed without a word"
                );
                client.end(&mut self.ledger);
            }
        }
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

    /// Nobody is left: everything that waits can be fetched, and nothing is left in the end.
    pub(super) fn finish(&mut self) {
        self.is_prompt = true;
        self.broker.set_alarm(Alarm::Operator, false, self.now);
        for client in self.clients.iter_mut().flatten() {
            client.reads = true;
            client.late = 0;
        }
        self.go_on();
        // One after the other: what comes back from the one may go to the next.
        for slot in 0..SLOTS {
            if self.clients[slot].is_some() {
                self.cut(slot);
                self.go_on();
            }
        }
        self.fetch_all();
        self.ledger.check_dead();
        self.delete_all();
    }

    /// Fetches everything that waits in any queue.
    fn fetch_all(&mut self) {
        let kinds = |player: &Self, exists| {
            let is_so = |kind: &usize| player.ledger.is_left(*kind) == exists;
            (0..KINDS.len()).filter(is_so).collect::<Vec<_>>()
        };
        self.fetch_from(&kinds(self, Exists::Yes));
        // To ask for what is not there closes the channel, so that nothing is asked behind it.
        for kind in kinds(self, Exists::Perhaps) {
            self.play(&Operation::Declare(
                FIRST,
                Queue::of_kind(kind),
                Form::Passive,
            ));
            if self.speaks_on(FIRST) {
                self.fetch_from(&[kind]);
            }
        }
    }

    /// Fetches from each of some queues until there is nothing in any of them.
    fn fetch_from(&mut self, kinds: &[usize]) {
        let fetched = |player: &Self| {
            player.clients[FIRST.slot]
                .as_ref()
                .map_or(0, |it| it.fetched)
        };
        loop {
            let before = fetched(self);
            for kind in kinds {
                self.begin(&Operation::Get {
                    at: FIRST,
                    queue: Queue::of_kind(*kind),
                    no_ack: true,
                });
            }
            self.go_on();
            if fetched(self) == before {
                break;
            }
        }
    }

    /// Deletes everything, which leaves nothing that would be held.
    fn delete_all(&mut self) {
        for kind in 0..KINDS.len() {
            let delete = Operation::Delete {
                at: FIRST,
                queue: Queue::of_kind(kind),
                if_unused: false,
                if_empty: false,
                no_wait: false,
            };
            match self.ledger.is_left(kind) {
                Exists::Yes => self.begin(&delete),
                // To delete what is not there closes the channel.
                Exists::Perhaps => self.play(&delete),
                Exists::No => {}
            }
        }
        for exchange in std::mem::take(&mut self.ledger.exchanges) {
            self.play(&Operation::DeleteExchange {
                at: FIRST,
                exchange,
                if_unused: false,
            });
        }
        self.go_on();
        self.cut(FIRST.slot);
        self.go_on();
        assert!(
            self.ledger.is_lost || self.ledger.has_lasting_bindings || self.broker.octets() == 0,
            "{} octets are held though nothing is left",
            self.broker.octets()
        );
    }
}

impl Client {
    /// Whether the broker may end the connection without a word.
    fn may_end(&self) -> bool {
        self.is_leaving
            || self.is_at_fault
            || self.is_wild
            || self.is_stopping
            || self.has_heartbeats
            || self.has_octets()
    }
}
