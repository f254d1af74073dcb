//! What silence means.

use std::time::Duration;

/// How long the runner waits before it draws a conclusion from silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After so long without an octet it asks whether the broker still answers.
    pub stall: Duration,
    /// After so long without an octet, a broker that answered such a question is said to owe what was expected.
    pub quiet: Duration,
    /// After so long without an octet, a broker that did not answer such a question is said to hang.
    pub hang: Duration,
    /// After so long nothing more is awaited, whatever came meanwhile.
    pub deadline: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            stall: Duration::from_millis(1500),
            quiet: Duration::from_secs(6),
            hang: Duration::from_secs(10),
            deadline: Duration::from_secs(25),
        }
    }
}

impl Patience {
    /// As usual, but not so long that no time is left to draw conclusions within the deadline.
    pub fn within(deadline: Duration) -> Patience {
        let usual = Patience::default();
        Patience {
            stall: usual.stall.min(deadline / 4),
            quiet: usual.quiet.min(deadline / 2),
            hang: usual.hang.min(deadline / 2),
            deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_leaves_time_for_conclusions() {
        let short = Patience::within(Duration::from_secs(4));
        assert!(short.stall < short.quiet && short.quiet < short.deadline);
        assert_eq!(
            Patience::within(Duration::from_secs(25)),
            Patience::default()
        );
    }
}
