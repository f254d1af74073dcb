//! How many octets of messages are held.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The sum of all charges that are alive.
#[derive(Debug, Clone, Default)]
pub(super) struct Account(Arc<AtomicU64>);

impl Account {
    /// Octets held at present.
    pub(super) fn octets(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts octets until the charge is dropped.
    pub(super) fn charge(&self, octets: u64) -> Charge {
        self.0.fetch_add(octets, Ordering::Relaxed);
        Charge {
            account: self.clone(),
            octets,
        }
    }
}

/// A share of an account, given back when dropped.
#[derive(Debug)]
pub(super) struct Charge {
    account: Account,
    octets: u64,
}

impl Charge {
    /// Counts further octets.
    pub(super) fn grow(&mut self, octets: u64) {
        self.account.0.fetch_add(octets, Ordering::Relaxed);
        self.octets += octets;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.0.fetch_sub(self.octets, Ordering::Relaxed);
    }
}
