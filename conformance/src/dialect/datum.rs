//! A value of the wire, as the notation knows it: untyped where the protocol's table tells the type.

use std::hash::{Hash, Hasher};

use crate::script::{Piece, Value};

/// A value that is sent or was received.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// A flag.
    Bool(bool),
    /// A number of any width.
    Int(i128),
    /// A number with a fraction.
    Float(f64),
    /// Text or octets.
    Octets(Vec<u8>),
    /// Named values, in the order of the wire.
    Table(Vec<(String, Datum)>),
    /// Values in order.
    Array(Vec<Datum>),
    /// A value without octets.
    Void,
    /// A value whose type tag travels with it.
    Typed(String, Box<Datum>),
}

impl Datum {
    /// Text as octets.
    pub fn text(text: &str) -> Datum {
        Datum::Octets(text.as_bytes().to_vec())
    }

    /// The value under its type tag, if it has one.
    pub fn bare(&self) -> &Datum {
        match self {
            Datum::Typed(_, inner) => inner.bare(),
            other => other,
        }
    }

    /// The octets, if it is text or octets.
    pub fn octets(&self) -> Option<&[u8]> {
        match self.bare() {
            Datum::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(self.octets()?).ok()
    }

    /// The number, if it is one.
    pub fn int(&self) -> Option<i128> {
        match self.bare() {
            Datum::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The flag, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self.bare() {
            Datum::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The entry of that name, if it is a table that has one.
    pub fn get(&self, name: &str) -> Option<&Datum> {
        match self.bare() {
            Datum::Table(pairs) => pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether a broker's value is what a script asks for: a type tag counts only where the script gives one, and
    /// the order of a table's entries does not.
    pub fn satisfies(&self, wanted: &Datum) -> bool {
        match (wanted, self) {
            (Datum::Typed(tag, wanted), Datum::Typed(other, value)) => {
                tag == other && value.satisfies(wanted)
            }
            (Datum::Typed(..), _) => false,
            (wanted, Datum::Typed(_, value)) => value.satisfies(wanted),
            (Datum::Table(wanted), Datum::Table(pairs)) => {
                wanted.len() == pairs.len()
                    && wanted.iter().all(|(name, value)| {
                        pairs
                            .iter()
                            .any(|(other, came)| other == name && came.satisfies(value))
                    })
            }
            (Datum::Array(wanted), Datum::Array(values)) => {
                wanted.len() == values.len()
                    && wanted
                        .iter()
                        .zip(values)
                        .all(|(wanted, came)| came.satisfies(wanted))
            }
            (Datum::Float(wanted), Datum::Float(value)) => {
                wanted == value || wanted.is_nan() && value.is_nan()
            }
            (wanted, value) => wanted == value,
        }
    }

    /// Feeds a hasher what the value says, so that values that [satisfy](Datum::satisfies) each other feed it the same:
    /// without type tags, and without the order of a table's entries.
    pub fn fingerprint(&self, hasher: &mut impl Hasher) {
        match self.bare() {
            Datum::Bool(flag) => (0, flag).hash(hasher),
            Datum::Int(number) => (1, number).hash(hasher),
            Datum::Float(number) => (2, number.to_bits()).hash(hasher),
            Datum::Octets(octets) => (3, octets.len(), condensed(octets)).hash(hasher),
            Datum::Table(pairs) => {
                let mut pairs: Vec<&(String, Datum)> = pairs.iter().collect();
                pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
                (4, pairs.len()).hash(hasher);
                for (name, value) in pairs {
                    name.hash(hasher);
                    value.fingerprint(hasher);
                }
            }
            Datum::Array(values) => {
                (5, values.len()).hash(hasher);
                values.iter().for_each(|value| value.fingerprint(hasher));
            }
            Datum::Void | Datum::Typed(..) => 6.hash(hasher),
        }
    }

    /// The value in the notation.
    pub fn to_value(&self) -> Value {
        match self {
            Datum::Bool(flag) => Value::Bool(*flag),
            Datum::Int(number) => Value::Int(*number),
            Datum::Float(number) => Value::Float(*number),
            Datum::Octets(octets) => octets_to_value(octets),
            Datum::Table(pairs) => Value::Table {
                pairs: pairs
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_value()))
                    .collect(),
                open: false,
            },
            Datum::Array(values) => Value::Array {
                values: values.iter().map(Datum::to_value).collect(),
                open: false,
            },
            Datum::Void => Value::Void,
            // A void has no other type, and the tags that an untyped value gets anyway need not be shown.
            Datum::Typed(_, inner) if **inner == Datum::Void => Value::Void,
            Datum::Typed(tag, inner) => match (tag.as_str(), &**inner) {
                ("S", Datum::Octets(_)) | ("t", _) | ("F", _) | ("A", _) | ("I", _) => {
                    inner.to_value()
                }
                _ => Value::Typed(tag.clone(), Box::new(inner.to_value())),
            },
        }
    }
}

/// Octets in short, so that two that differ anywhere are told apart. Eight at a time, since bodies may be long.
pub fn condensed(octets: &[u8]) -> u64 {
    let mut words = octets.chunks_exact(8);
    let mix = |sum: u64, word: u64| {
        (sum ^ word)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(29)
    };
    let mut sum = octets.len() as u64;
    for word in &mut words {
        sum = mix(sum, u64::from_le_bytes(word.try_into().unwrap_or_default()));
    }
    let mut last = [0; 8];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    mix(mix(sum, u64::from_le_bytes(last)), 0)
}

/// Text where it can be read, else octets; a long run of one octet is a repetition.
fn octets_to_value(octets: &[u8]) -> Value {
    let text = |octets: &[u8]| Value::Text(vec![Piece::Literal(octets.to_vec())]);
    if let Some(first) = octets.first()
        && octets.len() > 64
        && octets.iter().all(|octet| octet == first)
        && (first.is_ascii_graphic() || *first == b' ')
    {
        let count = Value::Int(octets.len() as i128);
        return Value::Mul(Box::new(text(&[*first])), Box::new(count));
    }
    let readable = |text: &str| {
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\0'))
    };
    match std::str::from_utf8(octets) {
        Ok(string) if readable(string) => text(octets),
        _ => Value::Bytes(octets.to_vec()),
    }
}
