//! The reference broker in memory, as the oracle: what does it say to a command, and which queues does a message reach?
//!
//! Each queue has a consumer of the bench's own, so that whatever is routed to it is seen at once and nothing waits. No
//! time passes. What clients do as consumers is not played here.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use mqspec_specs::Protocol;
use reference_broker::config::NameRule;
use reference_broker::{Broker, Config, ConnectionId, Output, Peer};

use super::super::super::{Datum, Incoming, Outgoing, Session, Want};
use super::super::session::AmqpSession;

/// The channel on which the bench consumes.
const PROBE: u16 = u16::MAX;
/// The first connection that keeps what is not exclusive, one for each virtual host.
const KEEPERS: usize = usize::MAX / 2;

/// A message that reached a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Routed {
    pub(super) queue: Vec<u8>,
    /// Its `message-id`.
    pub(super) message: Vec<u8>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Bench {
    protocol: &'static Protocol,
    broker: Broker,
    hosts: Vec<String>,
    links: HashMap<usize, Link>,
}

#[derive(Debug)]
struct Link {
    id: ConnectionId,
    session: AmqpSession,
    channels: HashSet<u16>,
    came: Vec<Incoming>,
    over: bool,
}

fn field(name: &str, value: Datum) -> (String, Datum) {
    (name.to_owned(), value)
}

impl Bench {
    pub(super) fn new(protocol: &'static Protocol, hosts: Vec<String>) -> Bench {
        let config = Config {
            virtual_hosts: hosts.clone(),
            names: NameRule::Any,
            channel_max: u16::MAX,
            heartbeat: 0,
            ..Config::default()
        };
        Bench {
            protocol,
            broker: Broker::new(config),
            hosts,
            links: HashMap::new(),
        }
    }

    /// The connection that keeps what is not exclusive in a virtual host.
    fn keeper(&self, host: &str) -> usize {
        let place = self.hosts.iter().position(|known| known == host);
        KEEPERS + place.unwrap_or(0)
    }

    /// The oracle's answer to a command that has one; none if it says nothing.
    pub(super) fn ask(
        &mut self,
        connection: usize,
        host: &str,
        message: &Outgoing,
    ) -> Option<Incoming> {
        self.open(connection, host, message.stream);
        self.say(connection, message);
        let link = self.links.get_mut(&connection)?;
        let mut answer = None;
        for incoming in std::mem::take(&mut link.came) {
            let of_probe = incoming.command == "basic.deliver";
            match incoming.command.as_str() {
                "channel.close" => {
                    link.channels.remove(&incoming.stream);
                }
                "connection.close" => link.over = true,
                _ => {}
            }
            match of_probe {
                true => link.came.push(incoming),
                false => answer = Some(incoming),
            }
        }
        if let Some(closed) = answer.as_ref().filter(|it| it.command == "channel.close") {
            let reply = Outgoing::new(closed.stream, "channel.close-ok", Vec::new());
            self.say(connection, &reply);
        }
        answer
    }

    /// Has every message that reaches a queue seen.
    pub(super) fn watch(&mut self, connection: usize, host: &str, queue: &[u8], exclusive: bool) {
        let owner = match exclusive {
            true => connection,
            false => self.keeper(host),
        };
        let name = || Datum::Octets(queue.to_vec());
        let fields = vec![
            field("queue", name()),
            field("consumer-tag", name()),
            field("no-ack", Datum::Bool(true)),
        ];
        self.ask(owner, host, &Outgoing::new(PROBE, "basic.consume", fields));
    }

    /// What reached queues since the last call.
    pub(super) fn routed(&mut self) -> Vec<Routed> {
        let mut all = Vec::new();
        for link in self.links.values_mut() {
            link.came.retain(|incoming| {
                let octets = |name: &str| {
                    let field = incoming.field(name).and_then(Datum::octets);
                    field.unwrap_or_default().to_vec()
                };
                let delivered = incoming.command == "basic.deliver";
                if delivered {
                    all.push(Routed {
                        queue: octets("consumer-tag"),
                        message: octets("message-id"),
                    });
                }
                !delivered
            });
        }
        all
    }

    /// A channel is closed.
    pub(super) fn close(&mut self, connection: usize, host: &str, channel: u16) {
        let open = self.links.get(&connection);
        if open.is_some_and(|link| link.channels.contains(&channel)) {
            self.ask(
                connection,
                host,
                &Outgoing::new(channel, "channel.close", Vec::new()),
            );
            if let Some(link) = self.links.get_mut(&connection) {
                link.channels.remove(&channel);
            }
        }
    }

    /// A connection is over.
    pub(super) fn end(&mut self, connection: usize) {
        if let Some(link) = self.links.remove(&connection) {
            self.broker.disconnect(link.id, Duration::ZERO);
            self.pump();
        }
    }

