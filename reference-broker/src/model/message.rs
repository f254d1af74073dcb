//! What travels through a broker.

use bytes::Bytes;
use mqspec_codec::{Properties, ShortStr};

use super::account::Charge;
use super::session::Owner;

/// What each queue that holds a message adds to its cost: an estimate.
const ENTRY_COST: u64 = 128;

/// Where a message goes, and what it says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// The exchange it is published to; empty for the default exchange.
    pub(crate) exchange: ShortStr,
    pub(crate) routing_key: ShortStr,
    /// Handed on as they came (CNT-14, CNT-15, DAT-17).
    pub(crate) properties: Properties,
    pub(crate) body: Body,
}

impl Content {
    /// The octets that holding it takes.
    pub(super) fn cost(&self) -> usize {
        self.exchange.len()
            + self.routing_key.len()
            + self.properties.as_bytes().len()
            + self.body.pieces.iter().map(Bytes::len).sum::<usize>()
    }
}

/// A message that a broker has taken over.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) content: Content,
    /// Whose it is, for consumers that do not want their own (DOC-15).
    pub(super) publisher: Owner,
    pub(super) level: Level,
    charge: Charge,
}

impl Message {
    pub(super) fn new(content: Content, publisher: Owner, charge: Charge) -> Self {
        let level = Level::of(content.properties.decode().priority.unwrap_or(0));
        Self {
            content,
            publisher,
            level,
            charge,
        }
    }

    /// The octets of the body, which is what a prefetch window counts.
    pub(super) fn octets(&self) -> u64 {
        self.content.body.octets()
    }

    /// The message is about to be held by that many queues.
    pub(super) fn charge_entries(&mut self, queues: usize) {
        self.charge.grow(queues as u64 * ENTRY_COST);
    }
}

/// The two levels of priority that every queue tells apart (`basic.06`), the first served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Priorities 5 to 9, and whatever is above.
    High,
    /// Priorities 0 to 4; where none is given it is 0.
    Low,
}

impl Level {
    fn of(priority: u8) -> Self {
        if priority >= 5 { Self::High } else { Self::Low }
    }
}

/// The octets of a message in the pieces that they arrived in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    pieces: Vec<Bytes>,
    octets: u64,
}

impl Body {
    /// Puts a piece behind the others.
    pub(crate) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.octets += piece.len() as u64;
            self.pieces.push(piece);
        }
    }

    /// How many octets there are.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    /// The pieces in order; none is empty.
    pub(crate) fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }
}

#[cfg(test)]
impl From<Bytes> for Body {
    fn from(octets: Bytes) -> Self {
        let mut body = Self::default();
        body.push(octets);
        body
    }
}
