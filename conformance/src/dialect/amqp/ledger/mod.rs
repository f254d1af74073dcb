//! The books of one broker that plays generated exchanges: see [`Ledger`].
//!
//! - `lane`: one channel, with what it holds and what is owed to it
//! - `balance`: whether every message is somewhere
//! - `names`: variables, and what they stand for
//! - `hear`: what came; `say`: what is sent
//! - `questions`: what is asked so that all that follows from a step has come

mod balance;
mod hear;
mod lane;
mod names;
mod questions;
mod say;

use std::collections::{BTreeMap, BTreeSet};

use mqspec_specs::Protocol;

use super::super::generated::{Act, Broken, Holding, Ledger, Login, Move, Ready, Said, Seen};
use super::super::{Datum, Incoming, Outgoing};
use balance::Balance;
use lane::{Asker, Consumer, Lane, Request};
use names::Names;

/// The channel that the ledger asks its own questions on. No exchange uses it.
const CONTROL: u16 = 200;

/// See [`Ledger`].
#[derive(Debug)]
pub(super) struct AmqpLedger {
    protocol: &'static Protocol,
    login: Login,
    names: Names,
    clients: Vec<Client>,
    /// What was declared, by its variable.
    queues: BTreeMap<String, Queue>,
    exchanges: Vec<Declared>,
    seen: Vec<Seen>,
    /// What was delivered since the last time: to which client, from which queue.
    delivered: Vec<(usize, String, Said)>,
    broken: Vec<Broken>,
    /// The queues that were asked about and have not answered.
    probes: Vec<Probe>,
    /// How far the questions about the last step have come.
    round: usize,
    /// Whether the last step closed something, so that what was held there goes back.
    closed: bool,
    /// Where the last step was said.
    spoke: (usize, u16),
    balance: Balance,
    /// The queues of which it was not decided before the step whose turn is next.
    undecided: BTreeSet<String>,
}

/// A queue, as far as its declaration tells.
#[derive(Debug, Clone, Default)]
struct Queue {
    /// The client whose connection it belongs to, if to one alone.
    owner: Option<usize>,
    /// Whether that connection is over, so that whoever declares a queue of this name makes another one.
    is_orphan: bool,
    /// Whether messages may leave it for another one.
    dead_letters: bool,
    /// Whether one consumer at a time gets its messages.
    single_active: bool,
    /// Whether it was there when it was asked for the last time.
    is_there: bool,
    /// How many were ready then.
    ready: i128,
    /// Whether it was asked since the last step.
    asked: bool,
}

/// An exchange that was declared, and will have to be deleted.
#[derive(Debug)]
struct Declared {
    client: usize,
    name: Vec<u8>,
    /// Whether it may be gone by itself.
    goes: bool,
}

/// A question about a queue.
#[derive(Debug)]
struct Probe {
    client: usize,
    queue: String,
}

#[derive(Debug, Default)]
struct Client {
    state: State,
    /// Whether it has said anything in this exchange. One that is only there from an earlier one asks nothing.
    takes_part: bool,
    lanes: BTreeMap<u16, Lane>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Away,
    Greeting,
    Ready,
}

impl AmqpLedger {
    pub(super) fn new(protocol: &'static Protocol, login: &Login) -> Self {
        AmqpLedger {
            protocol,
            login: login.clone(),
            names: Names::default(),
            clients: Vec::new(),
            queues: BTreeMap::new(),
            exchanges: Vec::new(),
            seen: Vec::new(),
            delivered: Vec::new(),
            broken: Vec::new(),
            probes: Vec::new(),
            round: 0,
            closed: false,
            spoke: (0, 0),
            balance: Balance::default(),
            undecided: BTreeSet::new(),
        }
    }

    fn client(&mut self, client: usize) -> &mut Client {
        if self.clients.len() <= client {
            self.clients.resize_with(client + 1, Client::default);
        }
        &mut self.clients[client]
    }

    fn lane(&mut self, client: usize, stream: u16) -> &mut Lane {
        self.client(client).lanes.entry(stream).or_default()
    }

    fn lane_of(&self, client: usize, stream: u16) -> Option<&Lane> {
        self.clients.get(client)?.lanes.get(&stream)
    }

