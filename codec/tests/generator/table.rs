//! What is about all commands at once: the modules, the table behind `Method`, the reply codes.

use std::fmt::Write;

use super::commands::is_generic;
use super::names::camel;
use super::{Command, Protocol, notice};

pub fn modules(protocol: &Protocol) -> String {
    let mut names: Vec<_> = protocol
        .classes
        .iter()
        .map(|class| format!("pub mod {class};\n"))
        .chain([
            "pub mod methods;\n".to_owned(),
            "pub mod properties;\n".to_owned(),
            "pub mod reply_code;\n".to_owned(),
            "mod wire;\n".to_owned(),
        ])
        .collect();
    names.sort_by_key(|line| line.trim_start_matches("pub ").to_owned());
    notice("The command table in Rust.") + &names.concat()
}

pub fn wires(protocol: &Protocol) -> String {
    let mut names: Vec<_> = protocol
        .classes
        .iter()
        .map(|class| format!("mod {class};\n"))
        .collect();
    names.sort();
    notice("How the commands travel.") + &names.concat()
}

/// The inside of a macro call is laid out by hand, one command on a line.
pub fn methods(protocol: &Protocol) -> String {
    let mut source = notice("The command table, one line for each command.");
    let mut classes = protocol.classes.clone();
    classes.sort();
    source.push_str("use crate::error::{DecodeError, Fault};\n");
    writeln!(source, "use crate::generated::{{{}}};", classes.join(", ")).unwrap();
    source.push_str("use crate::method::{\n    CLIENT, CONTENT, Command, Facts, MethodId, ");
    source.push_str("SERVER, SYNC, kept, methods, parse,\n};\n");
    source.push_str("use crate::sink::{Sink, Wire};\n");
    source.push_str("use crate::storage::{Borrowed, Keep, Owned, Storage};\n\nmethods! {\n");
    for command in &protocol.commands {
        writeln!(source, "    {}", line(protocol, command)).unwrap();
    }
    source.push_str("}\n");
    source
}

fn line(protocol: &Protocol, command: &Command) -> String {
    let traits: Vec<_> = [
        (command.client, "CLIENT"),
        (command.server, "SERVER"),
        (command.sync, "SYNC"),
        (command.content, "CONTENT"),
    ]
    .into_iter()
    .filter_map(|(has, name)| has.then_some(name))
    .collect();
    let replies: Vec<_> = command
        .replies
        .iter()
        .map(|reply| {
            let mut commands = protocol.commands.iter();
            let reply = commands.find(|command| command.full_name() == *reply);
            let reply = reply.expect("a reply that is a command");
            format!("({}, {})", reply.class_id, reply.method_id)
        })
        .collect();
    let storage = if is_generic(command) { "<S>" } else { "" };
    format!(
        "{}{}({}::{}{storage}) = ({}, {}) \"{}\" [{}] => [{}];",
        camel(&command.class),
        camel(&command.name),
        command.class,
        camel(&command.name),
        command.class_id,
        command.method_id,
        command.full_name(),
        traits.join(" | "),
        replies.join(", ")
    )
}

pub fn reply_codes(protocol: &Protocol) -> String {
    let mut source =
        notice("The reply codes of `connection.close`, `channel.close` and `basic.return`.");
    source.pop();
    let constant = |name: &str| name.replace('-', "_").to_uppercase();
    for (name, value, origin) in &protocol.reply_codes {
        write!(
            source,
            "\n/// `{name}`; {origin}.\npub const {}: u16 = {value};\n",
            constant(name)
        )
        .unwrap();
    }
    source.push_str(
        "\n/// The name that brokers write in front of the reason, such as `NOT_FOUND`.\n",
    );
    source.push_str("pub fn name(code: u16) -> Option<&'static str> {\n    Some(match code {\n");
    for (name, ..) in &protocol.reply_codes {
        let constant = constant(name);
        writeln!(source, "        {constant} => \"{constant}\",").unwrap();
    }
    source.push_str("        _ => return None,\n    })\n}\n");
    source
}
