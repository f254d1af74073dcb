//! Writes the sources of `src/generated/` from `specs/amqp-0-9-1/protocol.json`.
//!
//! What it writes is formatted already, so that the sources can be compared without a formatter.

mod commands;
mod names;
mod properties;
mod table;
mod wire;

use serde_json::Value;

/// One class or struct member.
pub struct Field {
    pub name: String,
    pub kind: String,
    pub domain: Option<String>,
    pub reserved: bool,
}

/// One command of the table.
pub struct Command {
    pub class: String,
    pub name: String,
    pub class_id: u64,
    pub method_id: u64,
    pub origin: String,
    pub client: bool,
    pub server: bool,
    pub sync: bool,
    pub content: bool,
    pub replies: Vec<String>,
    pub fields: Vec<Field>,
}

impl Command {
    /// `queue.declare`
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.class, self.name)
    }
}

/// What the generator reads of the protocol.
pub struct Protocol {
    pub classes: Vec<String>,
    pub commands: Vec<Command>,
    pub properties: Vec<Field>,
    /// Name, value, origin.
    pub reply_codes: Vec<(String, u64, String)>,
}

impl Protocol {
    pub fn parse(json: &str) -> Self {
        let root: Value = serde_json::from_str(json).expect("protocol.json is JSON");
        let classes = list(&root["classes"]);
        let basic = classes.iter().find(|class| class["name"] == "basic");
        Self {
            properties: fields(&basic.expect("a class named basic")["properties"]),
            classes: classes.iter().map(|class| text(&class["name"])).collect(),
            commands: list(&root["commands"]).iter().map(command).collect(),
            reply_codes: list(&root["constants"])
                .iter()
                .filter(|constant| {
                    !text(&constant["name"]).starts_with("frame-")
                        || constant.get("class").is_some()
                })
                .map(|constant| {
                    (
                        text(&constant["name"]),
                        number(&constant["value"]),
                        text(&constant["origin"]),
                    )
                })
                .collect(),
        }
    }

    /// File names below `src/generated/` with their contents.
    pub fn sources(&self) -> Vec<(String, String)> {
        let mut sources = vec![
            ("mod.rs".to_owned(), table::modules(self)),
            ("methods.rs".to_owned(), table::methods(self)),
            ("reply_code.rs".to_owned(), table::reply_codes(self)),
            ("properties.rs".to_owned(), properties::source(self)),
        ];
        sources.push(("wire/mod.rs".to_owned(), table::wires(self)));
        for class in &self.classes {
            sources.push((format!("{class}.rs"), commands::source(self, class)));
            sources.push((format!("wire/{class}.rs"), wire::source(self, class)));
        }
        sources
    }

    /// The commands of a class.
    pub fn of_class(&self, class: &str) -> impl Iterator<Item = &Command> {
        let commands = self.commands.iter();
        commands.filter(move |command| command.class == class)
    }
}

fn command(value: &Value) -> Command {
    let full = text(&value["name"]);
    let (class, name) = full.split_once('.').expect("a class and a name");
    let sent_by = strings(&value["sent-by"]);
    Command {
        class: class.to_owned(),
        name: name.to_owned(),
        class_id: number(&value["class"]),
        method_id: number(&value["method"]),
        origin: text(&value["origin"]),
        client: sent_by.iter().any(|peer| peer == "client"),
        server: sent_by.iter().any(|peer| peer == "server"),
        sync: value["sync"] == true,
        content: value["content"] == true,
        replies: strings(&value["replies"]),
        fields: fields(&value["fields"]),
    }
}

fn fields(value: &Value) -> Vec<Field> {
    list(value)
        .iter()
        .map(|field| Field {
            name: text(&field["name"]),
            kind: text(&field["type"]),
            domain: field["domain"].as_str().map(str::to_owned),
            reserved: field["reserved"] == true,
        })
        .collect()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn strings(value: &Value) -> Vec<String> {
    list(value).iter().map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// The line that every generated file begins with.
fn notice(subject: &str) -> String {
    format!(
        "//! {subject}\n//!\n//! Generated from `specs/amqp-0-9-1/protocol.json`; \
         `tests/generated.rs` says how.\n\n"
    )
}
