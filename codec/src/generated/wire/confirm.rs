//! How the commands of class confirm travel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::generated::confirm::*;
use crate::method::{Arguments, MethodId, Parse};
use crate::reader::Reader;
use crate::sink::{Sink, Wire};

impl Arguments for Select {
    const IDS: MethodId = MethodId::new(85, 10);
}
impl Wire for Select {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(u8::from(self.nowait));
    }
}
impl<'a> Parse<'a> for Select {
    #[inline(always)]
    fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bits = reader.octet("nowait")?;
        let nowait = bits & 0x01 != 0;
        Ok(Self { nowait })
    }
}

impl Arguments for SelectOk {
    const IDS: MethodId = MethodId::new(85, 11);
}
impl Wire for SelectOk {
    #[inline]
    fn write<O: Sink>(&self, _out: &mut O) {}
}
impl<'a> Parse<'a> for SelectOk {
    #[inline(always)]
    fn parse(_reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