    /// Opens the connection and the channel, where they are not.
    fn open(&mut self, connection: usize, host: &str, channel: u16) {
        if self.links.get(&connection).is_some_and(|link| link.over) {
            self.end(connection);
        }
        if !self.links.contains_key(&connection) {
            let link = Link {
                id: self.broker.connect(&Peer::default(), Duration::ZERO),
                session: AmqpSession::new(self.protocol),
                channels: HashSet::new(),
                came: Vec::new(),
                over: false,
            };
            self.links.insert(connection, link);
            let response = Datum::Octets(b"\0guest\0guest".to_vec());
            let start = vec![
                field("mechanism", Datum::text("PLAIN")),
                field("response", response),
                field("locale", Datum::text("en_US")),
            ];
            let tune = vec![
                field("channel-max", Datum::Int(u16::MAX.into())),
                field("frame-max", Datum::Int(131_072)),
            ];
            let open = vec![field("virtual-host", Datum::text(host))];
            for (command, fields) in [
                ("protocol-header", Vec::new()),
                ("connection.start-ok", start),
                ("connection.tune-ok", tune),
                ("connection.open", open),
            ] {
                self.say(connection, &Outgoing::new(0, command, fields));
            }
            if let Some(link) = self.links.get_mut(&connection) {
                link.came.clear();
            }
        }
        let Some(link) = self.links.get_mut(&connection) else {
            return;
        };
        if link.channels.insert(channel) {
            self.say(
                connection,
                &Outgoing::new(channel, "channel.open", Vec::new()),
            );
            if let Some(link) = self.links.get_mut(&connection) {
                link.came.retain(|it| it.command != "channel.open-ok");
            }
        }
    }

    fn say(&mut self, connection: usize, message: &Outgoing) {
        let Some(link) = self.links.get_mut(&connection) else {
            return;
        };
        // What cannot be encoded cannot be asked.
        let Ok(pieces) = link.session.encode(message) else {
            return;
        };
        let id = link.id;
        self.broker
            .receive(id, Bytes::from(pieces.concat()), Duration::ZERO);
        self.pump();
    }

    /// Takes what the broker says.
    fn pump(&mut self) {
        while let Some((id, output)) = self.broker.poll_output() {
            let link = self.links.values_mut().find(|link| link.id == id);
            match output {
                Output::Write(octets) => {
                    self.broker.written(id, octets.len(), Duration::ZERO);
                    let Some(link) = link else { continue };
                    link.session.receive(&octets);
                    while let Some(stream) = link.session.first_stream() {
                        let want = Want {
                            stream,
                            command: "",
                            without_content: false,
                        };
                        let Some(incoming) = link.session.take(want) else {
                            break;
                        };
                        link.came.push(incoming);
                    }
                }
                Output::Verify(attempt) => {
                    self.broker.verified(id, attempt.succeeds(), Duration::ZERO);
                }
                Output::Close => {
                    if let Some(link) = link {
                        link.over = true;
                    }
                    self.broker.disconnect(id, Duration::ZERO);
                }
                Output::Pause | Output::Resume => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_tells_where_a_message_goes_and_what_it_refuses() {
        let mut bench = Bench::new(mqspec_specs::amqp_0_9_1(), vec!["/".to_owned()]);
        let mut ask = |command: &str, fields: &[(&str, &str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| field(name, Datum::text(value)));
            let message = Outgoing::new(1, command, fields.collect());
            bench.ask(0, "/", &message).map(|it| it.command)
        };
        let said = ask("queue.declare", &[("queue", "q")]);
        assert_eq!(said.as_deref(), Some("queue.declare-ok"));
        let said = ask("exchange.declare", &[("exchange", "x"), ("type", "fanout")]);
        assert_eq!(said.as_deref(), Some("exchange.declare-ok"));
        let said = ask("exchange.declare", &[("exchange", "x"), ("type", "topic")]);
        assert!(said.is_some_and(|it| it.ends_with(".close")));
        let said = ask("queue.bind", &[("queue", "q"), ("exchange", "x")]);
        assert_eq!(said.as_deref(), Some("queue.bind-ok"));
        bench.watch(0, "/", b"q", false);
        let fields = vec![
            field("exchange", Datum::text("x")),
            field("message-id", Datum::text("7")),
        ];
        let publish = Outgoing::new(1, "basic.publish", fields);
        assert_eq!(bench.ask(0, "/", &publish), None);
        let routed = Routed {
            queue: b"q".to_vec(),
            message: b"7".to_vec(),
        };
        assert_eq!(bench.routed(), [routed]);
    }
}
