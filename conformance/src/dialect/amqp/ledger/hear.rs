//! What came.

use super::super::super::generated::{Broken, Holding, Ready, Said};
use super::super::super::{Datum, Incoming, Outgoing};
use super::lane::{Asker, Consumer, Held, Mode, Request};
use super::{AmqpLedger, CONTROL, Declared, Queue, State, flag, lane_name, octets, priority};

/// What each broker may say as it likes.
const FREE: [&str; 5] = [
    "reply-text",
    "delivery-tag",
    "consumer-tag",
    "cluster-id",
    "reserved-1",
];

/// What a broker writes into a message about the moment of its death.
const TIMES: [&str; 1] = ["time"];

/// The extensions that a client says it knows.
const CAPABILITIES: [&str; 4] = [
    "publisher_confirms",
    "basic.nack",
    "consumer_cancel_notify",
    "exchange_exchange_bindings",
];

impl AmqpLedger {
    /// Takes note of what came, and says what a client answers.
    pub(super) fn note_heard(&mut self, client: usize, message: Incoming) -> Vec<Outgoing> {
        if let Some(breach) = &message.breach {
            self.broken.push(Broken {
                clause: breach.clause,
                what: breach.what.clone(),
            });
        }
        match message.stream {
            0 => self.hear_connection(client, message),
            _ => self.hear_channel(client, message),
        }
    }

    fn hear_connection(&mut self, client: usize, message: Incoming) -> Vec<Outgoing> {
        let number = |name: &str| {
            (
                name.to_owned(),
                message.field(name).cloned().unwrap_or(Datum::Int(0)),
            )
        };
        match message.command.as_str() {
            "connection.start" => vec![self.start_ok()],
            "connection.tune" => {
                let heartbeat = ("heartbeat".to_owned(), Datum::Int(0));
                let fields = vec![number("channel-max"), number("frame-max"), heartbeat];
                let host = Datum::text(&self.login.virtual_host);
                vec![
                    Outgoing::new(0, "connection.tune-ok", fields),
                    Outgoing::new(
                        0,
                        "connection.open",
                        vec![("virtual-host".to_owned(), host)],
                    ),
                ]
            }
            "connection.open-ok" => {
                self.client(client).state = State::Ready;
                Vec::new()
            }
            "connection.close" => {
                let said = self.said(&message);
                // It answers the step, if this is whose it was.
                let stream = if self.spoke.0 == client {
                    self.spoke.1
                } else {
                    0
                };
                self.note("reply", &lane_name(client, stream), said);
                self.leave(client);
                vec![Outgoing::new(0, "connection.close-ok", Vec::new())]
            }
            "connection.close-ok" => {
                let said = self.said(&message);
                self.note("reply", &lane_name(client, 0), said);
                self.leave(client);
                Vec::new()
            }
            // What a connection is told about the broker's resources is no answer to a step.
            "heartbeat" | "connection.blocked" | "connection.unblocked" => Vec::new(),
            _ => {
                let said = self.said(&message);
                self.note("unexpected", &lane_name(client, 0), said);
                Vec::new()
            }
        }
    }

    fn start_ok(&self) -> Outgoing {
        let capabilities = CAPABILITIES.map(|name| (name.to_owned(), Datum::Bool(true)));
        let properties = vec![
            ("product".to_owned(), Datum::text("mqspec")),
            (
                "capabilities".to_owned(),
                Datum::Table(capabilities.to_vec()),
            ),
        ];
        let fields = vec![
            ("client-properties".to_owned(), Datum::Table(properties)),
            ("mechanism".to_owned(), Datum::text("PLAIN")),
            (
                "response".to_owned(),
                Datum::Octets(self.login.response.clone()),
            ),
            ("locale".to_owned(), Datum::text("en_US")),
        ];
        Outgoing::new(0, "connection.start-ok", fields)
    }

    /// A client's connection is over.
    fn leave(&mut self, client: usize) {
        self.closed = true;
        // While a connection is closed, its channels may still be given what others of them held.
        self.delivered.retain(|(to, ..)| *to != client);
        *self.client(client) = super::Client::default();
        self.orphan(client);
    }

