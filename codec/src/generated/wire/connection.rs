//! How the commands of class connection travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::connection::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Storage};

impl<S: Storage> Arguments for Start<S> {
    const IDS: MethodId = MethodId::new(10, 10);
}
impl<S: Storage> Wire for Start<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(self.version_major);
        out.octet(self.version_minor);
        out.long_str(&self.server_properties);
        out.long_str(&self.mechanisms);
        out.long_str(&self.locales);
    }
}
impl<'a> Parse<'a> for Start<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
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
}

impl<S: Storage> Arguments for StartOk<S> {
    const IDS: MethodId = MethodId::new(10, 11);
}
impl<S: Storage> Wire for StartOk<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_str(&self.client_properties);
        out.short_str(&self.mechanism);
        out.long_str(&self.response);
        out.short_str(&self.locale);
    }
}
impl<'a> Parse<'a> for StartOk<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
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
}

impl<S: Storage> Arguments for Secure<S> {
    const IDS: MethodId = MethodId::new(10, 20);
}
impl<S: Storage> Wire for Secure<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_str(&self.challenge);
    }
}
impl<'a> Parse<'a> for Secure<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let challenge = reader.long_str("challenge")?;
        Ok(Self { challenge })
    }
}

impl<S: Storage> Arguments for SecureOk<S> {
    const IDS: MethodId = MethodId::new(10, 21);
}
impl<S: Storage> Wire for SecureOk<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_str(&self.response);
    }
}
impl<'a> Parse<'a> for SecureOk<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let response = reader.long_str("response")?;
        Ok(Self { response })
    }
}

impl Arguments for Tune {
    const IDS: MethodId = MethodId::new(10, 30);
}
impl Wire for Tune {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(self.channel_max);
        out.long(self.frame_max);
        out.short(self.heartbeat);
    }
}
impl<'a> Parse<'a> for Tune {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let channel_max = reader.short("channel-max")?;
        let frame_max = reader.long("frame-max")?;
        let heartbeat = reader.short("heartbeat")?;
        Ok(Self {
            channel_max,
            frame_max,
            heartbeat,
        })
    }
}

impl Arguments for TuneOk {
    const IDS: MethodId = MethodId::new(10, 31);
}
impl Wire for TuneOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(self.channel_max);
        out.long(self.frame_max);
        out.short(self.heartbeat);
    }
}
impl<'a> Parse<'a> for TuneOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let channel_max = reader.short("channel-max")?;
        let frame_max = reader.long("frame-max")?;
        let heartbeat = reader.short("heartbeat")?;
        Ok(Self {
            channel_max,
            frame_max,
            heartbeat,
        })
    }
}

impl<S: Storage> Arguments for Open<S> {
    const IDS: MethodId = MethodId::new(10, 40);
}
impl<S: Storage> Wire for Open<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.virtual_host);
        out.octet(0);
        out.octet(0);
    }
}
impl<'a> Parse<'a> for Open<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let virtual_host = reader.short_str("virtual-host")?;
        reader.skip_short_str("reserved-1")?;
        reader.octet("reserved-2")?;
        Ok(Self { virtual_host })
    }
}

impl Arguments for OpenOk {
    const IDS: MethodId = MethodId::new(10, 41);
}
impl Wire for OpenOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(0);
    }
}
impl<'a> Parse<'a> for OpenOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.skip_short_str("reserved-1")?;
        Ok(Self)
    }
}

impl<S: Storage> Arguments for Close<S> {
    const IDS: MethodId = MethodId::new(10, 50);
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
    const IDS: MethodId = MethodId::new(10, 51);
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

impl<S: Storage> Arguments for Blocked<S> {
    const IDS: MethodId = MethodId::new(10, 60);
}
impl<S: Storage> Wire for Blocked<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.reason);
    }
}
impl<'a> Parse<'a> for Blocked<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let reason = reader.short_str("reason")?;
        Ok(Self { reason })
    }
}

impl Arguments for Unblocked {
    const IDS: MethodId = MethodId::new(10, 61);
}
impl Wire for Unblocked {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for Unblocked {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<S: Storage> Arguments for UpdateSecret<S> {
    const IDS: MethodId = MethodId::new(10, 70);
}
impl<S: Storage> Wire for UpdateSecret<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.long_str(&self.new_secret);
        out.short_str(&self.reason);
    }
}
impl<'a> Parse<'a> for UpdateSecret<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let new_secret = reader.long_str("new-secret")?;
        let reason = reader.short_str("reason")?;
        Ok(Self { new_secret, reason })
    }
}

impl Arguments for UpdateSecretOk {
    const IDS: MethodId = MethodId::new(10, 71);
}
impl Wire for UpdateSecretOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for UpdateSecretOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
