//! The values of tables and arrays, as deployed peers write them (§4.2.1 with errata 3).

use std::hash::{Hash, Hasher};

use bytes::BytesMut;

use super::{FieldArray, FieldArrayRef, FieldTable, FieldTableRef, LongStr, LongStrRef, ShortStr};
use crate::cursor::Cursor;
use crate::error::Fault;
use crate::sink::{Sink, Wire, append};
use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// A value with its type. Values are equal if their octets are: a NaN is equal to itself, and `l`
/// differs from `L`.
#[derive(Debug, Clone)]
pub enum FieldValue<S: Storage = Owned> {
    /// `t`
    Boolean(bool),
    /// `b`
    ShortShortInt(i8),
    /// `B`
    ShortShortUint(u8),
    /// `s`: 16 bits with a sign, as every deployed peer has it (DAT-09)
    ShortInt(i16),
    /// `u`
    ShortUint(u16),
    /// `I`
    LongInt(i32),
    /// `i`
    LongUint(u32),
    /// `l`: 64 bits with a sign, as every deployed peer has it (DAT-10)
    LongLongInt(i64),
    /// `L`: the same number under the grammar's own tag (DAT-10)
    LongLongIntUpper(i64),
    /// `f`
    Float(f32),
    /// `d`
    Double(f64),
    /// `D`: `value` / 10^`scale`; whether `value` has a sign is disputed (DAT-08)
    Decimal {
        /// Number of decimal places.
        scale: u8,
        /// The number without its decimal point, as the 32 bits received.
        value: u32,
    },
    /// `S`
    LongString(S::LongStr),
    /// `x`
    ByteArray(S::LongStr),
    /// `A`
    Array(S::FieldArray),
    /// `T`: POSIX seconds
    Timestamp(u64),
    /// `F`
    Table(S::FieldTable),
    /// `V`
    Void,
}

impl<S: Storage> FieldValue<S> {
    /// The octet that names the value's type on the wire.
    pub const fn tag(&self) -> u8 {
        match self {
            Self::Boolean(_) => b't',
            Self::ShortShortInt(_) => b'b',
            Self::ShortShortUint(_) => b'B',
            Self::ShortInt(_) => b's',
            Self::ShortUint(_) => b'u',
            Self::LongInt(_) => b'I',
            Self::LongUint(_) => b'i',
            Self::LongLongInt(_) => b'l',
            Self::LongLongIntUpper(_) => b'L',
            Self::Float(_) => b'f',
            Self::Double(_) => b'd',
            Self::Decimal { .. } => b'D',
            Self::LongString(_) => b'S',
            Self::ByteArray(_) => b'x',
            Self::Array(_) => b'A',
            Self::Timestamp(_) => b'T',
            Self::Table(_) => b'F',
            Self::Void => b'V',
        }
    }

    /// The number that any of the integer types holds, if this is one of them.
    pub fn as_integer(&self) -> Option<i64> {
        match *self {
            Self::ShortShortInt(number) => Some(number.into()),
            Self::ShortShortUint(number) => Some(number.into()),
            Self::ShortInt(number) => Some(number.into()),
            Self::ShortUint(number) => Some(number.into()),
            Self::LongInt(number) => Some(number.into()),
            Self::LongUint(number) => Some(number.into()),
            Self::LongLongInt(number) | Self::LongLongIntUpper(number) => Some(number),
            _ => None,
        }
    }

    /// The text of a long string, if this is one and it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::LongString(text) => std::str::from_utf8(text.as_ref()).ok(),
            _ => None,
        }
    }
}

