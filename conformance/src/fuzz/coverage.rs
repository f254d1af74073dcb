//! Which attempts were made in which states.

use std::collections::BTreeMap;

use crate::dialect::{Author, Draft};

/// Counts of attempts by state.
#[derive(Debug, Clone)]
pub struct Coverage {
    counts: BTreeMap<(&'static str, String), u64>,
    cells: usize,
}

impl Coverage {
    /// Of an author's attempts, none of which was made yet.
    pub fn new(author: &dyn Author) -> Coverage {
        Coverage {
            counts: BTreeMap::new(),
            cells: author.states().len() * author.attempts().len(),
        }
    }

    /// An attempt was made.
    pub fn count(&mut self, draft: &Draft) {
        let cell = (draft.state, draft.attempt.clone());
        *self.counts.entry(cell).or_default() += 1;
    }

    /// In how many pairs of state and attempt something was tried, and how many there are.
    pub fn covered(&self) -> (usize, usize) {
        (self.counts.len(), self.cells)
    }

    /// How many attempts were made in each state, in the order of the states.
    pub fn by_state(&self, author: &dyn Author) -> Vec<(&'static str, u64)> {
        let sum = |state: &&'static str| {
            let counts = self.counts.iter();
            let its = counts.filter(|((its, _), _)| its == state);
            (*state, its.map(|(_, count)| count).sum())
        };
        author.states().iter().map(sum).collect()
    }
}
