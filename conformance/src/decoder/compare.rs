//! Values of a frame held against what a program says they are, in whatever way its language writes them.

use mqspec_specs::Type;
use serde_json::{Map, Value};

use super::answer::plain;
use crate::corpus::export::hex;
use crate::dialect::Datum;

/// A value that is not what the frame holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The tag of the value if it is within a table, or its type.
    pub kind: String,
    /// Where it is: an argument's name, and names and places within it.
    pub path: String,
    /// What the frame holds.
    pub wanted: String,
    /// What the program says.
    pub got: String,
}

/// The first difference between an argument, or a property, and what the program says it is.
pub fn argument(name: &str, native: Type, wanted: &Datum, got: &Value) -> Option<Difference> {
    let kind = format!("{native:?}").to_lowercase();
    value(name, &kind, wanted, got)
}

fn value(path: &str, kind: &str, wanted: &Datum, got: &Value) -> Option<Difference> {
    let (kind, wanted) = match wanted {
        Datum::Typed(tag, inner) => (format!("tag {tag}"), &**inner),
        other => (kind.to_owned(), other),
    };
    let differs = || {
        Some(Difference {
            kind: kind.clone(),
            path: path.to_owned(),
            wanted: shown(wanted),
            got: super::answer::brief(&got.to_string()),
        })
    };
    let same = match wanted {
        Datum::Bool(flag) => match got {
            Value::Bool(other) => other == flag,
            other => integer(other) == Some(i128::from(*flag)),
        },
        Datum::Int(number) => match got {
            Value::Bool(flag) => i128::from(*flag) == *number,
            other => integer(other) == Some(*number),
        },
        Datum::Float(number) => float(*number, kind == "tag f", got),
        Datum::Octets(octets) => text(octets, got),
        Datum::Void => got.is_null(),
        Datum::Array(parts) if kind == "tag D" => decimal(parts, got),
        Datum::Array(values) => {
            let Value::Array(others) = got else {
                return differs();
            };
            if values.len() != others.len() {
                return differs();
            }
            let pairs = values.iter().zip(others).enumerate();
            return pairs
                .filter_map(|(place, (wanted, got))| {
                    value(&format!("{path}[{place}]"), &kind, wanted, got)
                })
                .next();
        }
        Datum::Table(pairs) => {
            let Value::Object(others) = got else {
                return differs();
            };
            return table(path, &kind, pairs, others)
                .or_else(|| (pairs.len() != others.len()).then(differs).flatten());
        }
        Datum::Typed(..) => return value(path, &kind, wanted, got),
    };
    if same { None } else { differs() }
}

fn table(
    path: &str,
    kind: &str,
    pairs: &[(String, Datum)],
    others: &Map<String, Value>,
) -> Option<Difference> {
    pairs.iter().find_map(|(name, wanted)| {
        let path = format!("{path}.{name}");
        match others.get(name) {
            Some(got) => value(&path, kind, wanted, got),
            None => Some(Difference {
                kind: match wanted {
                    Datum::Typed(tag, _) => format!("tag {tag}"),
                    _ => kind.to_owned(),
                },
                path,
                wanted: shown(wanted),
                got: "nothing of that name".to_owned(),
            }),
        }
    })
}

/// A whole number, as a number or in decimal digits: not every language has 64 bits in its numbers.
pub fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => Some(number.into()),
            (_, Some(number), _) => Some(number.into()),
            (_, _, Some(number)) if number.fract() == 0.0 => Some(number as i128),
            _ => None,
        },
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A number with a fraction. JSON has no infinities: they are text; what is no number may be null.
fn float(wanted: f64, single: bool, got: &Value) -> bool {
    let got = match got {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.to_lowercase().as_str() {
            "nan" => Some(f64::NAN),
            "inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
            "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
            other => other.parse().ok(),
        },
        Value::Null => return !wanted.is_finite(),
        _ => None,
    };
    got.is_some_and(|got| match single {
        // The shortest digits of a single are not those of the double that it equals.
        true => got as f32 == wanted as f32 || got.is_nan() && wanted.is_nan(),
        false => got == wanted || got.is_nan() && wanted.is_nan(),
    })
}

/// Text, or octets as `{"hex": "…"}`.
fn text(wanted: &[u8], got: &Value) -> bool {
    match got {
        Value::String(text) => text.as_bytes() == wanted,
        Value::Object(object) => object
            .get("hex")
            .and_then(Value::as_str)
            .is_some_and(|digits| digits.to_lowercase() == hex(wanted)),
        _ => false,
    }
}

