//! What a campaign has found.

use super::finding::Finding;
use crate::dialect::Draft;

/// What a program may take in addition to half as much again, in octets.
const GROWTH: u64 = 32_000_000;

/// A finding with the exchange that shows it.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is.
    pub finding: Finding,
    /// The exchange, made small.
    pub draft: Draft,
    /// Which exchange of the seed it was.
    pub number: u64,
    /// Whether it showed itself again.
    pub confirmed: bool,
    /// How often the same was met, this time included.
    pub times: u64,
}

impl Found {
    /// A name for it: what it shows, and what leads to it.
    pub fn name(&self) -> String {
        format!(
            "{}-{}-{}-{}",
            self.finding.kind.name(),
            self.draft.attempt,
            self.draft.fault,
            self.draft.state
        )
    }

    /// Whether another exchange shows the same: the same kind of failure, after the same kind of attempt.
    pub(super) fn covers(&self, finding: &Finding, draft: &Draft) -> bool {
        let here = &self.draft;
        let alike = here.state == draft.state || here.attempt == draft.attempt;
        let led = alike && here.fault == draft.fault || finding.speaks_for_itself();
        led && self.finding.same(finding)
    }
}

/// How a broker's memory has grown, in octets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// After the first exchanges.
    pub first: u64,
    /// The last time.
    pub last: u64,
}

impl Memory {
    /// Whether that is more than buffers and tables that fill.
    pub fn has_grown(self) -> bool {
        self.last > self.first / 2 * 3 + GROWTH
    }
}
