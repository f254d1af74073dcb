//! Which clause decides between two answers.

use super::super::super::Outgoing;
use super::super::super::generated::Said;
use super::super::Amqp;
use crate::dialect::Datum;

/// What decides about an aspect of the answer to a command; `""` stands for any command. The first that fits counts.
const DECIDING: [(&str, &str, &str, &str); 40] = [
    // aspect, command, an argument, field or property of it that the clause is about, clause
    (
        "reply",
        "queue.bind",
        "exchange=",
        "queue.bind.exchange.default-exchange",
    ),
    ("reply", "basic.get", "x-death", "DLX-05"),
    ("reply", "basic.get", "priority", "basic.06"),
    ("delivered", "basic.consume", "priority", "basic.06"),
    (
        "delivered",
        "basic.reject",
        "requeue",
        "basic.reject.requeue.01",
    ),
    (
        "delivered",
        "basic.nack",
        "requeue",
        "basic.nack.requeue.01",
    ),
    ("delivered", "basic.recover", "", "basic.recover.01"),
    ("delivered", "tx.rollback", "", "DOC-21"),
    ("delivered", "tx.commit", "", "DOC-20"),
    ("delivered", "basic.qos", "", "QOS-02"),
    ("delivered", "basic.consume", "x-priority", "CPR-01"),
    ("delivered", "basic.consume", "no-ack", "DOC-14"),
    ("delivered", "basic.consume", "", "DOC-24"),
    ("delivered", "basic.ack", "", "DOC-24"),
    ("delivered", "basic.publish", "CC", "SEL-01"),
    ("delivered", "basic.publish", "BCC", "SEL-02"),
    ("delivered", "", "", "role.ordering"),
    ("return", "basic.publish", "", "basic.publish.mandatory.01"),
    ("return", "", "", "DOC-16"),
    ("confirmed", "", "", "confirm.all-messages-acknowledged"),
    ("cancelled", "", "", "CCN-01"),
    ("queue", "basic.publish", "CC", "SEL-01"),
    ("queue", "basic.publish", "BCC", "SEL-01"),
    ("queue", "basic.publish", "expiration", "TTL-04"),
    ("queue", "basic.publish", "", "role.publish-subscribe"),
    ("queue", "basic.ack", "", "role.recovery"),
    ("queue", "basic.nack", "", "DLX-01"),
    ("queue", "basic.reject", "", "DLX-01"),
    ("queue", "basic.cancel", "", "DOC-05"),
    ("queue", "channel.close", "", "DOC-05"),
    ("queue", "tx.commit", "", "DOC-20"),
    ("queue", "tx.rollback", "", "DOC-20"),
    ("queue", "queue.purge", "", "queue.purge.02"),
    ("queue", "queue.delete", "", "DOC-26"),
    ("queue", "basic.consume", "", "DOC-03"),
    ("queue", "basic.get", "", "DOC-10"),
    ("queue", "", "", "DOC-03"),
    ("reply", "basic.get", "", "DOC-10"),
    ("reply", "queue.declare", "", "DOC-04"),
    ("reply", "queue.delete", "", "DOC-26"),
];

/// The clause that decides between two answers, if one does.
pub(super) fn deciding<'a>(
    amqp: &'a Amqp,
    step: &Outgoing,
    aspect: &str,
    here: &[Said],
    there: &[Said],
) -> Option<&'a str> {
    let code = code(here).or_else(|| code(there));
    if let Some(code) = code {
        let about = format!("{}.", step.command);
        let clauses = amqp.clauses.iter();
        let refusing =
            clauses.filter(|it| it.failure.as_ref().and_then(|it| it.code) == Some(code));
        let mut refusing = refusing.filter(|it| it.id.starts_with(&about) && suits(&it.id, step));
        if let Some(clause) = refusing.next() {
            return Some(&clause.id);
        }
    }
    let fits = |(of, command, part, _): &&(&str, &str, &str, &str)| {
        *of == aspect
            && (command.is_empty() || *command == step.command)
            && (part.is_empty() || mentions(&step.fields, part) || said(here, part) || said(there, part))
            // A refusal in the place of a reply is decided by nothing that the reply has to say.
            && (code.is_none() || *of != "reply" || !part.is_empty())
    };
    let found = DECIDING.iter().find(fits);
    let found = found.and_then(|(.., clause)| amqp.clauses.get(clause));
    found.map(|clause| clause.id.as_str())
}

/// Whether a clause that says when a command is refused can be about this one.
fn suits(clause: &str, step: &Outgoing) -> bool {
    let part = clause.rsplit('.').next().unwrap_or_default();
    let field = clause
        .strip_prefix(&step.command)
        .unwrap_or_default()
        .trim_start_matches('.');
    let field = field.split('.').next().unwrap_or_default();
    let value = step
        .field(field)
        .and_then(Datum::octets)
        .unwrap_or_default();
    match part {
        "syntax" => !value
            .iter()
            .all(|it| it.is_ascii_alphanumeric() || b"-_.:$".contains(it)),
        "reserved" => value.starts_with(b"amq."),
        "queue-known" => value.is_empty(),
        "passive" | "not-found" => step.field("passive").and_then(Datum::bool) == Some(true),
        _ => true,
    }
}

/// The code with which something was refused.
fn code(said: &[Said]) -> Option<u16> {
    let closes = said.iter().find(|it| it.command.ends_with(".close"))?;
    let code = closes
        .fields
        .iter()
        .find(|(name, _)| name == "reply-code")?
        .1
        .int()?;
    u16::try_from(code).ok()
}

fn said(all: &[Said], part: &str) -> bool {
    all.iter().any(|it| mentions(&it.fields, part))
}

/// Whether there is such a field, or such an entry in one of its tables; with `=` behind it, such a field that is empty.
fn mentions(fields: &[(String, Datum)], part: &str) -> bool {
    fields
        .iter()
        .any(|(name, value)| match (value, part.strip_suffix('=')) {
            (Datum::Octets(octets), Some(part)) => name == part && octets.is_empty(),
            (Datum::Table(_), None) => name == part || value.get(part).is_some(),
            _ => name == part,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::amqp::dialect;

    #[test]
    fn what_decides_is_a_clause() {
        for (.., clause) in DECIDING {
            assert!(
                dialect().clauses.get(clause).is_some(),
                "{clause} is no clause"
            );
        }
    }
}
