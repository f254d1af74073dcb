//! Whether every message is somewhere: ready in its queue, held by a client, or gone for a reason that was seen.
//!
//! The sum of what is ready and what is held changes only where messages are published, settled, taken without an
//! acknowledgement or purged. Queues that let messages go by themselves are left out, and so is a whole exchange in which
//! messages expire or move from queue to queue.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::generated::{Broken, Holding};
use super::super::super::{Datum, Outgoing};
use super::{flag, octets};

/// Arguments that let no message go.
const HARMLESS: [&str; 2] = ["x-max-priority", "x-single-active-consumer"];

/// The clause against which a message is lost or doubled.
const CLAUSE: &str = "role.redundancy";

/// What is expected.
#[derive(Debug, Default)]
pub(super) struct Balance {
    /// How many messages each queue had, ready and held.
    sums: BTreeMap<String, i128>,
    /// How many have gone from it since.
    gone: BTreeMap<String, i128>,
    /// Whether messages may have come since.
    gains: bool,
    /// Queues of which nothing is expected.
    leaks: BTreeSet<String>,
    /// Whether nothing is expected of any queue.
    off: bool,
}

impl Balance {
    /// A step is about to be said.
    pub(super) fn begin(&mut self, message: &Outgoing) {
        let expires = !octets(message, "expiration").is_empty();
        let keeps = message.command.starts_with("basic.recover") && !flag(message, "requeue");
        self.off |= expires || keeps;
        self.gains |= ["basic.publish", "tx.commit"].contains(&message.command.as_str());
    }

    /// A queue is there for the first time, or again: what one of its name held before has gone with that one.
    pub(super) fn begin_anew(&mut self, queue: &str) {
        self.sums.remove(queue);
        self.gone.remove(queue);
        self.leaks.remove(queue);
    }

    /// A queue was declared.
    pub(super) fn declare(&mut self, queue: &str, asked: &Outgoing) {
        let Some(Datum::Table(arguments)) = asked.field("arguments") else {
            return;
        };
        self.off |= arguments
            .iter()
            .any(|(name, _)| name.starts_with("x-dead-letter"));
        if arguments
            .iter()
            .any(|(name, _)| !HARMLESS.contains(&name.as_str()))
        {
            self.leaks.insert(queue.to_owned());
        }
    }

    /// Deliveries were settled for good.
    pub(super) fn gone(&mut self, settled: Vec<Holding>) {
        for it in settled {
            self.taken(&it.place, 1);
        }
    }

    /// Messages left a queue for good.
    pub(super) fn taken(&mut self, queue: &str, count: i128) {
        *self.gone.entry(queue.to_owned()).or_default() += count;
    }

    /// Holds what the queues have now against what they had.
    pub(super) fn check(&mut self, now: BTreeMap<String, i128>) -> Vec<Broken> {
        let mut broken = Vec::new();
        for (queue, sum) in now {
            let gone = self.gone.remove(&queue).unwrap_or(0);
            let known = self.sums.insert(queue.clone(), sum);
            let Some(before) = known.filter(|_| !self.off && !self.leaks.contains(&queue)) else {
                continue;
            };
            let expected = before - gone;
            let what = match sum {
                _ if sum < expected => "are lost",
                _ if sum > expected && !self.gains => "have come from nowhere",
                _ => continue,
            };
            let number = (sum - expected).abs();
            let what = format!(
                "{number} of the messages of a queue {what}: {sum} are ready or held, {expected} were"
            );
            broken.push(Broken {
                clause: CLAUSE,
                what,
            });
        }
        self.gains = false;
        broken
    }
}
