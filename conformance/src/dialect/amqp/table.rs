//! Field tables and the simple types, both ways (AMQP 0-9-1 §4.2.5 and the errata that every peer follows).

use super::super::{Datum, EncodeError};

/// Every tag that a field table may hold in the field.
pub(super) const TAGS: &[&str] = &[
    "t", "b", "B", "s", "u", "I", "i", "l", "L", "f", "d", "D", "S", "x", "A", "F", "T", "V",
];

/// How deep tables and arrays are followed on receipt.
const DEPTH: usize = 128;

fn refuse<T>(message: impl Into<String>) -> Result<T, EncodeError> {
    Err(EncodeError(message.into()))
}

/// A number of `width` octets, which two's complement makes of negative ones.
pub(super) fn integer(value: &Datum, width: usize) -> Result<Vec<u8>, EncodeError> {
    let number = match value.bare() {
        Datum::Int(number) => *number,
        Datum::Bool(flag) => i128::from(*flag),
        other => return refuse(format!("a number is wanted, not {}", other.to_value())),
    };
    let bits = width * 8;
    if number >= 1 << bits || number < -(1 << (bits - 1)) {
        return refuse(format!("{number} does not fit into {width} octets"));
    }
    let octets = number.to_be_bytes();
    Ok(octets[octets.len() - width..].to_vec())
}

pub(super) fn short_string(value: &Datum) -> Result<Vec<u8>, EncodeError> {
    match value.octets() {
        None => refuse(format!("text is wanted, not {}", value.to_value())),
        Some(octets) => match u8::try_from(octets.len()) {
            Err(_) => refuse(format!(
                "a short string holds at most 255 octets, not {}",
                octets.len()
            )),
            Ok(length) => Ok([&[length], octets].concat()),
        },
    }
}

pub(super) fn long_string(value: &Datum) -> Result<Vec<u8>, EncodeError> {
    match value.octets() {
        None => refuse(format!("text is wanted, not {}", value.to_value())),
        Some(octets) => Ok(behind_length(octets)),
    }
}

fn behind_length(octets: &[u8]) -> Vec<u8> {
    let mut out = (octets.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(octets);
    out
}

pub(super) fn table(value: &Datum) -> Result<Vec<u8>, EncodeError> {
    let Datum::Table(pairs) = value.bare() else {
        return refuse(format!("a table is wanted, not {}", value.to_value()));
    };
    let mut out = Vec::new();
    for (name, value) in pairs {
        out.extend(short_string(&Datum::text(name))?);
        out.extend(tagged(value)?);
    }
    Ok(behind_length(&out))
}

/// A value behind its tag. An untyped value gets the tag that most clients give it.
fn tagged(value: &Datum) -> Result<Vec<u8>, EncodeError> {
    let tag = match value {
        Datum::Typed(tag, _) => tag.as_str(),
        Datum::Bool(_) => "t",
        Datum::Int(number) if i32::try_from(*number).is_ok() => "I",
        Datum::Int(_) => "l",
        Datum::Float(_) => "d",
        Datum::Octets(_) => "S",
        Datum::Table(_) => "F",
        Datum::Array(_) => "A",
        Datum::Void => "V",
    };
    let mut out = tag.as_bytes().to_vec();
    out.extend(match tag {
        "t" | "b" | "B" => integer(value, 1)?,
        "s" | "u" => integer(value, 2)?,
        "I" | "i" => integer(value, 4)?,
        "l" | "L" | "T" => integer(value, 8)?,
        "f" => (float(value)? as f32).to_be_bytes().to_vec(),
        "d" => float(value)?.to_be_bytes().to_vec(),
        "D" => decimal(value)?,
        "S" | "x" => long_string(value)?,
        "F" => table(value)?,
        "A" => array(value)?,
        "V" => Vec::new(),
        // A tag that no peer knows: what follows is the script's affair.
        _ => value.octets().map(<[u8]>::to_vec).unwrap_or_default(),
    });
    Ok(out)
}

fn float(value: &Datum) -> Result<f64, EncodeError> {
    match value.bare() {
        Datum::Float(number) => Ok(*number),
        Datum::Int(number) => Ok(*number as f64),
        other => refuse(format!("a number is wanted, not {}", other.to_value())),
    }
}

fn decimal(value: &Datum) -> Result<Vec<u8>, EncodeError> {
    match value.bare() {
        Datum::Array(parts) if parts.len() == 2 => {
            Ok([integer(&parts[0], 1)?, integer(&parts[1], 4)?].concat())
        }
        other => refuse(format!(
            "a decimal is [scale, digits], not {}",
            other.to_value()
        )),
    }
}

fn array(value: &Datum) -> Result<Vec<u8>, EncodeError> {
    let Datum::Array(values) = value.bare() else {
        return refuse(format!("an array is wanted, not {}", value.to_value()));
    };
    let mut out = Vec::new();
    for value in values {
        out.extend(tagged(value)?);
    }
    Ok(behind_length(&out))
}

/// Octets under a reading head.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    octets: &'a [u8],
}

