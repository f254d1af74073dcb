//! One file for each class: how the arguments of its commands travel.

use std::fmt::Write;

use super::commands::{is_generic, members};
use super::names::{blank, camel, reader, skipper, snake, writer};
use super::{Command, Field, Protocol, notice};

pub fn source(protocol: &Protocol, class: &str) -> String {
    let commands: Vec<_> = protocol.of_class(class).collect();
    let mut source = notice(&format!("How the commands of class {class} travel."));
    source.push_str("use crate::error::DecodeError;\n");
    writeln!(source, "use crate::generated::{class}::*;").unwrap();
    source.push_str("use crate::method::{Arguments, MethodId, Parse};\n");
    source.push_str("use crate::reader::Reader;\nuse crate::sink::{Sink, Wire};\n");
    if commands.iter().any(|command| is_generic(command)) {
        source.push_str("use crate::storage::{Borrowed, Storage};\n");
    }
    for command in commands {
        source.push('\n');
        source.push_str(&implementation(command));
    }
    source
}

/// No line between the impls of one command: they are one thing, and the file stays short.
fn implementation(command: &Command) -> String {
    let name = camel(&command.name);
    let (storage, of_storage, borrowed) = if is_generic(command) {
        ("<S: Storage>", "<S>", "<Borrowed<'a>>")
    } else {
        ("", "", "")
    };
    format!(
        "impl{storage} Arguments for {name}{of_storage} {{\n    \
             const IDS: MethodId = MethodId::new({}, {});\n}}\n\
         impl{storage} Wire for {name}{of_storage} {{\n{}}}\n\
         impl<'a> Parse<'a> for {name}{borrowed} {{\n\
{}}}\n",
        command.class_id,
        command.method_id,
        write(command),
        parse(command),
    )
}

fn write(command: &Command) -> String {
    if command.fields.is_empty() {
        return "    #[inline]\n    fn write<O: Sink>(&self, _out: &mut O) {}\n".to_owned();
    }
    let mut out = "    #[inline]\n    fn write<O: Sink>(&self, out: &mut O) {\n".to_owned();
    for run in runs(&command.fields) {
        write_run(run, &mut out);
    }
    out.push_str("    }\n");
    out
}

fn parse(command: &Command) -> String {
    let reader = if command.fields.is_empty() {
        "_reader"
    } else {
        "reader"
    };
    let mut out = format!(
        "    #[inline(always)]\n    \
         fn parse({reader}: &mut Reader<'a>) -> Result<Self, DecodeError> {{\n"
    );
    for run in runs(&command.fields) {
        parse_run(run, &mut out);
    }
    let members: Vec<_> = members(command).map(|field| snake(&field.name)).collect();
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
    out.push_str("    }\n");
    out
}

/// Adjacent bits share octets, eight to each; every other field stands alone (MTH-03).
fn runs(fields: &[Field]) -> Vec<&[Field]> {
    fields
        .chunk_by(|a, b| a.kind == "bit" && b.kind == "bit")
        .flat_map(|run| run.chunks(8))
        .collect()
}

fn parse_run(run: &[Field], out: &mut String) {
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

fn write_run(run: &[Field], out: &mut String) {
    let first = &run[0];
    if first.kind != "bit" {
        if first.reserved {
            writeln!(out, "        {}", blank(first)).unwrap();
            return;
        }
        let (method, member) = (writer(first), snake(&first.name));
        let place = match method {
            "short_str" | "long_str" => format!("&self.{member}"),
            _ => format!("self.{member}"),
        };
        writeln!(out, "        out.{method}({place});").unwrap();
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
        [one] => writeln!(out, "        out.octet({one});").unwrap(),
        [one, more @ ..] => {
            writeln!(out, "        let mut bits = {one};").unwrap();
            for bit in more {
                writeln!(out, "        bits |= {bit};").unwrap();
            }
            out.push_str("        out.octet(bits);\n");
        }
    }
}
