//! The properties of class basic.

use std::fmt::Write;

use super::commands::DRAWN;
use super::names::{keeper, kind, reader, skipper, snake, stored_type, writer};
use super::{Field, Protocol, notice};

pub fn source(protocol: &Protocol) -> String {
    let properties = &protocol.properties;
    let mut out = notice("The properties of class basic, in the order of their flags (CNT-10).");
    out.push_str(
        "use crate::error::DecodeError;\n\
         use crate::reader::Reader;\n\
         use crate::sink::{Sink, Wire};\n\
         use crate::storage::{Borrowed, Keep, Owned, Storage};\n\n\
         /// The properties of a content of class basic; an absent one is `None`.\n\
         #[derive(Debug, Clone, Default, PartialEq, Eq)]\n\
         #[cfg_attr(feature = \"arbitrary\", derive(arbitrary::Arbitrary))]\n",
    );
    out.push_str(DRAWN);
    out.push_str("pub struct BasicProperties<S: Storage = Owned> {\n");
    for field in properties {
        writeln!(out, "    /// {}", kind(field)).unwrap();
        writeln!(
            out,
            "    pub {}: Option<{}>,",
            snake(&field.name),
            stored_type(field)
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
        "    Ok(())\n}\n\n/// Puts the properties that `flags` announce into their places.\n\
         pub(crate) fn parse<'a>(\n    flags: u16,\n    reader: &mut Reader<'a>,\n    \
             properties: &mut BasicProperties<Borrowed<'a>>,\n\
         ) -> Result<(), DecodeError> {\n",
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
        "    Ok(())\n}\n\n/// The same properties, to be kept.\n\
         pub(crate) fn keep(\
             properties: BasicProperties<Borrowed<'_>>, keep: &impl Keep\
         ) -> BasicProperties {\n    BasicProperties {\n",
    );
    for field in properties {
        let member = snake(&field.name);
        let keeper = match keeper(field) {
            "" => "",
            ".keep(keep)" => ".map(|table| table.keep(keep))",
            _ => ".map(|text| text.into_owned())",
        };
        writeln!(out, "        {member}: properties.{member}{keeper},").unwrap();
    }
    out.push_str(
        "    }\n}\n\nimpl<S: Storage> Wire for BasicProperties<S> {\n    \
         fn write<O: Sink>(&self, out: &mut O) {\n        let mut flags = 0;\n",
    );
    for (field, flag) in flagged(properties) {
        let member = snake(&field.name);
        write!(
            out,
            "        if self.{member}.is_some() {{\n            flags |= {flag};\n        }}\n"
        )
        .unwrap();
    }
    out.push_str("        out.short(flags);\n");
    for field in properties {
        let member = snake(&field.name);
        let value = if member == "r#type" { "value" } else { &member };
        let (method, deref) = match writer(field) {
            method @ ("short_str" | "long_str") => (method, ""),
            method => (method, "*"),
        };
        write!(
            out,
            "        if let Some({value}) = &self.{member} {{\n            \
             out.{method}({deref}{value});\n        }}\n"
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
