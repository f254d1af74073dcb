//! Tables and arrays in the octets that were read.

use std::fmt;

use super::check::{check_pairs, check_value, check_values};
use super::{FieldArray, FieldTable, FieldValue, ShortStrRef};
use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault};
use crate::storage::{Borrowed, Copying, Keep};

/// A [`FieldTable`] in the octets that were read, or in a table that is kept.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldTableRef<'a>(&'a [u8]);

impl<'a> FieldTableRef<'a> {
    /// A table from the octets of its pairs, without the length in front.
    ///
    /// # Errors
    ///
    /// A name that is no short string (DAT-02), an unknown type (DAT-14), lengths that disagree
    /// (DAT-15), and excessive depth (DAT-16).
    pub fn from_bytes(pairs: &'a [u8]) -> Result<Self, DecodeError> {
        if u32::try_from(pairs.len()).is_err() {
            return Err(Fault::TableLength.into());
        }
        check_pairs(pairs, 1)?;
        Ok(Self(pairs))
    }

    pub(crate) const fn from_checked(pairs: &'a [u8]) -> Self {
        Self(pairs)
    }

    /// The octets of the pairs, without the length in front.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there are no pairs.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The pairs in their order.
    pub fn iter(self) -> PairsRef<'a> {
        PairsRef(ValuesRef::new(self.0))
    }

    /// The value of the first pair with this name.
    pub fn get(self, name: &str) -> Option<FieldValue<Borrowed<'a>>> {
        let mut cursor = Cursor::new(self.0, Fault::TableLength);
        while !cursor.is_empty() {
            if cursor.short_str().ok()? == name.as_bytes() {
                return FieldValue::read(&mut cursor).ok();
            }
            check_value(&mut cursor, 1).ok()?;
        }
        None
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> FieldTable {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> FieldTable {
        FieldTable::from_checked(keep.octets(self.0))
    }
}

/// A [`FieldArray`] in the octets that were read, or in an array that is kept.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldArrayRef<'a>(&'a [u8]);

impl<'a> FieldArrayRef<'a> {
    /// An array from the octets of its values, without the length in front (DAT-13).
    ///
    /// # Errors
    ///
    /// Those of [`FieldTableRef::from_bytes`].
    pub fn from_bytes(values: &'a [u8]) -> Result<Self, DecodeError> {
        if u32::try_from(values.len()).is_err() {
            return Err(Fault::TableLength.into());
        }
        check_values(values, 1)?;
        Ok(Self(values))
    }

    pub(crate) const fn from_checked(values: &'a [u8]) -> Self {
        Self(values)
    }

    /// The octets of the values, without the length in front.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there are no values.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The values in their order.
    pub fn iter(self) -> ValuesRef<'a> {
        ValuesRef::new(self.0)
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> FieldArray {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> FieldArray {
        FieldArray::from_checked(keep.octets(self.0))
    }
}

/// The values of a [`FieldArrayRef`], decoded one after the other.
#[derive(Clone)]
pub struct ValuesRef<'a> {
    cursor: Cursor<'a>,
}

impl<'a> ValuesRef<'a> {
    fn new(octets: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::new(octets, Fault::TableLength),
        }
    }
}

impl<'a> Iterator for ValuesRef<'a> {
    type Item = FieldValue<Borrowed<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        // The octets were checked: only their end fails to be a value.
        FieldValue::read(&mut self.cursor).ok()
    }
}

/// The pairs of a [`FieldTableRef`], decoded one after the other.
#[derive(Clone)]
pub struct PairsRef<'a>(ValuesRef<'a>);

impl<'a> Iterator for PairsRef<'a> {
    type Item = (ShortStrRef<'a>, FieldValue<Borrowed<'a>>);

    fn next(&mut self) -> Option<Self::Item> {
        // As with values, only the end of the octets fails to be a name.
        let name = self.0.cursor.short_str().ok()?;
        Some((ShortStrRef::from_checked(name)?, self.0.next()?))
    }
}

impl<'a> IntoIterator for FieldTableRef<'a> {
    type Item = (ShortStrRef<'a>, FieldValue<Borrowed<'a>>);
    type IntoIter = PairsRef<'a>;

    fn into_iter(self) -> PairsRef<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for FieldArrayRef<'a> {
    type Item = FieldValue<Borrowed<'a>>;
    type IntoIter = ValuesRef<'a>;

    fn into_iter(self) -> ValuesRef<'a> {
        self.iter()
    }
}

impl AsRef<[u8]> for FieldTableRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl AsRef<[u8]> for FieldArrayRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl fmt::Debug for FieldTableRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(*self).finish()
    }
}

impl fmt::Debug for FieldArrayRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
