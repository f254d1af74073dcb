//! What exists while a recorded exchange goes on, and whether the broker's answers fit to that.
//!
//! A queue or an exchange that was there before, or that others may have made, deleted or locked beside the recording,
//! proves nothing. Neither does what two channels do to the same thing at the same time.
//!
//! - `made`: what is declared; `used`: what has to be there, and what is published

mod made;
mod used;

use std::collections::{HashMap, HashSet};

use mqspec_specs::Protocol;

use super::super::super::{Datum, Found, Outgoing, Overheard, Passed, Side, World};
use super::bench::Bench;
use super::replies::Replies;
use super::touched::{Key, Kind, Touched};
use super::{flag, found};

/// A connection and a channel.
type Lane = (usize, u16);

/// What is known of a queue or an exchange.
#[derive(Debug, Clone, Default)]
pub(super) struct Thing {
    there: There,
    /// Whether it was certainly made within the recording, so that all its bindings are known.
    pub(super) new: bool,
    /// The connection that has it for itself.
    pub(super) exclusive: Option<usize>,
    auto_delete: bool,
    /// Whether it may be gone, or be another, for a reason that nobody can see.
    unsure: bool,
    /// Whether it has optional arguments, by which messages may be dropped or change places.
    pub(super) special: bool,
    /// Whether it held nothing when it was first met.
    pub(super) empty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum There {
    #[default]
    Unknown,
    Yes,
    No,
}

/// Where a published message went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) queues: Vec<Vec<u8>>,
    /// Whether it may have gone elsewhere, or nowhere.
    pub(super) unsure: bool,
}

/// What the oracle says about an exchange.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) found: Vec<Found>,
    pub(super) remarks: Vec<String>,
    /// Where each publish went, by its index.
    pub(super) routes: HashMap<usize, Route>,
    things: HashMap<Key, Thing>,
    /// What is known of each queue and exchange over the whole of the exchange.
    pub(super) traits: HashMap<Key, Thing>,
    /// The queue that a consume, get, purge or the like is about, by the command's index.
    pub(super) queues: HashMap<usize, Key>,
    /// The virtual host of each connection.
    pub(super) hosts: HashMap<usize, String>,
}

