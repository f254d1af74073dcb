//! What is asked so that all that follows from a step has come, and what is said so that nothing is left.
//!
//! A reply on a channel proves that the broker read what was sent there before (AMQP 0-9-1 §4.6), a queue's own answer
//! that it had got what was routed to it by then, and a reply on a consumer's channel that what the queue handed over
//! before has been sent. Each round asks one of these; the next one is asked when all have been answered.

use super::super::super::generated::{Act, Move, Ready};
use super::super::super::{Datum, Outgoing};
use super::lane::Mode;
use super::{AmqpLedger, CONTROL, Probe, State};

/// Steps that move no message, and change no consumer.
const CALM: [&str; 10] = [
    "channel.open",
    "channel.flow",
    "exchange.declare",
    "exchange.bind",
    "exchange.unbind",
    "queue.bind",
    "queue.unbind",
    "confirm.select",
    "tx.select",
    "exchange.delete",
];

impl AmqpLedger {
    pub(super) fn next_questions(&mut self, step: &Move, at_once: bool) -> Option<Vec<Ready>> {
        if !self.probes.is_empty() {
            // One of the queues was not there, and the channel of the questions was closed.
            let queues: Vec<String> = std::mem::take(&mut self.probes)
                .into_iter()
                .map(|it| it.queue)
                .collect();
            return Some(self.ask_queues(step.client, queues));
        }
        let calm = matches!(&step.act, Act::Say { message, .. } if CALM.contains(&message.command.as_str()));
        let round = self.round;
        self.round += 1;
        match round {
            0 if at_once => Some(Vec::new()),
            0 => Some(self.ask_lane_of(step)),
            _ if calm && !self.closed => None,
            1 => Some(self.ask_all_queues(step.client)),
            2 if at_once => None,
            2 if self.queues.values().any(|it| it.dead_letters) => {
                Some(self.ask_all_queues(step.client))
            }
            2 => Some(Vec::new()),
            3 => Some(self.ask_listeners()),
            _ => None,
        }
    }

    /// Has the step been read?
    fn ask_lane_of(&self, step: &Move) -> Vec<Ready> {
        let Act::Say { message, .. } = &step.act else {
            return Vec::new();
        };
        // What is answered needs no question.
        if self.has_reply(message) || !self.is_lane_open(step.client, message.stream) {
            return Vec::new();
        }
        vec![question(step.client, message.stream)]
    }

    fn ask_all_queues(&mut self, client: usize) -> Vec<Ready> {
        let there = self.queues.iter().filter(|(_, it)| it.is_there);
        let names = there.map(|(name, _)| name.clone()).collect();
        self.ask_queues(client, names)
    }

    /// What do these queues hold, and who listens?
    fn ask_queues(&mut self, client: usize, names: Vec<String>) -> Vec<Ready> {
        let mut asked: Vec<Ready> = Vec::new();
        for name in names {
            let Some(asks) = self.who_asks(client, &name) else {
                continue;
            };
            let opening = asked.iter().any(|it| it.client == asks);
            if self.lane_of(asks, CONTROL).is_none() && !opening {
                asked.push(self.open(asks, CONTROL));
            }
            let passive = ("passive".to_owned(), Datum::Bool(true));
            let queue = ("queue".to_owned(), Datum::text(&name));
            let message = Outgoing::new(CONTROL, "queue.declare", vec![queue, passive]);
            let Some(message) = self.names.resolve(&message) else {
                continue;
            };
            asked.push(Ready {
                client: asks,
                message,
            });
            self.probes.push(Probe {
                client: asks,
                queue: name,
            });
        }
        asked
    }

    /// Who may ask about a queue: its owner, or whoever is there.
    fn who_asks(&self, client: usize, name: &str) -> Option<usize> {
        let is_there = |client: &usize| {
            let client = self.clients.get(*client);
            client.is_some_and(|it| it.state == State::Ready && it.takes_part)
        };
        let owner = self.queues.get(name).and_then(|it| it.owner);
        let anybody = 0..self.clients.len();
        let all = owner
            .into_iter()
            .chain(std::iter::once(client))
            .chain(anybody);
        all.into_iter().find(is_there)
    }

