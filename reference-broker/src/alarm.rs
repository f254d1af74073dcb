//! What is short, so that publishers have to wait.

use std::collections::BTreeSet;
use std::fmt;

use tracing::{info, warn};

/// Why nobody may publish for the time being.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    /// An operator says so.
    Operator,
    /// What has to survive cannot be stored.
    Store,
    /// More octets are held than the high-water mark.
    Memory,
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operator => "operator",
            Self::Store => "store",
            Self::Memory => "memory",
        })
    }
}

/// The alarms that are on.
#[derive(Debug, Default)]
pub(crate) struct Alarms(BTreeSet<Alarm>);

impl Alarms {
    pub(crate) fn is_any_on(&self) -> bool {
        !self.0.is_empty()
    }

    /// Raises or clears one. Says whether it was the first or the last, so that clients are concerned.
    pub(crate) fn set(&mut self, alarm: Alarm, on: bool) -> bool {
        let before = self.is_any_on();
        if on && self.0.insert(alarm) {
            warn!(cause = %alarm, "alarm raised");
        }
        if !on && self.0.remove(&alarm) {
            info!(cause = %alarm, "alarm cleared");
        }
        before != self.is_any_on()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_and_the_last_concern_anybody() {
        let mut alarms = Alarms::default();
        assert!(!alarms.set(Alarm::Memory, false));
        assert!(alarms.set(Alarm::Memory, true));
        assert!(!alarms.set(Alarm::Memory, true));
        assert!(!alarms.set(Alarm::Operator, true));
        assert!(!alarms.set(Alarm::Memory, false));
        assert!(alarms.is_any_on());
        assert!(alarms.set(Alarm::Operator, false));
        assert!(!alarms.is_any_on());
    }
}
