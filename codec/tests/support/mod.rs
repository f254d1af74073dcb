//! The command table read a second time, so that what is generated from it has a witness.

#![allow(dead_code, reason = "every test binary uses its own part of this")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// `protocol.json` itself.
pub fn protocol() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/amqp-0-9-1/protocol.json");
    let text = fs::read_to_string(file).expect("protocol.json is readable");
    serde_json::from_str(&text).expect("protocol.json is JSON")
}

/// Its commands.
pub fn commands() -> Vec<Value> {
    array(&protocol()["commands"])
}

/// The seeds of a fuzz target.
pub fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target)
}

pub fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

pub fn string(value: &Value) -> &str {
    value.as_str().expect("a string")
}

pub fn id(value: &Value) -> u16 {
    value
        .as_u64()
        .and_then(|id| id.try_into().ok())
        .expect("an id")
}

/// How a field of a payload is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Every field is zero or empty.
    Blank,
    /// Every field but the reserved ones has a value of its own.
    Values,
    /// The reserved ones too.
    ReservedToo,
}

/// The payload of a method frame.
pub fn payload(command: &Value, fill: Fill) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(id(&command["class"]).to_be_bytes());
    out.extend(id(&command["method"]).to_be_bytes());
    let mut bits: Option<(u8, u8)> = None;
    for (number, field) in array(&command["fields"]).iter().enumerate() {
        let number = number as u8 + 1;
        let filled = match fill {
            Fill::Blank => false,
            Fill::Values => field["reserved"] != true,
            Fill::ReservedToo => true,
        };
        if string(&field["type"]) == "bit" {
            let (octet, position) = bits.get_or_insert((0, 0));
            *octet |= u8::from(filled) << *position;
            *position += 1;
            continue;
        }
        out.extend(bits.take().map(|(octet, _)| octet));
        let text = format!("v{number}");
        match (string(&field["type"]), filled) {
            ("octet", filled) => out.push(if filled { number } else { 0 }),
            ("short", filled) => {
                out.extend((if filled { u16::from(number) } else { 0 }).to_be_bytes())
            }
            ("long", filled) => {
                out.extend((if filled { u32::from(number) } else { 0 }).to_be_bytes())
            }
            ("longlong", filled) => {
                out.extend((if filled { u64::from(number) } else { 0 }).to_be_bytes());
            }
            ("shortstr", true) => {
                out.push(text.len() as u8);
                out.extend(text.bytes());
            }
            ("shortstr", false) => out.push(0),
            ("longstr", true) => {
                out.extend((text.len() as u32).to_be_bytes());
                out.extend(text.bytes());
            }
            ("table", true) => out.extend([0, 0, 0, 4, 1, b'k', b't', 1]),
            ("longstr" | "table", false) => out.extend([0; 4]),
            (other, _) => panic!("unknown type {other}"),
        }
    }
    out.extend(bits.map(|(octet, _)| octet));
    out
}

/// How `Debug` shows the fields of [`Fill::Values`].
pub fn shown(command: &Value) -> Vec<String> {
    let fields = array(&command["fields"]);
    let shown = fields.iter().enumerate().filter_map(|(number, field)| {
        if field["reserved"] == true {
            return None;
        }
        let number = number + 1;
        let value = match string(&field["type"]) {
            "bit" => "true".to_owned(),
            "shortstr" => format!("\"v{number}\""),
            "longstr" => format!("b\"v{number}\""),
            "table" => "{\"k\": Boolean(true)}".to_owned(),
            _ => number.to_string(),
        };
        Some(format!(
            "{}: {value}",
            string(&field["name"]).replace('-', "_")
        ))
    });
    shown.collect()
}

/// A frame around a payload.
pub fn framed(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(channel.to_be_bytes());
    out.extend((payload.len() as u32).to_be_bytes());
    out.extend(payload);
    out.push(0xce);
    out
}
