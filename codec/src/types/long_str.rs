//! Long strings: any octets, up to 2³²−1 of them (DAT-03).

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use super::ShortStr;
use crate::error::ValueError;
use crate::storage::{Copying, Keep};

/// A long string that can be kept. Its buffer is shared.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LongStr(Bytes);

impl LongStr {
    /// Wraps octets that are there already.
    ///
    /// # Errors
    ///
    /// More octets than a 32-bit length can say.
    pub fn new(octets: impl Into<Bytes>) -> Result<Self, ValueError> {
        let octets = octets.into();
        match u32::try_from(octets.len()) {
            Ok(_) => Ok(Self(octets)),
            Err(_) => Err(ValueError::TooLong),
        }
    }

    /// A long string known when the program is written.
    ///
    /// # Panics
    ///
    /// If `text` has more octets than a 32-bit length can say.
    pub const fn from_static(text: &'static str) -> Self {
        assert!(text.len() <= u32::MAX as usize, "long string too long");
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// The octets, sharing their buffer.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

/// A long string in the octets that were read.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LongStrRef<'a>(&'a [u8]);

impl<'a> LongStrRef<'a> {
    /// The octets.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> LongStr {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> LongStr {
        LongStr(keep.octets(self.0))
    }

    /// What is behind a 32-bit length, which has limited it already.
    pub(crate) const fn from_wire(octets: &'a [u8]) -> Self {
        Self(octets)
    }
}

impl Deref for LongStr {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for LongStrRef<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl AsRef<[u8]> for LongStr {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsRef<[u8]> for LongStrRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl From<ShortStr> for LongStr {
    fn from(text: ShortStr) -> Self {
        Self(text.into_bytes())
    }
}

impl fmt::Debug for LongStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        LongStrRef(self).fmt(f)
    }
}

impl fmt::Debug for LongStrRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}
