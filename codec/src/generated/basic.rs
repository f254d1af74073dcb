//! The commands of class basic.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;
use crate::types::{FieldTable, ShortStr};

/// `basic.qos`: class 60, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Qos {
    /// `long`
    pub prefetch_size: u32,
    /// `short`
    pub prefetch_count: u16,
    /// `bit`
    pub global: bool,
}
impl Arguments for Qos {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.prefetch_size);
        out.put_u16(self.prefetch_count);
        out.put_u8(u8::from(self.global));
    }
}

/// `basic.qos-ok`: class 60, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct QosOk;
impl Arguments for QosOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `basic.consume`: class 60, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Consume {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: ShortStr,
    /// `bit`, domain `no-local`
    pub no_local: bool,
    /// `bit`, domain `no-ack`
    pub no_ack: bool,
    /// `bit`
    pub exclusive: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: FieldTable,
}
impl Arguments for Consume {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        self.consumer_tag.encode(out);
        let mut bits = u8::from(self.no_local);
        bits |= u8::from(self.no_ack) << 1;
        bits |= u8::from(self.exclusive) << 2;
        bits |= u8::from(self.no_wait) << 3;
        out.put_u8(bits);
        self.arguments.encode(out);
    }
}

/// `basic.consume-ok`: class 60, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct ConsumeOk {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: ShortStr,
}
impl Arguments for ConsumeOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        Ok(Self { consumer_tag })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.consumer_tag.encode(out);
    }
}

/// `basic.cancel`: class 60, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Cancel {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Arguments for Cancel {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        Ok(Self {
            consumer_tag,
            no_wait,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.consumer_tag.encode(out);
        out.put_u8(u8::from(self.no_wait));
    }
}

/// `basic.cancel-ok`: class 60, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct CancelOk {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: ShortStr,
}
impl Arguments for CancelOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let consumer_tag = reader.short_str("consumer-tag")?;
        Ok(Self { consumer_tag })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.consumer_tag.encode(out);
    }
}

/// `basic.publish`: class 60, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Publish {
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
    /// `bit`
    pub mandatory: bool,
    /// `bit`
    pub immediate: bool,
}
impl Arguments for Publish {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.exchange.encode(out);
        self.routing_key.encode(out);
        let mut bits = u8::from(self.mandatory);
        bits |= u8::from(self.immediate) << 1;
        out.put_u8(bits);
    }
}

/// `basic.return`: class 60, method 50; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Return {
    /// `short`, domain `reply-code`
    pub reply_code: u16,
    /// `shortstr`, domain `reply-text`
    pub reply_text: ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
}
impl Arguments for Return {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(self.reply_code);
        self.reply_text.encode(out);
        self.exchange.encode(out);
        self.routing_key.encode(out);
    }
}

/// `basic.deliver`: class 60, method 60; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Deliver {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: ShortStr,
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`, domain `redelivered`
    pub redelivered: bool,
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
}
impl Arguments for Deliver {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        self.consumer_tag.encode(out);
        out.put_u64(self.delivery_tag);
        out.put_u8(u8::from(self.redelivered));
        self.exchange.encode(out);
        self.routing_key.encode(out);
    }
}

/// `basic.get`: class 60, method 70; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Get {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `bit`, domain `no-ack`
    pub no_ack: bool,
}
impl Arguments for Get {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let bits = reader.octet("no-ack")?;
        let no_ack = bits & 0x01 != 0;
        Ok(Self { queue, no_ack })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        out.put_u8(u8::from(self.no_ack));
    }
}

/// `basic.get-ok`: class 60, method 71; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct GetOk {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`, domain `redelivered`
    pub redelivered: bool,
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
    /// `long`, domain `message-count`
    pub message_count: u32,
}
impl Arguments for GetOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u64(self.delivery_tag);
        out.put_u8(u8::from(self.redelivered));
        self.exchange.encode(out);
        self.routing_key.encode(out);
        out.put_u32(self.message_count);
    }
}

/// `basic.get-empty`: class 60, method 72; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct GetEmpty;
impl Arguments for GetEmpty {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_short_str("reserved-1")?;
        Ok(Self)
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(0);
    }
}

/// `basic.ack`: class 60, method 80; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Ack {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`
    pub multiple: bool,
}
impl Arguments for Ack {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("multiple")?;
        let multiple = bits & 0x01 != 0;
        Ok(Self {
            delivery_tag,
            multiple,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u64(self.delivery_tag);
        out.put_u8(u8::from(self.multiple));
    }
}

/// `basic.reject`: class 60, method 90; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Reject {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`
    pub requeue: bool,
}
impl Arguments for Reject {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let delivery_tag = reader.long_long("delivery-tag")?;
        let bits = reader.octet("requeue")?;
        let requeue = bits & 0x01 != 0;
        Ok(Self {
            delivery_tag,
            requeue,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u64(self.delivery_tag);
        out.put_u8(u8::from(self.requeue));
    }
}

/// `basic.recover-async`: class 60, method 100; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RecoverAsync {
    /// `bit`
    pub requeue: bool,
}
impl Arguments for RecoverAsync {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = reader.octet("requeue")?;
        let requeue = bits & 0x01 != 0;
        Ok(Self { requeue })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(u8::from(self.requeue));
    }
}

/// `basic.recover`: class 60, method 110; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Recover {
    /// `bit`
    pub requeue: bool,
}
impl Arguments for Recover {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = reader.octet("requeue")?;
        let requeue = bits & 0x01 != 0;
        Ok(Self { requeue })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(u8::from(self.requeue));
    }
}

/// `basic.recover-ok`: class 60, method 111; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RecoverOk;
impl Arguments for RecoverOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `basic.nack`: class 60, method 120; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Nack {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`
    pub multiple: bool,
    /// `bit`
    pub requeue: bool,
}
impl Arguments for Nack {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u64(self.delivery_tag);
        let mut bits = u8::from(self.multiple);
        bits |= u8::from(self.requeue) << 1;
        out.put_u8(bits);
    }
}
