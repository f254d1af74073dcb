//! What AMQP commands tell about messages.
//!
//! A message is known by its `message-id` if that reads `publisher-sequence`, else by how its body begins. It is
//! accepted when the broker confirms it, commits it, or, on a channel with neither, answers a later request on that
//! channel (AMQP 0-9-1 §4.7). An acknowledgement is known to have been read under the same conditions.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use mqspec_specs::Protocol;

use super::super::{Chronicle, Datum, Incoming, Outgoing, condensed};
use crate::history::{Event, Identity};

/// The class whose commands carry content.
const BASIC: u16 = 60;

/// See [`Chronicle`].
#[derive(Debug)]
pub(super) struct AmqpChronicle {
    protocol: &'static Protocol,
    channels: BTreeMap<(usize, u16), Channel>,
    consumers: usize,
    deliveries: usize,
    /// What was published without an identity.
    nameless: HashSet<u64>,
}

#[derive(Debug, Default)]
struct Channel {
    mode: Mode,
    /// Published, and not yet known to be accepted.
    published: Vec<Identity>,
    /// Settled, and not yet known to have been read.
    settled: Vec<Unsettled>,
    /// Given back within a transaction.
    given_back: Vec<Unsettled>,
    /// Requests whose reply is due, with what it will prove.
    requests: VecDeque<Request>,
    /// The deliveries to be settled, by their tags.
    unsettled: BTreeMap<i128, usize>,
    /// Consumers by their tags.
    subscribers: HashMap<Vec<u8>, Subscriber>,
    /// Every consumer there was.
    numbers: Vec<usize>,
    /// The consumer that stands for `basic.get`, by queue.
    getters: HashMap<Vec<u8>, usize>,
    /// The queue declared last.
    queue: Vec<u8>,
}

#[derive(Debug, Default)]
enum Mode {
    #[default]
    Plain,
    Confirm {
        next: i128,
        awaiting: BTreeMap<i128, Option<Identity>>,
    },
    Transaction,
}

#[derive(Debug)]
struct Request {
    message: Outgoing,
    published: Vec<Identity>,
    settled: Vec<Unsettled>,
}

/// A delivery's tag and its number.
type Unsettled = (i128, usize);

#[derive(Debug, Clone, Copy)]
struct Subscriber {
    number: usize,
    no_ack: bool,
}

fn octets<'a>(fields: &'a [(String, Datum)], name: &str) -> &'a [u8] {
    let found = fields.iter().find(|(field, _)| field == name);
    found
        .and_then(|(_, value)| value.octets())
        .unwrap_or_default()
}

fn flag(fields: &[(String, Datum)], name: &str) -> bool {
    let found = fields.iter().find(|(field, _)| field == name);
    found.and_then(|(_, value)| value.bool()).unwrap_or(false)
}

fn number(fields: &[(String, Datum)], name: &str) -> i128 {
    let found = fields.iter().find(|(field, _)| field == name);
    found.and_then(|(_, value)| value.int()).unwrap_or(0)
}

fn identity(fields: &[(String, Datum)]) -> Option<Identity> {
    Identity::read(octets(fields, "message-id")).or_else(|| Identity::read(octets(fields, "body")))
}

/// The entries of a map up to that key, or all for the key 0, or the one alone; they leave the map.
fn taken<T>(map: &mut BTreeMap<i128, T>, key: i128, multiple: bool) -> Vec<(i128, T)> {
    match (multiple, key) {
        (true, 0) => std::mem::take(map).into_iter().collect(),
        (true, key) => {
            let later = map.split_off(&(key + 1));
            std::mem::replace(map, later).into_iter().collect()
        }
        (false, key) => map.remove_entry(&key).into_iter().collect(),
    }
}

impl AmqpChronicle {
    pub(super) fn new(protocol: &'static Protocol) -> Self {
        AmqpChronicle {
            protocol,
            channels: BTreeMap::new(),
            consumers: 0,
            deliveries: 0,
            nameless: HashSet::new(),
        }
    }

    /// What a content carries, in short: its properties and its body.
    fn content(&self, fields: &[(String, Datum)]) -> u64 {
        let mut hasher = DefaultHasher::new();
        let class = self.protocol.class(BASIC);
        for property in class.into_iter().flat_map(|class| &class.properties) {
            if let Some((name, value)) = fields.iter().find(|(name, _)| *name == property.name) {
                name.hash(&mut hasher);
                value.fingerprint(&mut hasher);
            }
        }
        condensed(octets(fields, "body")).hash(&mut hasher);
        hasher.finish()
    }

    fn subscribe(&mut self, client: &str, queue: &[u8]) -> (usize, Event) {
        let number = self.consumers;
        self.consumers += 1;
        let event = Event::Subscribed {
            client: client.into(),
            place: String::from_utf8_lossy(queue).into(),
        };
        (number, event)
    }

