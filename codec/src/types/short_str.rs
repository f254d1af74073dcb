//! Short strings: up to 255 octets of UTF-8 without a zero octet (DAT-02).

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;

use crate::error::{Fault, ValueError};

/// A short string, a slice of the buffer it was read from. Behaves as the `str` it holds.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortStr(ByteString);

impl ShortStr {
    /// Most octets that a short string can hold.
    pub const MAX_LEN: usize = 255;

    /// Copies `text`.
    ///
    /// # Errors
    ///
    /// More than 255 octets, and a zero octet.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        Self::checked(text.len(), text.as_bytes())?;
        Ok(Self(ByteString::from(text)))
    }

    /// A short string known when the program is written.
    ///
    /// # Panics
    ///
    /// If `text` has more than 255 octets or a zero octet: at compile time in a `const`.
    pub const fn from_static(text: &'static str) -> Self {
        let octets = text.as_bytes();
        assert!(octets.len() <= Self::MAX_LEN, "short string too long");
        let mut at = 0;
        while at < octets.len() {
            assert!(octets[at] != 0, "short string with a zero octet");
            at += 1;
        }
        Self(ByteString::from_static(text))
    }

    /// As much of `text` as fits, cut between two characters; a zero octet becomes a space. For
    /// reply texts, which quote names of any length (CON-12).
    pub fn truncated(text: &str) -> Self {
        let mut end = text.len().min(Self::MAX_LEN);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let kept = text.get(..end).unwrap_or_default();
        Self(if kept.contains('\0') {
            ByteString::from(kept.replace('\0', " "))
        } else {
            ByteString::from(kept)
        })
    }

    /// The string itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The string's octets, sharing their buffer.
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }

    /// A copy in a buffer of its own. What outlives its frame for long should not keep the whole
    /// read buffer alive.
    pub fn detached(&self) -> Self {
        Self(ByteString::from(self.as_str()))
    }

    pub(crate) fn check(octets: &[u8]) -> Result<(), Fault> {
        if octets.contains(&0) {
            return Err(Fault::ShortStrZeroOctet);
        }
        std::str::from_utf8(octets)
            .map(drop)
            .map_err(|_| Fault::ShortStrNotUtf8)
    }

    /// What is behind a length octet, which has limited it already.
    pub(crate) fn from_wire(octets: Bytes) -> Result<Self, Fault> {
        if octets.contains(&0) {
            return Err(Fault::ShortStrZeroOctet);
        }
        ByteString::try_from(octets)
            .map(Self)
            .map_err(|_| Fault::ShortStrNotUtf8)
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) {
        // Every constructor holds the length to 255.
        out.put_u8(self.len() as u8);
        out.put_slice(self.as_bytes());
    }

    fn checked(length: usize, octets: &[u8]) -> Result<(), ValueError> {
        if length > Self::MAX_LEN {
            return Err(ValueError::ShortStrTooLong(length));
        }
        if octets.contains(&0) {
            return Err(ValueError::ShortStrZeroOctet);
        }
        Ok(())
    }
}

impl Deref for ShortStr {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ShortStr {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for ShortStr {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq<str> for ShortStr {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for ShortStr {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl TryFrom<&str> for ShortStr {
    type Error = ValueError;

    fn try_from(text: &str) -> Result<Self, ValueError> {
        Self::new(text)
    }
}

impl TryFrom<String> for ShortStr {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        Self::checked(text.len(), text.as_bytes())?;
        Ok(Self(ByteString::from(text)))
    }
}

impl TryFrom<Bytes> for ShortStr {
    type Error = ValueError;

    fn try_from(octets: Bytes) -> Result<Self, ValueError> {
        Self::checked(octets.len(), &octets)?;
        ByteString::try_from(octets)
            .map(Self)
            .map_err(|_| ValueError::ShortStrNotUtf8)
    }
}

impl fmt::Display for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
