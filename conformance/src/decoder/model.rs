//! A decoder that answers as it should: for its authors to look at, and for this crate's tests.

use serde_json::{Map, Value, json};

use crate::corpus::export::hex;
use crate::dialect::Datum;
use crate::dialect::amqp::{Frame, inspect};

/// The line for one frame's octets.
pub fn answer(octets: &[u8]) -> Value {
    match inspect(octets).as_slice() {
        [frame] => match &frame.fault {
            None if frame.length == octets.len() => json!({ "ok": told(frame) }),
            None => json!({ "error": "octets behind the frame" }),
            Some(fault) => json!({ "error": fault.what }),
        },
        frames => json!({ "error": format!("{} frames", frames.len()) }),
    }
}

/// A frame in the form that [`Decoded`](super::answer::Decoded) reads.
fn told(frame: &Frame) -> Value {
    let mut said = Map::new();
    said.insert("type".to_owned(), json!(frame.kind.replace(' ', "-")));
    if let Some(channel) = frame.channel {
        said.insert("channel".to_owned(), json!(channel));
    }
    let own = |name: &str| ["class-id", "weight", "body-size"].contains(&name);
    let mut fields = Map::new();
    for (name, value) in &frame.fields {
        match frame.kind {
            "body" => {
                said.insert(
                    "body".to_owned(),
                    json!(hex(value.octets().unwrap_or_default())),
                );
            }
            "header" if own(name) => {
                said.insert(name.clone(), plain(value));
            }
            "header" if name == "flags" => {}
            "protocol header" => {
                said.insert(name.clone(), plain(value));
            }
            _ => {
                fields.insert(name.clone(), plain(value));
            }
        }
    }
    match frame.kind {
        "method" => {
            said.insert("method".to_owned(), json!(frame.command));
            said.insert("fields".to_owned(), Value::Object(fields));
        }
        "header" => {
            said.insert("properties".to_owned(), Value::Object(fields));
        }
        _ => {}
    }
    Value::Object(said)
}

fn plain(value: &Datum) -> Value {
    match value.bare() {
        Datum::Bool(flag) => json!(flag),
        Datum::Int(number) => match (i64::try_from(*number), u64::try_from(*number)) {
            (Ok(number), _) => json!(number),
            (_, Ok(number)) => json!(number),
            _ => json!(number.to_string()),
        },
        Datum::Float(number) if number.is_finite() => json!(number),
        Datum::Float(number) => json!(number.to_string()),
        Datum::Octets(octets) => match std::str::from_utf8(octets) {
            Ok(text) => json!(text),
            Err(_) => json!({ "hex": hex(octets) }),
        },
        Datum::Table(pairs) => pairs
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        Datum::Array(values) => values.iter().map(plain).collect(),
        Datum::Void | Datum::Typed(..) => Value::Null,
    }
}
