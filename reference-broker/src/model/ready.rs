//! The messages that wait in a queue, and the order in which they do.

use std::collections::VecDeque;
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
    pub(super) kept: Option<Box<Kept>>,
    /// Who is to get it and who is not, if not everybody may.
    claims: Option<Box<Claims>>,
}

/// What has been said of a message that came back.
#[derive(Debug, Default)]
struct Claims {
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
            claims: None,
        }
    }

    /// On its way back, for whoever is next (`domain.redelivered.implementation`).
    pub(super) fn returned(mut self) -> Self {
        self.redelivered = true;
        if let Some(claims) = &mut self.claims {
            claims.reserved_for = None;
        }
        self
    }

    /// On its way back, for anybody but the session that refuses it.
    pub(super) fn refused_by(self, session: SessionId) -> Self {
        let mut entry = self.returned();
        let claims = entry.claims.get_or_insert_default();
        if !claims.refused_by.contains(&session) {
            claims.refused_by.push(session);
        }
        entry
    }

    /// On its way back to whom it came from.
    pub(super) fn reserved_for(self, consumer: ConsumerId) -> Self {
        let mut entry = self.returned();
        entry.claims.get_or_insert_default().reserved_for = Some(consumer);
        entry
    }

    /// It is on its way to somebody who will settle it.
    pub(super) fn mark_delivered(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.mark_delivered();
        }
    }

    pub(super) fn may_go_to(&self, id: ConsumerId, consumer: &Consumer) -> bool {
        let claimed = |claims: &Claims| {
            claims.reserved_for.is_none_or(|only| only == id)
                && !claims.refused_by.contains(&consumer.session)
        };
        self.claims.as_deref().is_none_or(claimed)
            && consumer.not_from != Some(self.message.publisher)
    }
}

/// The entries in their order, and what they come to.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// By rank, and in each rank by number.
    ranks: Vec<VecDeque<Entry>>,
    count: usize,
    octets: u64,
}

/// For how many entries a rank keeps room when it is empty.
const ROOM: usize = 256;

impl Ready {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The octets of all bodies.
    pub(super) fn octets(&self) -> u64 {
        self.octets
    }

    /// New entries come last; those that come back find their place.
    pub(super) fn insert(&mut self, entry: Entry) {
        self.count += 1;
        self.octets += entry.message.octets();
        let rank = usize::from(entry.place.rank);
        if self.ranks.len() <= rank {
            self.ranks.resize_with(rank + 1, VecDeque::new);
        }
        let entries = &mut self.ranks[rank];
        entries.insert(position(entries, entry.place), entry);
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Entry> {
        let entries = self.ranks.get_mut(usize::from(place.rank))?;
        let at = position(entries, place);
        if entries.get(at)?.place != place {
            return None;
        }
        let entry = entries.remove(at)?;
        if entries.is_empty() {
            entries.shrink_to(ROOM);
        }
        self.count -= 1;
        self.octets -= entry.message.octets();
        Some(entry)
    }

    pub(super) fn pop_first(&mut self) -> Option<Entry> {
        let place = self.from(Place::FIRST).next()?.place;
        self.remove(place)
    }

    /// The first of the entries that are equally important.
    pub(super) fn first_in(&self, rank: usize) -> Option<&Entry> {
        self.ranks.get(rank)?.front()
    }

    /// The entries from a place on.
    pub(super) fn from(&self, place: Place) -> impl Iterator<Item = &Entry> {
        let rank = usize::from(place.rank);
        let first = self.ranks.get(rank).into_iter();
        let first = first.flat_map(move |entries| entries.range(position(entries, place)..));
        first.chain(self.ranks.iter().skip(rank + 1).flatten())
    }

    /// Frees what was reserved for a consumer that has gone.
    pub(super) fn free_reserved(&mut self, consumer: ConsumerId) {
        let claims = self.ranks.iter_mut().flatten();
        for claims in claims.filter_map(|entry| entry.claims.as_mut()) {
            claims.reserved_for.take_if(|only| *only == consumer);
        }
    }
}

#[cfg(any(feature = "fuzzing", test))]
impl Ready {
    /// # Panics
    /// If what is counted is not what is there, or not in order.
    pub(super) fn audit(&self) {
        let (mut count, mut octets) = (0, 0);
        for (rank, entries) in self.ranks.iter().enumerate() {
            for (at, entry) in entries.iter().enumerate() {
                count += 1;
                octets += entry.message.octets();
                assert_eq!(usize::from(entry.place.rank), rank, "the rank of an entry");
                let follows = at == 0 || entries[at - 1].place < entry.place;
                assert!(follows, "entries are not in order");
            }
        }
        assert_eq!((self.count, self.octets), (count, octets), "what waits");
    }
}

/// Where the first entry is that does not stand before a place.
fn position(entries: &VecDeque<Entry>, place: Place) -> usize {
    entries.partition_point(|it| it.place < place)
}
