//! Looks at passwords, one after the other on a thread of its own, so that the core need not wait for it.

use std::sync::mpsc::{self as orders, Receiver, Sender};
use std::thread;

use tokio::sync::mpsc;

use super::core::Report;
use crate::ConnectionId;
use crate::users::Attempt;

/// The core's end. The thread begins with the first password and ends with the core.
pub(super) struct Verifier {
    reporter: mpsc::Sender<(ConnectionId, Report)>,
    attempts: Option<Sender<(ConnectionId, Attempt)>>,
}

impl Verifier {
    pub(super) fn new(reporter: mpsc::Sender<(ConnectionId, Report)>) -> Self {
        Self {
            reporter,
            attempts: None,
        }
    }

    /// Has a password looked at. A report says what came of it.
    pub(super) fn look_at(&mut self, id: ConnectionId, attempt: Attempt) {
        let begin = || {
            let (attempts, inbox) = orders::channel();
            let reporter = self.reporter.clone();
            let thread = thread::Builder::new().name("passwords".to_owned());
            if let Err(error) = thread.spawn(move || work(&inbox, &reporter)) {
                tracing::error!(%error, "no thread to look at passwords");
            }
            attempts
        };
        let attempts = self.attempts.get_or_insert_with(begin);
        if attempts.send((id, attempt)).is_err() {
            // The next one has a thread again; this one is cut off when its handshake has taken too long.
            self.attempts = None;
        }
    }
}

fn work(
    attempts: &Receiver<(ConnectionId, Attempt)>,
    reporter: &mpsc::Sender<(ConnectionId, Report)>,
) {
    for (id, attempt) in attempts {
        let report = Report::Verified(attempt.succeeds());
        if reporter.blocking_send((id, report)).is_err() {
            return;
        }
    }
}
