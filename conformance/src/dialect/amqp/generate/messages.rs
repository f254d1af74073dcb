//! Publishing, consuming, fetching.

use super::super::super::Datum;
use super::topology::{KEYS, LATE, SOON, number};
use super::world::{Consumer, Mode};
use super::{Maker, on, text};

/// What is special about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Mandatory,
    Copies,
    Priority,
    Expiring,
}

impl Maker<'_> {
    pub(super) fn publish(&mut self, style: Style) {
        let Some((client, stream)) = self.any_lane() else {
            return;
        };
        let (exchange, key) = self.address();
        let mut fields = vec![("exchange", text(&exchange)), ("routing-key", text(&key))];
        if style == Style::Mandatory {
            fields.push(("mandatory", on()));
        }
        let mut headers = Vec::new();
        if self.dice.one_in(4) {
            headers.extend(self.headers());
        }
        if style == Style::Copies {
            let name = self.dice.word(&["CC", "BCC"]);
            let copies: Vec<Datum> = (0..1 + self.dice.below(2))
                .map(|_| text(&self.address().1))
                .collect();
            headers.push((name.to_owned(), Datum::Array(copies)));
        }
        if !headers.is_empty() {
            fields.push(("headers", Datum::Table(headers)));
        }
        for (name, value) in [
            ("content-type", "text/plain"),
            ("correlation-id", "c"),
            ("message-id", "i"),
        ] {
            if self.dice.one_in(10) {
                fields.push((name, text(value)));
            }
        }
        if self.dice.one_in(10) {
            fields.push(("delivery-mode", number(1 + self.dice.below(2))));
        }
        // Without a maximum of its own a queue has two levels by the text, and none in many a broker.
        let has_levels = self
            .world
            .queues
            .iter()
            .any(|it| it.name == key && it.has_priorities);
        if has_levels && style == Style::Priority || self.dice.one_in(80) {
            fields.push(("priority", number(self.dice.below(6))));
        }
        let soon = style == Style::Expiring && self.dice.one_in(2);
        if style == Style::Expiring {
            let time = match soon {
                true if self.dice.one_in(3) => 0,
                true => SOON,
                false => LATE,
            };
            fields.push(("expiration", text(&time.to_string())));
        }
        self.world.messages += 1;
        let mut body = format!("m{}", self.world.messages);
        if self.dice.one_in(6) {
            body.push_str(&"x".repeat(self.dice.below(40)));
        }
        fields.push(("body", text(&body)));
        let direct = self.world.queues.iter().find(|it| it.name == key);
        let soon = soon || direct.is_some_and(|it| it.expires_soon);
        self.say(client, stream, "basic.publish", fields);
        self.mark_pending(client, stream);
        if soon {
            // Whoever looked before the time is over would see what only a fast machine shows.
            self.wait();
        }
    }

    /// A plain message.
    pub(super) fn publish_to(&mut self, client: usize, stream: u16, exchange: &str, key: &str) {
        self.world.messages += 1;
        let body = format!("m{}", self.world.messages);
        let fields = vec![
            ("exchange", text(exchange)),
            ("routing-key", text(key)),
            ("body", text(&body)),
        ];
        self.say(client, stream, "basic.publish", fields);
        self.mark_pending(client, stream);
    }

    /// An exchange and a key that lead somewhere, most of the time.
    fn address(&mut self) -> (String, String) {
        let bindings = &self.world.bindings;
        if !bindings.is_empty() && self.dice.one_in(2) {
            let binding = self.dice.pick(bindings);
            let exchange = binding.map(|it| it.exchange.clone()).unwrap_or_default();
            let internal = self
                .world
                .exchanges
                .iter()
                .any(|it| it.name == exchange && it.internal);
            if !internal {
                return (exchange, self.dice.word(&KEYS).to_owned());
            }
        }
        match (self.queue(), self.made_exchange()) {
            (Some(queue), _) if !self.dice.one_in(8) => (String::new(), queue.name),
            (_, Some(exchange)) if !exchange.internal => {
                (exchange.name, self.dice.word(&KEYS).to_owned())
            }
            _ => (String::new(), "nowhere".to_owned()),
        }
    }

    pub(super) fn consume(&mut self) {
        let Some(queue) = self.queue() else {
            return;
        };
        let Some((client, stream)) = self.lane_for(queue.owner) else {
            return;
        };
        let lane = self
            .world
            .lanes
            .iter()
            .position(|it| it.client == client && it.stream == stream);
        let Some(lane) = lane.and_then(|place| self.world.lanes.get(place)) else {
            return;
        };
        // With one window for all its consumers it is the broker's choice whose turn is next.
        let elsewhere = lane.consumers.iter().any(|it| it.queue != queue.name);
        if queue.exclusive_consumer || lane.shares_window && elsewhere {
            return;
        }
        let alone = self.world.consumers(&queue.name) == 0;
        let exclusive = alone && self.dice.one_in(8);
        let no_ack = self.dice.one_in(4);
        self.world.tags += 1;
        let tag = format!("t{}", self.world.tags);
        let by_broker = self.dice.one_in(8);
        let mut fields = vec![("queue", text(&queue.name))];
        let tag = match by_broker {
            true => format!("$s{tag}"),
            false => {
                fields.push(("consumer-tag", text(&tag)));
                tag
            }
        };
        if exclusive {
            fields.push(("exclusive", on()));
        }
        if no_ack {
            fields.push(("no-ack", on()));
        }
        if self.dice.one_in(10) {
            let priority = vec![("x-priority".to_owned(), number(self.dice.below(3)))];
            fields.push(("arguments", Datum::Table(priority)));
        }
        let binds = by_broker.then(|| tag.trim_start_matches('$').to_owned());
        self.put(client, stream, "basic.consume", fields, None, binds);
        for it in self
            .world
            .queues
            .iter_mut()
            .filter(|it| it.name == queue.name)
        {
            it.exclusive_consumer = exclusive;
        }
        for lane in self.world.lanes.iter_mut() {
            if lane.client == client && lane.stream == stream {
                lane.holds += usize::from(!no_ack);
                lane.consumers.push(Consumer {
                    tag: tag.clone(),
                    queue: queue.name.clone(),
                });
            }
        }
    }

    pub(super) fn cancel(&mut self) {
        let Some(place) = self.lane(|lane| !lane.consumers.is_empty()) else {
            return;
        };
        let Some(lane) = self.world.lanes.get_mut(place) else {
            return;
        };
        let which = self.dice.below(lane.consumers.len());
        let consumer = lane.consumers.remove(which);
        let (client, stream) = (lane.client, lane.stream);
        for queue in self
            .world
            .queues
            .iter_mut()
            .filter(|it| it.name == consumer.queue)
        {
            queue.exclusive_consumer = false;
        }
        self.say(
            client,
            stream,
            "basic.cancel",
            vec![("consumer-tag", text(&consumer.tag))],
        );
        let soon = self
            .world
            .queues
            .iter()
            .any(|it| it.name == consumer.queue && it.expires_soon);
        if self.dice.one_in(2) && !soon {
            // Who gets it now?
            self.publish_to(client, stream, "", &consumer.queue);
        }
    }

    pub(super) fn get(&mut self) {
        let Some(queue) = self.queue() else {
            return;
        };
        let Some((client, stream)) = self.lane_for(queue.owner) else {
            return;
        };
        let mut fields = vec![("queue", text(&queue.name))];
        let no_ack = self.dice.one_in(4);
        if no_ack {
            fields.push(("no-ack", on()));
        }
        self.say(client, stream, "basic.get", fields);
        for lane in self.world.lanes.iter_mut() {
            if lane.client == client && lane.stream == stream {
                lane.holds += usize::from(!no_ack);
            }
        }
    }

    pub(super) fn qos(&mut self) {
        let Some(place) = self.lane(|lane| {
            let first = lane.consumers.first().map(|it| &it.queue);
            lane.consumers.iter().all(|it| Some(&it.queue) == first)
        }) else {
            return;
        };
        let count = self.dice.below(4);
        let shared = self.dice.one_in(3);
        let Some(lane) = self.world.lanes.get_mut(place) else {
            return;
        };
        lane.shares_window |= shared;
        let (client, stream) = (lane.client, lane.stream);
        let mut fields = vec![("prefetch-count", number(count))];
        if shared {
            fields.push(("global", on()));
        }
        self.say(client, stream, "basic.qos", fields);
    }

    /// A transaction on that channel has something in it.
    pub(super) fn mark_pending(&mut self, client: usize, stream: u16) {
        let lanes = self.world.lanes.iter_mut();
        for lane in lanes.filter(|it| it.client == client && it.stream == stream) {
            lane.pending |= lane.mode == Mode::Transaction;
        }
    }
}