    /// Writes something down that the two brokers are held against each other by.
    fn note(&mut self, aspect: &'static str, about: &str, said: Said) {
        let kept = self
            .seen
            .iter_mut()
            .find(|it| it.aspect == aspect && it.about == about);
        match kept {
            // The newest answer about the state of something is the one that counts.
            Some(kept) if aspect == "queue" => kept.said = vec![said],
            Some(kept) => kept.said.push(said),
            None => self.seen.push(Seen {
                aspect,
                about: about.to_owned(),
                said: vec![said],
            }),
        }
    }

    fn is_lane_open(&self, client: usize, stream: u16) -> bool {
        self.lane_of(client, stream)
            .is_some_and(|lane| lane.is_open)
    }

    /// Every lane that is open, but for the ledger's own.
    fn open_lanes(&self) -> impl Iterator<Item = (usize, u16, &Lane)> {
        let clients = self.clients.iter().enumerate();
        clients.flat_map(|(client, it)| {
            let lanes = it.lanes.iter();
            let open = lanes.filter(|(stream, lane)| **stream != CONTROL && lane.is_open);
            open.map(move |(stream, lane)| (client, *stream, lane))
        })
    }

    /// What is held on a connection, or on one of its channels.
    fn held(&self, client: usize, stream: Option<u16>) -> Vec<Holding> {
        let lanes = self.clients.get(client).map(|it| &it.lanes);
        let lanes = lanes.into_iter().flatten();
        let lanes = lanes.filter(|(number, _)| stream.is_none_or(|it| it == **number));
        let mut held: Vec<Holding> = lanes
            .flat_map(|(_, lane)| lane.held.iter().map(|it| it.what.clone()))
            .collect();
        held.sort();
        held
    }
}

fn flag(message: &Outgoing, name: &str) -> bool {
    message.field(name).and_then(Datum::bool).unwrap_or(false)
}

fn octets<'a>(message: &'a Outgoing, name: &str) -> &'a [u8] {
    message
        .field(name)
        .and_then(Datum::octets)
        .unwrap_or_default()
}

/// A consumer's priority.
fn priority(message: &Outgoing) -> i128 {
    let arguments = message.field("arguments");
    arguments
        .and_then(|it| it.get("x-priority")?.int())
        .unwrap_or(0)
}

/// `a/1`, or `a` for the connection itself.
fn lane_name(client: usize, stream: u16) -> String {
    let client = char::from(b'a' + u8::try_from(client % 26).unwrap_or_default());
    match stream {
        0 => client.to_string(),
        stream => format!("{client}/{stream}"),
    }
}

impl Ledger for AmqpLedger {
    fn begin(&mut self, word: &str) {
        self.names = Names::new(word);
        self.queues.clear();
        self.exchanges.clear();
        self.seen.clear();
        self.delivered.clear();
        self.broken.clear();
        self.probes.clear();
        self.balance = Balance::default();
        self.undecided.clear();
        for client in &mut self.clients {
            client.takes_part = false;
        }
    }

    fn connect(&mut self, client: usize) -> Vec<Outgoing> {
        *self.client(client) = Client {
            state: State::Greeting,
            ..Client::default()
        };
        vec![Outgoing::new(0, "protocol-header", Vec::new())]
    }

    fn is_connected(&self, client: usize) -> bool {
        self.clients
            .get(client)
            .is_some_and(|it| it.state == State::Ready)
    }

    fn is_over(&self, client: usize) -> bool {
        self.clients
            .get(client)
            .is_none_or(|it| it.state == State::Away)
    }

    fn prepare(&mut self, client: usize, message: &Outgoing) -> Vec<Ready> {
        let opens = message.command == "channel.open" || message.stream == 0;
        match opens || self.lane_of(client, message.stream).is_some() {
            true => Vec::new(),
            false => vec![self.open(client, message.stream)],
        }
    }

    fn choose(&self, client: usize, message: &Outgoing, number: usize) -> Option<Holding> {
        let lane = self.lane_of(client, message.stream)?;
        let free: Vec<&lane::Held> = lane
            .held
            .iter()
            .filter(|it| it.settling.is_none())
            .collect();
        let place = number.checked_rem(free.len())?;
        free.get(place).map(|it| it.what.clone())
    }

