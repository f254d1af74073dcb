//! What publisher, consumer and whoever measures them tell each other. It bounds how much a broker has to hold:
//! the publisher goes on only while the consumer is not too far behind.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Thread};

/// Counts of messages; those consumed count once for each queue.
#[derive(Debug)]
pub struct Progress {
    consumed: AtomicU64,
    /// What the publisher waits for the consumer to reach.
    awaited: AtomicU64,
    /// How many are published in all, once that is known.
    total: AtomicU64,
    stopped: AtomicBool,
    consumer_ended: AtomicBool,
    publisher: OnceLock<Thread>,
}

const NOTHING: u64 = u64::MAX;

impl Progress {
    pub fn new() -> Self {
        Self {
            consumed: AtomicU64::new(0),
            awaited: AtomicU64::new(NOTHING),
            total: AtomicU64::new(NOTHING),
            stopped: AtomicBool::new(false),
            consumer_ended: AtomicBool::new(false),
            publisher: OnceLock::new(),
        }
    }

    pub fn consumed(&self) -> u64 {
        self.consumed.load(SeqCst)
    }

    /// The publisher is to end.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst) || self.consumer_ended.load(SeqCst)
    }

    /// The publisher has ended.
    pub fn set_total(&self, published: u64) {
        self.total.store(published, SeqCst);
    }

    /// Whether everything that was published has come, or `None` while that is not known.
    pub fn is_complete(&self) -> bool {
        self.consumed() >= self.total.load(SeqCst)
    }

    /// What was published in all, once that is known.
    pub fn total(&self) -> Option<u64> {
        Some(self.total.load(SeqCst)).filter(|total| *total != NOTHING)
    }

    /// The consumer has reached that many.
    pub fn advance(&self, consumed: u64) {
        self.consumed.store(consumed, SeqCst);
        if consumed >= self.awaited.load(SeqCst) {
            self.awaited.store(NOTHING, SeqCst);
            self.wake();
        }
    }

    /// The consumer has ended, and nobody is to wait for it.
    pub fn end_consumer(&self) {
        self.consumer_ended.store(true, SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if let Some(publisher) = self.publisher.get() {
            publisher.unpark();
        }
    }

    /// For the publisher: waits until the consumer has reached that many.
    pub fn wait_for(&self, consumed: u64) {
        self.publisher.get_or_init(thread::current);
        self.awaited.store(consumed, SeqCst);
        // Whoever of the two comes second sees what the first has stored.
        while self.consumed() < consumed && !self.consumer_ended.load(SeqCst) {
            thread::park();
        }
        self.awaited.store(NOTHING, SeqCst);
    }
}
