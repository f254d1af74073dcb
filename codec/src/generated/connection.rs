//! The commands of class connection.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::method::Arguments;
use crate::reader::Reader;
use crate::types::{FieldTable, LongStr, ShortStr};

/// `connection.start`: class 10, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Start {
    /// `octet`
    pub version_major: u8,
    /// `octet`
    pub version_minor: u8,
    /// `table`, domain `peer-properties`
    pub server_properties: FieldTable,
    /// `longstr`
    pub mechanisms: LongStr,
    /// `longstr`
    pub locales: LongStr,
}
impl Arguments for Start {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version_major = reader.octet("version-major")?;
        let version_minor = reader.octet("version-minor")?;
        let server_properties = reader.table("server-properties")?;
        let mechanisms = reader.long_str("mechanisms")?;
        let locales = reader.long_str("locales")?;
        Ok(Self {
            version_major,
            version_minor,
            server_properties,
            mechanisms,
            locales,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(self.version_major);
        out.put_u8(self.version_minor);
        self.server_properties.encode(out);
        self.mechanisms.encode(out);
        self.locales.encode(out);
    }
}

/// `connection.start-ok`: class 10, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct StartOk {
    /// `table`, domain `peer-properties`
    pub client_properties: FieldTable,
    /// `shortstr`
    pub mechanism: ShortStr,
    /// `longstr`
    pub response: LongStr,
    /// `shortstr`
    pub locale: ShortStr,
}
impl Arguments for StartOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let client_properties = reader.table("client-properties")?;
        let mechanism = reader.short_str("mechanism")?;
        let response = reader.long_str("response")?;
        let locale = reader.short_str("locale")?;
        Ok(Self {
            client_properties,
            mechanism,
            response,
            locale,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.client_properties.encode(out);
        self.mechanism.encode(out);
        self.response.encode(out);
        self.locale.encode(out);
    }
}

/// `connection.secure`: class 10, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Secure {
    /// `longstr`
    pub challenge: LongStr,
}
impl Arguments for Secure {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let challenge = reader.long_str("challenge")?;
        Ok(Self { challenge })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.challenge.encode(out);
    }
}

/// `connection.secure-ok`: class 10, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct SecureOk {
    /// `longstr`
    pub response: LongStr,
}
impl Arguments for SecureOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let response = reader.long_str("response")?;
        Ok(Self { response })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.response.encode(out);
    }
}

/// `connection.tune`: class 10, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Tune {
    /// `short`
    pub channel_max: u16,
    /// `long`
    pub frame_max: u32,
    /// `short`
    pub heartbeat: u16,
}
impl Arguments for Tune {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let channel_max = reader.short("channel-max")?;
        let frame_max = reader.long("frame-max")?;
        let heartbeat = reader.short("heartbeat")?;
        Ok(Self {
            channel_max,
            frame_max,
            heartbeat,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(self.channel_max);
        out.put_u32(self.frame_max);
        out.put_u16(self.heartbeat);
    }
}

/// `connection.tune-ok`: class 10, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct TuneOk {
    /// `short`
    pub channel_max: u16,
    /// `long`
    pub frame_max: u32,
    /// `short`
    pub heartbeat: u16,
}
impl Arguments for TuneOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let channel_max = reader.short("channel-max")?;
        let frame_max = reader.long("frame-max")?;
        let heartbeat = reader.short("heartbeat")?;
        Ok(Self {
            channel_max,
            frame_max,
            heartbeat,
        })
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u16(self.channel_max);
        out.put_u32(self.frame_max);
        out.put_u16(self.heartbeat);
    }
}

/// `connection.open`: class 10, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Open {
    /// `shortstr`, domain `path`
    pub virtual_host: ShortStr,
}
impl Arguments for Open {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let virtual_host = reader.short_str("virtual-host")?;
        reader.skip_short_str("reserved-1")?;
        reader.octet("reserved-2")?;
        Ok(Self { virtual_host })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.virtual_host.encode(out);
        out.put_u8(0);
        out.put_u8(0);
    }
}

/// `connection.open-ok`: class 10, method 41; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct OpenOk;
impl Arguments for OpenOk {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_short_str("reserved-1")?;
        Ok(Self)
    }

    fn encode(&self, out: &mut BytesMut) {
        out.put_u8(0);
    }
}

/// `connection.close`: class 10, method 50; AMQP 0-9-1.
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

/// `connection.close-ok`: class 10, method 51; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct CloseOk;
impl Arguments for CloseOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `connection.blocked`: class 10, method 60; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Blocked {
    /// `shortstr`
    pub reason: ShortStr,
}
impl Arguments for Blocked {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let reason = reader.short_str("reason")?;
        Ok(Self { reason })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.reason.encode(out);
    }
}

/// `connection.unblocked`: class 10, method 61; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Unblocked;
impl Arguments for Unblocked {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}

/// `connection.update-secret`: class 10, method 70; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UpdateSecret {
    /// `longstr`
    pub new_secret: LongStr,
    /// `shortstr`
    pub reason: ShortStr,
}
impl Arguments for UpdateSecret {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let new_secret = reader.long_str("new-secret")?;
        let reason = reader.short_str("reason")?;
        Ok(Self { new_secret, reason })
    }

    fn encode(&self, out: &mut BytesMut) {
        self.new_secret.encode(out);
        self.reason.encode(out);
    }
}

/// `connection.update-secret-ok`: class 10, method 71; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UpdateSecretOk;
impl Arguments for UpdateSecretOk {
    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn encode(&self, _out: &mut BytesMut) {}
}