    fn ready(&self, step: &Move, chosen: Option<&Holding>) -> Option<Ready> {
        let Act::Say {
            message, delivery, ..
        } = &step.act
        else {
            return None;
        };
        let mut client = step.client;
        let mut message = self.names.resolve(message)?;
        if delivery.is_some() {
            let (holder, stream, tag) = self.find(client, message.stream, chosen?)?;
            client = holder;
            message.stream = stream;
            message
                .fields
                .push(("delivery-tag".to_owned(), Datum::Int(tag)));
        }
        let opens = message.command == "channel.open";
        // A channel that was closed is not spoken on again before it is opened.
        let lane = self.lane_of(client, message.stream);
        if opens && lane.is_none() {
            // It is opened when it is first spoken on.
            return None;
        }
        let is_shut = message.stream != 0 && lane.is_some_and(|it| !it.is_open);
        (opens || !is_shut).then_some(Ready { client, message })
    }

    fn bulk(&self, step: &Move, chosen: Option<&Holding>) -> Vec<Holding> {
        match &step.act {
            Act::Cut => self.held(step.client, None),
            Act::Wait(_) => Vec::new(),
            Act::Say { message, .. } => match message.command.as_str() {
                "connection.close" => self.held(step.client, None),
                "channel.close" | "basic.recover" | "basic.recover-async" | "tx.rollback" => {
                    self.held(step.client, Some(message.stream))
                }
                "basic.ack" | "basic.nack" if flag(message, "multiple") => {
                    self.up_to(step.client, message.stream, chosen)
                }
                _ => Vec::new(),
            },
        }
    }

    fn say(&mut self, ready: &Ready, binds: Option<&str>) {
        self.note_said(ready, binds);
    }

    fn is_own(&self, client: usize, message: &Incoming) -> bool {
        let known = self.clients.get(client);
        if message.stream == 0 {
            return known.is_none_or(|it| it.state != State::Ready);
        }
        let asked = self
            .lane_of(client, message.stream)
            .and_then(|lane| self.answered(lane, message));
        message.stream == CONTROL || asked.is_some_and(|it| it.asker == Asker::Ledger)
    }

    fn hear(&mut self, client: usize, message: Incoming) -> Vec<Outgoing> {
        self.note_heard(client, message)
    }

    fn end(&mut self, client: usize, by_client: bool) {
        if by_client {
            self.note_undecided();
        }
        let was = std::mem::take(self.client(client));
        if !by_client && was.state != State::Away {
            let said = Said {
                command: "end of file".to_owned(),
                fields: Vec::new(),
            };
            self.note("closed", &lane_name(client, 0), said);
        }
        self.orphan(client);
    }

    fn ask(&mut self, ready: &Ready) {
        self.note_asked(ready);
    }

    fn ask_again(&mut self) {
        self.round = 0;
    }

    fn questions(&mut self, step: &Move, at_once: bool) -> Option<Vec<Ready>> {
        self.next_questions(step, at_once)
    }

    fn sounding(&self, client: usize) -> Vec<Ready> {
        self.sound_out(client)
    }

    fn awaits(&self) -> bool {
        self.clients.iter().any(|client| match client.state {
            State::Greeting => true,
            State::Away => false,
            State::Ready => client.lanes.values().any(Lane::is_owed),
        })
    }

    fn give_up(&mut self) {
        let owed: Vec<(String, String)> = self
            .clients
            .iter()
            .enumerate()
            .flat_map(|(client, it)| {
                let lanes = it.lanes.iter();
                lanes.filter_map(move |(stream, lane)| {
                    Some((lane_name(client, *stream), lane.owed()?))
                })
            })
            .collect();
        let greeting = self.clients.iter().any(|it| it.state == State::Greeting);
        for (about, owed) in owed {
            self.note(
                "silence",
                &about,
                Said {
                    command: owed,
                    fields: Vec::new(),
                },
            );
        }
        if greeting {
            let said = Said {
                command: "the handshake".to_owned(),
                fields: Vec::new(),
            };
            self.note("silence", "connection", said);
        }
    }

    fn seen(&mut self) -> Vec<Seen> {
        for (_, queue, said) in std::mem::take(&mut self.delivered) {
            self.note("delivered", &queue, said);
        }
        let mut seen = std::mem::take(&mut self.seen);
        for it in &mut seen {
            // Which of several consumers gets what is the broker's choice.
            let any_order = match it.aspect {
                "delivered" => self.consumers_of(&it.about) > 1,
                // No clause says which consumer is told first, or which message is confirmed first.
                "cancelled" | "confirmed" => true,
                _ => false,
            };
            let is_free = self.undecided.contains(&it.about) || !self.is_decided(&it.about);
            if it.aspect == "delivered" && is_free {
                for said in &mut it.said {
                    said.fields.retain(|(name, _)| name != "consumer-tag");
                }
            }
            if any_order && it.said.len() > 1 {
                it.said.sort_by_key(ToString::to_string);
            }
        }
        seen.sort_by(|one, other| (one.aspect, &one.about).cmp(&(other.aspect, &other.about)));
        seen
    }