/// What is wrong with octets that a broker sent.
pub(super) type Malformed = String;

impl<'a> Reader<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Reader { octets }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.octets
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        match self.octets.split_at_checked(count) {
            Some((head, tail)) => {
                self.octets = tail;
                Ok(head)
            }
            None => Err(format!(
                "{count} octets are wanted, {} are left",
                self.octets.len()
            )),
        }
    }

    pub(super) fn unsigned(&mut self, width: usize) -> Result<u64, Malformed> {
        Ok(self
            .bytes(width)?
            .iter()
            .fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }

    fn signed(&mut self, width: usize) -> Result<i128, Malformed> {
        let unused = 64 - 8 * width as u32;
        let number = (self.unsigned(width)? << unused) as i64;
        Ok(i128::from(number >> unused))
    }

    pub(super) fn short_string(&mut self) -> Result<Datum, Malformed> {
        let length = self.unsigned(1)? as usize;
        let octets = self.bytes(length)?;
        if std::str::from_utf8(octets).is_err() {
            return Err("a short string is not UTF-8".to_owned());
        }
        Ok(Datum::Octets(octets.to_vec()))
    }

    pub(super) fn long_string(&mut self) -> Result<Datum, Malformed> {
        let length = self.unsigned(4)? as usize;
        Ok(Datum::Octets(self.bytes(length)?.to_vec()))
    }

    pub(super) fn table(&mut self) -> Result<Datum, Malformed> {
        self.table_at(0)
    }

    fn table_at(&mut self, depth: usize) -> Result<Datum, Malformed> {
        if depth > DEPTH {
            return Err("a table is nested too deep".to_owned());
        }
        let length = self.unsigned(4)? as usize;
        let mut inner = Reader::new(self.bytes(length)?);
        let mut pairs = Vec::new();
        while !inner.octets.is_empty() {
            let length = inner.unsigned(1)? as usize;
            let name = String::from_utf8_lossy(inner.bytes(length)?).into_owned();
            pairs.push((name, inner.tagged(depth)?));
        }
        Ok(Datum::Table(pairs))
    }

    pub(super) fn tagged(&mut self, depth: usize) -> Result<Datum, Malformed> {
        let tag = char::from(self.unsigned(1)? as u8);
        let value = match tag {
            't' => Datum::Bool(self.unsigned(1)? != 0),
            'b' => Datum::Int(self.signed(1)?),
            'B' => Datum::Int(self.unsigned(1)?.into()),
            's' => Datum::Int(self.signed(2)?),
            'u' => Datum::Int(self.unsigned(2)?.into()),
            'I' => Datum::Int(self.signed(4)?),
            'i' => Datum::Int(self.unsigned(4)?.into()),
            'l' | 'L' => Datum::Int(self.signed(8)?),
            'T' => Datum::Int(self.unsigned(8)?.into()),
            'f' => Datum::Float(f64::from(f32::from_bits(self.unsigned(4)? as u32))),
            'd' => Datum::Float(f64::from_bits(self.unsigned(8)?)),
            'D' => Datum::Array(vec![
                Datum::Int(self.unsigned(1)?.into()),
                Datum::Int(self.unsigned(4)?.into()),
            ]),
            'S' | 'x' => self.long_string()?,
            'F' => self.table_at(depth + 1)?,
            'A' => {
                let length = self.unsigned(4)? as usize;
                let mut inner = Reader::new(self.bytes(length)?);
                let mut values = Vec::new();
                if depth >= DEPTH {
                    return Err("an array is nested too deep".to_owned());
                }
                while !inner.octets.is_empty() {
                    values.push(inner.tagged(depth + 1)?);
                }
                Datum::Array(values)
            }
            'V' => Datum::Void,
            other => return Err(format!("a table holds the unknown tag {other:?}")),
        };
        Ok(Datum::Typed(tag.to_string(), Box::new(value)))
    }
}