    /// Makes the consumer that a `basic.consume` asks for.
    fn consume(
        &mut self,
        lane: (usize, u16),
        client: &str,
        request: &Outgoing,
        tag: &[u8],
    ) -> Event {
        let fields = &request.fields;
        let queue = self.queue(lane, octets(fields, "queue"));
        let (number, event) = self.subscribe(client, &queue);
        let channel = self.channels.entry(lane).or_default();
        let no_ack = flag(fields, "no-ack");
        channel
            .subscribers
            .insert(tag.to_vec(), Subscriber { number, no_ack });
        channel.numbers.push(number);
        event
    }

    /// The queue that a name stands for on that channel.
    fn queue(&self, lane: (usize, u16), name: &[u8]) -> Vec<u8> {
        match (name, self.channels.get(&lane)) {
            ([], Some(channel)) => channel.queue.clone(),
            (name, _) => name.to_vec(),
        }
    }

    fn publish(&mut self, lane: (usize, u16), fields: &[(String, Datum)]) -> Vec<Event> {
        let content = self.content(fields);
        let message = identity(fields);
        let channel = self.channels.entry(lane).or_default();
        match &mut channel.mode {
            Mode::Confirm { next, awaiting } => {
                *next += 1;
                awaiting.insert(*next, message.clone());
            }
            Mode::Plain | Mode::Transaction => channel.published.extend(message.clone()),
        }
        match message {
            Some(message) => vec![Event::Published { message, content }],
            None => {
                self.nameless.insert(content);
                Vec::new()
            }
        }
    }

    fn deliver(
        &mut self,
        Subscriber { number, no_ack }: Subscriber,
        lane: (usize, u16),
        fields: &[(String, Datum)],
    ) -> Vec<Event> {
        let content = self.content(fields);
        let message = identity(fields);
        if message.is_none() && self.nameless.contains(&content) {
            return Vec::new();
        }
        let again = Some(flag(fields, "redelivered"));
        let delivery = self.deliveries;
        self.deliveries += 1;
        let delivered = Event::Delivered {
            consumer: number,
            message,
            content,
            again,
        };
        if no_ack {
            return vec![
                delivered,
                Event::Settled { delivery },
                Event::Sure { delivery },
            ];
        }
        let tag = self::number(fields, "delivery-tag");
        let channel = self.channels.entry(lane).or_default();
        channel.unsettled.insert(tag, delivery);
        vec![delivered]
    }

    /// What the broker is known to have done once it answered a request.
    fn proved(&mut self, lane: (usize, u16), request: &Request, reply: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let undone = request.message.command == "tx.rollback";
        for message in &request.published {
            let message = message.clone();
            events.push(match undone {
                true => Event::Withdrawn { message },
                false => Event::Accepted { message },
            });
        }
        let sure = request.settled.iter();
        events.extend(sure.map(|(_, delivery)| Event::Sure {
            delivery: *delivery,
        }));
        match reply {
            "channel.close-ok" => events.extend(self.leave(lane)),
            "connection.close-ok" => events.extend(self.leave_all(lane.0)),
            _ => {}
        }
        events
    }

    fn leave(&mut self, lane: (usize, u16)) -> Vec<Event> {
        let channel = self.channels.remove(&lane).unwrap_or_default();
        let left = channel.numbers.into_iter();
        left.map(|consumer| Event::Left { consumer }).collect()
    }

    fn leave_all(&mut self, connection: usize) -> Vec<Event> {
        let lanes = self
            .channels
            .range((connection, 0)..=(connection, u16::MAX));
        let lanes: Vec<_> = lanes.map(|(lane, _)| *lane).collect();
        lanes
            .into_iter()
            .flat_map(|lane| self.leave(lane))
            .collect()
    }

    fn is_request(&self, message: &Outgoing) -> bool {
        let command = self.protocol.command(&message.command);
        let replies = command.is_some_and(|command| !command.replies.is_empty());
        replies && !flag(&message.fields, "no-wait")
    }

    /// Settles deliveries or gives them back, at once or with the transaction.
    fn settle(&mut self, lane: (usize, u16), message: &Outgoing) -> Vec<Event> {
        let fields = &message.fields;
        let channel = self.channels.entry(lane).or_default();
        let tag = number(fields, "delivery-tag");
        let deliveries = taken(&mut channel.unsettled, tag, flag(fields, "multiple"));
        let back = message.command != "basic.ack" && flag(fields, "requeue");
        match (&channel.mode, back) {
            (Mode::Transaction, true) => channel.given_back.extend(deliveries),
            (Mode::Transaction, false) => channel.settled.extend(deliveries),
            (_, true) => return deliveries.into_iter().map(given_back).collect(),
            (_, false) => {
                channel.settled.extend(&deliveries);
                return deliveries.into_iter().map(settled).collect();
            }
        }
        Vec::new()
    }
}

fn settled((_, delivery): Unsettled) -> Event {
    Event::Settled { delivery }
}

fn given_back((_, delivery): Unsettled) -> Event {
    Event::GivenBack { delivery }
}

