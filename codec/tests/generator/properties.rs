//! The properties of class basic.

use std::fmt::Write;

use super::names::{kind, reader, rust_type, skipper, snake, writer};
use super::{Field, Protocol, notice};

pub fn source(protocol: &Protocol) -> String {
    let properties = &protocol.properties;
    let mut out = notice("The properties of class basic, in the order of their flags (CNT-10).");
    out.push_str(
        "use bytes::{BufMut, BytesMut};\n\n\
         use crate::error::DecodeError;\n\
         use crate::reader::Reader;\n\
         use crate::types::{FieldTable, ShortStr};\n\n\
         /// The properties of a content of class basic; an absent one is `None`.\n\
         #[derive(Debug, Clone, Default, PartialEq, Eq)]\n\
         #[cfg_attr(feature = \"arbitrary\", derive(arbitrary::Arbitrary))]\n\
         pub struct BasicProperties {\n",
    );
    for field in properties {
        writeln!(out, "    /// {}", kind(field)).unwrap();
        writeln!(
            out,
            "    pub {}: Option<{}>,",
            snake(&field.name),
            rust_type(field)
        )
        .unwrap();
    }
    out.push_str(
        "}\n\n/// Holds the properties that `flags` announce to the rules, and keeps none.\n\
         pub(crate) fn check(flags: u16, reader: &mut Reader<'_>) -> Result<(), DecodeError> {\n",
    );
    for (field, flag) in flagged(properties) {
        write!(
            out,
            "    if flags & {flag} != 0 {{\n        reader.{}(\"{}\")?;\n    }}\n",
            skipper(field),
            field.name
        )
        .unwrap();
    }
    out.push_str(
        "    Ok(())\n}\n\n/// Reads the properties that `flags` announce.\n\
         pub(crate) fn read(flags: u16, reader: &mut Reader<'_>) -> Result<BasicProperties, DecodeError> {\n    \
         let mut properties = BasicProperties::default();\n",
    );
    for (field, flag) in flagged(properties) {
        write!(
            out,
            "    if flags & {flag} != 0 {{\n        properties.{} = Some(reader.{}(\"{}\")?);\n    }}\n",
            snake(&field.name),
            reader(field),
            field.name
        )
        .unwrap();
    }
    out.push_str(
        "    Ok(properties)\n}\n\nimpl BasicProperties {\n    \
         /// Appends the flags and the list of those present.\n    \
         pub(crate) fn encode(&self, out: &mut BytesMut) {\n        let mut flags = 0;\n",
    );
    for (field, flag) in flagged(properties) {
        let member = snake(&field.name);
        write!(
            out,
            "        if self.{member}.is_some() {{\n            flags |= {flag};\n        }}\n"
        )
        .unwrap();
    }
    out.push_str("        out.put_u16(flags);\n");
    for field in properties {
        let member = snake(&field.name);
        let value = if member == "r#type" { "value" } else { &member };
        write!(
            out,
            "        if let Some({value}) = &self.{member} {{\n            {}\n        }}\n",
            writer(field, value)
        )
        .unwrap();
    }
    out.push_str("    }\n}\n");
    out
}

/// Each property with its flag: bit 15 for the first, and so on down.
fn flagged(properties: &[Field]) -> impl Iterator<Item = (&Field, String)> {
    let flags = (0..16).rev().map(|bit| format!("{:#06x}", 1u16 << bit));
    properties.iter().zip(flags)
}
