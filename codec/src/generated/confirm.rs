//! The commands of class confirm.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;

/// `confirm.select`: class 85, method 10; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Select {
    /// `bit`, domain `no-wait`
    pub nowait: bool,
}
impl Arguments for Select {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = reader.octet("nowait")?;
        let nowait = bits & 0x01 != 0;
        Ok(Self { nowait })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(u8::from(self.nowait));
    }
}

/// `confirm.select-ok`: class 85, method 11; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct SelectOk;
impl Arguments for SelectOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}
