//! How the commands of class exchange travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::exchange::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Storage};

impl<S: Storage> Arguments for Declare<S> {
    const IDS: MethodId = MethodId::new(40, 10);
}
impl<S: Storage> Wire for Declare<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.exchange);
        out.short_str(&self.r#type);
        let mut bits = u8::from(self.passive);
        bits |= u8::from(self.durable) << 1;
        bits |= u8::from(self.auto_delete) << 2;
        bits |= u8::from(self.internal) << 3;
        bits |= u8::from(self.no_wait) << 4;
        out.octet(bits);
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Declare<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let exchange = reader.short_str("exchange")?;
        let r#type = reader.short_str("type")?;
        let bits = reader.octet("passive")?;
        let passive = bits & 0x01 != 0;
        let durable = bits & 0x02 != 0;
        let auto_delete = bits & 0x04 != 0;
        let internal = bits & 0x08 != 0;
        let no_wait = bits & 0x10 != 0;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            exchange,
            r#type,
            passive,
            durable,
            auto_delete,
            internal,
            no_wait,
            arguments,
        })
    }
}

impl Arguments for DeclareOk {
    const IDS: MethodId = MethodId::new(40, 11);
}
impl Wire for DeclareOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for DeclareOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<S: Storage> Arguments for Delete<S> {
    const IDS: MethodId = MethodId::new(40, 20);
}
impl<S: Storage> Wire for Delete<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.exchange);
        let mut bits = u8::from(self.if_unused);
        bits |= u8::from(self.no_wait) << 1;
        out.octet(bits);
    }
}
impl<'a> Parse<'a> for Delete<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let exchange = reader.short_str("exchange")?;
        let bits = reader.octet("if-unused")?;
        let if_unused = bits & 0x01 != 0;
        let no_wait = bits & 0x02 != 0;
        Ok(Self {
            exchange,
            if_unused,
            no_wait,
        })
    }
}

impl Arguments for DeleteOk {
    const IDS: MethodId = MethodId::new(40, 21);
}
impl Wire for DeleteOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for DeleteOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<S: Storage> Arguments for Bind<S> {
    const IDS: MethodId = MethodId::new(40, 30);
}
impl<S: Storage> Wire for Bind<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.destination);
        out.short_str(&self.source);
        out.short_str(&self.routing_key);
        out.octet(u8::from(self.no_wait));
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Bind<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let destination = reader.short_str("destination")?;
        let source = reader.short_str("source")?;
        let routing_key = reader.short_str("routing-key")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            destination,
            source,
            routing_key,
            no_wait,
            arguments,
        })
    }
}

impl Arguments for BindOk {
    const IDS: MethodId = MethodId::new(40, 31);
}
impl Wire for BindOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for BindOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<S: Storage> Arguments for Unbind<S> {
    const IDS: MethodId = MethodId::new(40, 40);
}
impl<S: Storage> Wire for Unbind<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.destination);
        out.short_str(&self.source);
        out.short_str(&self.routing_key);
        out.octet(u8::from(self.no_wait));
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Unbind<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let destination = reader.short_str("destination")?;
        let source = reader.short_str("source")?;
        let routing_key = reader.short_str("routing-key")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            destination,
            source,
            routing_key,
            no_wait,
            arguments,
        })
    }
}

impl Arguments for UnbindOk {
    const IDS: MethodId = MethodId::new(40, 51);
}
impl Wire for UnbindOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for UnbindOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
