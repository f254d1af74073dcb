//! How the commands of class basic travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::basic::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Storage};

impl Arguments for Qos {
    const IDS: MethodId = MethodId::new(60, 10);
}
impl Wire for Qos {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long(self.prefetch_size);
        out.short(self.prefetch_count);
        out.octet(u8::from(self.global));
    }
}
impl<'a> Parse<'a> for Qos {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let prefetch_size = reader.long("prefetch-size")?;
        let prefetch_count = reader.short("prefetch-count")?;
        let bits = reader.octet("global")?;
        let global = bits & 0x01 != 0;
        Ok(Self {
            prefetch_size,
            prefetch_count,
            global,
        })
    }
}

impl Arguments for QosOk {
    const IDS: MethodId = MethodId::new(60, 11);
}
impl Wire for QosOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for QosOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<S: Storage> Arguments for Consume<S> {
    const IDS: MethodId = MethodId::new(60, 20);
}
impl<S: Storage> Wire for Consume<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        out.short_str(&self.consumer_tag);
        let mut bits = u8::from(self.no_local);
        bits |= u8::from(self.no_ack) << 1;
        bits |= u8::from(self.exclusive) << 2;
        bits |= u8::from(self.no_wait) << 3;
        out.octet(bits);
        out.long_str(&self.arguments);
    }
}
impl<'a> Parse<'a> for Consume<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let consumer_tag = reader.short_str("consumer-tag")?;
        let bits = reader.octet("no-local")?;
        let no_local = bits & 0x01 != 0;
        let no_ack = bits & 0x02 != 0;
        let exclusive = bits & 0x04 != 0;
        let no_wait = bits & 0x08 != 0;
        let arguments = reader.table("arguments")?;
        Ok(Self {
            queue,
            consumer_tag,
            no_local,
            no_ack,
            exclusive,
            no_wait,
            arguments,
        })
    }
}

impl<S: Storage> Arguments for ConsumeOk<S> {
    const IDS: MethodId = MethodId::new(60, 21);
}
impl<S: Storage> Wire for ConsumeOk<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.consumer_tag);
    }
}
impl<'a> Parse<'a> for ConsumeOk<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        Ok(Self { consumer_tag })
    }
}

impl<S: Storage> Arguments for Cancel<S> {
    const IDS: MethodId = MethodId::new(60, 30);
}
impl<S: Storage> Wire for Cancel<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.consumer_tag);
        out.octet(u8::from(self.no_wait));
    }
}
impl<'a> Parse<'a> for Cancel<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        Ok(Self {
            consumer_tag,
            no_wait,
        })
    }
}

impl<S: Storage> Arguments for CancelOk<S> {
    const IDS: MethodId = MethodId::new(60, 31);
}
impl<S: Storage> Wire for CancelOk<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.consumer_tag);
    }
}
impl<'a> Parse<'a> for CancelOk<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        Ok(Self { consumer_tag })
    }
}

impl<S: Storage> Arguments for Publish<S> {
    const IDS: MethodId = MethodId::new(60, 40);
}
impl<S: Storage> Wire for Publish<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.exchange);
        out.short_str(&self.routing_key);
        let mut bits = u8::from(self.mandatory);
        bits |= u8::from(self.immediate) << 1;
        out.octet(bits);
    }
}
impl<'a> Parse<'a> for Publish<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let exchange = reader.short_str("exchange")?;
        let routing_key = reader.short_str("routing-key")?;
        let bits = reader.octet("mandatory")?;
        let mandatory = bits & 0x01 != 0;
        let immediate = bits & 0x02 != 0;
        Ok(Self {
            exchange,
            routing_key,
            mandatory,
            immediate,
        })
    }
}

impl<S: Storage> Arguments for Return<S> {
    const IDS: MethodId = MethodId::new(60, 50);
}
impl<S: Storage> Wire for Return<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(self.reply_code);
        out.short_str(&self.reply_text);
        out.short_str(&self.exchange);
        out.short_str(&self.routing_key);
    }
}
impl<'a> Parse<'a> for Return<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let reply_code = reader.short("reply-code")?;
        let reply_text = reader.short_str("reply-text")?;
        let exchange = reader.short_str("exchange")?;
        let routing_key = reader.short_str("routing-key")?;
        Ok(Self {
            reply_code,
            reply_text,
            exchange,
            routing_key,
        })
    }
}

