//! What both adapters share: lines in and out, and values as serde writes them made plain.

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

/// Answers each line of hexadecimal digits. A panic ends the program, as it would end a client.
pub fn answer(decode: fn(&[u8]) -> Result<Value, String>) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let digits = line.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or("zz"));
        let octets: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).expect("two digits an octet")).collect();
        let said = match catch_unwind(AssertUnwindSafe(|| decode(&octets))) {
            Ok(Ok(ok)) => ok,
            Ok(Err(error)) => json!({ "error": error }),
            Err(_) => std::process::exit(101),
        };
        println!("{said}");
        std::io::stdout().flush().expect("somebody reads");
    }
}

/// `{"LongInt": 5}` is 5, a list of octets is `{"hex": "…"}`, and a length before a text or a list is left out.
pub fn plain(value: Value) -> Value {
    match value {
        Value::Object(map) if map.len() == 1 => match map.into_iter().next().expect("one") {
            (kind, Value::Array(octets)) if kind == "LongString" || kind == "ByteArray" => hex(&octets),
            (tag, Value::Array(parts)) if tag == "x" => match parts.get(1) {
                Some(Value::Array(octets)) => hex(octets),
                _ => Value::Null,
            },
            (kind, inner) if kind == "DecimalValue" || kind == "D" => inner,
            (kind, Value::Object(table)) if kind == "FieldTable" => entries(table),
            (kind, inner) if kind.starts_with(char::is_uppercase) || kind.len() == 1 => plain(inner),
            (name, inner) => json!({ name: plain(inner) }),
        },
        Value::Object(map) => entries(map),
        Value::Array(values) => match values.as_slice() {
            [Value::Number(_), Value::String(text)] => json!(text),
            [Value::Number(_), Value::Array(inner)] => inner.iter().cloned().map(plain).collect(),
            [Value::Number(_), Value::Object(inner)] => entries(inner.clone()),
            _ => values.into_iter().map(plain).collect(),
        },
        Value::String(text) if text == "Void" || text == "V" => Value::Null,
        other => other,
    }
}

/// The values of a table, whose names are kept.
pub fn entries(table: serde_json::Map<String, Value>) -> Value {
    table.into_iter().map(|(name, value)| (name, plain(value))).collect()
}

fn hex(octets: &[Value]) -> Value {
    let digits: String = octets.iter().map(|octet| format!("{:02x}", octet.as_u64().unwrap_or(0))).collect();
    json!({ "hex": digits })
}
