//! The commands of class exchange.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;
use crate::types::{FieldTable, ShortStr};

/// `exchange.declare`: class 40, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Declare {
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `shortstr`
    pub r#type: ShortStr,
    /// `bit`
    pub passive: bool,
    /// `bit`
    pub durable: bool,
    /// `bit`
    pub auto_delete: bool,
    /// `bit`
    pub internal: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: FieldTable,
}
impl Arguments for Declare {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.exchange.encode(out);
        self.r#type.encode(out);
        let mut bits = u8::from(self.passive);
        bits |= u8::from(self.durable) << 1;
        bits |= u8::from(self.auto_delete) << 2;
        bits |= u8::from(self.internal) << 3;
        bits |= u8::from(self.no_wait) << 4;
        out.put_u8(bits);
        self.arguments.encode(out);
    }
}

/// `exchange.declare-ok`: class 40, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeclareOk;
impl Arguments for DeclareOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `exchange.delete`: class 40, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Delete {
    /// `shortstr`, domain `exchange-name`
    pub exchange: ShortStr,
    /// `bit`
    pub if_unused: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Arguments for Delete {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.exchange.encode(out);
        let mut bits = u8::from(self.if_unused);
        bits |= u8::from(self.no_wait) << 1;
        out.put_u8(bits);
    }
}

/// `exchange.delete-ok`: class 40, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeleteOk;
impl Arguments for DeleteOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `exchange.bind`: class 40, method 30; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Bind {
    /// `shortstr`, domain `exchange-name`
    pub destination: ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub source: ShortStr,
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.destination.encode(out);
        self.source.encode(out);
        self.routing_key.encode(out);
        out.put_u8(u8::from(self.no_wait));
        self.arguments.encode(out);
    }
}

/// `exchange.bind-ok`: class 40, method 31; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BindOk;
impl Arguments for BindOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `exchange.unbind`: class 40, method 40; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Unbind {
    /// `shortstr`, domain `exchange-name`
    pub destination: ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub source: ShortStr,
    /// `shortstr`
    pub routing_key: ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: FieldTable,
}
impl Arguments for Unbind {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(0);
        self.destination.encode(out);
        self.source.encode(out);
        self.routing_key.encode(out);
        out.put_u8(u8::from(self.no_wait));
        self.arguments.encode(out);
    }
}

/// `exchange.unbind-ok`: class 40, method 51; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UnbindOk;
impl Arguments for UnbindOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}
