//! Content headers and their properties (AMQP 0-9-1 §4.2.6.1).
//!
//! A broker hands a message on with the properties it came with (CNT-14, CNT-15), and seldom looks
//! at most of them. So [`Properties`] holds the octets as they arrived, checked once and decoded
//! when asked.

use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::cursor::Cursor;
use crate::error::{DecodeError, Fault};
use crate::generated::properties;
use crate::method::MethodId;
use crate::reader::Reader;

pub use crate::generated::properties::BasicProperties;

/// Class basic is the only one whose commands carry content.
const CLASS_ID: u16 = 60;
const BASIC: MethodId = MethodId::new(CLASS_ID, 0);

/// Flag bit 0 announces another word of flags, and bit 1 stands for no property (CNT-11).
const FLAGS_WITHOUT_PROPERTY: u16 = 0b11;

/// The header of a content of class basic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentHeader {
    /// Octets of the body that follows, over all its frames.
    pub body_size: u64,
    /// The content's properties.
    pub properties: Properties,
}

impl ContentHeader {
    /// Decodes the payload of a content header frame.
    ///
    /// # Errors
    ///
    /// A class that carries no content (CNT-03), a weight other than 0 (CNT-04), and what
    /// [`Properties::from_bytes`] refuses.
    pub fn decode(mut payload: Bytes) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(&payload, Fault::HeaderTruncated);
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
        let fixed_part = payload.len() - cursor.rest().len();
        payload.advance(fixed_part);
        Ok(Self {
            body_size,
            properties: Properties::from_bytes(payload)?,
        })
    }

    /// Appends the payload of a content header frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u16(CLASS_ID);
        out.put_u16(0);
        out.put_u64(self.body_size);
        out.put_slice(&self.properties.raw);
    }

    /// The class of the content: always 60, basic.
    pub const fn class_id(&self) -> u16 {
        CLASS_ID
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
    /// Flags that stand for no property (CNT-11), a list that is shorter or longer than the flags
    /// say (CNT-12), and a malformed string or table (DAT-02, DAT-15).
    pub fn from_bytes(raw: Bytes) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(&raw, Fault::HeaderTruncated);
        let within = |fault| DecodeError::new(fault).within(BASIC, Some("property-flags"));
        let flags = cursor.short().map_err(within)?;
        if flags & FLAGS_WITHOUT_PROPERTY != 0 {
            return Err(within(Fault::PropertyFlags(flags)));
        }
        let mut reader = Reader::new(&raw, cursor, BASIC);
        properties::check(flags, &mut reader)?;
        reader.finish(Fault::HeaderTrailing)?;
        Ok(Self { raw })
    }

    /// The flags and the property list, exactly as they were received.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.raw
    }

    /// A copy in a buffer of its own. What outlives its frame for long should not keep the whole
    /// read buffer alive.
    pub fn detached(&self) -> Self {
        Self {
            raw: Bytes::copy_from_slice(&self.raw),
        }
    }

    /// The properties one by one. Costs nothing but reference counts.
    pub fn decode(&self) -> BasicProperties {
        let mut cursor = Cursor::new(&self.raw, Fault::HeaderTruncated);
        cursor
            .short()
            .map_err(DecodeError::new)
            .and_then(|flags| properties::read(flags, &mut Reader::new(&self.raw, cursor, BASIC)))
            // Nothing fails here: the octets were checked when the list was made.
            .unwrap_or_default()
    }
}

impl Default for Properties {
    fn default() -> Self {
        Self {
            raw: Bytes::from_static(&[0, 0]),
        }
    }
}

impl From<&BasicProperties> for Properties {
    fn from(properties: &BasicProperties) -> Self {
        let mut out = BytesMut::new();
        properties.encode(&mut out);
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
