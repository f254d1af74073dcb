//! How the commands of class channel travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::channel::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Storage};

impl Arguments for Open {
    const IDS: MethodId = MethodId::new(20, 10);
}
impl Wire for Open {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(0);
    }
}
impl<'a> Parse<'a> for Open {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.skip_short_str("reserved-1")?;
        Ok(Self)
    }
}

impl Arguments for OpenOk {
    const IDS: MethodId = MethodId::new(20, 11);
}
impl Wire for OpenOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long(0);
    }
}
impl<'a> Parse<'a> for OpenOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.skip_long_str("reserved-1")?;
        Ok(Self)
    }
}

impl Arguments for Flow {
    const IDS: MethodId = MethodId::new(20, 20);
}
impl Wire for Flow {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(u8::from(self.active));
    }
}
impl<'a> Parse<'a> for Flow {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bits = reader.octet("active")?;
        let active = bits & 0x01 != 0;
        Ok(Self { active })
    }
}

impl Arguments for FlowOk {
    const IDS: MethodId = MethodId::new(20, 21);
}
impl Wire for FlowOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(u8::from(self.active));
    }
}
impl<'a> Parse<'a> for FlowOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bits = reader.octet("active")?;
        let active = bits & 0x01 != 0;
        Ok(Self { active })
    }
}

impl<S: Storage> Arguments for Close<S> {
    const IDS: MethodId = MethodId::new(20, 40);
}
impl<S: Storage> Wire for Close<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(self.reply_code);
        out.short_str(&self.reply_text);
        out.short(self.class_id);
        out.short(self.method_id);
    }
}
impl<'a> Parse<'a> for Close<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
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
}

impl Arguments for CloseOk {
    const IDS: MethodId = MethodId::new(20, 41);
}
impl Wire for CloseOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for CloseOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
