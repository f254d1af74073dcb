//! Reading named fields: what the generated code calls.

use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault};
use crate::method::MethodId;
use crate::types::{FieldTableRef, LongStrRef, ShortStrRef, check_pairs, is_text, text_fault};

/// A payload being read, field by field. Every failure says in which field it happened.
pub struct Reader<'a> {
    cursor: Cursor<'a>,
    method: MethodId,
    /// The octets have been through this before.
    checked: bool,
}

impl<'a> Reader<'a> {
    #[inline(always)]
    pub(crate) const fn new(octets: &'a [u8], too_short: Fault, method: MethodId) -> Self {
        Self {
            cursor: Cursor::new(octets, too_short),
            method,
            checked: false,
        }
    }

    /// For octets that a reader has read already: tables are not looked into again.
    #[inline(always)]
    pub(crate) const fn again(mut self) -> Self {
        self.checked = true;
        self
    }

    #[inline(always)]
    fn read<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Fault>,
    ) -> Result<T, DecodeError> {
        read(&mut self.cursor).map_err(|fault| failed(fault, self.method, field))
    }

    #[inline(always)]
    pub(crate) fn octet(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.read(field, Cursor::octet)
    }

    #[inline(always)]
    pub(crate) fn short(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.read(field, Cursor::short)
    }

    #[inline(always)]
    pub(crate) fn long(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.read(field, Cursor::long)
    }

    #[inline(always)]
    pub(crate) fn long_long(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.read(field, Cursor::long_long)
    }

    #[inline(always)]
    pub(crate) fn short_str(
        &mut self,
        field: &'static str,
    ) -> Result<ShortStrRef<'a>, DecodeError> {
        let checked = self.checked;
        self.read(field, |cursor| {
            let octets = cursor.short_str()?;
            let text = if checked {
                ShortStrRef::from_checked(octets)
            } else {
                ShortStrRef::from_wire(octets)
            };
            text.ok_or_else(|| text_fault(octets))
        })
    }

    #[inline(always)]
    pub(crate) fn long_str(&mut self, field: &'static str) -> Result<LongStrRef<'a>, DecodeError> {
        self.read(field, |cursor| {
            Ok(LongStrRef::from_wire(cursor.long_str()?))
        })
    }

    #[inline(always)]
    pub(crate) fn table(&mut self, field: &'static str) -> Result<FieldTableRef<'a>, DecodeError> {
        let checked = self.checked;
        self.read(field, |cursor| {
            let pairs = cursor.block()?;
            if !checked {
                check_pairs(pairs, 1)?;
            }
            Ok(FieldTableRef::from_checked(pairs))
        })
    }

    /// A short string that is held to the rules and not kept.
    #[inline(always)]
    pub(crate) fn skip_short_str(&mut self, field: &'static str) -> Result<(), DecodeError> {
        self.read(field, |cursor| {
            let octets = cursor.short_str()?;
            if is_text(octets) {
                Ok(())
            } else {
                Err(text_fault(octets))
            }
        })
    }

    /// A long string that is held to the rules and not kept.
    #[inline(always)]
    pub(crate) fn skip_long_str(&mut self, field: &'static str) -> Result<(), DecodeError> {
        self.read(field, |cursor| cursor.long_str().map(drop))
    }

    /// A table that is held to the rules and not kept.
    #[inline(always)]
    pub(crate) fn skip_table(&mut self, field: &'static str) -> Result<(), DecodeError> {
        self.read(field, |cursor| check_pairs(cursor.block()?, 1))
    }

    /// Nothing may be left once the last field is read.
    #[inline(always)]
    pub(crate) fn finish(&self, trailing: Fault) -> Result<(), DecodeError> {
        if self.cursor.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::new(trailing).within(self.method, None))
        }
    }
}

/// Out of the way of what succeeds.
#[cold]
fn failed(fault: Fault, method: MethodId, field: &'static str) -> DecodeError {
    DecodeError::new(fault).within(method, Some(field))
}
