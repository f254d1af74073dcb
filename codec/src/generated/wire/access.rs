//! How the commands of class access travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::access::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Storage};

impl<S: Storage> Arguments for Request<S> {
    const IDS: MethodId = MethodId::new(30, 10);
}
impl<S: Storage> Wire for Request<S> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short_str(&self.realm);
        let mut bits = u8::from(self.exclusive);
        bits |= u8::from(self.passive) << 1;
        bits |= u8::from(self.active) << 2;
        bits |= u8::from(self.write) << 3;
        bits |= u8::from(self.read) << 4;
        out.octet(bits);
    }
}
impl<'a> Parse<'a> for Request<Borrowed<'a>> {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let realm = reader.short_str("realm")?;
        let bits = reader.octet("exclusive")?;
        let exclusive = bits & 0x01 != 0;
        let passive = bits & 0x02 != 0;
        let active = bits & 0x04 != 0;
        let write = bits & 0x08 != 0;
        let read = bits & 0x10 != 0;
        Ok(Self {
            realm,
            exclusive,
            passive,
            active,
            write,
            read,
        })
    }
}

impl Arguments for RequestOk {
    const IDS: MethodId = MethodId::new(30, 11);
}
impl Wire for RequestOk {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.short(self.ticket);
    }
}
impl<'a> Parse<'a> for RequestOk {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let ticket = reader.short("ticket")?;
        Ok(Self { ticket })
    }
}
