//! What survives the broker: records by number, in a [`Store`].
//!
//! | file | subject |
//! |---|---|
//! | `record` | what is known of one durable thing, as octets |
//! | `disk` | a store in one file of a directory |
//! | `memory` | a store that lasts as long as the program |
//!
//! The broker says what is to be stored ([`Broker::take_changes`](crate::Broker::take_changes)), whoever drives
//! it does that, in whatever way and as many changes at once as suit, and reports it
//! ([`Broker::stored`](crate::Broker::stored)). Not before then is a client told that something is safe.

mod disk;
mod memory;
mod record;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use thiserror::Error;

pub use self::disk::DiskStore;
pub use self::memory::MemoryStore;
pub use self::record::Damaged;
pub use crate::model::RecordId;
use crate::model::{Change, Unrestorable};

/// How far the changes of a broker have come. Rises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub(crate) u64);

/// Keeps records. What it is given takes effect as a whole or not at all.
pub trait Store: Send {
    /// Everything that is stored, by rising numbers.
    ///
    /// # Errors
    /// If it cannot be read.
    fn load(&mut self) -> Result<Vec<StoredRecord>, StoreError>;

    /// Stores a batch, and returns once it would survive a crash of the program and of the machine.
    ///
    /// # Errors
    /// If that is impossible for the time being, such as for want of space. Nothing has changed then, and
    /// the same batch may be given again.
    fn write(&mut self, batch: &Batch) -> Result<(), StoreError>;
}

/// A record in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its number.
    pub id: RecordId,
    /// What it says; for the broker to read.
    pub octets: Bytes,
    /// Whether it is one of those of which a batch has said that they are delivered.
    pub delivered: bool,
}

/// Changes that belong together: to be stored in this order of kinds.
#[derive(Debug, Clone)]
pub struct Batch {
    /// What to report when it is done.
    pub position: Position,
    /// New records by rising numbers; their octets in pieces.
    pub put: Vec<(RecordId, Vec<Bytes>)>,
    /// Records of messages that have been delivered since they were stored.
    pub delivered: Vec<RecordId>,
    /// Records that are there no longer.
    pub removed: Vec<RecordId>,
    /// Those of them that were among the delivered ones of an earlier batch.
    pub unmarked: Vec<RecordId>,
}

impl Batch {
    pub(crate) fn new(changes: Vec<Change>, position: u64) -> Self {
        let mut batch = Self {
            position: Position(position),
            put: Vec::new(),
            delivered: Vec::new(),
            removed: Vec::new(),
            unmarked: Vec::new(),
        };
        for change in changes {
            match change {
                Change::Put {
                    id,
                    host,
                    record,
                    delivered,
                } => batch
                    .put
                    .push((id, record::write(&host, &record, delivered))),
                Change::Delivered(id) => batch.delivered.push(id),
                Change::Remove { id, marked } => {
                    batch.removed.push(id);
                    if marked {
                        batch.unmarked.push(id);
                    }
                }
            }
        }
        batch
    }

    /// This batch and a later one in one.
    pub(crate) fn followed_by(mut self, later: Self) -> Self {
        let new = |id: &RecordId| self.put.binary_search_by_key(id, |(id, _)| *id).is_ok();
        let (needless, removed): (Vec<_>, Vec<_>) = later.removed.into_iter().partition(new);
        let needless = BTreeSet::from_iter(needless);
        self.put.retain(|(id, _)| !needless.contains(id));
        self.put.extend(later.put);
        self.delivered.extend(later.delivered);
        self.delivered.retain(|id| !needless.contains(id));
        self.removed.extend(removed);
        let of_old = later.unmarked.into_iter();
        self.unmarked
            .extend(of_old.filter(|id| !needless.contains(id)));
        self.position = later.position;
        self
    }

    /// Whether nothing is left to store: what was made has been removed again.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.delivered.is_empty() && self.removed.is_empty()
    }
}

/// Why a broker is not restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// A record cannot be read.
    #[error("record {}: {damage}", .id.0)]
    Damaged {
        /// Which.
        id: RecordId,
        /// What is wrong with it.
        damage: Damaged,
    },
    /// A record does not fit the broker's configuration.
    #[error("{0}; it was made by a broker that was configured otherwise")]
    Unfit(String),
    /// There are records of a virtual host that the broker is not configured to have.
    #[error(
        "the store has records of virtual host '{0}', which is not configured: add it, or use another directory"
    )]
    VirtualHost(String),
}

impl From<Unrestorable> for RestoreError {
    fn from(error: Unrestorable) -> Self {
        Self::Unfit(error.to_string())
    }
}

/// What goes wrong with a store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There are things in the directory, and no store.
    #[error("{} holds other files and no store; give an empty directory or a new one", .0.display())]
    ForeignDirectory(PathBuf),
    /// The file is none that a broker has written, or is damaged.
    #[error(
        "{} is damaged or was not written by this broker ({reason}); \
         restore it from a copy, or move it away to begin with nothing", .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another broker has it.
    #[error("{} is in use by another broker", .0.display())]
    InUse(PathBuf),
    /// It was written by a broker of another version.
    #[error("{} has format {found}, and this broker reads {expected}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that it has.
        found: u64,
        /// The format that would be read.
        expected: u64,
    },
    /// The file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}
