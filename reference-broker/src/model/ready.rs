//! The messages that wait in a queue, and the order in which they do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::consumer::{Consumer, ConsumerId};
use super::journal::Kept;
use super::message::Message;
use super::session::SessionId;

/// Where a message stands in its queue, for as long as it belongs to it: first by rank, then in the
/// order of arrival (`basic.06`, `basic.08`, ORD-01). It returns to the same place (ORD-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The lowest is served first.
    rank: u8,
    number: u64,
}

impl Place {
    /// Before every message.
    pub(super) const FIRST: Self = Self::first_of(0);
    /// Behind every message.
    pub(super) const LAST: Self = Self::new(u8::MAX, u64::MAX);

    pub(super) const fn new(rank: u8, number: u64) -> Self {
        Self { rank, number }
    }

    /// Before every message of a rank.
    pub(super) const fn first_of(rank: u8) -> Self {
        Self::new(rank, 0)
    }
}

/// One message in one queue.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) message: Arc<Message>,
    /// When it is not to be delivered any more.
    pub(super) expiry: Option<Duration>,
    pub(super) redelivered: bool,
    /// Its record, if it is to survive.
    pub(super) kept: Option<Kept>,
    /// Sessions that gave it back and are not to get it again (`basic.reject.requeue.01`).
    refused_by: Vec<SessionId>,
    /// The only consumer to get it, for as long as that one is there.
    reserved_for: Option<ConsumerId>,
}

impl Entry {
    /// The entry of a message that is new to its queue.
    pub(super) fn new(place: Place, message: Arc<Message>, expiry: Option<Duration>) -> Self {
        Self {
            place,
            message,
            expiry,
            redelivered: false,
            kept: None,
            refused_by: Vec::new(),
            reserved_for: None,
        }
    }

    /// On its way back, for whoever is next (`domain.redelivered.implementation`).
    pub(super) fn returned(self) -> Self {
        Self {
            redelivered: true,
            reserved_for: None,
            ..self
        }
    }

    /// On its way back, for anybody but the session that refuses it.
    pub(super) fn refused_by(mut self, session: SessionId) -> Self {
        if !self.refused_by.contains(&session) {
            self.refused_by.push(session);
        }
        self.returned()
    }

    /// On its way back to whom it came from.
    pub(super) fn reserved_for(self, consumer: ConsumerId) -> Self {
        Self {
            reserved_for: Some(consumer),
            ..self.returned()
        }
    }

    /// It is on its way to somebody who will settle it.
    pub(super) fn mark_delivered(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.mark_delivered();
        }
    }

    pub(super) fn may_go_to(&self, id: ConsumerId, consumer: &Consumer) -> bool {
        self.reserved_for.is_none_or(|only| only == id)
            && !self.refused_by.contains(&consumer.session)
            && consumer.not_from != Some(self.message.publisher)
    }
}

/// The entries in their order, and what they come to.
#[derive(Debug, Default)]
pub(super) struct Ready {
    entries: BTreeMap<Place, Entry>,
    octets: u64,
}

impl Ready {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The octets of all bodies.
    pub(super) fn octets(&self) -> u64 {
        self.octets
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        self.octets += entry.message.octets();
        self.entries.insert(entry.place, entry);
    }

    pub(super) fn remove(&mut self, place: &Place) -> Option<Entry> {
        let entry = self.entries.remove(place)?;
        self.octets -= entry.message.octets();
        Some(entry)
    }

    pub(super) fn pop_first(&mut self) -> Option<Entry> {
        let place = *self.entries.first_key_value()?.0;
        self.remove(&place)
    }

    /// The entries from a place on.
    pub(super) fn from(&self, place: Place) -> impl Iterator<Item = &Entry> {
        self.entries.range(place..).map(|(_, entry)| entry)
    }

    /// Frees what was reserved for a consumer that has gone.
    pub(super) fn free_reserved(&mut self, consumer: ConsumerId) {
        for entry in self.entries.values_mut() {
            entry.reserved_for.take_if(|only| *only == consumer);
        }
    }
}
