//! Which names a client may give to exchanges and queues.

use mqspec_codec::ShortStr;

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
