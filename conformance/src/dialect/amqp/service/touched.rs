//! Which queues and exchanges the commands of an exchange are about, and which commands are under way at the same time.

use std::collections::HashMap;
use std::fmt;

use mqspec_specs::Protocol;

use super::super::super::{Overheard, Passed, Side, UNTOLD};
use super::replies::Replies;
use super::{flag, octets};

/// A queue or an exchange of a virtual host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) host: String,
    pub(super) kind: Kind,
    /// Its name, as the oracle is told it.
    pub(super) name: Vec<u8>,
    /// Whether the broker made up the name.
    pub(super) made: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Queue,
    Exchange,
}

impl Key {
    /// Whether every broker has it.
    pub(super) fn is_standard(&self) -> bool {
        let names = [
            "",
            "amq.direct",
            "amq.fanout",
            "amq.topic",
            "amq.headers",
            "amq.match",
        ];
        let known = names.iter().any(|name| name.as_bytes() == self.name);
        self.kind == Kind::Exchange && known
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Queue => "queue",
            Kind::Exchange => "exchange",
        };
        let name = String::from_utf8_lossy(&self.name);
        let name = name.strip_prefix(MADE).unwrap_or(&name);
        match name.strip_prefix(UNTOLD) {
            Some(variable) => write!(f, "{kind} ${variable}"),
            None => write!(f, "{kind} `{name}`"),
        }
    }
}

/// What stands before a name that only a broker may give, so that the oracle takes it from a client.
const MADE: &str = "made:";

/// From which command to which a command may have had its effect.
#[derive(Debug, Clone, Copy)]
struct Span {
    lane: (usize, u16),
    from: usize,
    to: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Touched {
    keys: HashMap<usize, Vec<Key>>,
    /// The fields of a command that the oracle is told otherwise.
    renamed: HashMap<(usize, String), Vec<u8>>,
    spans: HashMap<usize, Span>,
    /// What changed each thing.
    changes: HashMap<Key, Vec<Span>>,
    end: usize,
}

impl Touched {
    pub(super) fn of(
        protocol: &Protocol,
        exchange: &[Passed],
        replies: &Replies,
        hosts: &HashMap<usize, String>,
    ) -> Touched {
        let mut touched = Touched {
            end: exchange.len(),
            ..Touched::default()
        };
        let made = made_by_broker(exchange, replies);
        let mut last_queue: HashMap<(usize, u16), Vec<u8>> = HashMap::new();
        let sure_at = sure_at(exchange, replies);
        for (place, Passed { connection, said }) in exchange.iter().enumerate() {
            if said.side != Side::Client || protocol.command(&said.command).is_none() {
                continue;
            }
            let lane = (*connection, said.stream);
            let host = hosts.get(connection).cloned().unwrap_or_default();
            if said.command == "channel.open" {
                last_queue.remove(&lane);
            }
            let mut keys = Vec::new();
            for (field, kind) in names(said) {
                let mut name = octets(said, field).to_vec();
                if kind == Kind::Queue && name.is_empty() {
                    name = match said.command.as_str() {
                        "queue.declare" => match told_name(exchange, replies, place) {
                            Some(name) => name,
                            None => break,
                        },
                        _ => last_queue.get(&lane).cloned().unwrap_or_default(),
                    };
                    if name.is_empty() {
                        // Nobody knows what it is about.
                        keys.clear();
                        break;
                    }
                }
                if kind == Kind::Queue && said.command == "queue.declare" {
                    last_queue.insert(lane, name.clone());
                }
                let is_made = kind == Kind::Queue && made.contains(&name);
                let known = match is_made {
                    true => [MADE.as_bytes(), &name].concat(),
                    false => name,
                };
                if known != octets(said, field) {
                    touched
                        .renamed
                        .insert((place, field.to_owned()), known.clone());
                }
                keys.push(Key {
                    host: host.clone(),
                    kind,
                    name: known,
                    made: is_made,
                });
            }
            touched.routing_key(place, said, &made, &keys);
            let to = replies.outcome.get(&place).copied();
            let span = Span {
                lane,
                from: place,
                to: to
                    .or_else(|| sure_at.get(&place).copied())
                    .unwrap_or(exchange.len()),
            };
            if changes(said) {
                for key in &keys {
                    touched.changes.entry(key.clone()).or_default().push(span);
                }
            }
            touched.spans.insert(place, span);
            touched.keys.insert(place, keys);
        }
        touched
    }

