//! The commands of class access.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;
use crate::types::ShortStr;

/// `access.request`: class 30, method 10; AMQP 0-8, kept by RabbitMQ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Request {
    /// `shortstr`
    pub realm: ShortStr,
    /// `bit`
    pub exclusive: bool,
    /// `bit`
    pub passive: bool,
    /// `bit`
    pub active: bool,
    /// `bit`
    pub write: bool,
    /// `bit`
    pub read: bool,
}
impl Arguments for Request {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let realm = reader.short_str("realm")?;
        let bits = reader.octet("exclusive")?;
        let exclusive = bits & 0x01 != 0;
        let passive = bits & 0x02 != 0;
        let active = bits & 0x04 != 0;
        let write = bits & 0x08 != 0;
        let read = bits & 0x10 != 0;
        Ok(Self {
            realm,
            exclusive,
            passive,
            active,
            write,
            read,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.realm.encode(out);
        let mut bits = u8::from(self.exclusive);
        bits |= u8::from(self.passive) << 1;
        bits |= u8::from(self.active) << 2;
        bits |= u8::from(self.write) << 3;
        bits |= u8::from(self.read) << 4;
        out.put_u8(bits);
    }
}

/// `access.request-ok`: class 30, method 11; AMQP 0-8, kept by RabbitMQ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RequestOk {
    /// `short`
    pub ticket: u16,
}
impl Arguments for RequestOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let ticket = reader.short("ticket")?;
        Ok(Self { ticket })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(self.ticket);
    }
}
