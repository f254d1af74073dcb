//! Whose turn it is among the consumers of a queue.

use std::collections::VecDeque;

use super::consumer::ConsumerId;

/// The consumers of a queue, the next one to be served first: by priority, and in turn among equals
/// (CPR-01, CPR-02). With a single active consumer only that one is served, and keeps its turn until it leaves
/// (SAC-01 to SAC-04).
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Higher priorities before lower ones.
    order: VecDeque<(ConsumerId, i64)>,
    /// Whether only one of them is served.
    single: bool,
    /// The one that is, if only one is.
    active: Option<ConsumerId>,
}

impl Turns {
    pub(super) fn new(single: bool) -> Self {
        Self {
            single,
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn is_single(&self) -> bool {
        self.single
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ConsumerId> {
        self.order.iter().map(|(id, _)| *id)
    }

    /// The one to be asked after `turn` others, if that many may be served.
    pub(super) fn candidate(&self, turn: usize) -> Option<ConsumerId> {
        if self.single {
            self.active.filter(|_| turn == 0)
        } else {
            self.order.get(turn).map(|(id, _)| *id)
        }
    }

    /// Another consumer, behind those that are as important.
    pub(super) fn add(&mut self, id: ConsumerId, priority: i64) {
        let behind = self.order.partition_point(|(_, its)| *its >= priority);
        self.order.insert(behind, (id, priority));
        if self.single {
            self.active = self.active.or(Some(id));
        }
    }

    pub(super) fn remove(&mut self, id: ConsumerId) {
        self.order.retain(|(its, _)| *its != id);
        if self.active == Some(id) {
            self.active = self.order.front().map(|(next, _)| *next);
        }
    }

    /// One has been served, and waits behind those that are as important. Where only one is served
    /// the others wait in the order in which they came, and that changes nothing for them.
    pub(super) fn served(&mut self, id: ConsumerId) {
        let turn = self.order.iter().position(|(its, _)| *its == id);
        if let Some((_, priority)) = turn.and_then(|turn| self.order.remove(turn)) {
            self.add(id, priority);
        }
    }
}

#[cfg(any(feature = "fuzzing", test))]
impl Turns {
    /// # Panics
    /// If the order is none, or somebody is served who is not there.
    pub(super) fn audit(&self) {
        let falls = self.order.iter().zip(self.order.iter().skip(1));
        for ((_, one), (_, next)) in falls {
            assert!(one >= next, "a less important consumer comes first");
        }
        let is_there = |id| self.order.iter().any(|(its, _)| *its == id);
        assert!(
            self.active.is_none_or(is_there),
            "somebody is served who is not there"
        );
        assert!(
            !self.single || self.active.is_none() == self.is_empty(),
            "nobody is served"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(single: bool, priorities: &[i64]) -> Turns {
        let mut turns = Turns::new(single);
        for (number, priority) in (1..).zip(priorities) {
            turns.add(ConsumerId::numbered(number), *priority);
        }
        turns
    }

    /// The numbers of those that are served, each being served as soon as it is asked.
    fn served(turns: &mut Turns, count: usize) -> Vec<ConsumerId> {
        let next = |turns: &mut Turns| {
            let id = turns.candidate(0).expect("somebody's turn");
            turns.served(id);
            id
        };
        (0..count).map(|_| next(turns)).collect()
    }

    fn numbers(numbers: &[u64]) -> Vec<ConsumerId> {
        numbers.iter().map(|it| ConsumerId::numbered(*it)).collect()
    }

    #[test]
    fn equals_take_turns_and_the_less_important_wait() {
        let mut turns = turns(false, &[0, 5, -1, 5, 0]);
        assert_eq!(served(&mut turns, 5), numbers(&[2, 4, 2, 4, 2]));
        let asked: Vec<_> = (0..5).filter_map(|turn| turns.candidate(turn)).collect();
        assert_eq!(asked, numbers(&[4, 2, 1, 5, 3]));
    }

    #[test]
    fn a_single_active_consumer_stays_until_it_leaves() {
        let mut turns = turns(true, &[0, 0, 5]);
        assert_eq!(served(&mut turns, 2), numbers(&[1, 1]));
        assert_eq!(turns.candidate(1), None);
        turns.remove(ConsumerId::numbered(2));
        assert_eq!(served(&mut turns, 1), numbers(&[1]));
        turns.remove(ConsumerId::numbered(1));
        assert_eq!(served(&mut turns, 1), numbers(&[3]));
        turns.remove(ConsumerId::numbered(3));
        assert_eq!((turns.candidate(0), turns.is_empty()), (None, true));
    }
}
