//! What has to outlive the broker, and the changes to it that nobody has stored yet.
//!
//! Everything durable has a [`Record`] for as long as it lives: whoever makes a durable exchange, queue or
//! binding, or puts a persistent message into a durable queue, gets a [`Kept`] to hold with it, and the
//! record is removed when that is dropped. So nothing can leave the model and stay in the store, or the
//! other way round.
//!
//! A [`Journal`] counts the changes; the count is a *position*. Whoever promises a client that something
//! is safe (`confirm.durable`, `tx.commit-ok`) asks for the position and waits until the store has come so
//! far. What is made and removed again before anybody has stored it is never stored.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqspec_codec::{FieldTable, ShortStr};

use super::exchange::ExchangeSettings;
use super::message::Content;
use super::queue::QueueSettings;

/// The number of a record. Rises in the order in which records are made, and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u64);

/// What is known of one durable thing.
#[derive(Debug)]
pub(crate) enum Record {
    Exchange {
        name: ShortStr,
        settings: ExchangeSettings,
    },
    Queue {
        name: ShortStr,
        settings: QueueSettings,
    },
    Binding {
        source: ShortStr,
        destination: Destination,
        key: ShortStr,
        arguments: FieldTable,
    },
    /// A message that several entries share.
    Message(Content),
    /// A message in a queue.
    Entry {
        queue: RecordId,
        message: Carried,
        /// When it is not to be delivered any more, since 1970.
        expiry: Option<Duration>,
    },
}

/// Where a durable binding leads.
#[derive(Debug)]
pub(crate) enum Destination {
    Queue(ShortStr),
    Exchange(ShortStr),
}

/// Where the message of an entry is.
#[derive(Debug)]
pub(crate) enum Carried {
    /// In a record of its own.
    Shared(RecordId),
    Here(Content),
}

/// What a store has to do next.
#[derive(Debug)]
pub(crate) enum Change {
    Put {
        id: RecordId,
        /// The virtual host that the thing belongs to.
        host: Arc<str>,
        record: Box<Record>,
        /// Whether the message has been delivered to anybody.
        delivered: bool,
    },
    /// The message of an entry that is stored has been delivered.
    Delivered(RecordId),
    Remove {
        id: RecordId,
        /// Whether it was stored later than the record that its message has been delivered.
        marked: bool,
    },
}

/// The changes of one virtual host's durable things; a handle on those of all.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    host: Arc<str>,
    position: Arc<AtomicU64>,
    changes: Arc<Mutex<Changes>>,
}

/// The changes of all virtual hosts that nobody has taken, in their order.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    last_id: u64,
    /// How many changes there were before the first of these.
    taken: u64,
    /// Those that have become needless are gone.
    waiting: Vec<Option<Change>>,
    /// How many there have been, for those who only ask.
    position: Arc<AtomicU64>,
}

impl Changes {
    /// How many changes there have been.
    pub(crate) fn position(&self) -> u64 {
        self.taken + self.waiting.len() as u64
    }

    /// The same, kept up to date, to be read without the changes.
    pub(crate) fn watch(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.position)
    }

    /// Whether there is nothing to take.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes what has changed since the last time.
    pub(crate) fn take(&mut self) -> Vec<Change> {
        self.taken = self.position();
        std::mem::take(&mut self.waiting)
            .into_iter()
            .flatten()
            .collect()
    }

    /// Makes sure that no number up to this one is given out.
    pub(crate) fn skip_to(&mut self, id: RecordId) {
        self.last_id = self.last_id.max(id.0);
    }

    fn push(&mut self, change: Change) -> u64 {
        self.waiting.push(Some(change));
        let position = self.position();
        self.position.store(position, Ordering::Relaxed);
        position
    }

    /// The change that was the last one at a position, unless somebody has taken it.
    fn at(&mut self, position: u64) -> Option<&mut Option<Change>> {
        let index = position.checked_sub(self.taken + 1)?;
        self.waiting.get_mut(usize::try_from(index).ok()?)
    }
}

impl Journal {
    pub(crate) fn new(host: &str, changes: Arc<Mutex<Changes>>) -> Self {
        let position = lock(&changes).watch();
        Self {
            host: host.into(),
            position,
            changes,
        }
    }

    /// How many changes there have been, of all virtual hosts.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Stores a record, until what is returned is dropped.
    pub(super) fn keep(&self, record: Record) -> Kept {
        let mut changes = lock(&self.changes);
        changes.last_id += 1;
        let id = RecordId(changes.last_id);
        let made = changes.push(Change::Put {
            id,
            host: Arc::clone(&self.host),
            record: Box::new(record),
            delivered: false,
        });
        drop(changes);
        self.kept(id, made, Delivered::No)
    }

    /// Takes charge of a record that is stored already.
    pub(super) fn restored(&self, id: RecordId, delivered: bool) -> Kept {
        let delivered = match delivered {
            true => Delivered::Marked(0),
            false => Delivered::No,
        };
        self.kept(id, 0, delivered)
    }

    fn kept(&self, id: RecordId, made: u64, delivered: Delivered) -> Kept {
        Kept {
            id,
            made,
            delivered,
            changes: Arc::clone(&self.changes),
        }
    }
}

/// A record in the store. Dropping it removes the record.
#[derive(Debug)]
pub(super) struct Kept {
    id: RecordId,
    /// The position behind the change that made it; 0 if that is long ago.
    made: u64,
    /// Whether the store says that the message has been delivered.
    delivered: Delivered,
    changes: Arc<Mutex<Changes>>,
}

impl Kept {
    pub(super) fn id(&self) -> RecordId {
        self.id
    }

    /// Notes that the message of an entry has been delivered, so that it is redelivered after a restart.
    pub(super) fn mark_delivered(&mut self) {
        if self.delivered != Delivered::No {
            return;
        }
        let mut changes = lock(&self.changes);
        self.delivered = match changes.at(self.made) {
            Some(Some(Change::Put { delivered, .. })) => {
                *delivered = true;
                Delivered::FromTheFirst
            }
            _ => Delivered::Marked(changes.push(Change::Delivered(self.id))),
        };
    }
}

/// How the store knows that a message has been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivered {
    No,
    /// The record was stored with it.
    FromTheFirst,
    /// By a mark of its own; the position behind the change that makes it.
    Marked(u64),
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut changes = lock(&self.changes);
        let mark = match self.delivered {
            Delivered::Marked(mark) => Some(mark),
            Delivered::No | Delivered::FromTheFirst => None,
        };
        for needless in mark.into_iter().chain([self.made]) {
            if let Some(change) = changes.at(needless) {
                *change = None;
            }
        }
        if self.made <= changes.taken {
            let marked = mark.is_some_and(|mark| mark <= changes.taken);
            changes.push(Change::Remove {
                id: self.id,
                marked,
            });
        }
    }
}

/// Nothing is left half done where somebody panics with the lock.
pub(crate) fn lock(changes: &Mutex<Changes>) -> MutexGuard<'_, Changes> {
    changes.lock().unwrap_or_else(PoisonError::into_inner)
}
