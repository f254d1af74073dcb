//! Long strings: any octets, up to 2³²−1 of them (DAT-03).

use std::fmt;
use std::ops::Deref;

use bytes::{BufMut, Bytes, BytesMut};

use crate::error::ValueError;

/// A long string, a slice of the buffer it was read from.
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

    pub(crate) const fn from_wire(octets: Bytes) -> Self {
        Self(octets)
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) {
        // Every constructor holds the length to 32 bits.
        out.put_u32(self.0.len() as u32);
        out.put_slice(&self.0);
    }
}

impl Deref for LongStr {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for LongStr {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<crate::types::ShortStr> for LongStr {
    fn from(text: crate::types::ShortStr) -> Self {
        Self(text.into_bytes())
    }
}

impl fmt::Debug for LongStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
