//! What a recorded exchange makes: whether a declare was to be answered as it was.

use super::super::super::super::{Datum, Incoming, Overheard};
use super::super::touched::{Key, Kind};
use super::super::{flag, number};
use super::{Lane, Outcome, Player, There, Thing};

impl Player<'_> {
    /// Something is made.
    pub(super) fn declare(
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
    pub(super) fn remember(&mut self, key: &Key, thing: &Thing) {
        let known = self.known.traits.entry(key.clone());
        let known = known.or_insert_with(|| thing.clone());
        known.new &= thing.new;
        known.empty &= thing.empty;
        known.special |= thing.special;
        known.exclusive = known.exclusive.and(thing.exclusive);
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