impl<'a> FieldValue<Borrowed<'a>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> FieldValue {
        self.keep(&Copying)
    }

    /// Takes tag and value off `cursor`, which reads what was checked before.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Fault> {
        Ok(match cursor.octet()? {
            b't' => Self::Boolean(cursor.octet()? != 0),
            b'b' => Self::ShortShortInt(i8::from_be_bytes(cursor.array()?)),
            b'B' => Self::ShortShortUint(cursor.octet()?),
            b's' => Self::ShortInt(i16::from_be_bytes(cursor.array()?)),
            b'u' => Self::ShortUint(cursor.short()?),
            b'I' => Self::LongInt(i32::from_be_bytes(cursor.array()?)),
            b'i' => Self::LongUint(cursor.long()?),
            b'l' => Self::LongLongInt(i64::from_be_bytes(cursor.array()?)),
            b'L' => Self::LongLongIntUpper(i64::from_be_bytes(cursor.array()?)),
            b'f' => Self::Float(f32::from_be_bytes(cursor.array()?)),
            b'd' => Self::Double(f64::from_be_bytes(cursor.array()?)),
            b'D' => Self::Decimal {
                scale: cursor.octet()?,
                value: cursor.long()?,
            },
            b'S' => Self::LongString(LongStrRef::from_wire(cursor.long_str()?)),
            b'x' => Self::ByteArray(LongStrRef::from_wire(cursor.long_str()?)),
            b'A' => Self::Array(FieldArrayRef::from_checked(cursor.block()?)),
            b'T' => Self::Timestamp(cursor.long_long()?),
            b'F' => Self::Table(FieldTableRef::from_checked(cursor.block()?)),
            b'V' => Self::Void,
            tag => return Err(Fault::UnknownTag(tag)),
        })
    }

    pub(super) fn keep(self, keep: &impl Keep) -> FieldValue {
        match self {
            Self::Boolean(value) => FieldValue::Boolean(value),
            Self::ShortShortInt(number) => FieldValue::ShortShortInt(number),
            Self::ShortShortUint(number) => FieldValue::ShortShortUint(number),
            Self::ShortInt(number) => FieldValue::ShortInt(number),
            Self::ShortUint(number) => FieldValue::ShortUint(number),
            Self::LongInt(number) => FieldValue::LongInt(number),
            Self::LongUint(number) => FieldValue::LongUint(number),
            Self::LongLongInt(number) => FieldValue::LongLongInt(number),
            Self::LongLongIntUpper(number) => FieldValue::LongLongIntUpper(number),
            Self::Float(number) => FieldValue::Float(number),
            Self::Double(number) => FieldValue::Double(number),
            Self::Decimal { scale, value } => FieldValue::Decimal { scale, value },
            Self::LongString(text) => FieldValue::LongString(text.keep(keep)),
            Self::ByteArray(octets) => FieldValue::ByteArray(octets.keep(keep)),
            Self::Array(values) => FieldValue::Array(values.keep(keep)),
            Self::Timestamp(seconds) => FieldValue::Timestamp(seconds),
            Self::Table(pairs) => FieldValue::Table(pairs.keep(keep)),
            Self::Void => FieldValue::Void,
        }
    }
}

impl<S: Storage> Wire for FieldValue<S> {
    fn write<O: Sink>(&self, out: &mut O) {
        out.octet(self.tag());
        match self {
            Self::Boolean(value) => out.octet(u8::from(*value)),
            Self::ShortShortInt(number) => out.put(number.to_be_bytes()),
            Self::ShortShortUint(number) => out.octet(*number),
            Self::ShortInt(number) => out.put(number.to_be_bytes()),
            Self::ShortUint(number) => out.short(*number),
            Self::LongInt(number) => out.put(number.to_be_bytes()),
            Self::LongUint(number) => out.long(*number),
            Self::LongLongInt(number) | Self::LongLongIntUpper(number) => {
                out.put(number.to_be_bytes());
            }
            Self::Float(number) => out.put(number.to_be_bytes()),
            Self::Double(number) => out.put(number.to_be_bytes()),
            Self::Decimal { scale, value } => {
                out.octet(*scale);
                out.long(*value);
            }
            Self::LongString(text) | Self::ByteArray(text) => out.long_str(text),
            Self::Array(values) => out.long_str(values),
            Self::Timestamp(seconds) => out.long_long(*seconds),
            Self::Table(pairs) => out.long_str(pairs),
            Self::Void => {}
        }
    }
}

impl<S: Storage> PartialEq for FieldValue<S> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::ShortShortInt(a), Self::ShortShortInt(b)) => a == b,
            (Self::ShortShortUint(a), Self::ShortShortUint(b)) => a == b,
            (Self::ShortInt(a), Self::ShortInt(b)) => a == b,
            (Self::ShortUint(a), Self::ShortUint(b)) => a == b,
            (Self::LongInt(a), Self::LongInt(b)) => a == b,
            (Self::LongUint(a), Self::LongUint(b)) => a == b,
            (Self::LongLongInt(a), Self::LongLongInt(b))
            | (Self::LongLongIntUpper(a), Self::LongLongIntUpper(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Double(a), Self::Double(b)) => a.to_bits() == b.to_bits(),
            (
                Self::Decimal { scale, value },
                Self::Decimal {
                    scale: its_scale,
                    value: its_value,
                },
            ) => scale == its_scale && value == its_value,
            (Self::LongString(a), Self::LongString(b))
            | (Self::ByteArray(a), Self::ByteArray(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            (Self::Table(a), Self::Table(b)) => a == b,
            (Self::Void, Self::Void) => true,
            _ => false,
        }
    }
}

impl<S: Storage> Eq for FieldValue<S> {}

impl<S: Storage> Hash for FieldValue<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut octets = BytesMut::new();
        append(&mut octets, self);
        octets.hash(state);
    }
}

impl From<bool> for FieldValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for FieldValue {
    fn from(number: i32) -> Self {
        Self::LongInt(number)
    }
}

impl From<i64> for FieldValue {
    fn from(number: i64) -> Self {
        Self::LongLongInt(number)
    }
}

impl From<ShortStr> for FieldValue {
    fn from(text: ShortStr) -> Self {
        Self::LongString(text.into())
    }
}

impl From<LongStr> for FieldValue {
    fn from(text: LongStr) -> Self {
        Self::LongString(text)
    }
}

impl From<FieldTable> for FieldValue {
    fn from(pairs: FieldTable) -> Self {
        Self::Table(pairs)
    }
}

impl From<FieldArray> for FieldValue {
    fn from(values: FieldArray) -> Self {
        Self::Array(values)
    }
}
