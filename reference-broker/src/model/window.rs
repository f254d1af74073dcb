//! How much may be outstanding at a consumer or in a session (`basic.qos`).

/// The most that may be delivered and not yet settled; 0 is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// Deliveries.
    pub(crate) count: u16,
    /// Octets of their bodies.
    pub(crate) octets: u32,
}

impl Window {
    pub(super) fn is_limited(self) -> bool {
        self != Self::default()
    }

    /// Whether one more delivery fits (`basic.qos.prefetch-count.01`). With nothing outstanding any
    /// size does (`basic.qos.prefetch-size.01`).
    pub(super) fn admits(self, outstanding: Outstanding, octets: u64) -> bool {
        let by_count = self.count == 0 || outstanding.count < u64::from(self.count);
        let by_octets = self.octets == 0
            || outstanding.count == 0
            || outstanding.octets.saturating_add(octets) <= u64::from(self.octets);
        by_count && by_octets
    }
}

/// What has been delivered and not yet settled (DOC-24).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outstanding {
    count: u64,
    octets: u64,
}

impl Outstanding {
    pub(super) fn add(&mut self, octets: u64) {
        self.count += 1;
        self.octets += octets;
    }

    pub(super) fn remove(&mut self, octets: u64) {
        self.count -= 1;
        self.octets -= octets;
    }
}
