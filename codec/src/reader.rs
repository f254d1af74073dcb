//! Reading named fields: what the generated code calls.

use bytes::Bytes;

use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault};
use crate::method::MethodId;
use crate::types::{FieldTable, LongStr, ShortStr, check_pairs};

/// A payload being read, field by field. Every failure says in which field it happened.
pub struct Reader<'a> {
    bytes: &'a Bytes,
    cursor: Cursor<'a>,
    method: MethodId,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a Bytes, cursor: Cursor<'a>, method: MethodId) -> Self {
        Self {
            bytes,
            cursor,
            method,
        }
    }

    #[inline]
    fn read<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&'a Bytes, &mut Cursor<'a>) -> Result<T, Fault>,
    ) -> Result<T, DecodeError> {
        read(self.bytes, &mut self.cursor)
            .map_err(|fault| DecodeError::new(fault).within(self.method, Some(field)))
    }

    #[inline]
    pub(crate) fn octet(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.read(field, |_, cursor| cursor.octet())
    }

    #[inline]
    pub(crate) fn short(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.read(field, |_, cursor| cursor.short())
    }

    #[inline]
    pub(crate) fn long(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.read(field, |_, cursor| cursor.long())
    }

    #[inline]
    pub(crate) fn long_long(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.read(field, |_, cursor| cursor.long_long())
    }

    #[inline]
    pub(crate) fn short_str(&mut self, field: &'static str) -> Result<ShortStr, DecodeError> {
        self.read(field, |bytes, cursor| {
            ShortStr::from_wire(bytes.slice_ref(cursor.short_str()?))
        })
    }

    #[inline]
    pub(crate) fn long_str(&mut self, field: &'static str) -> Result<LongStr, DecodeError> {
        self.read(field, |bytes, cursor| {
            Ok(LongStr::from_wire(bytes.slice_ref(cursor.long_str()?)))
        })
    }

    #[inline]
    pub(crate) fn table(&mut self, field: &'static str) -> Result<FieldTable, DecodeError> {
        self.read(field, |bytes, cursor| {
            let pairs = cursor.block()?;
            check_pairs(pairs, 1)?;
            Ok(FieldTable::from_checked(bytes.slice_ref(pairs)))
        })
    }

    /// A short string that is held to the rules and not kept.
    #[inline]
    pub(crate) fn skip_short_str(&mut self, field: &'static str) -> Result<(), DecodeError> {
        self.read(field, |_, cursor| ShortStr::check(cursor.short_str()?))
    }

    /// A long string that is held to the rules and not kept.
    #[inline]
    pub(crate) fn skip_long_str(&mut self, field: &'static str) -> Result<(), DecodeError> {
        self.read(field, |_, cursor| cursor.long_str().map(drop))
    }

    /// A table that is held to the rules and not kept.
    #[inline]
    pub(crate) fn skip_table(&mut self, field: &'static str) -> Result<(), DecodeError> {
        self.read(field, |_, cursor| check_pairs(cursor.block()?, 1))
    }

    /// Nothing may be left once the last field is read.
    pub(crate) fn finish(&self, trailing: Fault) -> Result<(), DecodeError> {
        if self.cursor.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::new(trailing).within(self.method, None))
        }
    }
}
