//! The values of tables and arrays, as deployed peers write them (§4.2.1 with errata 3).

use std::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes, BytesMut};

use super::{FieldArray, FieldTable, LongStr, MAX_DEPTH, ShortStr};
use crate::cursor::Cursor;
use crate::error::Fault;

/// A value with its type. Values are equal if their octets are: a NaN is equal to itself, and `l`
/// differs from `L`.
#[derive(Debug, Clone)]
pub enum FieldValue {
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
    LongString(LongStr),
    /// `x`
    ByteArray(LongStr),
    /// `A`
    Array(FieldArray),
    /// `T`: POSIX seconds
    Timestamp(u64),
    /// `F`
    Table(FieldTable),
    /// `V`
    Void,
}

impl FieldValue {
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
            Self::LongString(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    /// Takes tag and value off `cursor`, which reads from `bytes` what was checked before.
    pub(super) fn read<'a>(bytes: &'a Bytes, cursor: &mut Cursor<'a>) -> Result<Self, Fault> {
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
            b'S' => Self::LongString(LongStr::from_wire(bytes.slice_ref(cursor.long_str()?))),
            b'x' => Self::ByteArray(LongStr::from_wire(bytes.slice_ref(cursor.long_str()?))),
            b'A' => Self::Array(FieldArray::from_checked(bytes.slice_ref(cursor.block()?))),
            b'T' => Self::Timestamp(cursor.long_long()?),
            b'F' => Self::Table(FieldTable::from_checked(bytes.slice_ref(cursor.block()?))),
            b'V' => Self::Void,
            tag => return Err(Fault::UnknownTag(tag)),
        })
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        out.put_u8(self.tag());
        match self {
            Self::Boolean(value) => out.put_u8(u8::from(*value)),
            Self::ShortShortInt(number) => out.put_i8(*number),
            Self::ShortShortUint(number) => out.put_u8(*number),
            Self::ShortInt(number) => out.put_i16(*number),
            Self::ShortUint(number) => out.put_u16(*number),
            Self::LongInt(number) => out.put_i32(*number),
            Self::LongUint(number) => out.put_u32(*number),
            Self::LongLongInt(number) | Self::LongLongIntUpper(number) => out.put_i64(*number),
            Self::Float(number) => out.put_f32(*number),
            Self::Double(number) => out.put_f64(*number),
            Self::Decimal { scale, value } => {
                out.put_u8(*scale);
                out.put_u32(*value);
            }
            Self::LongString(text) | Self::ByteArray(text) => text.encode(out),
            Self::Array(values) => values.encode(out),
            Self::Timestamp(seconds) => out.put_u64(*seconds),
            Self::Table(pairs) => pairs.encode(out),
            Self::Void => {}
        }
    }
}

impl PartialEq for FieldValue {
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

impl Eq for FieldValue {}

impl Hash for FieldValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut octets = BytesMut::new();
        self.encode(&mut octets);
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

/// Holds the pairs of a table at `depth` to the rules (DAT-02, DAT-14, DAT-15, DAT-16).
pub(crate) fn check_pairs(pairs: &[u8], depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TableTooDeep);
    }
    let mut cursor = Cursor::new(pairs, Fault::TableLength);
    while !cursor.is_empty() {
        ShortStr::check(cursor.short_str()?)?;
        check_value(&mut cursor, depth)?;
    }
    Ok(())
}

/// Holds the values of an array at `depth` to the rules.
pub(super) fn check_values(values: &[u8], depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TableTooDeep);
    }
    let mut cursor = Cursor::new(values, Fault::TableLength);
    while !cursor.is_empty() {
        check_value(&mut cursor, depth)?;
    }
    Ok(())
}

/// Holds one value of a table or an array at `depth` to the rules, and passes over it.
pub(super) fn check_value(cursor: &mut Cursor<'_>, depth: usize) -> Result<(), Fault> {
    match cursor.octet()? {
        b'V' => Ok(()),
        b't' | b'b' | b'B' => cursor.take(1).map(drop),
        b's' | b'u' => cursor.take(2).map(drop),
        b'I' | b'i' | b'f' => cursor.take(4).map(drop),
        b'D' => cursor.take(5).map(drop),
        b'l' | b'L' | b'd' | b'T' => cursor.take(8).map(drop),
        b'S' | b'x' => cursor.long_str().map(drop),
        b'F' => check_pairs(cursor.block()?, depth + 1),
        b'A' => check_values(cursor.block()?, depth + 1),
        tag => Err(Fault::UnknownTag(tag)),
    }
}