    /// Has everything been sent that a channel is to hear?
    fn ask_listeners(&self) -> Vec<Ready> {
        let lanes = self.open_lanes();
        let listening =
            lanes.filter(|(_, _, lane)| !lane.consumers.is_empty() || lane.mode == Mode::Confirm);
        listening
            .map(|(client, stream, _)| question(client, stream))
            .collect()
    }

    /// A broker may let clients in and answer nothing that is about queues.
    pub(super) fn sound_out(&self, client: usize) -> Vec<Ready> {
        let queue = || ("queue".to_owned(), Datum::text("$sounding"));
        let exclusive = ("exclusive".to_owned(), Datum::Bool(true));
        let said = [
            Outgoing::new(CONTROL, "queue.declare", vec![queue(), exclusive]),
            Outgoing::new(CONTROL, "queue.delete", vec![queue()]),
        ];
        let said = said.iter().filter_map(|it| self.names.resolve(it));
        std::iter::once(self.open(client, CONTROL))
            .chain(said.map(|message| Ready { client, message }))
            .collect()
    }

    /// What is said so that nothing is left, round by round.
    pub(super) fn clearing(&mut self, round: usize) -> Option<Vec<Ready>> {
        self.probes.clear();
        match round {
            0 => {
                let open = self.open_lanes().map(|(client, stream, _)| Ready {
                    client,
                    message: Outgoing::new(stream, "channel.close", Vec::new()),
                });
                let open = open.collect();
                for client in &mut self.clients {
                    client
                        .lanes
                        .retain(|stream, lane| *stream == CONTROL || lane.is_open);
                }
                Some(open)
            }
            1 => {
                let there = self.queues.iter().filter(|(_, it)| it.is_there);
                let names: Vec<String> = there.map(|(name, _)| name.clone()).collect();
                let mut said = Vec::new();
                for name in names {
                    self.delete(&mut said, 0, "queue.delete", "queue", name.as_bytes());
                }
                let (goes, stays) = std::mem::take(&mut self.exchanges)
                    .into_iter()
                    .partition(|it| it.goes);
                self.exchanges = goes;
                for exchange in stays as Vec<super::Declared> {
                    self.delete_exchange(&mut said, &exchange);
                }
                Some(said)
            }
            // One that may be gone may end the channel that asks for its deletion.
            _ => {
                let exchange = self.exchanges.pop()?;
                let mut said = Vec::new();
                self.delete_exchange(&mut said, &exchange);
                Some(said)
            }
        }
    }

    fn delete_exchange(&self, said: &mut Vec<Ready>, exchange: &super::Declared) {
        let (client, name) = (exchange.client, &exchange.name);
        self.delete(said, client, "exchange.delete", "exchange", name);
    }

    fn delete(
        &self,
        said: &mut Vec<Ready>,
        client: usize,
        command: &str,
        field: &str,
        name: &[u8],
    ) {
        let shown = String::from_utf8_lossy(name);
        let Some(client) = self.who_asks(client, &shown) else {
            return;
        };
        let opening = said.iter().any(|it: &Ready| it.client == client);
        if self.lane_of(client, CONTROL).is_none() && !opening {
            said.push(self.open(client, CONTROL));
        }
        let message = Outgoing::new(
            CONTROL,
            command,
            vec![(field.to_owned(), Datum::Octets(name.to_vec()))],
        );
        if let Some(message) = self.names.resolve(&message) {
            said.push(Ready { client, message });
        }
    }
}

/// A request that changes nothing.
fn question(client: usize, stream: u16) -> Ready {
    let fields = vec![
        ("exchange".to_owned(), Datum::text("amq.direct")),
        ("type".to_owned(), Datum::text("direct")),
        ("passive".to_owned(), Datum::Bool(true)),
    ];
    Ready {
        client,
        message: Outgoing::new(stream, "exchange.declare", fields),
    }
}
