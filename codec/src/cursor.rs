//! Reading from a slice, and never past its end.

use crate::error::Fault;

/// What is left to read, and the fault that it is to want more.
///
/// Which fault that is depends on what surrounds the octets: arguments, a table, a content header.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    too_short: Fault,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(octets: &'a [u8], too_short: Fault) -> Self {
        Self {
            rest: octets,
            too_short,
        }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline(always)]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(self.too_short)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.too_short)?;
        self.rest = rest;
        Ok(*taken)
    }

    #[inline(always)]
    pub(crate) fn octet(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn short(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn long(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn long_long(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// The octets of a short string, not yet looked at.
    #[inline(always)]
    pub(crate) fn short_str(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.octet()?;
        self.take(usize::from(length))
    }

    /// The octets behind a 32-bit length: a long string, a byte array.
    #[inline(always)]
    pub(crate) fn long_str(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.long()?;
        // An address space too small for the length cannot hold the octets either.
        self.take(usize::try_from(length).map_err(|_| self.too_short)?)
    }

    /// The octets of a table or an array. To end before they do is always the table's fault.
    #[inline(always)]
    pub(crate) fn block(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.long()?;
        let length = usize::try_from(length).map_err(|_| Fault::TableLength)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Fault::TableLength)?;
        self.rest = rest;
        Ok(taken)
    }
}
