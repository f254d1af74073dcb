//! Tables and arrays, kept as the octets they travel as.
//!
//! Most tables that pass through a broker are never looked into. So they are checked when they
//! arrive and decoded pair by pair when somebody asks.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::check::check_value;
use super::{FieldArrayRef, FieldTableRef, FieldValue, PairsRef, ShortStr, ShortStrRef, ValuesRef};
use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault, ValueError};
use crate::sink;
use crate::storage::Sharing;

/// Names and values in their order, with duplicates (DAT-07).
///
/// Two tables are equal if their octets are.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct FieldTable(Bytes);

impl FieldTable {
    /// A table without pairs.
    pub const fn new() -> Self {
        Self(Bytes::new())
    }

    /// A table from the octets of its pairs, without the length in front.
    ///
    /// # Errors
    ///
    /// A name that is no short string (DAT-02), an unknown type (DAT-14), lengths that disagree
    /// (DAT-15), and excessive depth (DAT-16).
    pub fn from_bytes(pairs: Bytes) -> Result<Self, DecodeError> {
        FieldTableRef::from_bytes(&pairs)?;
        Ok(Self(pairs))
    }

    pub(crate) const fn from_checked(pairs: Bytes) -> Self {
        Self(pairs)
    }

    /// The octets of the pairs, without the length in front.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same table, borrowed: to look into it costs no reference counts.
    pub fn borrowed(&self) -> FieldTableRef<'_> {
        FieldTableRef::from_checked(&self.0)
    }

    /// The pairs in their order.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs {
            bytes: &self.0,
            pairs: self.borrowed().iter(),
        }
    }

    /// The value of the first pair with this name.
    pub fn get(&self, name: &str) -> Option<FieldValue> {
        let value = self.borrowed().get(name)?;
        Some(value.keep(&Sharing(&self.0)))
    }

    /// Appends a pair, also where the name is there already.
    ///
    /// # Errors
    ///
    /// A name that is no short string, and a table that gets too long or too deep for the wire.
    pub fn push(&mut self, name: &str, value: impl Into<FieldValue>) -> Result<(), ValueError> {
        append(&mut self.0, Some(ShortStrRef::new(name)?), &value.into())
    }

    /// The same as [`FieldTable::push`], for chains.
    ///
    /// # Errors
    ///
    /// Those of [`FieldTable::push`].
    pub fn with(mut self, name: &str, value: impl Into<FieldValue>) -> Result<Self, ValueError> {
        self.push(name, value)?;
        Ok(self)
    }

    /// A copy in a buffer of its own. What outlives its frame for long should not keep the whole
    /// read buffer alive.
    pub fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }
}

impl<'a> IntoIterator for &'a FieldTable {
    type Item = (ShortStr, FieldValue);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

impl fmt::Debug for FieldTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Values in their order.
///
/// Two arrays are equal if their octets are.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct FieldArray(Bytes);

impl FieldArray {
    /// An array without values.
    pub const fn new() -> Self {
        Self(Bytes::new())
    }

    /// An array from the octets of its values, without the length in front (DAT-13).
    ///
    /// # Errors
    ///
    /// Those of [`FieldTable::from_bytes`].
    pub fn from_bytes(values: Bytes) -> Result<Self, DecodeError> {
        FieldArrayRef::from_bytes(&values)?;
        Ok(Self(values))
    }

    pub(crate) const fn from_checked(values: Bytes) -> Self {
        Self(values)
    }

    /// The octets of the values, without the length in front.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same array, borrowed: to look into it costs no reference counts.
    pub fn borrowed(&self) -> FieldArrayRef<'_> {
        FieldArrayRef::from_checked(&self.0)
    }

    /// The values in their order.
    pub fn iter(&self) -> Values<'_> {
        Values {
            bytes: &self.0,
            values: self.borrowed().iter(),
        }
    }

    /// Appends a value.
    ///
    /// # Errors
    ///
    /// An array that gets too long or too deep for the wire.
    pub fn push(&mut self, value: impl Into<FieldValue>) -> Result<(), ValueError> {
        append(&mut self.0, None, &value.into())
    }
}

impl<'a> IntoIterator for &'a FieldArray {
    type Item = FieldValue;
    type IntoIter = Values<'a>;

    fn into_iter(self) -> Values<'a> {
        self.iter()
    }
}

impl fmt::Debug for FieldArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// The values of a [`FieldArray`], decoded one after the other.
pub struct Values<'a> {
    bytes: &'a Bytes,
    values: ValuesRef<'a>,
}

impl Iterator for Values<'_> {
    type Item = FieldValue;

    fn next(&mut self) -> Option<FieldValue> {
        Some(self.values.next()?.keep(&Sharing(self.bytes)))
    }
}

/// The pairs of a [`FieldTable`], decoded one after the other.
pub struct Pairs<'a> {
    bytes: &'a Bytes,
    pairs: PairsRef<'a>,
}

impl Iterator for Pairs<'_> {
    type Item = (ShortStr, FieldValue);

    fn next(&mut self) -> Option<(ShortStr, FieldValue)> {
        let (name, value) = self.pairs.next()?;
        Some((name.into_owned(), value.keep(&Sharing(self.bytes))))
    }
}

impl AsRef<[u8]> for FieldTable {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for FieldArray {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Writes a value behind what is there, unless nobody could read it back.
fn append(
    bytes: &mut Bytes,
    name: Option<ShortStrRef<'_>>,
    value: &FieldValue,
) -> Result<(), ValueError> {
    let mut more = BytesMut::new();
    if let Some(name) = name {
        more.put_u8(name.len() as u8);
        more.put_slice(name.as_bytes());
    }
    let start = more.len();
    sink::append(&mut more, value);
    let added = more.get(start..).unwrap_or_default();
    check_value(&mut Cursor::new(added, Fault::TableLength), 1).map_err(|_| ValueError::TooDeep)?;
    if u32::try_from(bytes.len() + more.len()).is_err() {
        return Err(ValueError::TooLong);
    }
    let mut all = BytesMut::from(std::mem::take(bytes));
    all.put_slice(&more);
    *bytes = all.freeze();
    Ok(())
}
