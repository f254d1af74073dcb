//! The commands of class channel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;
use crate::types::ShortStr;

/// `channel.open`: class 20, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Open;
impl Arguments for Open {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_short_str("reserved-1")?;
        Ok(Self)
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(0);
    }
}

/// `channel.open-ok`: class 20, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct OpenOk;
impl Arguments for OpenOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_long_str("reserved-1")?;
        Ok(Self)
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u32(0);
    }
}

/// `channel.flow`: class 20, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Flow {
    /// `bit`
    pub active: bool,
}
impl Arguments for Flow {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = reader.octet("active")?;
        let active = bits & 0x01 != 0;
        Ok(Self { active })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(u8::from(self.active));
    }
}

/// `channel.flow-ok`: class 20, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct FlowOk {
    /// `bit`
    pub active: bool,
}
impl Arguments for FlowOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = reader.octet("active")?;
        let active = bits & 0x01 != 0;
        Ok(Self { active })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(u8::from(self.active));
    }
}

/// `channel.close`: class 20, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Close {
    /// `short`, domain `reply-code`
    pub reply_code: u16,
    /// `shortstr`, domain `reply-text`
    pub reply_text: ShortStr,
    /// `short`, domain `class-id`
    pub class_id: u16,
    /// `short`, domain `method-id`
    pub method_id: u16,
}
impl Arguments for Close {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let reply_code = reader.short("reply-code")?;
        let reply_text = reader.short_str("reply-text")?;
        let class_id = reader.short("class-id")?;
        let method_id = reader.short("method-id")?;
        Ok(Self {
            reply_code,
            reply_text,
            class_id,
            method_id,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(self.reply_code);
        self.reply_text.encode(out);
        out.put_u16(self.class_id);
        out.put_u16(self.method_id);
    }
}

/// `channel.close-ok`: class 20, method 41; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct CloseOk;
impl Arguments for CloseOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}