/// Plays the exchange to the oracle.
pub(super) fn world(
    protocol: &'static Protocol,
    exchange: &[Passed],
    replies: &Replies,
    world: World,
) -> Known {
    let mut hosts: Vec<String> = vec!["/".to_owned()];
    let mut of_connection = HashMap::new();
    for Passed { connection, said } in exchange {
        if said.side == Side::Client && said.command == "connection.open" {
            let host = super::text(said, "virtual-host");
            of_connection.insert(*connection, host.clone());
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    let touched = Touched::of(protocol, exchange, replies, &of_connection);
    let mut player = Player {
        exchange,
        replies,
        alone: world == World::Alone,
        bench: Bench::new(protocol, hosts),
        touched,
        known: Known {
            hosts: of_connection,
            ..Known::default()
        },
        published: HashMap::new(),
        before: HashSet::new(),
    };
    for place in 0..exchange.len() {
        player.play(place);
    }
    player.finish()
}

struct Player<'e> {
    exchange: &'e [Passed],
    replies: &'e Replies,
    alone: bool,
    bench: Bench,
    touched: Touched,
    known: Known,
    /// The exchanges that were published to on a channel since it was opened.
    published: HashMap<Lane, HashSet<Key>>,
    /// What existed before.
    before: HashSet<Key>,
}

/// What a recorded request came to.
enum Outcome<'e> {
    /// Its reply.
    Fine,
    /// The close that refused it, at that index.
    Refused(usize, &'e Overheard),
    /// Nobody knows.
    Open,
}

impl<'e> Player<'e> {
    fn finish(mut self) -> Known {
        let mut names: Vec<String> = self.before.iter().map(Key::to_string).collect();
        names.sort();
        if !names.is_empty() {
            let shown = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
            let more = match names.len() {
                0..=8 => String::new(),
                many => format!(" and {} more", many - 8),
            };
            self.known.remarks.push(format!(
                "existed before, or others made them: {shown}{more}"
            ));
        }
        if !self.alone {
            let remark = "what others may have done beside the recording is not held against the broker: --alone, if \
                          nobody else used these queues, judges routing, loss, duplicates and order as well";
            self.known.remarks.push(remark.to_owned());
        }
        self.known
    }

    fn outcome(&self, place: usize) -> Outcome<'e> {
        let Some(answer) = self.replies.outcome.get(&place) else {
            let silent = flag(&self.exchange[place].said, "no-wait");
            return match silent && !self.touched.is_open(place) {
                true => Outcome::Fine,
                false => Outcome::Open,
            };
        };
        let said = &self.exchange[*answer].said;
        match said.command.as_str() {
            "channel.close" | "connection.close" => Outcome::Refused(*answer, said),
            _ => Outcome::Fine,
        }
    }

    /// Whether what is known of a thing can be held against the broker at that command.
    fn sure(&self, key: &Key, place: usize) -> bool {
        let thing = self.known.things.get(key);
        let connection = self.exchange[place].connection;
        let own = thing.is_some_and(|it| it.exclusive == Some(connection));
        let sure = thing.is_some_and(|it| !it.unsure && it.there != There::Unknown);
        (self.alone || own) && sure && !self.touched.is_contested(place)
    }

    fn there(&self, key: &Key) -> There {
        if key.is_standard() {
            return There::Yes;
        }
        self.known
            .things
            .get(key)
            .map(|it| it.there)
            .unwrap_or_default()
    }

    fn play(&mut self, place: usize) {
        let Passed { connection, said } = &self.exchange[place];
        let lane = (*connection, said.stream);
        let host = self
            .known
            .hosts
            .get(connection)
            .cloned()
            .unwrap_or_default();
        if said.side == Side::Broker {
            return self.broker(place, lane, &host, said);
        }
        match said.command.as_str() {
            "channel.open" => drop(self.published.remove(&lane)),
            "channel.close" | "connection.close" | "basic.cancel" | "queue.unbind"
            | "exchange.unbind" => self.disturbed(&host),
            "eof" => {
                self.bench.end(lane.0);
                self.gone(lane.0, false);
            }
            "tx.select" | "tx.commit" | "tx.rollback" => {
                let message = Outgoing::new(lane.1, &said.command, Vec::new());
                self.bench.ask(lane.0, &host, &message);
                self.take_routes();
            }
            _ => {}
        }
        if said.command == "basic.publish" {
            return self.publish(place, lane, &host, said);
        }
        let keys = self.touched.keys(place).to_vec();
        if keys.is_empty() {
            return;
        }
        if let Some(queue) = keys.iter().find(|it| it.kind == Kind::Queue) {
            self.known.queues.insert(place, queue.clone());
        }
        let declares = said.command.ends_with(".declare") && !flag(said, "passive");
        match (declares, self.outcome(place)) {
            (_, Outcome::Open) => {
                for key in keys {
                    self.known.things.entry(key).or_default().unsure = true;
                }
            }
            (true, outcome) => self.declare(place, lane, &host, said, &keys[0], outcome),
            (false, outcome) => self.refer(place, lane, &host, said, &keys, outcome),
        }
    }

    fn broker(&mut self, place: usize, lane: Lane, host: &str, said: &Overheard) {
        match said.command.as_str() {
            "channel.close" => {
                self.refused_publish(place, lane, said);
                self.bench.close(lane.0, host, lane.1);
                self.disturbed(host);
            }
            "channel.close-ok" => self.bench.close(lane.0, host, lane.1),
            "connection.close-ok" => {
                self.bench.end(lane.0);
                self.gone(lane.0, true);
            }
            "eof" => {
                self.bench.end(lane.0);
                self.gone(lane.0, false);
            }
            _ => {}
        }
    }

    /// A connection is over; `told` if the broker said so, so that what was its own is gone by then.
    fn gone(&mut self, connection: usize, told: bool) {
        let host = self.known.hosts.get(&connection).cloned();
        self.disturbed(&host.unwrap_or_default());
        for thing in self.known.things.values_mut() {
            if thing.exclusive == Some(connection) {
                *thing = Thing {
                    there: There::No,
                    unsure: !told,
                    ..Thing::default()
                };
            }
        }
    }

    /// Consumers or bindings went, and perhaps with them what deletes itself.
    fn disturbed(&mut self, host: &str) {
        for (key, thing) in &mut self.known.things {
            if key.host == host && thing.auto_delete {
                thing.unsure = true;
            }
        }
    }

    fn accuse(
        &mut self,
        place: usize,
        clause: &'static str,
        what: String,
        acceptable: Vec<String>,
    ) {
        let mut fault = found(place, clause, what);
        fault.acceptable = acceptable;
        self.known.found.push(fault);
    }

    /// A command as the oracle is asked it: with names in place of what is left out, and of those that only a broker may
    /// give.
    fn asked(&self, place: usize, said: &Overheard) -> Outgoing {
        let mut message = Outgoing::new(said.stream, &said.command, said.fields.clone());
        for (name, value) in &mut message.fields {
            if let Some(renamed) = self.touched.renamed(place, name) {
                *value = Datum::Octets(renamed);
            }
            if name == "no-wait" {
                *value = Datum::Bool(false);
            }
        }
        message
    }
}
