//! What a broker has to refuse.

use super::super::super::Datum;
use super::topology::number;
use super::world::Mode;
use super::{Maker, on, text};

/// How many kinds there are.
const MISTAKES: usize = 38;

/// How far a refusal reaches.
enum Reach {
    Channel,
    Connection,
}

impl Maker<'_> {
    pub(super) fn mistake(&mut self) {
        let Some((client, stream)) = self.any_lane() else {
            return;
        };
        let queue = self
            .queue()
            .filter(|it| it.owner.is_none_or(|owner| owner == client));
        let here = queue
            .as_ref()
            .map_or_else(|| "$q_none".to_owned(), |it| it.name.clone());
        let exchange = self.made_exchange();
        let known = exchange
            .as_ref()
            .map_or_else(|| "amq.direct".to_owned(), |it| it.name.clone());
        let mode = self
            .world
            .lanes
            .iter()
            .find(|it| it.client == client && it.stream == stream)
            .map(|it| it.mode);
        let nowhere = || text("$q_none");
        let argument =
            |name: &str, value: Datum| ("arguments", Datum::Table(vec![(name.to_owned(), value)]));
        let mut reach = Reach::Channel;
        match self.dice.below(MISTAKES) {
            0 => self.say(
                client,
                stream,
                "basic.ack",
                vec![("delivery-tag", number(99))],
            ),
            1 => self.say(
                client,
                stream,
                "basic.nack",
                vec![("delivery-tag", number(99)), ("multiple", on())],
            ),
            2 => self.say(
                client,
                stream,
                "basic.reject",
                vec![("delivery-tag", number(99))],
            ),
            3 => self.say(
                client,
                stream,
                "basic.publish",
                vec![
                    ("exchange", text("$x_none")),
                    ("routing-key", text("a")),
                    ("body", text("lost")),
                ],
            ),
            4 => self.say(
                client,
                stream,
                "queue.declare",
                vec![("queue", nowhere()), ("passive", on())],
            ),
            5 => self.say(
                client,
                stream,
                "exchange.declare",
                vec![
                    ("exchange", text("$x_none")),
                    ("type", text("direct")),
                    ("passive", on()),
                ],
            ),
            6 => {
                let durable = queue.as_ref().is_some_and(|it| !it.durable);
                self.say(
                    client,
                    stream,
                    "queue.declare",
                    vec![("queue", text(&here)), ("durable", Datum::Bool(durable))],
                );
            }
            7 => self.say(
                client,
                stream,
                "queue.declare",
                vec![("queue", text(&here)), argument("x-max-length", number(77))],
            ),
            8 => self.say(
                client,
                stream,
                "queue.bind",
                vec![
                    ("queue", nowhere()),
                    ("exchange", text("amq.direct")),
                    ("routing-key", text("a")),
                ],
            ),
            9 => self.say(
                client,
                stream,
                "queue.bind",
                vec![
                    ("queue", text(&here)),
                    ("exchange", text("$x_none")),
                    ("routing-key", text("a")),
                ],
            ),
            10 => self.say(client, stream, "basic.consume", vec![("queue", nowhere())]),
            11 => self.say(client, stream, "basic.get", vec![("queue", nowhere())]),
            12 => self.say(client, stream, "queue.purge", vec![("queue", nowhere())]),
            13 if mode != Some(Mode::Transaction) => {
                self.say(client, stream, "tx.commit", Vec::new())
            }
            14 if mode != Some(Mode::Transaction) => {
                self.say(client, stream, "tx.rollback", Vec::new())
            }
            15 if mode == Some(Mode::Confirm) => self.say(client, stream, "tx.select", Vec::new()),
            16 if mode == Some(Mode::Transaction) => {
                self.say(client, stream, "confirm.select", Vec::new())
            }
            17 => self.say(
                client,
                stream,
                "queue.declare",
                vec![("queue", text("amq.made-up"))],
            ),
            18 => self.say(
                client,
                stream,
                "exchange.declare",
                vec![("exchange", text("amq.made-up")), ("type", text("direct"))],
            ),
            19 => self.say(
                client,
                stream,
                "queue.declare",
                vec![
                    ("queue", text("$q_bad")),
                    argument("x-message-ttl", Datum::Int(-1)),
                ],
            ),
            20 => self.say(
                client,
                stream,
                "queue.declare",
                vec![
                    ("queue", text("$q_bad")),
                    argument("x-max-priority", Datum::Int(-1)),
                ],
            ),
            21 => self.say(
                client,
                stream,
                "basic.publish",
                vec![
                    ("routing-key", text(&here)),
                    ("expiration", text("soon")),
                    ("body", text("lost")),
                ],
            ),
            22 => self.say(
                client,
                stream,
                "basic.publish",
                vec![
                    ("routing-key", text(&here)),
                    ("user-id", text("somebody")),
                    ("body", text("lost")),
                ],
            ),
            23 if queue.is_some() && self.dice.one_in(4) => self.say(
                client,
                stream,
                "queue.bind",
                vec![
                    ("queue", text(&here)),
                    ("exchange", text("")),
                    // All that are played side by side publish to the default exchange: a key of this one's own.
                    ("routing-key", nowhere()),
                ],
            ),
            24 => self.say(
                client,
                stream,
                "exchange.delete",
                vec![("exchange", text("amq.direct"))],
            ),
            25 => {
                reach = Reach::Connection;
                self.say(client, stream, "channel.open", Vec::new());
            }
            26 => {
                reach = Reach::Connection;
                self.say(
                    client,
                    stream,
                    "exchange.declare",
                    vec![("exchange", text("$x_odd")), ("type", text("x-unknown"))],
                );
            }
            27 => {
                let kind = match exchange.as_ref().map(|it| it.kind) {
                    Some("fanout") => "direct",
                    _ => "fanout",
                };
                self.say(
                    client,
                    stream,
                    "exchange.declare",
                    vec![("exchange", text(&known)), ("type", text(kind))],
                );
            }
            28 => {
                let tag = self
                    .world
                    .lanes
                    .iter()
                    .find(|it| it.client == client && it.stream == stream);
                let tag = tag
                    .and_then(|it| it.consumers.first())
                    .map(|it| it.tag.clone());
                let Some(tag) = tag.filter(|tag| !tag.starts_with('$')) else {
                    return;
                };
                reach = Reach::Connection;
                self.say(
                    client,
                    stream,
                    "basic.consume",
                    vec![("queue", text(&here)), ("consumer-tag", text(&tag))],
                );
            }
            29 => {
                let Some(queue) = self
                    .world
                    .queues
                    .iter()
                    .find(|it| it.owner.is_some_and(|it| it != client))
                else {
                    return;
                };
                let name = queue.name.clone();
                let command =
                    self.dice
                        .word(&["basic.consume", "basic.get", "queue.purge", "queue.delete"]);
                self.say(client, stream, command, vec![("queue", text(&name))]);
            }
            30 => {
                let Some(queue) = self.world.queues.iter().find(|it| it.exclusive_consumer) else {
                    return;
                };
                let name = queue.name.clone();
                self.say(
                    client,
                    stream,
                    "basic.consume",
                    vec![("queue", text(&name))],
                );
            }
            31 => {
                let used: Vec<String> = self
                    .world
                    .bindings
                    .iter()
                    .map(|it| it.exchange.clone())
                    .collect();
                let Some(used) = self
                    .dice
                    .pick(&used)
                    .filter(|it| it.starts_with('$'))
                    .cloned()
                else {
                    return;
                };
                self.say(
                    client,
                    stream,
                    "exchange.delete",
                    vec![("exchange", text(&used)), ("if-unused", on())],
                );
            }
            32 => {
                // Nobody is told that there was none.
                return self.say(
                    client,
                    stream,
                    "basic.cancel",
                    vec![("consumer-tag", text("nobody"))],
                );
            }
            33 => self.say(
                client,
                stream,
                "exchange.bind",
                vec![
                    ("destination", text(&known)),
                    ("source", text("$x_none")),
                    ("routing-key", text("a")),
                ],
            ),
            34 => {
                let Some(inner) = self.world.exchanges.iter().find(|it| it.internal) else {
                    return;
                };
                let name = inner.name.clone();
                self.say(
                    client,
                    stream,
                    "basic.publish",
                    vec![
                        ("exchange", text(&name)),
                        ("routing-key", text("a")),
                        ("body", text("lost")),
                    ],
                );
            }
            35 => self.say(
                client,
                stream,
                "basic.ack",
                vec![("delivery-tag", number(0))],
            ),
            36 if self.dice.one_in(6) => match self.dice.below(5) {
                0 => self.say(client, stream, "queue.delete", vec![("queue", nowhere())]),
                1 => self.say(
                    client,
                    stream,
                    "exchange.delete",
                    vec![("exchange", text("$x_none"))],
                ),
                2 => self.say(
                    client,
                    stream,
                    "basic.publish",
                    vec![
                        ("routing-key", text(&here)),
                        ("immediate", on()),
                        ("body", text("lost")),
                    ],
                ),
                3 => self.say(
                    client,
                    stream,
                    "basic.qos",
                    vec![("prefetch-size", number(10))],
                ),
                _ => self.say(
                    client,
                    stream,
                    "basic.recover",
                    vec![("requeue", Datum::Bool(false))],
                ),
            },
            37 if queue.is_some() => self.say(
                client,
                stream,
                "queue.declare",
                vec![("queue", text(&here)), ("auto-delete", on())],
            ),
            _ => return,
        }
        match reach {
            Reach::Channel => self.shut(client, stream),
            Reach::Connection => self.world.lose(client),
        }
    }
}
