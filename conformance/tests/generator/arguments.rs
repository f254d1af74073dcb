//! The arguments of a command, one by one, as the octets that a script puts together.

use mqspec::script::Message;
use mqspec_specs::protocol::{Command, Field, Type};

/// One argument, or one octet of bits.
pub struct Argument {
    /// The field's name; of bits, the first one's.
    pub name: String,
    /// How it is written.
    pub native: Type,
    /// All of its octets.
    pub whole: String,
    /// Its octets without the end, if it has more than one.
    pub cut: Option<String>,
    /// A length that goes beyond the frame, and what should have been all.
    pub overrun: Option<String>,
}

/// The arguments of a command with the values of a message.
pub fn arguments(command: &Command, message: &Message) -> Vec<Argument> {
    let bit = |field: &Field| field.native == Type::Bit;
    command
        .fields
        .chunk_by(|left, right| bit(left) && bit(right))
        .flat_map(|run| run.chunks(8))
        .map(|run| argument(run, message))
        .collect()
}

fn argument(run: &[Field], message: &Message) -> Argument {
    let value = |field: &Field| {
        let given = message
            .fields
            .iter()
            .find(|given| given.name.value == field.name);
        given.map(|given| given.value.to_string())
    };
    let field = &run[0];
    let text = value(field);
    let number = |width: u16| format!("u{width}({})", text.as_deref().unwrap_or("0"));
    let string = quoted(text.as_deref());
    let (whole, cut, overrun) = match field.native {
        Type::Bit => {
            let set = |(place, bit): (usize, &Field)| match value(bit).as_deref() {
                Some("true") => 1 << place,
                _ => 0,
            };
            let octet: u32 = run.iter().enumerate().map(set).sum();
            (format!("u8({octet})"), None, None)
        }
        Type::Octet => (number(8), None, None),
        Type::Short => (number(16), Some("u8(0)".to_owned()), None),
        Type::Long => (number(32), Some("u16(0) + u8(0)".to_owned()), None),
        Type::Longlong | Type::Timestamp => {
            (number(64), Some("u32(0) + u16(0) + u8(0)".to_owned()), None)
        }
        Type::Shortstr => {
            let beyond = format!("u8(255) + {string}");
            (
                format!("shortstr({string})"),
                Some(beyond.clone()),
                Some(beyond),
            )
        }
        Type::Longstr => (
            format!("longstr({string})"),
            Some("u16(0) + u8(0)".to_owned()),
            Some(format!("u32(65536) + {string}")),
        ),
        Type::Table => (
            format!("table({})", text.as_deref().unwrap_or("{}")),
            Some("u16(0) + u8(0)".to_owned()),
            Some("u32(65536)".to_owned()),
        ),
    };
    Argument {
        name: field.name.clone(),
        native: field.native,
        whole,
        cut,
        overrun,
    }
}

/// A text as it stands within a call or a sum.
fn quoted(text: Option<&str>) -> String {
    match text {
        None => "\"\"".to_owned(),
        Some(value) if value.starts_with(['$', '"']) => value.to_owned(),
        Some(word) => format!("\"{word}\""),
    }
}

/// What is wrong with a table: a slug, a title's words, its octets with the length.
pub const BROKEN_TABLES: [(&str, &str, &str); 6] = [
    (
        "unknown-tag",
        "has a field of a type that does not exist",
        "u32(7) + shortstr(\"n\") + \"Z\" + u32(0)",
    ),
    (
        "longer-than-the-frame",
        "is longer than its frame",
        "u32(65536) + shortstr(\"n\") + \"I\" + u32(1)",
    ),
    (
        "shorter-than-its-field",
        "ends within the value of its field",
        "u32(5) + shortstr(\"n\") + \"I\" + u16(1)",
    ),
    (
        "name-longer-than-the-table",
        "has a field whose name is longer than the table",
        "u32(3) + u8(200) + \"n\" + \"V\"",
    ),
    (
        "string-longer-than-the-table",
        "has a long string that is longer than the table",
        "u32(8) + shortstr(\"n\") + \"S\" + u32(200) + \"x\"",
    ),
    (
        "array-longer-than-the-table",
        "has an array that is longer than the table",
        "u32(8) + shortstr(\"n\") + \"A\" + u32(200) + \"V\"",
    ),
];