    fn broken(&mut self) -> Vec<Broken> {
        let held = |queue: &str| {
            let lanes = self.clients.iter().flat_map(|it| it.lanes.values());
            lanes
                .flat_map(|lane| &lane.held)
                .filter(|it| it.what.place == queue)
                .count() as i128
        };
        // What was asked in this step is known; what was not is as it was.
        let there = self.queues.iter().filter(|(_, it)| it.is_there && it.asked);
        let now = there
            .map(|(name, it)| (name.clone(), it.ready + held(name)))
            .collect();
        self.broken.extend(self.balance.check(now));
        for queue in self.queues.values_mut() {
            queue.asked = false;
        }
        std::mem::take(&mut self.broken)
    }

    fn clear(&mut self, round: usize) -> Option<Vec<Ready>> {
        self.clearing(round)
    }

    fn is_clear(&self) -> bool {
        self.clients.iter().all(|client| match client.state {
            State::Away => true,
            State::Ready => {
                let own = client.lanes.keys().all(|stream| *stream == CONTROL);
                own && !client.lanes.values().any(Lane::is_owed)
            }
            State::Greeting => false,
        })
    }

    fn symbolic(&self, value: &Datum) -> Datum {
        self.names.symbolic(value)
    }
}

impl AmqpLedger {
    /// The request that a message answers.
    fn answered<'a>(&self, lane: &'a Lane, message: &Incoming) -> Option<&'a Request> {
        lane.requests.iter().find(|it| self.answers(it, message))
    }

    fn answers(&self, request: &Request, message: &Incoming) -> bool {
        let command = self.protocol.command(&request.message.command);
        command.is_some_and(|it| it.replies.contains(&message.command))
    }

    /// Where a delivery is held: preferably on that channel.
    fn find(&self, client: usize, stream: u16, what: &Holding) -> Option<(usize, u16, i128)> {
        let here = self
            .lane_of(client, stream)
            .map(|lane| (client, stream, lane));
        let mut lanes = here.into_iter().chain(self.open_lanes());
        lanes.find_map(|(client, stream, lane)| {
            let held = lane
                .held
                .iter()
                .find(|it| it.what == *what && it.settling.is_none())?;
            Some((client, stream, held.tag))
        })
    }

    /// What is held on a channel up to a delivery.
    fn up_to(&self, client: usize, stream: u16, chosen: Option<&Holding>) -> Vec<Holding> {
        let Some(chosen) = chosen else {
            // Tag 0 stands for all.
            return self.held(client, Some(stream));
        };
        let Some((client, stream, tag)) = self.find(client, stream, chosen) else {
            return Vec::new();
        };
        let lane = self.lane_of(client, stream);
        let held = lane.into_iter().flat_map(|lane| &lane.held);
        let mut held: Vec<Holding> = held
            .filter(|it| it.tag <= tag)
            .map(|it| it.what.clone())
            .collect();
        held.sort();
        held
    }

    /// Whether it is decided which of its consumers a queue's messages go to: there is one, or one that is active, or
    /// each has a priority of its own.
    fn is_decided(&self, queue: &str) -> bool {
        let consumers = self.consumers().filter(|it| it.queue == queue);
        let mut priorities: Vec<i128> = consumers.map(|it| it.priority).collect();
        let count = priorities.len();
        priorities.sort_unstable();
        priorities.dedup();
        let active = self.queues.get(queue).is_some_and(|it| it.single_active);
        active || priorities.len() == count
    }

    /// A step is about to change who consumes.
    fn note_undecided(&mut self) {
        let queues = self.consumers().map(|it| &it.queue);
        let undecided = queues
            .filter(|queue| !self.is_decided(queue))
            .cloned()
            .collect();
        self.undecided = undecided;
    }

    /// How many consumers a queue has, as far as the clients know.
    fn consumers_of(&self, queue: &str) -> usize {
        self.consumers().filter(|it| it.queue == queue).count()
    }

    fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        let lanes = self.open_lanes();
        lanes.flat_map(|(_, _, lane)| lane.consumers.values())
    }

    fn open(&self, client: usize, stream: u16) -> Ready {
        Ready {
            client,
            message: Outgoing::new(stream, "channel.open", Vec::new()),
        }
    }
}
