//! One file for each class: a struct for each command, and how its arguments travel.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::names::{blank, camel, kind, reader, rust_type, skipper, snake, writer};
use super::{Command, Field, Protocol, notice};

pub fn source(protocol: &Protocol, class: &str) -> String {
    let commands: Vec<_> = protocol
        .commands
        .iter()
        .filter(|command| command.class == class)
        .collect();
    let mut body = String::new();
    for command in &commands {
        body.push('\n');
        // No line between: a struct and its impl are one thing, and the file stays short.
        body.push_str(&definition(command));
        body.push_str(&implementation(command));
    }
    let mut source = notice(&format!("The commands of class {class}."));
    let buffer = if body.contains("out.put_") {
        "{BufMut, BytesMut}"
    } else {
        "BytesMut"
    };
    write!(source, "use bytes::{buffer};\n\n").unwrap();
    source.push_str("use crate::error::DecodeError;\n");
    source.push_str("use crate::method::Arguments;\n");
    source.push_str("use crate::reader::Reader;\n");
    let types: BTreeSet<_> = commands
        .iter()
        .flat_map(|command| &command.fields)
        .filter(|field| !field.reserved)
        .map(rust_type)
        .filter(|name| name.starts_with(char::is_uppercase))
        .collect();
    match types.iter().copied().collect::<Vec<_>>().as_slice() {
        [] => {}
        [one] => writeln!(source, "use crate::types::{one};").unwrap(),
        many => writeln!(source, "use crate::types::{{{}}};", many.join(", ")).unwrap(),
    }
    source.push_str(&body);
    source
}

fn definition(command: &Command) -> String {
    let mut out = format!(
        "/// `{}`: class {}, method {}; {}.\n\
         #[derive(Debug, Clone, Default, PartialEq, Eq)]\n\
         #[cfg_attr(feature = \"arbitrary\", derive(arbitrary::Arbitrary))]\n",
        command.full_name(),
        command.class_id,
        command.method_id,
        command.origin
    );
    let name = camel(&command.name);
    let members: Vec<_> = members(command).collect();
    if members.is_empty() {
        writeln!(out, "pub struct {name};").unwrap();
        return out;
    }
    writeln!(out, "pub struct {name} {{").unwrap();
    for field in members {
        writeln!(out, "    /// {}", kind(field)).unwrap();
        writeln!(out, "    pub {}: {},", snake(&field.name), rust_type(field)).unwrap();
    }
    out.push_str("}\n");
    out
}

fn implementation(command: &Command) -> String {
    let name = camel(&command.name);
    let mut out = format!("impl Arguments for {name} {{\n");
    let members: Vec<_> = members(command).map(|field| snake(&field.name)).collect();
    if command.fields.is_empty() {
        out.push_str(
            "    fn decode(_reader: &mut Reader<'_>) -> Result<Self, DecodeError> {\n\
             \x20       Ok(Self)\n    }\n\n\
             \x20   fn encode(&self, _out: &mut BytesMut) {}\n}\n",
        );
        return out;
    }
    out.push_str("    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {\n");
    for run in runs(&command.fields) {
        decode_run(run, &mut out);
    }
    let line = members.join(", ");
    if members.is_empty() {
        out.push_str("        Ok(Self)\n");
    } else if line.len() <= 18 {
        writeln!(out, "        Ok(Self {{ {line} }})").unwrap();
    } else {
        out.push_str("        Ok(Self {\n");
        for member in &members {
            writeln!(out, "            {member},").unwrap();
        }
        out.push_str("        })\n");
    }
    out.push_str("    }\n\n    fn encode(&self, out: &mut BytesMut) {\n");
    for run in runs(&command.fields) {
        encode_run(run, &mut out);
    }
    out.push_str("    }\n}\n");
    out
}

fn members(command: &Command) -> impl Iterator<Item = &Field> {
    command.fields.iter().filter(|field| !field.reserved)
}

/// Adjacent bits share octets, eight to each; every other field stands alone (MTH-03).
fn runs(fields: &[Field]) -> Vec<&[Field]> {
    fields
        .chunk_by(|a, b| a.kind == "bit" && b.kind == "bit")
        .flat_map(|run| run.chunks(8))
        .collect()
}

fn decode_run(run: &[Field], out: &mut String) {
    let first = &run[0];
    if first.kind != "bit" {
        let name = &first.name;
        if first.reserved {
            writeln!(out, "        reader.{}(\"{name}\")?;", skipper(first)).unwrap();
        } else {
            let (member, read) = (snake(name), reader(first));
            writeln!(out, "        let {member} = reader.{read}(\"{name}\")?;").unwrap();
        }
        return;
    }
    let kept: Vec<_> = run
        .iter()
        .enumerate()
        .filter(|(_, bit)| !bit.reserved)
        .collect();
    let binding = if kept.is_empty() { "" } else { "let bits = " };
    writeln!(out, "        {binding}reader.octet(\"{}\")?;", first.name).unwrap();
    for (position, bit) in kept {
        let member = snake(&bit.name);
        let mask = 1 << position;
        writeln!(out, "        let {member} = bits & {mask:#04x} != 0;").unwrap();
    }
}

fn encode_run(run: &[Field], out: &mut String) {
    let first = &run[0];
    if first.kind != "bit" {
        let statement = if first.reserved {
            blank(first).to_owned()
        } else {
            writer(first, &format!("self.{}", snake(&first.name)))
        };
        writeln!(out, "        {statement}").unwrap();
        return;
    }
    let bits: Vec<_> = run
        .iter()
        .enumerate()
        .filter(|(_, bit)| !bit.reserved)
        .map(|(position, bit)| {
            let octet = format!("u8::from(self.{})", snake(&bit.name));
            match position {
                0 => octet,
                position => format!("{octet} << {position}"),
            }
        })
        .collect();
    match bits.as_slice() {
        [] => writeln!(out, "        {}", blank(first)).unwrap(),
        [one] => writeln!(out, "        out.put_u8({one});").unwrap(),
        [one, more @ ..] => {
            writeln!(out, "        let mut bits = {one};").unwrap();
            for bit in more {
                writeln!(out, "        bits |= {bit};").unwrap();
            }
            out.push_str("        out.put_u8(bits);\n");
        }
    }
}