impl<S: Storage> Arguments for Deliver<S> {
    const IDS: MethodId = MethodId::new(60, 60);
}
impl<S: Storage> Wire for Deliver<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.consumer_tag);
        out.long_long(self.delivery_tag);
        out.octet(u8::from(self.redelivered));
        out.short_str(&self.exchange);
        out.short_str(&self.routing_key);
    }
}
impl<'a> Parse<'a> for Deliver<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("redelivered")?;
        let redelivered = bits & 0x01 != 0;
        let exchange = reader.short_str("exchange")?;
        let routing_key = reader.short_str("routing-key")?;
        Ok(Self {
            consumer_tag,
            delivery_tag,
            redelivered,
            exchange,
            routing_key,
        })
    }
}

impl<S: Storage> Arguments for Get<S> {
    const IDS: MethodId = MethodId::new(60, 70);
}
impl<S: Storage> Wire for Get<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(0);
        out.short_str(&self.queue);
        out.octet(u8::from(self.no_ack));
    }
}
impl<'a> Parse<'a> for Get<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let bits = reader.octet("no-ack")?;
        let no_ack = bits & 0x01 != 0;
        Ok(Self { queue, no_ack })
    }
}

impl<S: Storage> Arguments for GetOk<S> {
    const IDS: MethodId = MethodId::new(60, 71);
}
impl<S: Storage> Wire for GetOk<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_long(self.delivery_tag);
        out.octet(u8::from(self.redelivered));
        out.short_str(&self.exchange);
        out.short_str(&self.routing_key);
        out.long(self.message_count);
    }
}
impl<'a> Parse<'a> for GetOk<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("redelivered")?;
        let redelivered = bits & 0x01 != 0;
        let exchange = reader.short_str("exchange")?;
        let routing_key = reader.short_str("routing-key")?;
        let message_count = reader.long("message-count")?;
        Ok(Self {
            delivery_tag,
            redelivered,
            exchange,
            routing_key,
            message_count,
        })
    }
}

impl Arguments for GetEmpty {
    const IDS: MethodId = MethodId::new(60, 72);
}
impl Wire for GetEmpty {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(0);
    }
}
impl<'a> Parse<'a> for GetEmpty {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.skip_short_str("reserved-1")?;
        Ok(Self)
    }
}

impl Arguments for Ack {
    const IDS: MethodId = MethodId::new(60, 80);
}
impl Wire for Ack {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_long(self.delivery_tag);
        out.octet(u8::from(self.multiple));
    }
}
impl<'a> Parse<'a> for Ack {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("multiple")?;
        let multiple = bits & 0x01 != 0;
        Ok(Self {
            delivery_tag,
            multiple,
        })
    }
}

impl Arguments for Reject {
    const IDS: MethodId = MethodId::new(60, 90);
}
impl Wire for Reject {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_long(self.delivery_tag);
        out.octet(u8::from(self.requeue));
    }
}
impl<'a> Parse<'a> for Reject {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("requeue")?;
        let requeue = bits & 0x01 != 0;
        Ok(Self {
            delivery_tag,
            requeue,
        })
    }
}

impl Arguments for RecoverAsync {
    const IDS: MethodId = MethodId::new(60, 100);
}
impl Wire for RecoverAsync {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(u8::from(self.requeue));
    }
}
impl<'a> Parse<'a> for RecoverAsync {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bits = reader.octet("requeue")?;
        let requeue = bits & 0x01 != 0;
        Ok(Self { requeue })
    }
}

impl Arguments for Recover {
    const IDS: MethodId = MethodId::new(60, 110);
}
impl Wire for Recover {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(u8::from(self.requeue));
    }
}
impl<'a> Parse<'a> for Recover {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bits = reader.octet("requeue")?;
        let requeue = bits & 0x01 != 0;
        Ok(Self { requeue })
    }
}

impl Arguments for RecoverOk {
    const IDS: MethodId = MethodId::new(60, 111);
}
impl Wire for RecoverOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for RecoverOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl Arguments for Nack {
    const IDS: MethodId = MethodId::new(60, 120);
}
impl Wire for Nack {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_long(self.delivery_tag);
        let mut bits = u8::from(self.multiple);
        bits |= u8::from(self.requeue) << 1;
        out.octet(bits);
    }
}
impl<'a> Parse<'a> for Nack {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("multiple")?;
        let multiple = bits & 0x01 != 0;
        let requeue = bits & 0x02 != 0;
        Ok(Self {
            delivery_tag,
            multiple,
            requeue,
        })
    }
}
