//! What holds for the octets of tables and arrays, which are checked once and kept as they are.

use super::{MAX_DEPTH, is_text, text_fault};
use crate::cursor::Cursor;
use crate::error::Fault;

/// Holds the pairs of a table at `depth` to the rules (DAT-02, DAT-14, DAT-15, DAT-16).
pub(crate) fn check_pairs(pairs: &[u8], depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TableTooDeep);
    }
    let mut cursor = Cursor::new(pairs, Fault::TableLength);
    while !cursor.is_empty() {
        let name = cursor.short_str()?;
        if !is_text(name) {
            return Err(text_fault(name));
        }
        check_value(&mut cursor, depth)?;
    }
    Ok(())
}

/// Holds the values of an array at `depth` to the rules.
pub(super) fn check_values(values: &[u8], depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TableTooDeep);
    }
    let mut cursor = Cursor::new(values, Fault::TableLength);
    while !cursor.is_empty() {
        check_value(&mut cursor, depth)?;
    }
    Ok(())
}

/// Holds one value of a table or an array at `depth` to the rules, and passes over it.
pub(super) fn check_value(cursor: &mut Cursor<'_>, depth: usize) -> Result<(), Fault> {
    match cursor.octet()? {
        b'V' => Ok(()),
        b't' | b'b' | b'B' => cursor.take(1).map(drop),
        b's' | b'u' => cursor.take(2).map(drop),
        b'I' | b'i' | b'f' => cursor.take(4).map(drop),
        b'D' => cursor.take(5).map(drop),
        b'l' | b'L' | b'd' | b'T' => cursor.take(8).map(drop),
        b'S' | b'x' => cursor.long_str().map(drop),
        b'F' => check_pairs(cursor.block()?, depth + 1),
        b'A' => check_values(cursor.block()?, depth + 1),
        tag => Err(Fault::UnknownTag(tag)),
    }
}