    /// The nameless exchange routes by the names of queues, and a binding without a key has the queue's name for one.
    fn routing_key(&mut self, place: usize, said: &Overheard, made: &[Vec<u8>], keys: &[Key]) {
        let key = octets(said, "routing-key");
        let by_name = said.command == "basic.publish" && octets(said, "exchange").is_empty();
        let unnamed =
            said.command == "queue.bind" && octets(said, "queue").is_empty() && key.is_empty();
        if by_name && made.iter().any(|name| name == key) {
            let known = [MADE.as_bytes(), key].concat();
            self.renamed
                .insert((place, "routing-key".to_owned()), known);
        } else if unnamed && let Some(queue) = keys.first() {
            // What is published with that key has the broker's own name for it.
            let name = queue
                .name
                .strip_prefix(MADE.as_bytes())
                .unwrap_or(&queue.name);
            self.renamed
                .insert((place, "routing-key".to_owned()), name.to_vec());
        }
    }

    /// What a command is about.
    pub(super) fn keys(&self, place: usize) -> &[Key] {
        self.keys.get(&place).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the oracle is told in place of a field.
    pub(super) fn renamed(&self, place: usize, field: &str) -> Option<Vec<u8>> {
        self.renamed.get(&(place, field.to_owned())).cloned()
    }

    /// Whether nobody knows if the broker ever came to a command.
    pub(super) fn is_open(&self, place: usize) -> bool {
        self.spans
            .get(&place)
            .is_none_or(|span| span.to >= self.end)
    }

    /// Whether another channel changed the same thing while a command was under way.
    pub(super) fn is_contested(&self, place: usize) -> bool {
        let Some(span) = self.spans.get(&place) else {
            return false;
        };
        self.keys(place).iter().any(|key| {
            let changes = self.changes.get(key).into_iter().flatten();
            changes
                .filter(|other| other.lane != span.lane)
                .any(|other| other.from <= span.to && span.from <= other.to)
        })
    }
}

/// The fields of a command that name queues and exchanges.
fn names(said: &Overheard) -> Vec<(&'static str, Kind)> {
    match said.command.as_str() {
        "queue.declare" | "queue.delete" | "queue.purge" | "basic.consume" | "basic.get" => {
            vec![("queue", Kind::Queue)]
        }
        "queue.bind" | "queue.unbind" => {
            vec![("queue", Kind::Queue), ("exchange", Kind::Exchange)]
        }
        "exchange.declare" | "exchange.delete" | "basic.publish" => {
            vec![("exchange", Kind::Exchange)]
        }
        "exchange.bind" | "exchange.unbind" => {
            vec![("destination", Kind::Exchange), ("source", Kind::Exchange)]
        }
        _ => Vec::new(),
    }
}

fn changes(said: &Overheard) -> bool {
    match said.command.as_str() {
        "queue.declare" | "exchange.declare" => !flag(said, "passive"),
        name => ["delete", "bind", "unbind"]
            .iter()
            .any(|it| name.ends_with(&format!(".{it}"))),
    }
}

/// The name that the reply to a declare tells.
fn told_name(exchange: &[Passed], replies: &Replies, place: usize) -> Option<Vec<u8>> {
    let reply = &exchange[*replies.outcome.get(&place)?].said;
    let name = octets(reply, "queue");
    (!name.is_empty()).then(|| name.to_vec())
}

/// The names of queues that the broker made up.
fn made_by_broker(exchange: &[Passed], replies: &Replies) -> Vec<Vec<u8>> {
    let declares = exchange.iter().enumerate().filter(|(_, it)| {
        it.said.side == Side::Client
            && it.said.command == "queue.declare"
            && octets(&it.said, "queue").is_empty()
    });
    declares
        .filter_map(|(place, _)| told_name(exchange, replies, place))
        .collect()
}

/// For each command of a client, the reply on its channel to a later request: by then the broker has done it.
fn sure_at(exchange: &[Passed], replies: &Replies) -> HashMap<usize, usize> {
    let mut sure = HashMap::new();
    let mut waiting: HashMap<(usize, u16), Vec<usize>> = HashMap::new();
    for (place, Passed { connection, said }) in exchange.iter().enumerate() {
        let lane = (*connection, said.stream);
        match said.side {
            Side::Client => waiting.entry(lane).or_default().push(place),
            Side::Broker => {
                let Some(request) = replies.request.get(&place) else {
                    continue;
                };
                let waiting = waiting.entry(lane).or_default();
                waiting.retain(|asked| {
                    let done = asked < request;
                    if done {
                        sure.insert(*asked, place);
                    }
                    !done
                });
            }
        }
    }
    sure
}