    /// What was a connection's own is nobody's.
    pub(super) fn orphan(&mut self, client: usize) {
        self.probes.retain(|probe| probe.client != client);
        for queue in self.queues.values_mut() {
            queue.is_orphan |= queue.owner == Some(client);
        }
    }

    fn hear_channel(&mut self, client: usize, message: Incoming) -> Vec<Outgoing> {
        let about = lane_name(client, message.stream);
        if message.command == "channel.close" {
            return self.hear_close(client, &about, &message);
        }
        if let Some(request) = self.request(client, &message) {
            self.hear_reply(client, &about, &request, message);
            return Vec::new();
        }
        let stream = message.stream;
        match message.command.as_str() {
            "basic.deliver" => self.hear_delivery(client, message),
            "basic.return" => {
                let said = self.said(&message);
                self.note("return", &about, said);
            }
            "basic.ack" | "basic.nack" => self.hear_confirmation(client, &about, &message),
            "basic.cancel" => {
                let tag = message
                    .field("consumer-tag")
                    .and_then(Datum::octets)
                    .unwrap_or_default();
                let tag = tag.to_vec();
                self.lane(client, stream).consumers.remove(&tag);
                let fields = vec![(
                    "consumer-tag".to_owned(),
                    self.names.symbolic(&Datum::Octets(tag)),
                )];
                self.note(
                    "cancelled",
                    &about,
                    Said {
                        command: message.command,
                        fields,
                    },
                );
            }
            _ => {
                let said = self.said(&message);
                self.note("unexpected", &about, said);
            }
        }
        Vec::new()
    }

    /// The request that a message answers: it leaves the list.
    fn request(&mut self, client: usize, message: &Incoming) -> Option<Request> {
        let lane = self.lane_of(client, message.stream)?;
        let answered = lane
            .requests
            .iter()
            .position(|it| self.answers(it, message))?;
        let requests = &mut self.lane(client, message.stream).requests;
        requests.remove(answered)
    }

    fn hear_close(&mut self, client: usize, about: &str, message: &Incoming) -> Vec<Outgoing> {
        let said = self.said(message);
        let answer = vec![Outgoing::new(
            message.stream,
            "channel.close-ok",
            Vec::new(),
        )];
        if message.stream == CONTROL {
            // The queue that was asked about first is the one that is not there.
            let place = self.probes.iter().position(|it| it.client == client);
            if let Some(place) = place {
                let probe = self.probes.remove(place);
                self.note("queue", &probe.queue, said);
                // One that is still another's will be gone with its owner.
                let gone = message.field("reply-code").and_then(Datum::int) == Some(404);
                if let Some(queue) = self.queues.get_mut(&probe.queue).filter(|_| gone) {
                    queue.is_there = false;
                }
            }
            self.client(client).lanes.remove(&CONTROL);
            return answer;
        }
        self.closed = true;
        self.note("reply", about, said);
        // It stays on the list: it is not opened again unasked.
        self.lane(client, message.stream).shut();
        answer
    }

