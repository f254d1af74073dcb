//! Stores what has to survive, one batch after the other, while the broker goes on.

use std::time::Duration;

use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use tokio::time::sleep;

use crate::store::{Batch, Position, Store, StoreError};

/// How long to wait after a failure before the same batch is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The store, and what it is busy with.
pub(super) struct Keeper {
    /// Not here while it is busy.
    store: Option<Box<dyn Store>>,
    work: Option<JoinHandle<Done>>,
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
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.store.is_some()
    }

    /// Begins to store a batch. Whoever calls has found the store idle.
    pub(super) fn begin(&mut self, batch: Batch) {
        if let Some(store) = self.store.take() {
            self.work = Some(spawn_blocking(|| attempt(store, batch)));
        }
    }

    /// How the present batch ends; for ever pending while there is none. After a failure the same batch
    /// is tried again. Dropping the future loses nothing.
    pub(super) async fn finish(&mut self) -> Result<Position, StoreError> {
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
        match result {
            Ok(()) => {
                self.store = Some(store);
                Ok(batch.position)
            }
            Err(error) => {
                self.work = Some(tokio::spawn(async {
                    sleep(RETRY).await;
                    spawn_blocking(|| attempt(store, batch))
                        .await
                        .unwrap_or_else(resume)
                }));
                Err(error)
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
