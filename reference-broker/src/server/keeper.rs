//! Stores what has to survive, one batch after the other, while the broker goes on.

use std::time::Duration;

use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until};

use crate::store::{Batch, Position, Store, StoreError};

/// How long to wait after a failure before it is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The store, and what it is busy with.
pub(super) struct Keeper {
    /// Not here while it is busy.
    store: Option<Box<dyn Store>>,
    work: Option<JoinHandle<Done>>,
    /// What could not be stored, and when it is tried again.
    failed: Option<(Batch, Instant)>,
}

/// What has become of a batch.
pub(super) enum Outcome {
    Stored(Position),
    /// It was impossible, and is to be tried again.
    Failed(StoreError),
    /// The time has come to do so.
    Ready,
}

struct Done {
    store: Box<dyn Store>,
    batch: Batch,
    result: Result<(), StoreError>,
}

impl Keeper {
    pub(super) fn new(store: Box<dyn Store>) -> Self {
        Self {
            store: Some(store),
            work: None,
            failed: None,
        }
    }

    /// Whether everything that was begun is done.
    pub(super) fn is_idle(&self) -> bool {
        self.store.is_some() && self.failed.is_none()
    }

    /// Whether a batch may begin.
    pub(super) fn is_ready(&self) -> bool {
        let is_due = |(_, time): &(Batch, Instant)| *time <= Instant::now();
        self.store.is_some() && self.failed.as_ref().is_none_or(is_due)
    }

    /// Whether something is to be tried again.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Begins to store a batch, together with what could not be stored before: what has been removed in
    /// the meantime needs no room any more. Whoever calls has found the store ready.
    pub(super) fn begin(&mut self, batch: Option<Batch>) {
        let batch = match (self.failed.take(), batch) {
            (Some((failed, _)), Some(batch)) => failed.followed_by(batch),
            (Some((batch, _)), None) | (None, Some(batch)) => batch,
            (None, None) => return,
        };
        if let Some(store) = self.store.take() {
            self.work = Some(spawn_blocking(|| attempt(store, batch)));
        }
    }

    /// What becomes of the present batch; for ever pending while there is none. Dropping the future loses
    /// nothing.
    pub(super) async fn outcome(&mut self) -> Outcome {
        if let Some((_, time)) = &self.failed {
            sleep_until(*time).await;
            return Outcome::Ready;
        }
        let Some(work) = &mut self.work else {
            return std::future::pending().await;
        };
        let done = work.await;
        self.work = None;
        let Done {
            store,
            batch,
            result,
        } = done.unwrap_or_else(resume);
        self.store = Some(store);
        match result {
            Ok(()) => Outcome::Stored(batch.position),
            Err(error) => {
                self.failed = Some((batch, Instant::now() + RETRY));
                Outcome::Failed(error)
            }
        }
    }
}

fn attempt(mut store: Box<dyn Store>, batch: Batch) -> Done {
    let result = store.write(&batch);
    Done {
        store,
        batch,
        result,
    }
}

/// The work is never aborted: it has ended, or it has panicked, and then the broker must not go on.
fn resume(error: JoinError) -> Done {
    std::panic::resume_unwind(error.into_panic())
}
