//! What stops the program from outside.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::Failure;

/// SIGINT and SIGTERM, caught from here on.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Begins to catch them. Needs a runtime.
    pub fn catch() -> Result<Stop, Failure> {
        let caught = |kind| {
            signal(kind)
                .map_err(|error| Failure::target(format!("signals cannot be caught: {error}")))
        };
        Ok(Stop {
            interrupt: caught(SignalKind::interrupt())?,
            terminate: caught(SignalKind::terminate())?,
        })
    }

    /// The exit status that the next of them asks for, as a shell counts it.
    pub async fn asked(&mut self) -> u8 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        u8::try_from(128 + kind.as_raw_value()).unwrap_or(128)
    }
}