/// A decimal: `[scale, digits]`, an object with these names, or the number that they make, as a number or as text.
/// Whether the digits are signed the text leaves open (DAT-08).
fn decimal(wanted: &[Datum], got: &Value) -> bool {
    let [scale, digits] = wanted else {
        return false;
    };
    let (Some(scale), Some(digits)) = (scale.int(), digits.int()) else {
        return false;
    };
    let signed = i128::from(digits as u32 as i32);
    let is = |number: i128| number == digits || number == signed;
    match got {
        Value::Array(parts) => {
            let parts: Vec<Option<i128>> = parts.iter().map(integer).collect();
            matches!(parts.as_slice(), [Some(s), Some(d)] if *s == scale && is(*d))
        }
        Value::Object(parts) => {
            let of = |names: &[&str]| {
                let mut found = parts
                    .iter()
                    .filter(|(name, _)| names.contains(&plain(name).as_str()));
                found.next().and_then(|(_, value)| integer(value))
            };
            of(&["scale", "places", "decimals"]) == Some(scale)
                && of(&["value", "digits"]).is_some_and(is)
        }
        other => {
            let text = match other {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return false,
            };
            let wanted = [digits, signed].map(|digits| reduced(digits, -scale));
            match scientific(&text) {
                Some(number) => {
                    // What a language keeps as a double may have lost digits, or gone to nought.
                    let near = |(digits, power): (i128, i128)| {
                        let exact = digits as f64 * 10f64.powi(power as i32);
                        matches!(other, Value::Number(_))
                            && text
                                .parse::<f64>()
                                .is_ok_and(|got| (got - exact).abs() <= exact.abs() * 1e-15)
                    };
                    wanted.contains(&number) || wanted.into_iter().any(near)
                }
                None => false,
            }
        }
    }
}

/// Digits and a power of ten, without noughts at the end.
fn reduced(mut digits: i128, mut power: i128) -> (i128, i128) {
    if digits == 0 {
        return (0, 0);
    }
    while digits % 10 == 0 {
        digits /= 10;
        power += 1;
    }
    (digits, power)
}

fn scientific(text: &str) -> Option<(i128, i128)> {
    let text = text.to_lowercase();
    let (number, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i128 = power.parse().ok()?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}").parse().ok()?;
    Some(reduced(digits, power - fraction.len() as i128))
}

/// A value in the notation, shortened.
pub fn shown(value: &Datum) -> String {
    super::answer::brief(&value.to_value().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn typed(tag: &str, value: Datum) -> Datum {
        Datum::Typed(tag.to_owned(), Box::new(value))
    }

    fn same(wanted: Datum, got: Value) -> bool {
        value("v", "table", &wanted, &got).is_none()
    }

    #[test]
    fn a_value_may_be_written_as_languages_do() {
        let decimal = || typed("D", Datum::Array(vec![Datum::Int(2), Datum::Int(315)]));
        for got in [
            json!([2, 315]),
            json!({"scale": 2, "value": 315}),
            json!("3.15"),
            json!(3.15),
            json!("315E-2"),
        ] {
            assert!(same(decimal(), got.clone()), "{got}");
        }
        assert!(!same(decimal(), json!("31.5")));
        assert!(same(Datum::Octets(vec![0xFF]), json!({"hex": "FF"})));
        assert!(
            same(Datum::text("ü"), json!("ü")) && same(Datum::text("ü"), json!({"hex": "c3bc"}))
        );
        assert!(!same(Datum::text("a"), json!("b")));
        assert!(same(
            Datum::Int(u64::MAX.into()),
            json!("18446744073709551615")
        ));
        assert!(same(Datum::Int(u64::MAX.into()), json!(u64::MAX)));
        assert!(!same(
            Datum::Int(u64::MAX.into()),
            json!(18446744073709552000.0)
        ));
        assert!(same(Datum::Bool(true), json!(1)) && !same(Datum::Bool(true), json!(0)));
        assert!(same(
            typed("f", Datum::Float(f64::from(0.1_f32))),
            json!(0.1)
        ));
        assert!(same(
            typed("d", Datum::Float(f64::INFINITY)),
            json!("Infinity")
        ));
        assert!(same(typed("V", Datum::Void), json!(null)));
    }

    #[test]
    fn a_difference_is_named_where_it_is() {
        let wanted = Datum::Table(vec![(
            "a".into(),
            typed("A", Datum::Array(vec![typed("b", Datum::Int(-1))])),
        )]);
        let found = value("headers", "table", &wanted, &json!({"a": [255]})).expect("a difference");
        assert_eq!(
            (found.kind.as_str(), found.path.as_str()),
            ("tag b", "headers.a[0]")
        );
        let found = value("headers", "table", &wanted, &json!({})).expect("a difference");
        assert_eq!(found.got, "nothing of that name");
        assert!(value("headers", "table", &wanted, &json!({"a": [-1], "b": 1})).is_some());
    }
}
