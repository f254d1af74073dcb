//! A protocol's classes, commands, fields, domains, constants and reply pairs.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Problem;

/// The native types of AMQP 0-9-1 §4.2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// One bit; neighbours share octets from the low bit up.
    Bit,
    /// One octet.
    Octet,
    /// Two octets.
    Short,
    /// Four octets.
    Long,
    /// Eight octets.
    Longlong,
    /// Up to 255 octets of UTF-8 behind one octet of length.
    Shortstr,
    /// Any octets behind four octets of length.
    Longstr,
    /// POSIX seconds in eight octets.
    Timestamp,
    /// A field table behind four octets of length.
    Table,
}

/// Who may send a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Peer {
    /// The program that connected.
    Client,
    /// The broker.
    Server,
}

/// One argument of a command, or one property of a content.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// How it is written.
    #[serde(rename = "type")]
    pub native: Type,
    /// The domain, where it is more than the native type.
    pub domain: Option<String>,
    /// Whether it is sent as zero or empty and ignored on receipt.
    #[serde(default)]
    pub reserved: bool,
    /// What its value has to satisfy.
    #[serde(default)]
    pub asserts: Vec<String>,
}

/// The field that acknowledges, and the flag by which it stands for all before it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cumulative {
    /// The field with the number that is settled.
    pub field: String,
    /// The bit that extends it to all numbers before.
    pub flag: String,
}

/// One command, which the AMQP text calls a method.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// Class and method, such as `queue.declare`.
    pub name: String,
    /// The class id.
    pub class: u16,
    /// The method id within the class.
    pub method: u16,
    /// Who may send it.
    pub sent_by: Vec<Peer>,
    /// Whether it is a request that waits for its reply, or such a reply.
    pub sync: bool,
    /// The commands that answer it.
    #[serde(default)]
    pub replies: Vec<String>,
    /// Whether a content (header and body) follows.
    #[serde(default)]
    pub content: bool,
    /// Where it is defined.
    pub origin: String,
    /// `required` or `beyond` for the commands that the suite's coverage counts.
    pub table: Option<String>,
    /// Set for acknowledgements that may stand for all before them.
    pub cumulative: Option<Cumulative>,
    /// Its arguments in the order of the wire.
    pub fields: Vec<Field>,
}

impl Command {
    /// The part of the name before the dot.
    pub fn class_name(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The bit that asks for no reply, if it has one.
    pub fn no_wait(&self) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.domain.as_deref() == Some("no-wait"))
    }

    /// Whether that peer may send it.
    pub fn sent_by(&self, peer: Peer) -> bool {
        self.sent_by.contains(&peer)
    }
}

/// A class of commands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: u16,
    /// The properties of its content header, from the highest flag bit down.
    #[serde(default)]
    pub properties: Vec<Field>,
}

/// A named number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: u16,
    /// `soft-error` or `hard-error` for reply codes of failures.
    pub class: Option<String>,
    /// What such a failure closes: `channel` or `connection`.
    pub scope: Option<String>,
    /// Where it is defined.
    pub origin: String,
}

/// A named type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// How it is written.
    #[serde(rename = "type")]
    pub native: Type,
    /// What its values have to satisfy.
    #[serde(default)]
    pub asserts: Vec<String>,
}

/// Name, version and the first octets of a protocol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The port that servers listen on.
    pub port: u16,
    /// What a client sends first.
    pub header: Vec<u8>,
}

/// A protocol's table.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// Name and version.
    pub about: About,
    /// Named numbers.
    pub constants: Vec<Constant>,
    /// Named types.
    pub domains: Vec<Domain>,
    /// Classes of commands.
    pub classes: Vec<Class>,
    /// All commands.
    pub commands: Vec<Command>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<(u16, u16), usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    protocol: About,
    #[serde(borrow)]
    constants: Vec<&'a RawValue>,
    #[serde(borrow)]
    domains: Vec<&'a RawValue>,
    #[serde(borrow)]
    classes: Vec<&'a RawValue>,
    #[serde(borrow)]
    commands: Vec<&'a RawValue>,
}

/// A file under inspection: gives every finding its line.
struct Inspector<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Inspector<'a> {
    /// The entries of one list, each with its octet offset in the file.
    fn entries<T: Deserialize<'a>>(
        &self,
        raw: Vec<&'a RawValue>,
    ) -> Result<Vec<(usize, T)>, Problem> {
        raw.into_iter()
            .map(|raw| {
                let offset = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
                let entry = serde_json::from_str(raw.get())
                    .map_err(|error| self.problem(offset, error.to_string()))?;
                Ok((offset, entry))
            })
            .collect()
    }

    fn problem(&self, offset: usize, message: impl Into<String>) -> Problem {
        Problem::at(self.file, self.text, offset, message)
    }

    fn field(
        &self,
        offset: usize,
        field: &Field,
        domains: &[Domain],
        owner: &str,
    ) -> Result<(), Problem> {
        let Some(name) = &field.domain else {
            return Ok(());
        };
        let problem = |message| Err(self.problem(offset, message));
        match domains.iter().find(|domain| domain.name == *name) {
            None => problem(format!(
                "{owner}: field `{}` is of unknown domain `{name}`",
                field.name
            )),
            Some(domain) if domain.native != field.native => problem(format!(
                "{owner}: field `{}` is not of the type that domain `{name}` has",
                field.name
            )),
            Some(_) => Ok(()),
        }
    }
}