    fn hear_reply(&mut self, client: usize, about: &str, request: &Request, message: Incoming) {
        let stream = message.stream;
        if let Some(variable) = &request.binds {
            let named = ["queue", "consumer-tag"]
                .iter()
                .find_map(|it| message.field(it)?.octets());
            if let Some(value) = named {
                self.names.bind(variable, value);
            }
        }
        let step = request.asker == Asker::Step;
        if step {
            let said = self.said(&message);
            self.note("reply", about, said);
        }
        let ready = Ready {
            client,
            message: request.message.clone(),
        };
        let asked = &request.message;
        match message.command.as_str() {
            "channel.open-ok" => {
                let lane = self.lane(client, stream);
                let requests = std::mem::take(&mut lane.requests);
                lane.shut();
                lane.is_open = true;
                lane.requests = requests;
            }
            "channel.close-ok" => {
                let lane = self.lane(client, stream);
                lane.shut();
                if !step {
                    self.client(client).lanes.remove(&stream);
                }
            }
            "queue.declare-ok" => self.hear_queue(&ready, step, &message),
            "exchange.declare-ok" if step && !flag(asked, "passive") => {
                let name = octets(asked, "exchange").to_vec();
                let goes = flag(asked, "auto-delete");
                let known = self.exchanges.iter().any(|it| it.name == name);
                if !known && !name.starts_with(b"amq.") {
                    self.exchanges.push(Declared { client, name, goes });
                }
            }
            "exchange.delete-ok" => {
                let name = octets(asked, "exchange");
                self.exchanges.retain(|it| it.name != name);
            }
            "confirm.select-ok" => self.lane(client, stream).mode = Mode::Confirm,
            "tx.select-ok" => self.lane(client, stream).mode = Mode::Transaction,
            "tx.commit-ok" => {
                let gone = self.lane(client, stream).commit();
                self.balance.gone(gone);
            }
            "tx.rollback-ok" => {
                let held = &mut self.lane(client, stream).held;
                held.iter_mut().for_each(|it| it.settling = None);
            }
            "basic.consume-ok" => {
                let queue = self.queue_of(&ready);
                let tag = message
                    .field("consumer-tag")
                    .and_then(Datum::octets)
                    .unwrap_or_default();
                let no_ack = flag(asked, "no-ack");
                let priority = priority(asked);
                let lane = self.lane(client, stream);
                lane.consumers.insert(
                    tag.to_vec(),
                    Consumer {
                        queue,
                        no_ack,
                        priority,
                    },
                );
            }
            "basic.cancel-ok" => {
                let tag = octets(asked, "consumer-tag");
                self.lane(client, stream).consumers.remove(tag);
            }
            "basic.get-ok" => {
                let place = self.queue_of(&ready);
                match flag(asked, "no-ack") {
                    true => self.balance.taken(&place, 1),
                    false => self.hold(client, place, &message),
                }
            }
            "queue.purge-ok" => {
                let count = message
                    .field("message-count")
                    .and_then(Datum::int)
                    .unwrap_or(0);
                let queue = self.queue_of(&ready);
                self.balance.taken(&queue, count);
            }
            _ => {}
        }
    }

    fn hear_queue(&mut self, ready: &Ready, step: bool, message: &Incoming) {
        let name = message
            .field("queue")
            .and_then(Datum::octets)
            .unwrap_or_default();
        let shown = self.shown(name);
        if step {
            let lane = self.lane(ready.client, message.stream);
            lane.queue.clone_from(&shown);
            let asked = &ready.message;
            let argument = |names: &[&str]| {
                let arguments = asked.field("arguments");
                names
                    .iter()
                    .any(|name| arguments.and_then(|it| it.get(name)).is_some())
            };
            let queue = Queue {
                owner: flag(asked, "exclusive").then_some(ready.client),
                dead_letters: argument(&["x-dead-letter-exchange"]),
                single_active: argument(&["x-single-active-consumer"]),
                is_there: true,
                ..Queue::default()
            };
            let known = self.queues.entry(shown.clone()).or_default();
            if !known.is_there || known.is_orphan {
                *known = queue;
                self.balance.begin_anew(&shown);
            }
            self.balance.declare(&shown, asked);
            return;
        }
        let number = |name| message.field(name).cloned().unwrap_or(Datum::Void);
        let (ready_count, consumers) = (number("message-count"), number("consumer-count"));
        self.probes.retain(|it| it.queue != shown);
        if let Some(queue) = self.queues.get_mut(&shown) {
            queue.ready = ready_count.int().unwrap_or(0);
            queue.asked = true;
        }
        let fields = vec![
            ("message-count".to_owned(), ready_count),
            ("consumer-count".to_owned(), consumers),
        ];
        let said = Said {
            command: message.command.clone(),
            fields,
        };
        self.note("queue", &shown, said);
    }

