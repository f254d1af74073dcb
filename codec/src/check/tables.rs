//! Tables and arrays, read and made.

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;

use super::classified;
use crate::error::Fault;
use crate::types::{FieldArray, FieldTable, FieldTableRef, FieldValue, MAX_DEPTH};

/// Longer tables are not put into others: every level is a copy.
const SHORT: usize = 256;

/// Takes `octets` for a table's pairs and for an array's values, and makes a table of them.
///
/// # Panics
///
/// If a table or an array does not come out as it went in, or differs where it stands; if a part of
/// a pair is taken; if the limit of nesting is not where it should be.
pub fn tables(octets: &[u8]) {
    let payload = Bytes::copy_from_slice(octets);
    match FieldTable::from_bytes(payload.clone()) {
        Ok(pairs) => whole(&pairs),
        Err(error) => classified(error),
    }
    match FieldArray::from_bytes(payload) {
        Ok(values) => array(&values),
        Err(error) => classified(error),
    }
    if let Ok(pairs) = FieldTable::arbitrary(&mut Unstructured::new(octets)) {
        whole(&pairs);
    }
}

fn whole(pairs: &FieldTable) {
    table(pairs);
    let octets = pairs.as_bytes();
    if !octets.is_empty() {
        let part = FieldTable::from_bytes(octets.slice(..octets.len() - 1));
        let fault = part.map_err(|error| error.fault());
        assert_eq!(fault, Err(Fault::TableLength), "a part of {pairs:?}");
    }
    if octets.len() <= SHORT {
        nesting(pairs);
    }
}

/// Rebuilding a table from its pairs gives the same pairs, however deep.
pub(super) fn table(pairs: &FieldTable) {
    let borrowed = FieldTableRef::from_bytes(pairs.as_bytes()).expect("a table that was taken");
    let mut again = FieldTable::new();
    let mut there = borrowed.iter();
    for (name, value) in pairs {
        inside(&value);
        let (its_name, its_value) = there.next().expect("as many pairs where they stand");
        assert_eq!(its_name.as_str(), name.as_str());
        assert_eq!(its_value.into_owned(), value);
        let first = pairs.iter().find(|(other, _)| *other == name);
        assert_eq!(pairs.get(&name), first.map(|(_, value)| value));
        taken(again.push(&name, value));
    }
    assert!(there.next().is_none());
    assert!(again.iter().eq(pairs.iter()));
    assert_eq!(FieldTable::from_bytes(again.as_bytes().clone()), Ok(again));
}

fn array(values: &FieldArray) {
    let mut again = FieldArray::new();
    for value in values {
        inside(&value);
        taken(again.push(value));
    }
    assert!(again.iter().eq(values.iter()));
    let there = values.borrowed().iter().map(FieldValue::into_owned);
    assert!(there.eq(values));
    assert_eq!(FieldArray::from_bytes(again.as_bytes().clone()), Ok(again));
}

fn inside(value: &FieldValue) {
    match value {
        FieldValue::Table(pairs) => table(pairs),
        FieldValue::Array(values) => array(values),
        _ => {}
    }
}

fn taken<E: Debug>(result: Result<(), E>) {
    assert!(
        result.is_ok(),
        "what was received cannot be sent: {result:?}"
    );
}

/// Inside of others a table is taken up to the limit, and not beyond it (DAT-16).
fn nesting(pairs: &FieldTable) {
    let depth = depth(pairs);
    assert!(depth <= MAX_DEPTH, "{depth} levels in {pairs:?}");
    let deepest = FieldTable::from_bytes(wrapped(pairs.as_bytes(), MAX_DEPTH - depth));
    assert!(deepest.is_ok(), "{deepest:?}: {depth} levels in {pairs:?}");
    let deeper = FieldTable::from_bytes(wrapped(pairs.as_bytes(), MAX_DEPTH - depth + 1));
    let fault = deeper.map_err(|error| error.fault());
    assert_eq!(
        fault,
        Err(Fault::TableTooDeep),
        "{depth} levels in {pairs:?}"
    );
}

fn depth(pairs: &FieldTable) -> usize {
    fn below(value: &FieldValue) -> usize {
        match value {
            FieldValue::Table(pairs) => depth(pairs),
            FieldValue::Array(values) => {
                1 + values.iter().map(|value| below(&value)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
    let values = pairs.iter().map(|(_, value)| below(&value));
    1 + values.max().unwrap_or(0)
}

/// The pairs of a table in so many others, every second of which is an array: written from the end,
/// since each length counts what follows.
fn wrapped(pairs: &[u8], levels: usize) -> Bytes {
    let is_table = |level: usize| level.is_multiple_of(2) || level == levels;
    let mut backwards: Vec<u8> = pairs.iter().rev().copied().collect();
    for level in (0..levels).rev() {
        let length = u32::try_from(backwards.len()).expect("a short table");
        backwards.extend(length.to_le_bytes());
        backwards.push(if is_table(level + 1) { b'F' } else { b'A' });
        if is_table(level) {
            backwards.push(0);
        }
    }
    backwards.reverse();
    backwards.into()
}
