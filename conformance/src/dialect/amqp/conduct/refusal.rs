//! What a broker's refusal proves.
//!
//! That something does not exist, or is another connection's, cannot be seen on this one: only a broker that is known to
//! be right can say so. Where the command itself shows the fault, any broker's refusal will do, since it rules out that
//! the broker knew a reason to allow it.

use std::collections::HashMap;

use mqspec_specs::Command;

use super::super::super::{Breach, Datum};
use super::breach;
use super::half::Frame;

/// The exchanges that are there from the start, with their types.
const STANDARD: [(&str, &str); 5] = [
    ("amq.direct", "direct"),
    ("amq.fanout", "fanout"),
    ("amq.topic", "topic"),
    ("amq.headers", "headers"),
    ("amq.match", "headers"),
];
/// The types that have no `x-`.
const TYPES: [&[u8]; 4] = [b"direct", b"fanout", b"topic", b"headers"];

/// A command as the client last sent it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    name: String,
    channel: u16,
    fields: Vec<(String, Datum)>,
}

impl Attempt {
    fn field(&self, name: &str) -> Option<&Datum> {
        let mut fields = self.fields.iter();
        fields.find(|(field, _)| field == name).map(|(_, it)| it)
    }

    pub(super) fn octets(&self, name: &str) -> &[u8] {
        self.field(name).and_then(Datum::octets).unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.field(name).and_then(Datum::bool).unwrap_or(false)
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.octets(name)).into_owned()
    }
}

/// The last command of each kind, by class and method.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    made: HashMap<(u16, u16), Vec<Attempt>>,
}

impl Attempts {
    pub(super) fn note(&mut self, command: &Command, frame: &Frame) {
        let made = self
            .made
            .entry((command.class, command.method))
            .or_default();
        made.retain(|attempt| attempt.channel != frame.channel);
        made.push(Attempt {
            name: command.name.clone(),
            channel: frame.channel,
            fields: frame.fields.clone(),
        });
    }

    pub(super) fn were_made(&self, name: &str) -> bool {
        self.last(name, None).is_some()
    }

    /// The last one of that name, on that channel or on any.
    pub(super) fn last(&self, name: &str, channel: Option<u16>) -> Option<&Attempt> {
        let known = |it: &&Attempt| it.name == name && channel.is_none_or(|on| it.channel == on);
        self.made.values().flatten().filter(known).last()
    }

    fn refused(&self, close: &Frame) -> Option<&Attempt> {
        let id = |name: &str| close.number(name) as u16;
        let made = self.made.get(&(id("class-id"), id("method-id")))?;
        let of_connection = close.command == "connection.close";
        let mut made = made.iter();
        made.rfind(|it| of_connection || it.channel == close.channel)
    }
}

/// The breach that the broker's close tells of, if any. `exchanges` are those that the client declared, with their
/// types.
pub(super) fn proved(
    close: &Frame,
    attempts: &Attempts,
    exchanges: &HashMap<Vec<u8>, Vec<u8>>,
    trusted: bool,
) -> Option<Breach> {
    let attempt = attempts.refused(close)?;
    let code = close.number("reply-code");
    let seen = by_itself(attempt, code, exchanges);
    let told = || {
        trusted
            .then(|| on_trust(attempt, code, &close.text("reply-text")))
            .flatten()
    };
    let (clause, what) = seen.or_else(told)?;
    let name = &attempt.name;
    Some(breach(
        clause,
        format!("{name} {what}, and is refused with {code}"),
    ))
}

/// What the command shows by itself, once it is known that the broker did not allow it.
fn by_itself(
    attempt: &Attempt,
    code: i128,
    exchanges: &HashMap<Vec<u8>, Vec<u8>>,
) -> Option<(&'static str, String)> {
    let passive = attempt.flag("passive");
    let reserved = |field: &str| attempt.octets(field).starts_with(b"amq.") && !passive;
    let (exchange, kind) = (attempt.octets("exchange"), attempt.octets("type"));
    let standard = STANDARD
        .iter()
        .find(|(name, _)| name.as_bytes() == exchange);
    match (attempt.name.as_str(), code) {
        ("exchange.declare", 403) if reserved("exchange") && standard.is_none() => {
            let what = format!("makes `{}`, a reserved name", attempt.text("exchange"));
            Some(("exchange.declare.exchange.reserved", what))
        }
        ("queue.declare", 403) if reserved("queue") => {
            let what = format!("makes `{}`, a reserved name", attempt.text("queue"));
            Some(("queue.declare.queue.reserved", what))
        }
        ("exchange.declare", 503) | ("exchange.declare", 406)
            if !passive && !TYPES.contains(&kind) && !exchanges.contains_key(exchange) =>
        {
            let what = format!("asks for the type `{}`", attempt.text("type"));
            Some(("exchange.declare.type.support", what))
        }
        ("exchange.declare", 406 | 530) if !passive => {
            let standard = standard.map(|(_, kind)| kind.as_bytes());
            let known = exchanges.get(exchange).map(Vec::as_slice).or(standard)?;
            if known == kind {
                return None;
            }
            let was = String::from_utf8_lossy(known);
            let (name, kind) = (attempt.text("exchange"), attempt.text("type"));
            let what = format!("asks for `{name}` as {kind}, which is {was}");
            Some(("exchange.declare.type.typed", what))
        }
        _ => None,
    }
}

/// What only a broker that is right can say.
fn on_trust(attempt: &Attempt, code: i128, text: &str) -> Option<(&'static str, String)> {
    // The reference broker quotes the name that it does not know.
    let missing = |field: &str| {
        let name = attempt.text(field);
        (!name.is_empty() && text.contains(&format!("'{name}'"))).then_some(name)
    };
    let names = |field: &str| {
        let name = attempt.text(field);
        format!("names the {field} `{name}`, which does not exist")
    };
    let pair = |one: (&'static str, &str), other: (&'static str, &str)| {
        let of_queue = one.1 != "queue" || text.contains("no queue");
        let (clause, field) = match missing(one.1).filter(|_| of_queue) {
            Some(_) => one,
            None => other,
        };
        Some((clause, names(field)))
    };
    match (attempt.name.as_str(), code) {
        ("exchange.delete", 404) => Some(("exchange.delete.exchange.exists", names("exchange"))),
        ("exchange.bind", 404) => pair(
            (
                "exchange.bind.destination.exchange-existence",
                "destination",
            ),
            ("exchange.bind.source.exchange-existence", "source"),
        ),
        ("exchange.unbind", 404) => pair(
            ("exchange.unbind.destination.must-exist", "destination"),
            ("exchange.unbind.source.must-exist", "source"),
        ),
        ("queue.bind", 404) => pair(
            ("queue.bind.queue.must-exist", "queue"),
            ("queue.bind.exchange.exchange-existence", "exchange"),
        ),
        ("queue.unbind", 404) => pair(
            ("queue.unbind.queue.must-exist", "queue"),
            ("queue.unbind.exchange.must-exist", "exchange"),
        ),
        ("queue.purge", 404) => Some(("queue.purge.queue.must-exist", names("queue"))),
        ("queue.delete", 404) => Some(("queue.delete.queue.must-exist", names("queue"))),
        ("basic.publish", 404) => Some(("basic.publish.exchange.must-exist", names("exchange"))),
        ("basic.consume", 403) => {
            let what = "asks for a queue that has consumers already, one of them exclusive";
            Some(("basic.consume.exclusive.01", what.to_owned()))
        }
        (_, 405) => {
            let what = "uses a queue that is exclusive to another connection";
            Some(("queue.declare.exclusive.exclusive", what.to_owned()))
        }
        _ => None,
    }
}
