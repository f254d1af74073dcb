//! What exists while a recorded exchange goes on, and whether the broker's answers fit to that.
//!
//! A queue or an exchange that was there before, or that others may have made, deleted or locked beside the recording,
//! proves nothing. Neither does what two channels do to the same thing at the same time.

use std::collections::{HashMap, HashSet};

use mqspec_specs::Protocol;

use super::super::super::{Datum, Found, Incoming, Outgoing, Overheard, Passed, Side, World};
use super::bench::Bench;
use super::replies::Replies;
use super::touched::{Key, Kind, Touched};
use super::{flag, found, number, octets};

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

    /// Something is made.
    fn declare(
        &mut self,
        place: usize,
        lane: Lane,
        host: &str,
        said: &Overheard,
        key: &Key,
        outcome: Outcome<'_>,
    ) {
        if key.is_standard() {
            return;
        }
        let sure = self.sure(key, place);
        let old = self.known.things.get(key).cloned().unwrap_or_default();
        let message = self.asked(place, said);
        match outcome {
            Outcome::Fine => {
                let answer = self.bench.ask(lane.0, host, &message);
                let exclusive = flag(said, "exclusive");
                // Brokers differ in which optional arguments they know, and so compare.
                let plain = said.field("arguments").is_none_or(|it| !is_filled(it)) && !old.special;
                let known = old.there == There::Yes && old.new && sure && plain;
                if let Some(refusal) = refusal(&answer) {
                    if known && old.auto_delete == flag(said, "auto-delete") {
                        let clause = match (key.kind, number_of(refusal, "reply-code")) {
                            (_, 405) => "queue.declare.exclusive.exclusive",
                            (Kind::Queue, _) => "queue.declare.passive.equivalent",
                            (Kind::Exchange, _) => "exchange.declare.passive.equivalent",
                        };
                        let at = self.replies.outcome.get(&place).copied().unwrap_or(place);
                        let what =
                            format!("{key} exists, and not as this {} asks for", said.command);
                        self.accuse(at, clause, what, vec![told(refusal)]);
                    }
                    self.known.things.entry(key.clone()).or_default().unsure = true;
                    return;
                }
                if key.kind == Kind::Queue && old.there != There::Yes {
                    self.bench.watch(lane.0, host, &key.name, exclusive);
                }
                let made = key.made || exclusive && old.there != There::Yes;
                let arguments = said.field("arguments");
                let special = arguments.is_some_and(is_filled);
                let expires = arguments.is_some_and(|it| it.get("x-expires").is_some());
                let reply = self.replies.outcome.get(&place);
                let reply = reply.map(|at| &self.exchange[*at].said);
                let was_empty = reply.is_some_and(|it| {
                    it.field("message-count").is_some() && number(it, "message-count") == 0
                });
                let thing = Thing {
                    there: There::Yes,
                    new: made || old.there == There::No && !old.unsure && self.alone || old.new,
                    exclusive: exclusive.then_some(lane.0),
                    auto_delete: flag(said, "auto-delete"),
                    unsure: old.unsure && !made || expires || self.touched.is_contested(place),
                    special: special || old.special,
                    empty: made || old.empty || old.there != There::Yes && was_empty,
                };
                self.remember(key, &thing);
                self.known.things.insert(key.clone(), thing);
            }
            Outcome::Refused(at, close) => {
                let code = number(close, "reply-code");
                if old.there == There::Yes && old.new && sure && [404, 405, 406].contains(&code) {
                    let answer = self.bench.ask(lane.0, host, &message);
                    if let Some(fine) = answer.filter(|it| refusal(&Some(it.clone())).is_none()) {
                        let clause = match key.kind {
                            Kind::Queue => "queue.declare.passive.equivalent",
                            Kind::Exchange => "exchange.declare.passive.equivalent",
                        };
                        let what = format!("{key} exists just as this {} asks for", said.command);
                        self.accuse(at, clause, what, vec![fine.command]);
                    }
                }
            }
            Outcome::Open => {}
        }
    }

    /// Keeps what holds for every queue or exchange that ever had the name.
    fn remember(&mut self, key: &Key, thing: &Thing) {
        let known = self.known.traits.entry(key.clone());
        let known = known.or_insert_with(|| thing.clone());
        known.new &= thing.new;
        known.empty &= thing.empty;
        known.special |= thing.special;
        known.exclusive = known.exclusive.and(thing.exclusive);
    }

    /// Something is used that has to be there.
    fn refer(
        &mut self,
        place: usize,
        lane: Lane,
        host: &str,
        said: &Overheard,
        keys: &[Key],
        outcome: Outcome<'_>,
    ) {
        let name = said.command.as_str();
        // Brokers are known to answer these for what is not there as if it had been.
        let forgiving = [
            "queue.delete",
            "exchange.delete",
            "queue.unbind",
            "exchange.unbind",
        ]
        .contains(&name);
        match outcome {
            Outcome::Fine => {
                for key in keys.iter().filter(|it| !it.is_standard()) {
                    let missing = self.there(key) == There::No;
                    if missing && self.sure(key, place) && !forgiving {
                        let at = self.replies.outcome.get(&place).copied().unwrap_or(place);
                        let what =
                            format!("{key} does not exist, and {name} is answered as if it did");
                        let close = format!("channel.close reply-code=404 # {name}");
                        self.accuse(at, missing_clause(said, key), what, vec![close]);
                    }
                    if self.there(key) != There::Yes && !forgiving {
                        self.before.insert(key.clone());
                        let thing = Thing {
                            there: There::Yes,
                            special: true,
                            ..Thing::default()
                        };
                        self.remember(key, &thing);
                        self.known.things.insert(key.clone(), thing);
                    }
                }
                let routes = [
                    "queue.bind",
                    "queue.unbind",
                    "exchange.bind",
                    "exchange.unbind",
                ];
                let deletes = ["queue.delete", "exchange.delete"].contains(&name);
                if routes.contains(&name) || deletes {
                    let message = self.asked(place, said);
                    self.bench.ask(lane.0, host, &message);
                }
                if deletes && let Some(key) = keys.first() {
                    self.known.things.insert(
                        key.clone(),
                        Thing {
                            there: There::No,
                            unsure: self.touched.is_contested(place),
                            ..Thing::default()
                        },
                    );
                    self.disturbed(host);
                }
            }
            Outcome::Refused(at, close) => {
                let code = number(close, "reply-code");
                let all_there = keys.iter().all(|it| {
                    it.is_standard() || self.there(it) == There::Yes && self.sure(it, place)
                });
                let held = keys.iter().any(|key| {
                    let thing = self.known.things.get(key);
                    thing.is_some_and(|it| it.exclusive.is_some_and(|it| it != lane.0))
                });
                if code == 404 && all_there {
                    let names: Vec<String> = keys.iter().map(Key::to_string).collect();
                    let what = format!(
                        "{} exists: it was made, and the broker said so",
                        names.join(" and ")
                    );
                    self.accuse(at, "VIS-01", what, reply_names(name));
                } else if code == 405 && all_there && !held {
                    let what = "no other connection has it for itself".to_owned();
                    self.accuse(
                        at,
                        "queue.declare.exclusive.exclusive",
                        what,
                        reply_names(name),
                    );
                } else if code == 404
                    && let [key] = keys
                    && !key.is_standard()
                {
                    let thing = self.known.things.entry(key.clone()).or_default();
                    thing.there = There::No;
                    thing.unsure = self.touched.is_contested(place);
                }
            }
            Outcome::Open => {}
        }
    }

    fn publish(&mut self, place: usize, lane: Lane, host: &str, said: &Overheard) {
        let Some(key) = self.touched.keys(place).first().cloned() else {
            return;
        };
        self.published.entry(lane).or_default().insert(key.clone());
        let known = key.is_standard() || self.there(&key) == There::Yes;
        let unsure = self
            .known
            .things
            .get(&key)
            .is_some_and(|it| it.unsure || it.special);
        let odd = said.field("user-id").is_some() || flag(said, "immediate");
        let route = Route {
            queues: Vec::new(),
            unsure: !known || unsure || odd || self.touched.is_contested(place),
        };
        self.known.routes.insert(place, route);
        if !known || odd {
            return;
        }
        let mut message = self.asked(place, said);
        message
            .fields
            .retain(|(name, _)| ["exchange", "routing-key", "headers"].contains(&name.as_str()));
        let id = Datum::text(&place.to_string());
        message.fields.push(("message-id".to_owned(), id));
        let answer = self.bench.ask(lane.0, host, &message);
        if answer.is_some()
            && let Some(route) = self.known.routes.get_mut(&place)
        {
            // The oracle refuses what the broker may have taken.
            route.unsure = true;
        }
        self.take_routes();
    }

    fn take_routes(&mut self) {
        for routed in self.bench.routed() {
            let place = std::str::from_utf8(&routed.message).ok();
            let place = place.and_then(|it| it.parse().ok());
            if let Some(route) = place.and_then(|it: usize| self.known.routes.get_mut(&it)) {
                route.queues.push(routed.queue);
            }
        }
    }

    /// A close that says that an exchange is missing which was published to.
    fn refused_publish(&mut self, place: usize, lane: Lane, said: &Overheard) {
        let blamed = (number(said, "class-id"), number(said, "method-id"));
        if blamed != (60, 40) || number(said, "reply-code") != 404 {
            return;
        }
        let published = self.published.get(&lane).into_iter().flatten();
        let all = published
            .clone()
            .all(|key| key.is_standard() || self.there(key) == There::Yes && self.sure(key, place));
        if all && published.count() > 0 {
            let what = "every exchange that this channel published to exists".to_owned();
            self.accuse(place, "VIS-01", what, Vec::new());
        }
    }
}

