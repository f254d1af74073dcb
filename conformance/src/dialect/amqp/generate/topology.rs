//! Exchanges, queues and bindings.

use super::super::super::Datum;
use super::world::{Binding, Exchange, Queue};
use super::{Maker, on, text};

/// Keys of messages and of bindings to direct exchanges.
pub(super) const KEYS: [&str; 6] = ["a", "b", "a.b", "a.b.c", "b.a", ""];
/// Patterns of bindings to topic exchanges.
const PATTERNS: [&str; 10] = [
    "#", "*", "a.*", "a.#", "#.b", "*.b", "*.*", "a.b", "#.c", "",
];
/// What headers exchanges look for.
const MATCHES: [&str; 4] = ["all", "any", "all-with-x", "any-with-x"];

/// How a queue is declared.
#[derive(Default)]
struct Declaration {
    durable: bool,
    exclusive: bool,
    auto_delete: bool,
    arguments: Vec<(String, Datum)>,
    expires_soon: bool,
    /// Whether its dead letters come back to it.
    is_own_grave: bool,
}

impl Maker<'_> {
    pub(super) fn declare_exchange(&mut self) {
        let Some((client, stream)) = self.any_lane() else {
            return;
        };
        let kind = self
            .dice
            .word(&["direct", "fanout", "topic", "headers", "direct", "topic"]);
        let name = self.name('x');
        let mut fields = vec![("exchange", text(&name)), ("type", text(kind))];
        let internal = self.dice.one_in(12);
        if self.dice.one_in(6) {
            fields.push(("durable", on()));
        }
        if internal {
            fields.push(("internal", on()));
        }
        if self.dice.one_in(8) {
            fields.push(("auto-delete", on()));
        }
        let others: Vec<String> = self
            .world
            .exchanges
            .iter()
            .map(|it| it.name.clone())
            .collect();
        if self.dice.one_in(3)
            && let Some(other) = self.dice.pick(&others)
            && !other.is_empty()
        {
            let alternate = vec![("alternate-exchange".to_owned(), text(other))];
            fields.push(("arguments", Datum::Table(alternate)));
        }
        self.say(client, stream, "exchange.declare", fields.clone());
        self.world.exchanges.push(Exchange {
            name,
            kind,
            internal,
            declaration: fields,
        });
    }

    /// The same once more, or a question whether it is there.
    pub(super) fn redeclare_exchange(&mut self) {
        let Some((exchange, (client, stream))) = self.made_exchange().zip(self.any_lane()) else {
            return;
        };
        let mut fields = exchange.declaration;
        if self.dice.one_in(2) {
            fields.push(("passive", on()));
        }
        self.say(client, stream, "exchange.declare", fields);
    }

    pub(super) fn delete_exchange(&mut self) {
        let Some((exchange, (client, stream))) = self.made_exchange().zip(self.any_lane()) else {
            return;
        };
        let mut fields = vec![("exchange", text(&exchange.name))];
        let used = self
            .world
            .bindings
            .iter()
            .any(|it| it.exchange == exchange.name);
        if self.dice.one_in(3) {
            fields.push(("if-unused", on()));
        }
        let refused = used && fields.len() > 1;
        self.say(client, stream, "exchange.delete", fields);
        match refused {
            true => self.shut(client, stream),
            false => self.world.forget_exchange(&exchange.name),
        }
    }

    pub(super) fn bind_exchange(&mut self) {
        if let Some((destination, lane)) = self.made_exchange().zip(self.any_lane()) {
            let fields = ("destination", "source");
            self.bind(lane, "exchange.bind", fields, destination.name, false);
        }
    }

    pub(super) fn bind_queue(&mut self) {
        if let Some(queue) = self.queue()
            && let Some(lane) = self.lane_for(queue.owner)
        {
            self.bind(lane, "queue.bind", ("queue", "exchange"), queue.name, true);
        }
    }

    /// `fields` are the names of the two that are bound.
    fn bind(
        &mut self,
        (client, stream): (usize, u16),
        command: &str,
        fields: (&'static str, &'static str),
        destination: String,
        to_queue: bool,
    ) {
        // The standard ones are everybody's: what runs beside would be sent to what is bound to them.
        let Some(source) = self.made_exchange() else {
            return;
        };
        let (key, arguments) = self.binding_key(source.kind);
        let mut fields = vec![
            (fields.0, text(&destination)),
            (fields.1, text(&source.name)),
            ("routing-key", text(&key)),
        ];
        fields.extend(arguments.clone().map(|it| ("arguments", it)));
        self.say(client, stream, command, fields);
        self.world.bindings.push(Binding {
            exchange: source.name,
            destination,
            to_queue,
            key,
            arguments,
        });
    }

    /// Takes back one of the bindings to queues, or to exchanges.
    pub(super) fn unbind(&mut self, queues: bool) {
        let all: Vec<usize> = (0..self.world.bindings.len())
            .filter(|place| {
                self.world
                    .bindings
                    .get(*place)
                    .is_some_and(|it| it.to_queue == queues)
            })
            .collect();
        let Some((place, (client, stream))) = self.dice.pick(&all).copied().zip(self.any_lane())
        else {
            return;
        };
        let owner = self.world.bindings.get(place).and_then(|binding| {
            self.world
                .queues
                .iter()
                .find(|it| it.name == binding.destination)?
                .owner
        });
        if owner.is_some_and(|owner| owner != client) {
            return;
        }
        let binding = self.world.bindings.remove(place);
        let key = ("routing-key", text(&binding.key));
        let mut fields = match queues {
            true => vec![
                ("queue", text(&binding.destination)),
                ("exchange", text(&binding.exchange)),
                key,
            ],
            false => vec![
                ("destination", text(&binding.destination)),
                ("source", text(&binding.exchange)),
                key,
            ],
        };
        fields.extend(binding.arguments.clone().map(|it| ("arguments", it)));
        self.say(
            client,
            stream,
            if queues {
                "queue.unbind"
            } else {
                "exchange.unbind"
            },
            fields,
        );
        if self.dice.one_in(2) {
            // What was bound is so no more, and nothing else has changed.
            let key = self.matching(&binding.key);
            self.publish_to(client, stream, &binding.exchange, &key);
        }
    }

    pub(super) fn declare_queue(&mut self) {
        let mut declaration = Declaration {
            durable: self.dice.one_in(6),
            exclusive: self.dice.one_in(6),
            auto_delete: self.dice.one_in(8),
            ..Declaration::default()
        };
        if self.dice.one_in(12) {
            declaration
                .arguments
                .push(("x-single-active-consumer".to_owned(), on()));
        }
        self.declare(declaration);
    }

    pub(super) fn declare_limited_queue(&mut self) {
        let mut arguments = Vec::new();
        let mut limit = |name: &str, value: usize| arguments.push((name.to_owned(), number(value)));
        match self.dice.below(4) {
            0 => limit("x-max-length", 1 + self.dice.below(3)),
            1 => limit("x-max-length-bytes", 2 + self.dice.below(40)),
            2 => limit("x-max-priority", 1 + self.dice.below(9)),
            _ => {
                limit("x-max-length", 1 + self.dice.below(3));
                limit("x-max-priority", 2 + self.dice.below(4));
            }
        }
        if self.dice.one_in(3) {
            let overflow = self.dice.word(&["drop-head", "reject-publish"]);
            arguments.push(("x-overflow".to_owned(), text(overflow)));
        }
        if self.dice.one_in(4)
            && let Some(queue) = self.queue()
        {
            arguments.extend(dead_letters_to(&queue.name));
        }
        self.declare(Declaration {
            arguments,
            ..Declaration::default()
        });
    }

    pub(super) fn declare_dead_lettering_queue(&mut self) {
        let mut declaration = Declaration::default();
        let others: Vec<String> = self
            .world
            .exchanges
            .iter()
            .map(|it| it.name.clone())
            .collect();
        declaration.is_own_grave = self.dice.one_in(5);
        match (self.queue(), self.dice.below(4)) {
            _ if declaration.is_own_grave => {}
            (Some(queue), 1..) => declaration.arguments.extend(dead_letters_to(&queue.name)),
            (Some(_), 0) => {
                let exchange = self.dice.pick(&others).cloned().unwrap_or_default();
                declaration
                    .arguments
                    .push(("x-dead-letter-exchange".to_owned(), text(&exchange)));
            }
            _ => {}
        }
        if self.dice.one_in(4) {
            let soon = self.dice.one_in(2);
            declaration.expires_soon = soon;
            let time = if soon { SOON } else { LATE };
            declaration
                .arguments
                .push(("x-message-ttl".to_owned(), number(time)));
        }
        if self.dice.one_in(6) {
            declaration
                .arguments
                .push(("x-max-length".to_owned(), number(1 + self.dice.below(2))));
        }
        self.declare(declaration);
    }

    fn declare(&mut self, declaration: Declaration) {
        let Some((client, stream)) = self.any_lane() else {
            return;
        };
        let by_broker = self.dice.one_in(8);
        let name = self.name(if by_broker { 's' } else { 'q' });
        let mut declaration = declaration;
        if declaration.is_own_grave && !by_broker {
            declaration.arguments.extend(dead_letters_to(&name));
        }
        let mut fields = match by_broker {
            true => Vec::new(),
            false => vec![("queue", text(&name))],
        };
        for (field, set) in [
            ("durable", declaration.durable),
            ("exclusive", declaration.exclusive),
            ("auto-delete", declaration.auto_delete),
        ] {
            if set {
                fields.push((field, on()));
            }
        }
        let has_priorities = declaration
            .arguments
            .iter()
            .any(|(name, _)| name == "x-max-priority");
        if !declaration.arguments.is_empty() {
            fields.push(("arguments", Datum::Table(declaration.arguments)));
        }
        let binds = by_broker.then(|| name.trim_start_matches('$').to_owned());
        self.put(client, stream, "queue.declare", fields, None, binds);
        self.world.queues.push(Queue {
            name,
            owner: declaration.exclusive.then_some(client),
            durable: declaration.durable,
            exclusive_consumer: false,
            has_priorities,
            expires_soon: declaration.expires_soon,
        });
    }

    /// Is it there?
    pub(super) fn redeclare_queue(&mut self) {
        let Some(queue) = self.queue() else {
            return;
        };
        if let Some((client, stream)) = self.lane_for(queue.owner) {
            let fields = vec![("queue", text(&queue.name)), ("passive", on())];
            self.say(client, stream, "queue.declare", fields);
        }
    }

    pub(super) fn delete_queue(&mut self) {
        let Some(queue) = self.queue() else {
            return;
        };
        let Some((client, stream)) = self.lane_for(queue.owner) else {
            return;
        };
        let mut fields = vec![("queue", text(&queue.name))];
        match self.dice.below(4) {
            0 => fields.push(("if-unused", on())),
            1 => fields.push(("if-empty", on())),
            _ => {}
        }
        self.say(client, stream, "queue.delete", fields);
        self.world.forget_queue(&queue.name);
    }

    pub(super) fn purge(&mut self) {
        let Some(queue) = self.queue() else {
            return;
        };
        if let Some((client, stream)) = self.lane_for(queue.owner) {
            self.say(
                client,
                stream,
                "queue.purge",
                vec![("queue", text(&queue.name))],
            );
        }
    }

    /// One of the queues.
    pub(super) fn queue(&mut self) -> Option<Queue> {
        self.dice.pick(&self.world.queues).cloned()
    }

    /// One of the exchanges that were declared.
    pub(super) fn made_exchange(&mut self) -> Option<Exchange> {
        let made: Vec<&Exchange> = self
            .world
            .exchanges
            .iter()
            .filter(|it| it.name.starts_with('$'))
            .collect();
        self.dice.pick(&made).copied().cloned()
    }

    fn binding_key(&mut self, kind: &str) -> (String, Option<Datum>) {
        match kind {
            "topic" => (self.dice.word(&PATTERNS).to_owned(), None),
            "headers" => {
                let mut pairs = Vec::new();
                if !self.dice.one_in(4) {
                    pairs.push(("x-match".to_owned(), text(self.dice.word(&MATCHES))));
                }
                pairs.extend(self.headers());
                (String::new(), Some(Datum::Table(pairs)))
            }
            _ => (self.dice.word(&KEYS).to_owned(), None),
        }
    }

    /// A key that a pattern is made for.
    fn matching(&mut self, pattern: &str) -> String {
        let words = pattern.split('.').map(|word| match word {
            "*" | "#" => self.dice.word(&["a", "b"]),
            word => word,
        });
        words.collect::<Vec<_>>().join(".")
    }

    /// Some headers, of messages and of bindings alike.
    pub(super) fn headers(&mut self) -> Vec<(String, Datum)> {
        let mut pairs = Vec::new();
        for name in ["h", "i", "x-j"] {
            if self.dice.one_in(2) {
                let value = match self.dice.below(4) {
                    0 => Datum::Int(1),
                    1 => Datum::Int(2),
                    2 => text("v"),
                    _ => on(),
                };
                pairs.push((name.to_owned(), value));
            }
        }
        pairs
    }
}

/// A time in ms that is over when one waits, and one that is never over.
pub(super) const SOON: usize = 150;
pub(super) const LATE: usize = 600_000;

pub(super) fn number(number: usize) -> Datum {
    Datum::Int(number as i128)
}

/// The arguments that lead dead letters to a queue, through the default exchange.
fn dead_letters_to(queue: &str) -> [(String, Datum); 2] {
    [
        ("x-dead-letter-exchange".to_owned(), text("")),
        ("x-dead-letter-routing-key".to_owned(), text(queue)),
    ]
}
