//! What travels through a broker.

use std::iter;
use std::time::Duration;

use bytes::Bytes;
use mqspec_codec::{BasicProperties, Properties, ShortStr, Storage};
use smallvec::SmallVec;

use super::account::Charge;
use super::journal::Kept;
use super::session::Owner;
use super::{Refusal, expiry};

/// What each queue that holds a message adds to its cost: an estimate.
const ENTRY_COST: u64 = 128;

/// The delivery mode of messages that survive.
const PERSISTENT: u8 = 2;

/// Where a message goes, and what it says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// The exchange it is published to; empty for the default exchange.
    pub(crate) exchange: ShortStr,
    pub(crate) routing_key: ShortStr,
    /// Handed on as they came (CNT-14, CNT-15, DAT-17).
    pub(crate) properties: Properties,
    pub(crate) body: Body,
    /// Where else it goes: further routing keys, of any length.
    pub(crate) extra_keys: Vec<String>,
}

impl Content {
    /// How many octets each of its parts takes.
    pub(super) fn parts(&self) -> impl Iterator<Item = usize> {
        let properties = self.properties.as_bytes().len();
        let pieces = self.body.pieces.iter().map(Bytes::len);
        [self.exchange.len(), self.routing_key.len(), properties]
            .into_iter()
            .chain(pieces)
            .chain(self.extra_keys.iter().map(String::len))
    }

    /// The routing keys, all alike in what they do.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        iter::once(self.routing_key.as_str()).chain(self.extra_keys.iter().map(String::as_str))
    }
}

/// A message that a broker has taken over.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) content: Content,
    /// Whose it is, for consumers that do not want their own (DOC-15).
    pub(super) publisher: Owner,
    /// Where none is given it is 0.
    pub(super) priority: u8,
    /// Whether durable queues are to have it after a restart (`basic.delivery-mode`).
    pub(super) is_persistent: bool,
    /// How long it may wait in any queue.
    pub(super) time_to_live: Option<Duration>,
    /// Its record, if several entries share it.
    pub(super) kept: Option<Kept>,
    charge: Charge,
}

impl Message {
    /// A message whose content has these properties.
    pub(super) fn new<S: Storage>(
        content: Content,
        properties: &BasicProperties<S>,
        publisher: Owner,
        charge: Charge,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            content,
            publisher,
            priority: properties.priority.unwrap_or(0),
            is_persistent: properties.delivery_mode == Some(PERSISTENT),
            kept: None,
            time_to_live: expiry::time_to_live(properties)?,
            charge,
        })
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

/// The octets of a message in the pieces that they arrived in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    pieces: SmallVec<[Bytes; 1]>,
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

impl From<Bytes> for Body {
    fn from(octets: Bytes) -> Self {
        let mut body = Self::default();
        body.push(octets);
        body
    }
}
