//! Seeds and a dictionary for anybody's fuzzer, from the protocol's table and from the suite's own exchanges.
//!
//! - [`seed`]: one input, and what is known about it
//! - `dialogues`: what the suite says to a broker, and what the broker answers
//! - [`export`]: all of it as files, as fuzzers want them
//!
//! What is made from the table alone is the dialect's ([`crate::dialect::amqp::seeds`]), since it knows the protocol.

mod dialogues;
pub mod export;
pub mod seed;

pub use export::{Export, ExportError, Format, Written};
pub use seed::{Breach, Refusal, Seed, Standing};

use crate::dialect::amqp;
use crate::suite::SuiteError;

/// All seeds, in a fixed order: those from the table, then the suite's dialogues.
///
/// # Errors
/// None in a released binary: a test proves the embedded suite well-formed.
pub fn seeds() -> Result<Vec<Seed>, SuiteError> {
    let mut seeds = amqp::seeds::seeds();
    seeds.extend(dialogues::seeds()?);
    // What is spoiled may be what something else is by nature.
    let mut known = std::collections::HashSet::new();
    seeds.retain(|seed| known.insert(seed.octets.clone()));
    Ok(seeds)
}