    fn hear_delivery(&mut self, client: usize, message: Incoming) {
        let tag = message
            .field("consumer-tag")
            .and_then(Datum::octets)
            .unwrap_or_default();
        let consumers = &self.lane(client, message.stream).consumers;
        let consumer = consumers.get(tag).map(|it| (it.queue.clone(), it.no_ack));
        // Somebody whose consume-ok is still to come is told apart by the witness of the session.
        let (queue, no_ack) = consumer.unwrap_or_else(|| ("of no consumer".to_owned(), true));
        let mut said = self.said(&message);
        // Where it is the broker's choice whose turn it is, the tag is left out in the end.
        if let Some(tag) = message.field("consumer-tag") {
            let tag = self.names.symbolic(tag);
            said.fields.push(("consumer-tag".to_owned(), tag));
        }
        // Who has asked for a channel's close discards what still comes before it is closed (channel.close.stability).
        let requests = &self.lane(client, message.stream).requests;
        if !requests
            .iter()
            .any(|it| it.message.command == "channel.close")
        {
            self.delivered.push((client, queue.clone(), said));
        }
        match no_ack {
            true => self.balance.taken(&queue, 1),
            false => self.hold(client, queue, &message),
        }
    }

    fn hold(&mut self, client: usize, place: String, message: &Incoming) {
        let tag = message
            .field("delivery-tag")
            .and_then(Datum::int)
            .unwrap_or(0);
        let body = message
            .field("body")
            .and_then(Datum::octets)
            .unwrap_or_default()
            .to_vec();
        let what = Holding { place, body };
        self.lane(client, message.stream).held.push(Held {
            tag,
            what,
            settling: None,
        });
    }

    fn hear_confirmation(&mut self, client: usize, about: &str, message: &Incoming) {
        let tag = message
            .field("delivery-tag")
            .and_then(Datum::int)
            .unwrap_or(0);
        let multiple = message.field("multiple").and_then(Datum::bool) == Some(true);
        let lane = self.lane(client, message.stream);
        let confirmed: Vec<i128> = match (multiple, tag) {
            (true, 0) => lane.unconfirmed.iter().copied().collect(),
            (true, tag) => lane.unconfirmed.range(..=tag).copied().collect(),
            (false, tag) => lane
                .unconfirmed
                .iter()
                .copied()
                .filter(|it| *it == tag)
                .collect(),
        };
        lane.unconfirmed.retain(|it| !confirmed.contains(it));
        if confirmed.is_empty() {
            let what = format!("{} confirms {tag}, which nobody awaits", message.command);
            self.broken.push(Broken {
                clause: "confirm.all-messages-acknowledged",
                what,
            });
        }
        for number in confirmed {
            let fields = vec![("number".to_owned(), Datum::Int(number))];
            self.note(
                "confirmed",
                about,
                Said {
                    command: message.command.clone(),
                    fields,
                },
            );
        }
    }

    /// What was said, without what each broker may choose.
    fn said(&self, message: &Incoming) -> Said {
        let fields = message
            .fields
            .iter()
            .filter(|(name, _)| !FREE.contains(&name.as_str()));
        let fields =
            fields.map(|(name, value)| (name.clone(), self.names.symbolic(&timeless(value))));
        let mut fields: Vec<(String, Datum)> = fields.collect();
        // A property that says nothing is as good as none.
        fields.retain(|(name, value)| !(name == "headers" && *value == Datum::Table(Vec::new())));
        Said {
            command: message.command.clone(),
            fields,
        }
    }
}

/// A value without the times in it, and with a table's entries in the order of their names: no order of them means
/// anything.
fn timeless(value: &Datum) -> Datum {
    match value {
        Datum::Table(pairs) => {
            let pairs = pairs
                .iter()
                .filter(|(name, _)| !TIMES.contains(&name.as_str()));
            let mut pairs: Vec<_> = pairs
                .map(|(name, value)| (name.clone(), timeless(value)))
                .collect();
            pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
            Datum::Table(pairs)
        }
        Datum::Array(values) => Datum::Array(values.iter().map(timeless).collect()),
        // Which of the tags a number travels under is the broker's business.
        Datum::Typed(_, value) => timeless(value),
        other => other.clone(),
    }
}