impl Protocol {
    /// Reads a protocol's table.
    ///
    /// # Errors
    /// JSON that does not parse, a name or id given twice, a reply, class, domain or cumulative field that does
    /// not exist.
    pub fn load(file: &str, text: &str) -> Result<Protocol, Problem> {
        let inspect = Inspector { file, text };
        let document: Document<'_> = serde_json::from_str(text).map_err(|error| Problem {
            file: file.to_owned(),
            line: error.line(),
            message: error.to_string(),
        })?;
        let constants = inspect.entries::<Constant>(document.constants)?;
        let domains = inspect.entries::<Domain>(document.domains)?;
        let classes = inspect.entries::<Class>(document.classes)?;
        let commands = inspect.entries::<Command>(document.commands)?;
        let domain_table: Vec<Domain> = domains.into_iter().map(|(_, domain)| domain).collect();

        for (offset, class) in &classes {
            for property in &class.properties {
                inspect.field(*offset, property, &domain_table, &class.name)?;
            }
        }
        let mut by_name = HashMap::new();
        let mut by_id = HashMap::new();
        for (index, (offset, command)) in commands.iter().enumerate() {
            let refuse = |message: String| Err(inspect.problem(*offset, message));
            if by_name.insert(command.name.clone(), index).is_some() {
                return refuse(format!("command `{}` is given twice", command.name));
            }
            if by_id
                .insert((command.class, command.method), index)
                .is_some()
            {
                return refuse(format!(
                    "the ids of `{}` are another command's",
                    command.name
                ));
            }
            let class = classes.iter().find(|(_, class)| class.id == command.class);
            match class {
                Some((_, class)) if class.name == command.class_name() => {}
                _ => {
                    return refuse(format!(
                        "`{}` has the id of no class of that name",
                        command.name
                    ));
                }
            }
            for reply in &command.replies {
                if !commands.iter().any(|(_, other)| other.name == *reply) {
                    return refuse(format!(
                        "`{}` names a reply `{reply}` that does not exist",
                        command.name
                    ));
                }
            }
            if let Some(cumulative) = &command.cumulative {
                for name in [&cumulative.field, &cumulative.flag] {
                    if command.field(name).is_none() {
                        return refuse(format!("`{}` has no field `{name}`", command.name));
                    }
                }
            }
            for field in &command.fields {
                inspect.field(*offset, field, &domain_table, &command.name)?;
            }
        }
        Ok(Protocol {
            about: document.protocol,
            constants: constants
                .into_iter()
                .map(|(_, constant)| constant)
                .collect(),
            domains: domain_table,
            classes: classes.into_iter().map(|(_, class)| class).collect(),
            commands: commands.into_iter().map(|(_, command)| command).collect(),
            by_name,
            by_id,
        })
    }

    /// The command of that name, such as `queue.declare`.
    pub fn command(&self, name: &str) -> Option<&Command> {
        self.by_name.get(name).map(|index| &self.commands[*index])
    }

    /// The command of that class id and method id.
    pub fn command_by_id(&self, class: u16, method: u16) -> Option<&Command> {
        self.by_id
            .get(&(class, method))
            .map(|index| &self.commands[*index])
    }

    /// The class of that id.
    pub fn class(&self, id: u16) -> Option<&Class> {
        self.classes.iter().find(|class| class.id == id)
    }

    /// The value of a constant.
    pub fn constant(&self, name: &str) -> Option<u16> {
        self.constants
            .iter()
            .find(|constant| constant.name == name)
            .map(|constant| constant.value)
    }

    /// The commands that the suite's coverage counts.
    pub fn table(&self) -> impl Iterator<Item = &Command> {
        self.commands
            .iter()
            .filter(|command| command.table.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp_0_9_1;

    const TEXT: &str = include_str!("../amqp-0-9-1/protocol.json");

    #[test]
    fn the_table_is_whole() {
        let amqp = amqp_0_9_1();
        assert_eq!(amqp.commands.len(), 66);
        assert_eq!(amqp.table().count(), 64);
        assert_eq!(amqp.constant("frame-end"), Some(0xCE));
        assert_eq!(amqp.class(60).map(|class| class.properties.len()), Some(14));
        let unbind_ok = amqp
            .command("exchange.unbind-ok")
            .map(|command| command.method);
        assert_eq!(unbind_ok, Some(51), "the reply's id breaks the pattern");
    }

    #[test]
    fn every_synchronous_request_has_a_reply() {
        for command in &amqp_0_9_1().commands {
            let is_reply = command.name.ends_with("-ok") || command.name == "basic.get-empty";
            assert_eq!(
                command.replies.is_empty(),
                is_reply || !command.sync,
                "{}",
                command.name
            );
        }
    }

    #[test]
    fn a_reply_that_does_not_exist_is_refused_with_its_line() {
        let text = TEXT.replace(
            "\"replies\": [\"queue.purge-ok\"]",
            "\"replies\": [\"queue.purged\"]",
        );
        let line = TEXT
            .lines()
            .position(|line| line.contains("\"queue.purge\""))
            .map(|n| n + 1);
        let problem = Protocol::load("protocol.json", &text).unwrap_err();
        assert_eq!(Some(problem.line), line);
        assert_eq!(
            problem.message,
            "`queue.purge` names a reply `queue.purged` that does not exist"
        );
    }

    #[test]
    fn an_unknown_domain_is_refused() {
        let text = TEXT.replacen("\"domain\": \"path\"", "\"domain\": \"paht\"", 1);
        let problem = Protocol::load("protocol.json", &text).unwrap_err();
        assert!(
            problem.message.contains("unknown domain `paht`"),
            "{problem}"
        );
    }
}
