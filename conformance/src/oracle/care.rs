//! A broker that stops serving is brought back, while nobody plays.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::campaign::Order;
use crate::run::Controls;

/// What brings a broker back, the roughest first: one that hangs does not end when it is asked to.
const WAYS: [&str; 2] = ["kill", "restart"];

/// Brings brokers back.
pub(super) struct Care {
    left: Option<Arc<dyn Controls>>,
    right: Option<Arc<dyn Controls>>,
    /// How often a broker was brought back. Held shared by those who play beside others.
    round: RwLock<u64>,
    told: AtomicU64,
}

impl Care {
    pub(super) fn new(order: &Order) -> Care {
        Care {
            left: order.left.controls.clone(),
            right: order.right.controls.clone(),
            round: RwLock::new(0),
            told: AtomicU64::new(0),
        }
    }

    /// Plays beside others. What is held says in which round.
    pub(super) async fn beside(&self) -> RwLockReadGuard<'_, u64> {
        self.round.read().await
    }

    /// Plays while nobody else does.
    pub(super) async fn alone(&self) -> RwLockWriteGuard<'_, u64> {
        self.round.write().await
    }

    /// How often a broker was brought back.
    pub(super) fn rounds(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }

    /// Brings a broker back that stopped in a round, unless that was done since. `false` if it does not come back, or
    /// nobody knows how to.
    pub(super) async fn revive(&self, left: bool, stopped: u64) -> bool {
        let mut round = self.alone().await;
        *round > stopped || self.revive_alone(left, &mut round).await
    }

    /// The same for whoever plays alone.
    pub(super) async fn revive_alone(&self, left: bool, round: &mut u64) -> bool {
        let controls = if left { &self.left } else { &self.right };
        let Some(controls) = controls else {
            return false;
        };
        let Some(way) = WAYS.into_iter().find(|way| controls.offers(way)) else {
            return false;
        };
        *round += 1;
        self.told.store(*round, Ordering::Relaxed);
        controls.perform(way).await.is_ok()
    }
}
