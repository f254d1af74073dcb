//! One file for each class: a struct for each command.

use std::fmt::Write;

use super::names::{camel, is_stored, keep_parameter, keeper, kind, snake, stored_type};
use super::{Command, Field, Protocol, notice};

pub fn source(protocol: &Protocol, class: &str) -> String {
    let mut source = notice(&format!("The commands of class {class}."));
    let commands: Vec<_> = protocol.of_class(class).collect();
    if commands.iter().any(|command| is_generic(command)) {
        source.push_str("use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};\n\n");
    }
    let structs: Vec<_> = commands.into_iter().map(definition).collect();
    source + &structs.join("\n")
}

/// Whether the command has members that can be borrowed.
pub fn is_generic(command: &Command) -> bool {
    members(command).any(is_stored)
}

/// The fields that a struct has.
pub fn members(command: &Command) -> impl Iterator<Item = &Field> {
    command.fields.iter().filter(|field| !field.reserved)
}

/// How fuzzing makes up something over a storage.
pub const DRAWN: &str = "#[cfg_attr(\n    feature = \"arbitrary\",\n    \
     arbitrary(bound = \"S: crate::arbitrary::Drawn<'arbitrary>\")\n)]\n";

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
    let mut name = camel(&command.name);
    if is_generic(command) {
        out.push_str(DRAWN);
        name.push_str("<S: Storage = Owned>");
    }
    let members: Vec<_> = members(command).collect();
    if members.is_empty() {
        writeln!(out, "pub struct {name};").unwrap();
        return out;
    }
    writeln!(out, "pub struct {name} {{").unwrap();
    for field in members {
        writeln!(out, "    /// {}", kind(field)).unwrap();
        writeln!(
            out,
            "    pub {}: {},",
            snake(&field.name),
            stored_type(field)
        )
        .unwrap();
    }
    out.push_str("}\n");
    if is_generic(command) {
        out.push_str(&conversion(command));
    }
    out
}

/// No line between this and the struct: they are one thing, and the file stays short.
fn conversion(command: &Command) -> String {
    let name = camel(&command.name);
    let parameter = keep_parameter(members(command));
    let mut out = format!(
        "impl {name}<Borrowed<'_>> {{\n    /// A copy that can be kept.\n    \
             pub fn into_owned(self) -> {name} {{\n        self.keep(&Copying)\n    }}\n\n    \
             pub(crate) fn keep(self, {parameter}: &impl Keep) -> {name} {{\n        {name} {{\n"
    );
    for field in members(command) {
        let member = snake(&field.name);
        writeln!(out, "            {member}: self.{member}{},", keeper(field)).unwrap();
    }
    out.push_str("        }\n    }\n}\n");
    out
}
