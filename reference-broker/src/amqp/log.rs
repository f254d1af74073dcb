//! What an operator may want to know of a connection. No password, and nothing of what is published.

use tracing::{debug, info, warn};

use super::dialogue::{Dialogue, Phase};
use super::exception::Exception;

impl Dialogue {
    /// A connection has been opened.
    pub(super) fn log_open(&self, name: &str) {
        info!(
            connection = self.owner.0,
            peer = self.peer.shown(),
            user = self.user,
            virtual_host = name,
            "connection opened"
        );
    }

    /// A connection is given up: one that was open, or one that never came so far.
    pub(super) fn log_leave(&self, reason: &str) {
        let (connection, peer) = (self.owner.0, self.peer.shown());
        match &self.phase {
            Phase::Open { name, .. } => info!(
                connection,
                peer,
                user = self.user,
                virtual_host = name,
                reason,
                "connection closed"
            ),
            Phase::Closing | Phase::Closed => {}
            _ => debug!(connection, peer, reason, "connection was never opened"),
        }
    }

    /// Somebody may not come in.
    pub(super) fn log_refusal(&self) {
        warn!(
            connection = self.owner.0,
            peer = self.peer.shown(),
            user = self.user,
            "login refused"
        );
    }

    /// A channel is closed by the broker.
    pub(super) fn log_exception(&self, channel: u16, exception: &Exception) {
        debug!(
            connection = self.owner.0,
            channel,
            reason = exception.reply_text().as_str(),
            "channel closed"
        );
    }
}
