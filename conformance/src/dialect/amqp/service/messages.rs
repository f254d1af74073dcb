//! What becomes of each message: routed by the oracle, held against the deliveries by the audit of histories.
//!
//! Messages of real programs carry no identity. A delivery is taken for the message with the same exchange, key,
//! properties and body that has waited for it longest, so that messages which are alike are never taken for each other to
//! a broker's disadvantage. Who publishes the same again beside the recording is told by `World`.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use mqspec_specs::Protocol;

use super::super::super::{
    Chronicle, Datum, Found, Incoming, Outgoing, Overheard, Passed, Side, World, condensed,
};
use super::super::chronicle::AmqpChronicle;
use super::replies::Replies;
use super::touched::Key;
use super::world::Known;
use super::{flag, found, number, octets};
use crate::history::{Audit, Selection};

/// Which faults of a history count, and what says so.
const FAULTS: [(&str, &str, &str); 3] = [
    (
        "duplicated",
        "ORD-02",
        "it was delivered before, and nobody gave it back",
    ),
    (
        "reordered",
        "ORD-01",
        "it comes behind a later one of the same channel and exchange",
    ),
    (
        "unmarked",
        "domain.redelivered.implementation",
        "it comes again, and is not marked as redelivered",
    ),
];

type Lane = (usize, u16);

/// Where a message stands in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It was never delivered.
    Waiting,
    /// It was given back.
    Back,
    /// It may have been given back.
    Perhaps,
    /// A consumer has it, or is done with it.
    Out,
}

struct Ledger<'e> {
    exchange: &'e [Passed],
    replies: &'e Replies,
    known: &'e Known,
    alone: bool,
    /// The publishes that carry the same, in order.
    alike: HashMap<(String, u64), Vec<usize>>,
    standings: HashMap<(Key, usize), Standing>,
    /// What is not delivered yet, by queue, publishing channel and exchange.
    due: HashMap<(Key, Lane, Vec<u8>), BTreeSet<usize>>,
    /// The queue of each consumer.
    consumers: HashMap<(Lane, Vec<u8>), Key>,
    held: HashMap<Lane, BTreeMap<i128, (Key, usize)>>,
    /// What was settled since the broker last answered on a channel.
    doubtful: HashMap<Lane, Vec<(Key, usize)>>,
    /// The channels that consume a queue at any time.
    readers: HashMap<Key, HashSet<Lane>>,
    histories: HashMap<String, History>,
    /// Whether any message has a priority, by which it may come before others.
    priorities: bool,
    found: Vec<Found>,
}

struct History {
    chronicle: AmqpChronicle,
    audit: Audit,
    counts: [u64; FAULTS.len()],
}

/// Judges what was routed, delivered and settled.
pub(super) fn messages(
    protocol: &'static Protocol,
    exchange: &[Passed],
    replies: &Replies,
    known: &Known,
    world: World,
) -> Vec<Found> {
    let mut readers: HashMap<Key, HashSet<Lane>> = HashMap::new();
    for (place, key) in &known.queues {
        let Passed { connection, said } = &exchange[*place];
        if ["basic.consume", "basic.get"].contains(&said.command.as_str()) {
            let lane = (*connection, said.stream);
            readers.entry(key.clone()).or_default().insert(lane);
        }
    }
    let histories = known.hosts.values().map(|host| {
        let history = History {
            chronicle: AmqpChronicle::new(protocol),
            audit: Audit::new(Selection::default()),
            counts: [0; FAULTS.len()],
        };
        (host.clone(), history)
    });
    let mut ledger = Ledger {
        exchange,
        replies,
        known,
        alone: world == World::Alone,
        alike: HashMap::new(),
        standings: HashMap::new(),
        due: HashMap::new(),
        consumers: HashMap::new(),
        held: HashMap::new(),
        doubtful: HashMap::new(),
        readers,
        histories: histories.collect(),
        priorities: false,
        found: Vec::new(),
    };
    for place in 0..exchange.len() {
        ledger.note(place);
    }
    ledger.found
}

