//! Which names a client may give to exchanges and queues.

use mqspec_codec::{FieldTable, ShortStr};

use super::Refusal;
use crate::NameRule;

/// The prefix of standard and of server-named entities (NAM-01).
const RESERVED: &str = "amq.";

/// Letters, digits, hyphen, underscore, period and colon (`exchange.declare.exchange.syntax`,
/// `queue.declare.queue.syntax`). Length is the short string's business (LIM-01).
pub(super) fn check(rule: NameRule, name: &ShortStr) -> Result<(), Refusal> {
    let legal = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.:".contains(&octet);
    match rule {
        NameRule::Specification if !name.bytes().all(legal) => {
            Err(Refusal::NameSyntax(name.clone()))
        }
        _ => Ok(()),
    }
}

/// A field's name begins with a letter, `$` or `#` (DAT-05, DAT-06). What follows is not looked at: the hyphen of the
/// `x-` arguments that everybody uses is against the rule.
pub(super) fn check_fields(rule: NameRule, table: &FieldTable) -> Result<(), Refusal> {
    let legal = |name: &ShortStr| {
        let first = name.bytes().next();
        first.is_some_and(|octet| octet.is_ascii_alphabetic() || b"$#".contains(&octet))
    };
    match rule {
        NameRule::Specification => match table.iter().find(|(name, _)| !legal(name)) {
            Some((name, _)) => Err(Refusal::FieldName(name)),
            None => Ok(()),
        },
        NameRule::Any => Ok(()),
    }
}

/// Reserved names are there or they are not; clients do not create them
/// (`exchange.declare.exchange.reserved`, `queue.declare.queue.reserved`).
pub(super) fn check_free(name: &ShortStr) -> Result<(), Refusal> {
    if is_reserved(name) {
        Err(Refusal::NameReserved(name.clone()))
    } else {
        Ok(())
    }
}

pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED)
}