/// Whether a table has any entries.
fn is_filled(table: &Datum) -> bool {
    matches!(table.bare(), Datum::Table(pairs) if !pairs.is_empty())
}

/// The close, if the oracle refuses.
fn refusal(answer: &Option<Incoming>) -> Option<&Incoming> {
    let closes = ["channel.close", "connection.close"];
    answer
        .as_ref()
        .filter(|it| closes.contains(&it.command.as_str()))
}

fn number_of(incoming: &Incoming, name: &str) -> i128 {
    incoming.field(name).and_then(Datum::int).unwrap_or(0)
}

/// A refusal in the notation.
fn told(refusal: &Incoming) -> String {
    format!(
        "{} reply-code={}",
        refusal.command,
        number_of(refusal, "reply-code")
    )
}

/// The replies to a command, for a person.
fn reply_names(request: &str) -> Vec<String> {
    match request {
        "basic.get" => vec!["basic.get-ok".to_owned(), "basic.get-empty".to_owned()],
        other => vec![format!("{other}-ok")],
    }
}

/// What says that a thing has to be there.
fn missing_clause(said: &Overheard, key: &Key) -> &'static str {
    let passive = flag(said, "passive");
    match (said.command.as_str(), key.kind) {
        ("queue.declare", _) if passive => "queue.declare.passive.passive",
        ("exchange.declare", _) if passive => "exchange.declare.passive.not-found",
        ("queue.bind", Kind::Queue) => "queue.bind.queue.must-exist",
        ("queue.bind", Kind::Exchange) => "queue.bind.exchange.exchange-existence",
        ("queue.purge", _) => "queue.purge.queue.must-exist",
        ("exchange.bind", _) if octets(said, "source") == key.name => {
            "exchange.bind.source.exchange-existence"
        }
        ("exchange.bind", _) => "exchange.bind.destination.exchange-existence",
        _ => "VIS-01",
    }
}
