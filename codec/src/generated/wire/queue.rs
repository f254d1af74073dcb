//! How the commands of class queue travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::queue::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Storage};

impl<S: Storage> Arguments for Declare<S> {
    const IDS: MethodId = MethodId::new(50, 10);
}
impl<S: Storage> Wire for Declare<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        let mut bits = u8::from(self.passive);
        bits |= u8::from(self.durable) << 1;
        bits |= u8::from(self.exclusive) << 2;
        bits |= u8::from(self.auto_delete) << 3;
        bits |= u8::from(self.no_wait) << 4;
        out.octet(bits);
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Declare<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let bits = reader.octet("passive")?;
        let passive = bits & 0x01 != 0;
        let durable = bits & 0x02 != 0;
        let exclusive = bits & 0x04 != 0;
        let auto_delete = bits & 0x08 != 0;
        let no_wait = bits & 0x10 != 0;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            queue,
            passive,
            durable,
            exclusive,
            auto_delete,
            no_wait,
            arguments,
        })
    }
}

impl<S: Storage> Arguments for DeclareOk<S> {
    const IDS: MethodId = MethodId::new(50, 11);
}
impl<S: Storage> Wire for DeclareOk<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.queue);
        out.long(self.message_count);
        out.long(self.consumer_count);
    }
}
impl<'a> Parse<'a> for DeclareOk<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let queue = reader.short_str("queue")?;
        let message_count = reader.long("message-count")?;
        let consumer_count = reader.long("consumer-count")?;
        Ok(Self {
            queue,
            message_count,
            consumer_count,
        })
    }
}

impl<S: Storage> Arguments for Bind<S> {
    const IDS: MethodId = MethodId::new(50, 20);
}
impl<S: Storage> Wire for Bind<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        out.short_str(&self.exchange);
        out.short_str(&self.routing_key);
        out.octet(u8::from(self.no_wait));
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Bind<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let exchange = reader.short_str("exchange")?;
        let routing_key = reader.short_str("routing-key")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            queue,
            exchange,
            routing_key,
            no_wait,
            arguments,
        })
    }
}

impl Arguments for BindOk {
    const IDS: MethodId = MethodId::new(50, 21);
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
    const IDS: MethodId = MethodId::new(50, 50);
}
impl<S: Storage> Wire for Unbind<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        out.short_str(&self.exchange);
        out.short_str(&self.routing_key);
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Unbind<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let exchange = reader.short_str("exchange")?;
        let routing_key = reader.short_str("routing-key")?;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            queue,
            exchange,
            routing_key,
            arguments,
        })
    }
}

impl Arguments for UnbindOk {
    const IDS: MethodId = MethodId::new(50, 51);
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

impl<S: Storage> Arguments for Purge<S> {
    const IDS: MethodId = MethodId::new(50, 30);
}
impl<S: Storage> Wire for Purge<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        out.octet(u8::from(self.no_wait));
    }
}
impl<'a> Parse<'a> for Purge<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        Ok(Self { queue, no_wait })
    }
}

impl Arguments for PurgeOk {
    const IDS: MethodId = MethodId::new(50, 31);
}
impl Wire for PurgeOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long(self.message_count);
    }
}
impl<'a> Parse<'a> for PurgeOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let message_count = reader.long("message-count")?;
        Ok(Self { message_count })
    }
}

impl<S: Storage> Arguments for Delete<S> {
    const IDS: MethodId = MethodId::new(50, 40);
}
impl<S: Storage> Wire for Delete<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        let mut bits = u8::from(self.if_unused);
        bits |= u8::from(self.if_empty) << 1;
        bits |= u8::from(self.no_wait) << 2;
        out.octet(bits);
    }
}
impl<'a> Parse<'a> for Delete<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let bits = reader.octet("if-unused")?;
        let if_unused = bits & 0x01 != 0;
        let if_empty = bits & 0x02 != 0;
        let no_wait = bits & 0x04 != 0;
        Ok(Self {
            queue,
            if_unused,
            if_empty,
            no_wait,
        })
    }
}

impl Arguments for DeleteOk {
    const IDS: MethodId = MethodId::new(50, 41);
}
impl Wire for DeleteOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long(self.message_count);
    }
}
impl<'a> Parse<'a> for DeleteOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let message_count = reader.long("message-count")?;
        Ok(Self { message_count })
    }
}
