//! One count, with a handful of examples.

/// How many examples are kept.
const SHOWN: usize = 5;

/// How often something happened, and the first few times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    count: u64,
    examples: Vec<String>,
}

impl Tally {
    /// It happened once more.
    pub(super) fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < SHOWN {
            self.examples.push(example());
        }
    }

    /// It is undone, as when a message that was held is settled.
    pub(super) fn take_back(&mut self) {
        self.count = self.count.saturating_sub(1);
        self.examples.clear();
    }

    /// How often.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first few times, in a few words each.
    pub fn examples(&self) -> &[String] {
        &self.examples
    }
}
