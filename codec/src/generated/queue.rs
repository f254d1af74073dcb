//! The commands of class queue.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;
use crate::types::{FieldTable, ShortStr};

/// `queue.declare`: class 50, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Declare {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `bit`
    pub passive: bool,
    /// `bit`
    pub durable: bool,
    /// `bit`
    pub exclusive: bool,
    /// `bit`
    pub auto_delete: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: FieldTable,
}
impl Arguments for Declare {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        let mut bits = u8::from(self.passive);
        bits |= u8::from(self.durable) << 1;
        bits |= u8::from(self.exclusive) << 2;
        bits |= u8::from(self.auto_delete) << 3;
        bits |= u8::from(self.no_wait) << 4;
        out.put_u8(bits);
        self.arguments.encode(out);
    }
}

/// `queue.declare-ok`: class 50, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeclareOk {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `long`, domain `message-count`
    pub message_count: u32,
    /// `long`
    pub consumer_count: u32,
}
impl Arguments for DeclareOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let queue = reader.short_str("queue")?;
        let message_count = reader.long("message-count")?;
        let consumer_count = reader.long("consumer-count")?;
        Ok(Self {
            queue,
            message_count,
            consumer_count,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.queue.encode(out);
        out.put_u32(self.message_count);
        out.put_u32(self.consumer_count);
    }
}

/// `queue.bind`: class 50, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Bind {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: FieldTable,
}
impl Arguments for Bind {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        self.exchange.encode(out);
        self.routing_key.encode(out);
        out.put_u8(u8::from(self.no_wait));
        self.arguments.encode(out);
    }
}

/// `queue.bind-ok`: class 50, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BindOk;
impl Arguments for BindOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `queue.unbind`: class 50, method 50; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Unbind {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
    /// `table`
    pub arguments: FieldTable,
}
impl Arguments for Unbind {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        self.exchange.encode(out);
        self.routing_key.encode(out);
        self.arguments.encode(out);
    }
}

/// `queue.unbind-ok`: class 50, method 51; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UnbindOk;
impl Arguments for UnbindOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `queue.purge`: class 50, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Purge {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Arguments for Purge {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.short("reserved-1")?;
        let queue = reader.short_str("queue")?;
        let bits = reader.octet("no-wait")?;
        let no_wait = bits & 0x01 != 0;
        Ok(Self { queue, no_wait })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        out.put_u8(u8::from(self.no_wait));
    }
}

/// `queue.purge-ok`: class 50, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct PurgeOk {
    /// `long`, domain `message-count`
    pub message_count: u32,
}
impl Arguments for PurgeOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let message_count = reader.long("message-count")?;
        Ok(Self { message_count })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.message_count);
    }
}

/// `queue.delete`: class 50, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Delete {
    /// `shortstr`, domain `queue-name`
    pub queue: ShortStr,
    /// `bit`
    pub if_unused: bool,
    /// `bit`
    pub if_empty: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Arguments for Delete {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.queue.encode(out);
        let mut bits = u8::from(self.if_unused);
        bits |= u8::from(self.if_empty) << 1;
        bits |= u8::from(self.no_wait) << 2;
        out.put_u8(bits);
    }
}

/// `queue.delete-ok`: class 50, method 41; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeleteOk {
    /// `long`, domain `message-count`
    pub message_count: u32,
}
impl Arguments for DeleteOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let message_count = reader.long("message-count")?;
        Ok(Self { message_count })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.message_count);
    }
}
