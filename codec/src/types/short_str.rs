//! Short strings: up to 255 octets of UTF-8 without a zero octet (DAT-02).

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use smol_str::SmolStr;

use super::text::text;
use crate::error::ValueError;

/// A short string that can be kept: up to 23 octets stand in it, longer ones are shared. Behaves as
/// the `str` it holds.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortStr(SmolStr);

impl ShortStr {
    /// Most octets that a short string can hold.
    pub const MAX_LEN: usize = 255;

    /// Copies `text`.
    ///
    /// # Errors
    ///
    /// More than 255 octets, and a zero octet.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        ShortStrRef::new(text).map(ShortStrRef::into_owned)
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
        Self(SmolStr::new_static(text))
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
            SmolStr::from(kept.replace('\0', " "))
        } else {
            SmolStr::from(kept)
        })
    }

    /// The string itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same string, borrowed.
    pub fn borrowed(&self) -> ShortStrRef<'_> {
        ShortStrRef(self)
    }

    /// The string's octets.
    pub fn into_bytes(self) -> Bytes {
        Bytes::copy_from_slice(self.as_bytes())
    }
}

/// A short string in the octets that were read, or in a [`ShortStr`]. Behaves as the `str` it is.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortStrRef<'a>(&'a str);

impl<'a> ShortStrRef<'a> {
    /// Takes `text` as a short string.
    ///
    /// # Errors
    ///
    /// More than 255 octets, and a zero octet.
    pub fn new(text: &'a str) -> Result<Self, ValueError> {
        if text.len() > ShortStr::MAX_LEN {
            return Err(ValueError::ShortStrTooLong(text.len()));
        }
        if text.as_bytes().contains(&0) {
            return Err(ValueError::ShortStrZeroOctet);
        }
        Ok(Self(text))
    }

    /// The string itself.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> ShortStr {
        ShortStr(SmolStr::from(self.0))
    }

    /// What is behind a length octet, which has limited it already.
    #[inline]
    pub(crate) fn from_wire(octets: &'a [u8]) -> Option<Self> {
        text(octets).map(Self)
    }

    /// What has been taken for a short string before.
    #[inline]
    pub(crate) fn from_checked(octets: &'a [u8]) -> Option<Self> {
        std::str::from_utf8(octets).ok().map(Self)
    }
}

impl Deref for ShortStr {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for ShortStrRef<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl AsRef<str> for ShortStr {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<str> for ShortStrRef<'_> {
    #[inline]
    fn as_ref(&self) -> &str {
        self.0
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
        Self::new(&text)
    }
}

impl TryFrom<Bytes> for ShortStr {
    type Error = ValueError;

    fn try_from(octets: Bytes) -> Result<Self, ValueError> {
        let text = std::str::from_utf8(&octets).map_err(|_| ValueError::ShortStrNotUtf8)?;
        Self::new(text)
    }
}

impl fmt::Display for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Display for ShortStrRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

impl fmt::Debug for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for ShortStrRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}
