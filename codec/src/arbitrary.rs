//! Valid values out of a fuzzer's octets.

use arbitrary::{Arbitrary, Result, Unstructured};
use bytes::Bytes;

use crate::content::{BasicProperties, ContentHeader, Properties};
use crate::frame::Frame;
use crate::storage::{Owned, Storage};
use crate::types::{FieldArray, FieldTable, FieldValue, LongStr, ShortStr};

/// Deeper nesting is left to the decoder's own targets: here it only eats octets.
const DEPTH: usize = 6;

/// A storage whose values can be made up: the owned one.
pub trait Drawn<'a>:
    Storage<ShortStr: Arbitrary<'a>, LongStr: Arbitrary<'a>, FieldTable: Arbitrary<'a>>
{
}

impl Drawn<'_> for Owned {}

impl<'a> Arbitrary<'a> for ShortStr {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::truncated(u.arbitrary()?))
    }
}

impl<'a> Arbitrary<'a> for LongStr {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let octets: &[u8] = u.arbitrary()?;
        Self::new(Bytes::copy_from_slice(octets)).map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for FieldTable {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        table(u, 1)
    }
}

impl<'a> Arbitrary<'a> for FieldArray {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        array(u, 1)
    }
}

impl<'a> Arbitrary<'a> for FieldValue {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        value(u, 1)
    }
}

impl<'a> Arbitrary<'a> for Properties {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(BasicProperties::arbitrary(u)?.into())
    }
}

impl<'a> Arbitrary<'a> for ContentHeader {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            body_size: u.arbitrary()?,
            properties: u.arbitrary()?,
        })
    }
}

/// Mostly commands, since there are most kinds of them.
impl<'a> Arbitrary<'a> for Frame {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = u8::arbitrary(u)? % 8;
        let channel = u.arbitrary()?;
        Ok(match kind {
            0 => Self::Heartbeat,
            1 => Self::Body {
                channel,
                payload: Bytes::copy_from_slice(u.arbitrary()?),
            },
            2 => Self::Header {
                channel,
                header: u.arbitrary()?,
            },
            _ => Self::Method {
                channel,
                method: u.arbitrary()?,
            },
        })
    }
}

fn table(u: &mut Unstructured<'_>, depth: usize) -> Result<FieldTable> {
    let mut pairs = FieldTable::new();
    while u.arbitrary()? {
        let name: ShortStr = u.arbitrary()?;
        let value = value(u, depth)?;
        pairs
            .push(&name, value)
            .map_err(|_| arbitrary::Error::IncorrectFormat)?;
    }
    Ok(pairs)
}

fn array(u: &mut Unstructured<'_>, depth: usize) -> Result<FieldArray> {
    let mut values = FieldArray::new();
    while u.arbitrary()? {
        values
            .push(value(u, depth)?)
            .map_err(|_| arbitrary::Error::IncorrectFormat)?;
    }
    Ok(values)
}

fn value(u: &mut Unstructured<'_>, depth: usize) -> Result<FieldValue> {
    let flat: [fn(&mut Unstructured<'_>) -> Result<FieldValue>; 16] = [
        |u| Ok(FieldValue::Boolean(u.arbitrary()?)),
        |u| Ok(FieldValue::ShortShortInt(u.arbitrary()?)),
        |u| Ok(FieldValue::ShortShortUint(u.arbitrary()?)),
        |u| Ok(FieldValue::ShortInt(u.arbitrary()?)),
        |u| Ok(FieldValue::ShortUint(u.arbitrary()?)),
        |u| Ok(FieldValue::LongInt(u.arbitrary()?)),
        |u| Ok(FieldValue::LongUint(u.arbitrary()?)),
        |u| Ok(FieldValue::LongLongInt(u.arbitrary()?)),
        |u| Ok(FieldValue::LongLongIntUpper(u.arbitrary()?)),
        |u| Ok(FieldValue::Float(u.arbitrary()?)),
        |u| Ok(FieldValue::Double(u.arbitrary()?)),
        |u| {
            Ok(FieldValue::Decimal {
                scale: u.arbitrary()?,
                value: u.arbitrary()?,
            })
        },
        |u| Ok(FieldValue::LongString(u.arbitrary()?)),
        |u| Ok(FieldValue::ByteArray(u.arbitrary()?)),
        |u| Ok(FieldValue::Timestamp(u.arbitrary()?)),
        |_| Ok(FieldValue::Void),
    ];
    if depth < DEPTH && u.ratio(1, 6)? {
        return Ok(if u.arbitrary()? {
            FieldValue::Table(table(u, depth + 1)?)
        } else {
            FieldValue::Array(array(u, depth + 1)?)
        });
    }
    u.choose(&flat)?(u)
}
