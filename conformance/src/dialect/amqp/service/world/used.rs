//! What a recorded exchange uses: whether it was there, and where messages went.

use super::super::super::super::{Datum, Overheard};
use super::super::touched::{Key, Kind};
use super::super::{flag, number, octets};
use super::{Lane, Outcome, Player, Route, There, Thing};

impl Player<'_> {
    /// Something is used that has to be there.
    pub(super) fn refer(
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

    pub(super) fn publish(&mut self, place: usize, lane: Lane, host: &str, said: &Overheard) {
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

    pub(super) fn take_routes(&mut self) {
        for routed in self.bench.routed() {
            let place = std::str::from_utf8(&routed.message).ok();
            let place = place.and_then(|it| it.parse().ok());
            if let Some(route) = place.and_then(|it: usize| self.known.routes.get_mut(&it)) {
                route.queues.push(routed.queue);
            }
        }
    }

    /// A close that says that an exchange is missing which was published to.
    pub(super) fn refused_publish(&mut self, place: usize, lane: Lane, said: &Overheard) {
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