/// What a message carries, in short.
fn content(said: &Overheard) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut fields: Vec<&(String, Datum)> = said.fields.iter().collect();
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, value) in fields {
        let of_delivery = [
            "consumer-tag",
            "delivery-tag",
            "redelivered",
            "message-count",
        ];
        let of_publish = ["mandatory", "immediate", "reserved-1", "body"];
        // A reply goes to another name than the requester's.
        let changes = name == "reply-to";
        if !of_delivery.contains(&name.as_str()) && !of_publish.contains(&name.as_str()) && !changes
        {
            name.hash(&mut hasher);
            value.fingerprint(&mut hasher);
        }
    }
    condensed(octets(said, "body")).hash(&mut hasher);
    hasher.finish()
}

impl Ledger<'_> {
    fn host(&self, connection: usize) -> String {
        self.known
            .hosts
            .get(&connection)
            .cloned()
            .unwrap_or_default()
    }

    fn note(&mut self, place: usize) {
        let Passed { connection, said } = &self.exchange[place];
        let lane = (*connection, said.stream);
        let delivers = ["basic.deliver", "basic.get-ok"].contains(&said.command.as_str());
        match said.side {
            Side::Client => self.client(place, lane, said),
            Side::Broker if delivers => return self.delivered(place, lane, said),
            Side::Broker => self.broker(place, lane, said),
        }
        self.chronicle(place, lane, said, None);
    }

    fn client(&mut self, place: usize, lane: Lane, said: &Overheard) {
        match said.command.as_str() {
            "basic.publish" => {
                let key = (self.host(lane.0), content(said));
                self.alike.entry(key).or_default().push(place);
                self.priorities |= said.field("priority").is_some();
                self.expect(place, lane, said);
            }
            "basic.consume" => {
                if let Some(key) = self.known.queues.get(&place) {
                    let tag = octets(said, "consumer-tag").to_vec();
                    self.consumers.insert((lane, tag), key.clone());
                }
            }
            "basic.ack" | "basic.nack" | "basic.reject" => {
                let back = said.command != "basic.ack" && flag(said, "requeue");
                let tag = number(said, "delivery-tag");
                let held = self.held.entry(lane).or_default();
                let settled: Vec<(Key, usize)> = match flag(said, "multiple") {
                    true if tag == 0 => std::mem::take(held).into_values().collect(),
                    true => {
                        let later = held.split_off(&(tag + 1));
                        std::mem::replace(held, later).into_values().collect()
                    }
                    false => held.remove(&tag).into_iter().collect(),
                };
                for it in settled {
                    match back {
                        true => drop(self.standings.insert(it, Standing::Back)),
                        false => self.doubtful.entry(lane).or_default().push(it),
                    }
                }
            }
            "basic.recover" | "basic.recover-async" => self.give_back(lane),
            // What was settled may be held again.
            "tx.rollback" => {
                for it in self.doubtful.remove(&lane).unwrap_or_default() {
                    self.standings.insert(it, Standing::Perhaps);
                }
            }
            "queue.purge" | "queue.delete" => {
                if let Some(key) = self.known.queues.get(&place) {
                    self.due.retain(|(queue, ..), _| queue != key);
                }
            }
            "eof" => self.over(lane.0),
            _ => {}
        }
    }

    fn broker(&mut self, place: usize, lane: Lane, said: &Overheard) {
        if said.command == "basic.consume-ok" {
            let request = self.replies.request.get(&place);
            if let Some(key) = request.and_then(|it| self.known.queues.get(it)) {
                let tag = octets(said, "consumer-tag").to_vec();
                self.consumers.insert((lane, tag), key.clone());
            }
        }
        match said.command.as_str() {
            "channel.close" | "channel.close-ok" => self.give_back(lane),
            "connection.close" | "connection.close-ok" | "eof" => self.over(lane.0),
            // What a transaction undoes later was never sure.
            name if name.ends_with("-ok") => drop(self.doubtful.remove(&lane)),
            _ => {}
        }
    }

    fn over(&mut self, connection: usize) {
        let held = self.held.keys().chain(self.doubtful.keys());
        let lanes: HashSet<Lane> = held.filter(|it| it.0 == connection).copied().collect();
        lanes.into_iter().for_each(|lane| self.give_back(lane));
    }

    fn give_back(&mut self, lane: Lane) {
        for it in self.held.remove(&lane).unwrap_or_default().into_values() {
            self.standings.insert(it, Standing::Back);
        }
        for it in self.doubtful.remove(&lane).unwrap_or_default() {
            self.standings.insert(it, Standing::Perhaps);
        }
    }

    /// Whether what becomes of a queue's messages can be held against the broker.
    fn is_judged(&self, queue: &Key) -> bool {
        let thing = self.known.traits.get(queue);
        self.alone && thing.is_some_and(|it| it.empty && !it.special)
    }

    /// Notes to which queues a message has to come.
    fn expect(&mut self, place: usize, lane: Lane, said: &Overheard) {
        let Some(route) = self.known.routes.get(&place).filter(|it| !it.unsure) else {
            return;
        };
        // What may expire, or be served before others, has no place in the order.
        if said.field("expiration").is_some() || said.field("priority").is_some() {
            return;
        }
        // A broker takes BCC away, so that what comes cannot be told from another message.
        let headers = said.field("headers");
        if headers.is_some_and(|it| it.get("BCC").is_some()) {
            return;
        }
        let exchange = octets(said, "exchange").to_vec();
        for queue in &route.queues {
            let known = self.known.traits.keys();
            let key = known.filter(|key| key.name == *queue).find(|key| {
                key.kind == super::touched::Kind::Queue && key.host == self.host(lane.0)
            });
            if let Some(key) = key {
                let due = self.due.entry((key.clone(), lane, exchange.clone()));
                due.or_default().insert(place);
            }
        }
    }

    /// The message that a delivery is.
    fn delivered(&mut self, place: usize, lane: Lane, said: &Overheard) {
        let queue = match said.command.as_str() {
            "basic.get-ok" => {
                let request = self.replies.request.get(&place);
                request.and_then(|it| self.known.queues.get(it)).cloned()
            }
            _ => {
                let tag = octets(said, "consumer-tag").to_vec();
                let named = self.consumers.get(&(lane, tag));
                named
                    .or_else(|| self.consumers.get(&(lane, Vec::new())))
                    .cloned()
            }
        };
        let Some(queue) = queue else {
            return self.chronicle(place, lane, said, None);
        };
        let message = self.message(&queue, lane, said);
        if let Some(message) = message {
            let at = (queue.clone(), message);
            self.standings.insert(at.clone(), Standing::Out);
            self.overtakes(place, &queue, message, said);
            self.misrouted(place, &queue, message, said);
            let tag = number(said, "delivery-tag");
            self.held.entry(lane).or_default().insert(tag, at);
        }
        let before = self.counts(lane.0);
        self.chronicle(place, lane, said, message);
        let after = self.counts(lane.0);
        if !self.is_judged(&queue) {
            return;
        }
        let (Some(before), Some(after), Some(message)) = (before, after, message) else {
            return;
        };
        for (index, (fault, clause, why)) in FAULTS.iter().enumerate() {
            if self.priorities && *fault == "reordered" {
                continue;
            }
            if after[index] > before[index] {
                let what = format!("{}: {why}", self.shown(message));
                self.found.push(found(place, clause, what));
            }
        }
    }

    fn message(&self, queue: &Key, lane: Lane, said: &Overheard) -> Option<usize> {
        let alike = self.alike.get(&(self.host(lane.0), content(said)))?;
        let standing = |message: usize| {
            let known = self.standings.get(&(queue.clone(), message)).copied();
            known.unwrap_or(Standing::Waiting)
        };
        let routed = |message: usize| {
            let route = self.known.routes.get(&message);
            route.is_none_or(|it| it.unsure || it.queues.contains(&queue.name))
        };
        let again = flag(said, "redelivered");
        let rank = |message: &usize| {
            let standing = match (standing(*message), again) {
                (Standing::Waiting, true) => 2,
                (Standing::Waiting, false) => 0,
                (Standing::Back, true) => 0,
                (Standing::Back | Standing::Perhaps, _) => 1,
                (Standing::Out, _) => 3,
            };
            (standing, !routed(*message), *message)
        };
        alike.iter().copied().min_by_key(rank)
    }

    /// Whether an earlier message of the same channel and exchange should have come before.
    fn overtakes(&mut self, place: usize, queue: &Key, message: usize, said: &Overheard) {
        let Passed {
            connection,
            said: publish,
        } = &self.exchange[message];
        let lane = (*connection, publish.stream);
        let exchange = octets(publish, "exchange").to_vec();
        let Some(due) = self.due.get_mut(&(queue.clone(), lane, exchange)) else {
            return;
        };
        if !due.remove(&message) {
            return;
        }
        let later = due.split_off(&message);
        let overtaken = std::mem::replace(due, later);
        let one_reader = self.readers.get(queue).is_none_or(|it| it.len() <= 1);
        let thing = self.known.traits.get(queue);
        // Nobody else can have taken it from a queue that is one connection's own.
        let own = thing.is_some_and(|it| it.exclusive.is_some() && !it.special);
        let Some(first) = overtaken.first().copied() else {
            return;
        };
        if !one_reader || !(own || self.is_judged(queue)) {
            return;
        }
        let what = format!(
            "{} was published before it on the same channel, reaches {queue} as well, and never came",
            self.shown(first)
        );
        let mut fault = found(place, "ORD-01", what);
        let body = octets(&self.exchange[first].said, "body");
        let body = Datum::Octets(body[..body.len().min(40)].to_vec()).to_value();
        fault.acceptable = vec![format!("{} body={body}", said.command)];
        self.found.push(fault);
    }

    /// Whether a message came to a queue to which nothing routes it.
    fn misrouted(&mut self, place: usize, queue: &Key, message: usize, said: &Overheard) {
        let route = self.known.routes.get(&message).filter(|it| !it.unsure);
        let dead = said
            .field("headers")
            .is_some_and(|it| it.get("x-death").is_some());
        let new = self.known.traits.get(queue).is_some_and(|it| it.new);
        let Some(route) = route.filter(|_| self.is_judged(queue) && new && !dead) else {
            return;
        };
        if !route.queues.contains(&queue.name) {
            let what = format!("nothing routes {} to {queue}", self.shown(message));
            self.found.push(found(place, "EXT-01", what));
        }
    }

    /// A message, for a person.
    fn shown(&self, message: usize) -> String {
        let publish = &self.exchange[message].said;
        let name = octets(publish, "message-id");
        let body = match name.is_empty() {
            true => octets(publish, "body"),
            false => name,
        };
        let text = String::from_utf8_lossy(&body[..body.len().min(24)]).into_owned();
        format!("message `{text}`")
    }

    fn counts(&self, connection: usize) -> Option<[u64; FAULTS.len()]> {
        Some(self.histories.get(&self.host(connection))?.counts)
    }

    /// Tells the history what was said, with the identity of the message in its `message-id`.
    fn chronicle(&mut self, place: usize, lane: Lane, said: &Overheard, message: Option<usize>) {
        let host = self.host(lane.0);
        let message = match said.command.as_str() {
            "basic.publish" => Some(place),
            _ => message,
        };
        let identity = message.map(|message| {
            let Passed { connection, said } = &self.exchange[message];
            let mut hasher = DefaultHasher::new();
            octets(said, "exchange").hash(&mut hasher);
            let exchange = hasher.finish();
            format!("p{connection}c{}x{exchange}-{message}", said.stream)
        });
        let queue = match said.side {
            Side::Client => self.known.queues.get(&place),
            Side::Broker => None,
        };
        let dropped = ["body", "message-id", "headers", "reply-to"];
        let mut fields: Vec<(String, Datum)> = said
            .fields
            .iter()
            .filter(|(name, _)| !dropped.contains(&name.as_str()))
            .cloned()
            .collect();
        if let Some(identity) = identity {
            fields.push(("message-id".to_owned(), Datum::text(&identity)));
        }
        if let Some(queue) = queue
            && let Some((_, value)) = fields.iter_mut().find(|(name, _)| name == "queue")
        {
            *value = Datum::Octets(queue.name.clone());
        }
        let Some(history) = self.histories.get_mut(&host) else {
            return;
        };
        let client = format!("{}", lane.0);
        let events = match (said.side, said.command.as_str()) {
            (_, "eof") => history.chronicle.ended(lane.0),
            (Side::Client, command) => {
                let sent = Outgoing::new(lane.1, command, fields);
                history.chronicle.sent(lane.0, &client, &sent)
            }
            (Side::Broker, command) => {
                let received = Incoming {
                    stream: lane.1,
                    command: command.to_owned(),
                    fields,
                    octets: Vec::new(),
                    breach: None,
                };
                history.chronicle.received(lane.0, &client, &received)
            }
        };
        if events.is_empty() {
            return;
        }
        events.iter().for_each(|event| history.audit.note(event));
        if ["basic.deliver", "basic.get-ok"].contains(&said.command.as_str()) {
            for (index, (fault, ..)) in FAULTS.iter().enumerate() {
                history.counts[index] = history.audit.tally(fault).count();
            }
        }
    }
}
