//! Changes to a sequence by whole operations: what stands behind a change keeps its meaning, as it would not if an
//! octet more or less moved it.

use std::ops::Range;

use arbitrary::{Arbitrary, Unstructured};

use super::operation::{Operation, Setting};
use super::{MOST, next};

/// Octets of one operation at most.
const LONGEST: usize = 64;

/// A sequence of one to so many operations that look random, the same for the same seed.
pub fn made_up(seed: u64, most: usize) -> Vec<u8> {
    let mut dice = Dice(seed);
    let setting = [dice.next() as u8, dice.next() as u8];
    [&setting, &*random(&mut dice, most)].concat()
}

/// Changes a sequence, and says how many octets it has then; none if single octets are to be changed instead.
///
/// `octets` is as long as the sequence may become; `size` of them are the sequence. The same seed makes the same change.
/// Half of the time it is a sequence that has nothing to do with the one that there was: what was kept because it went
/// where none had been before does not lead everywhere from there.
pub fn mutate(octets: &mut [u8], size: usize, seed: u32) -> Option<usize> {
    let mut dice = Dice(u64::from(seed));
    let size = size.min(octets.len());
    let sequence = match dice.below(8) {
        0..4 => made_up(dice.next(), MOST),
        4..7 => changed(&mut dice, &octets[..size]),
        _ => return None,
    };
    let size = sequence.len().min(octets.len());
    octets[..size].copy_from_slice(&sequence[..size]);
    Some(size)
}

/// The sequence with some operations more, with others, or without some.
fn changed(dice: &mut Dice, octets: &[u8]) -> Vec<u8> {
    let (start, operations) = parts(octets);
    if operations.is_empty() {
        return made_up(dice.next(), MOST);
    }
    let (setting, sequence) = octets.split_at(start);
    let some = run(dice, &operations);
    let place = boundary(dice, &operations);
    let sequence = match dice.below(6) {
        0 | 1 => splice(sequence, place..place, &random(dice, 4)),
        2 | 3 => splice(sequence, some, &random(dice, 4)),
        4 => splice(sequence, place..place, &sequence[some]),
        _ => splice(sequence, some, &[]),
    };
    [setting, &sequence].concat()
}

/// Numbers that look random (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// Where the operations begin, and where each of them is from there on.
pub(super) fn parts(octets: &[u8]) -> (usize, Vec<Range<usize>>) {
    let mut unstructured = Unstructured::new(octets);
    if Setting::arbitrary(&mut unstructured).is_err() {
        return (0, Vec::new());
    }
    let start = octets.len() - unstructured.len();
    let mut operations: Vec<Range<usize>> = Vec::new();
    while next(&mut unstructured, operations.len()).is_some() {
        let from = operations.last().map_or(0, |it| it.end);
        operations.push(from..octets.len() - unstructured.len() - start);
    }
    (start, operations)
}

/// A few operations that follow each other.
fn run(dice: &mut Dice, operations: &[Range<usize>]) -> Range<usize> {
    let first = dice.below(operations.len());
    let last = (first + dice.below(8)).min(operations.len() - 1);
    operations[first].start..operations[last].end
}

/// A place before an operation or behind the last one.
fn boundary(dice: &mut Dice, operations: &[Range<usize>]) -> usize {
    match dice.below(operations.len() + 1) {
        0 => 0,
        behind => operations[behind - 1].end,
    }
}

fn splice(sequence: &[u8], replaced: Range<usize>, by: &[u8]) -> Vec<u8> {
    [&sequence[..replaced.start], by, &sequence[replaced.end..]].concat()
}

/// One to so many operations.
fn random(dice: &mut Dice, most: usize) -> Vec<u8> {
    let mut operations = Vec::new();
    for _ in 0..=dice.below(most) {
        let octets: [u8; LONGEST] = std::array::from_fn(|_| (dice.next() >> 56) as u8);
        let mut unstructured = Unstructured::new(&octets);
        if Operation::arbitrary(&mut unstructured).is_ok() {
            operations.extend_from_slice(&octets[..LONGEST - unstructured.len()]);
        }
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::super::count;
    use super::*;

    #[test]
    fn a_change_is_made_of_whole_operations() {
        let mut before = made_up(7, MOST);
        let size = before.len();
        before.resize(4096, 0);
        let (start, operations) = parts(&before[..size]);
        let mut changed = 0;
        for seed in 0..400 {
            let mut octets = before.clone();
            let Some(new) = mutate(&mut octets, size, seed) else {
                assert_eq!(octets, before);
                continue;
            };
            changed += 1;
            let (_, parts) = parts(&octets[..new]);
            assert_eq!(parts.last().map(|it| it.end + start), Some(new), "{seed}");
            assert_eq!(count(&octets[..new]), parts.len());
            assert!(parts.len().abs_diff(operations.len()) <= MOST);
        }
        assert!((300..400).contains(&changed), "{changed} of 400");
    }

    #[test]
    fn no_change_is_too_long_and_none_fails_on_what_is_short() {
        for seed in 0..400 {
            for (size, most) in [(0, 0), (0, 3), (1, 1), (2, 2), (30, 30), (30, 33), (33, 30)] {
                let mut octets = vec![0x55; most];
                let new = mutate(&mut octets, size, seed);
                assert!(new.is_none_or(|new| new <= most));
            }
        }
    }
}