impl Chronicle for AmqpChronicle {
    fn sent(&mut self, connection: usize, client: &str, message: &Outgoing) -> Vec<Event> {
        let lane = (connection, message.stream);
        let fields = &message.fields;
        let mut events = Vec::new();
        let channel = self.channels.entry(lane).or_default();
        match message.command.as_str() {
            "confirm.select" if matches!(channel.mode, Mode::Plain) => {
                channel.mode = Mode::Confirm {
                    next: 0,
                    awaiting: BTreeMap::new(),
                };
            }
            "tx.select" => channel.mode = Mode::Transaction,
            "tx.commit" => {
                events.extend(channel.settled.iter().copied().map(settled));
                events.extend(channel.given_back.drain(..).map(given_back));
            }
            "tx.rollback" => {
                let undone = channel.given_back.drain(..);
                channel
                    .unsettled
                    .extend(undone.chain(channel.settled.drain(..)));
            }
            "basic.publish" => events = self.publish(lane, fields),
            "basic.ack" | "basic.nack" | "basic.reject" => events = self.settle(lane, message),
            "basic.recover" | "basic.recover-async" => {
                let all = std::mem::take(&mut channel.unsettled);
                events.extend(all.into_iter().map(given_back));
            }
            "basic.consume" if flag(fields, "no-wait") => {
                let tag = octets(fields, "consumer-tag");
                events.push(self.consume(lane, client, message, tag));
            }
            _ => {}
        }
        if self.is_request(message) {
            let ends_transaction = message.command.starts_with("tx.");
            let channel = self.channels.entry(lane).or_default();
            // Within a transaction only its own end proves anything.
            let proves = match channel.mode {
                Mode::Transaction => ends_transaction,
                Mode::Plain | Mode::Confirm { .. } => true,
            };
            let (published, settled) = match proves {
                true => (
                    std::mem::take(&mut channel.published),
                    std::mem::take(&mut channel.settled),
                ),
                false => (Vec::new(), Vec::new()),
            };
            channel.requests.push_back(Request {
                message: Outgoing::new(message.stream, &message.command, fields.clone()),
                published,
                settled,
            });
        }
        events
    }

    fn received(&mut self, connection: usize, client: &str, message: &Incoming) -> Vec<Event> {
        let lane = (connection, message.stream);
        let fields = &message.fields;
        let reply = message.command.as_str();
        let channel = self.channels.entry(lane).or_default();
        let mut events = Vec::new();
        let answered = channel.requests.iter().position(|request| {
            let command = self.protocol.command(&request.message.command);
            command.is_some_and(|command| command.replies.iter().any(|known| known == reply))
        });
        if let Some(request) = answered.and_then(|place| channel.requests.remove(place)) {
            events.extend(self.proved(lane, &request, reply));
            match reply {
                "queue.declare-ok" => {
                    let channel = self.channels.entry(lane).or_default();
                    channel.queue = octets(fields, "queue").to_vec();
                }
                "basic.consume-ok" => {
                    let tag = octets(fields, "consumer-tag");
                    events.push(self.consume(lane, client, &request.message, tag));
                }
                "basic.get-ok" => {
                    let queue = self.queue(lane, octets(&request.message.fields, "queue"));
                    let getters = &self.channels.entry(lane).or_default().getters;
                    let number = match getters.get(&queue).copied() {
                        Some(number) => number,
                        None => {
                            let (number, event) = self.subscribe(client, &queue);
                            events.push(event);
                            let channel = self.channels.entry(lane).or_default();
                            channel.getters.insert(queue, number);
                            channel.numbers.push(number);
                            number
                        }
                    };
                    let no_ack = flag(&request.message.fields, "no-ack");
                    events.extend(self.deliver(Subscriber { number, no_ack }, lane, fields));
                }
                _ => {}
            }
            return events;
        }
        match reply {
            "basic.deliver" => {
                let tag = octets(fields, "consumer-tag");
                let subscriber = channel.subscribers.get(tag).copied();
                let subscriber = subscriber.unwrap_or(Subscriber {
                    number: usize::MAX,
                    no_ack: false,
                });
                events.extend(self.deliver(subscriber, lane, fields));
            }
            "basic.ack" | "basic.nack" => {
                if let Mode::Confirm { awaiting, .. } = &mut channel.mode {
                    let tag = number(fields, "delivery-tag");
                    let messages = taken(awaiting, tag, flag(fields, "multiple"));
                    let messages = messages.into_iter().filter_map(|(_, message)| message);
                    events.extend(messages.map(|message| match reply {
                        "basic.ack" => Event::Accepted { message },
                        _ => Event::Refused { message },
                    }));
                }
            }
            "basic.return" => {
                events.extend(identity(fields).map(|message| Event::Withdrawn { message }));
            }
            "channel.close" => events.extend(self.leave(lane)),
            "connection.close" => events.extend(self.leave_all(connection)),
            _ => {}
        }
        events
    }

    fn ended(&mut self, connection: usize) -> Vec<Event> {
        self.leave_all(connection)
    }
}
