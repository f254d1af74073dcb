//! Content headers and their properties (AMQP 0-9-1 §4.2.6.1).
//!
//! A broker hands a message on with the properties it came with (CNT-14, CNT-15), and seldom looks
//! at most of them. So [`Properties`] holds the octets as they arrived, checked once and decoded
//! when asked.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault};
use crate::generated::properties;
use crate::method::MethodId;
use crate::reader::Reader;
use crate::sink::{Sink, Wire, append};
use crate::storage::{Borrowed, Copying, Keep, Owned, Sharing, Storage};

pub use crate::generated::properties::BasicProperties;

/// Class basic is the only one whose commands carry content.
const CLASS_ID: u16 = 60;
const BASIC: MethodId = MethodId::new(CLASS_ID, 0);

/// The flags of a list without properties.
const NONE: [u8; 2] = [0, 0];

/// Flag bit 0 announces another word of flags, and bit 1 stands for no property (CNT-11).
const FLAGS_WITHOUT_PROPERTY: u16 = 0b11;

/// The header of a content of class basic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentHeader<S: Storage = Owned> {
    /// Octets of the body that follows, over all its frames.
    pub body_size: u64,
    /// The content's properties.
    pub properties: S::Properties,
}

impl ContentHeader {
    /// Decodes the payload of a content header frame. The properties share its buffer.
    ///
    /// # Errors
    ///
    /// Those of [`ContentHeader::parse`].
    pub fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        Ok(ContentHeader::parse(&payload)?.keep(&Sharing(&payload)))
    }
}

impl<'a> ContentHeader<Borrowed<'a>> {
    /// Decodes the payload of a content header frame where it stands.
    ///
    /// # Errors
    ///
    /// A class that carries no content (CNT-03), a weight other than 0 (CNT-04), and what
    /// [`PropertiesRef::from_bytes`] refuses.
    pub fn parse(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(payload, Fault::HeaderTruncated);
        let class_id = cursor.short()?;
        if class_id != CLASS_ID {
            return Err(DecodeError::new(Fault::HeaderClass(class_id))
                .within(MethodId::new(class_id, 0), None));
        }
        let within = |field| move |fault| DecodeError::new(fault).within(BASIC, Some(field));
        let weight = cursor.short().map_err(within("weight"))?;
        if weight != 0 {
            return Err(within("weight")(Fault::HeaderWeight(weight)));
        }
        let body_size = cursor.long_long().map_err(within("body-size"))?;
        Ok(Self {
            body_size,
            properties: PropertiesRef::from_bytes(cursor.rest())?,
        })
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> ContentHeader {
        self.keep(&Copying)
    }

    fn keep(self, keep: &impl Keep) -> ContentHeader {
        ContentHeader {
            body_size: self.body_size,
            properties: self.properties.keep(keep),
        }
    }
}

impl<S: Storage> ContentHeader<S> {
    /// Appends the payload of a content header frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        append(out, self);
    }

    /// The class of the content: always 60, basic.
    pub const fn class_id(&self) -> u16 {
        CLASS_ID
    }
}

impl<S: Storage> Wire for ContentHeader<S> {
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(CLASS_ID);
        out.short(0);
        out.long_long(self.body_size);
        out.put_slice(self.properties.as_ref());
    }
}

/// The properties of a content as they travel: the flags and the values present.
///
/// The octets are known to be well-formed. Two lists are equal if their octets are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Properties {
    raw: Bytes,
}

impl Properties {
    /// Checks flags and property list, and keeps them.
    ///
    /// # Errors
    ///
    /// Those of [`PropertiesRef::from_bytes`].
    pub fn from_bytes(raw: Bytes) -> Result<Self, DecodeError> {
        PropertiesRef::from_bytes(&raw)?;
        Ok(Self { raw })
    }

    /// The flags and the property list, exactly as they were received.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.raw
    }

    /// The same properties, borrowed: to look at them costs no reference counts.
    pub fn borrowed(&self) -> PropertiesRef<'_> {
        PropertiesRef { raw: &self.raw }
    }

    /// A copy in a buffer of its own. What outlives its frame for long should not keep the whole
    /// read buffer alive.
    pub fn detached(&self) -> Self {
        self.borrowed().into_owned()
    }

    /// The properties one by one. The headers share the buffer.
    pub fn decode(&self) -> BasicProperties {
        properties::keep(self.borrowed().decode(), &Sharing(&self.raw))
    }
}

/// [`Properties`] in the octets that were read, or in those that are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PropertiesRef<'a> {
    raw: &'a [u8],
}

impl<'a> PropertiesRef<'a> {
    /// Checks flags and property list.
    ///
    /// # Errors
    ///
    /// Flags that stand for no property (CNT-11), a list that is shorter or longer than the flags
    /// say (CNT-12), and a malformed string or table (DAT-02, DAT-15).
    pub fn from_bytes(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(raw, Fault::HeaderTruncated);
        let within = |fault| DecodeError::new(fault).within(BASIC, Some("property-flags"));
        let flags = cursor.short().map_err(within)?;
        if flags & FLAGS_WITHOUT_PROPERTY != 0 {
            return Err(within(Fault::PropertyFlags(flags)));
        }
        let mut reader = Reader::new(cursor.rest(), Fault::HeaderTruncated, BASIC);
        properties::check(flags, &mut reader)?;
        reader.finish(Fault::HeaderTrailing)?;
        Ok(Self { raw })
    }

    /// The flags and the property list, exactly as they were received.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.raw
    }

    /// The properties one by one.
    pub fn decode(self) -> BasicProperties<Borrowed<'a>> {
        let mut properties = BasicProperties::default();
        let mut cursor = Cursor::new(self.raw, Fault::HeaderTruncated);
        // Nothing fails here: the octets were checked when the list was made.
        if let Ok(flags) = cursor.short() {
            let mut reader = Reader::new(cursor.rest(), Fault::HeaderTruncated, BASIC).again();
            let _ = properties::parse(flags, &mut reader, &mut properties);
        }
        properties
    }

    /// A copy that can be kept.
    pub fn into_owned(self) -> Properties {
        self.keep(&Copying)
    }

    fn keep(self, keep: &impl Keep) -> Properties {
        if self.raw == NONE {
            return Properties::default();
        }
        Properties {
            raw: keep.octets(self.raw),
        }
    }
}

impl AsRef<[u8]> for Properties {
    fn as_ref(&self) -> &[u8] {
        &self.raw
    }
}

impl AsRef<[u8]> for PropertiesRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.raw
    }
}

impl Default for PropertiesRef<'_> {
    fn default() -> Self {
        Self { raw: &NONE }
    }
}

impl Default for Properties {
    fn default() -> Self {
        Self {
            raw: Bytes::from_static(&NONE),
        }
    }
}

impl From<&BasicProperties> for Properties {
    fn from(properties: &BasicProperties) -> Self {
        let mut out = BytesMut::new();
        append(&mut out, properties);
        Self { raw: out.freeze() }
    }
}

impl From<BasicProperties> for Properties {
    fn from(properties: BasicProperties) -> Self {
        Self::from(&properties)
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decode().fmt(f)
    }
}

impl fmt::Debug for PropertiesRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decode().fmt(f)
    }
}
