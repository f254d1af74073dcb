//! Names and types of the protocol in Rust's spelling.

use super::Field;

/// `declare-ok` → `DeclareOk`
pub fn camel(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

/// `routing-key` → `routing_key`, `type` → `r#type`
pub fn snake(name: &str) -> String {
    match name {
        "type" => "r#type".to_owned(),
        name => name.replace('-', "_"),
    }
}

/// The type of a struct's member.
pub fn rust_type(field: &Field) -> &'static str {
    match field.kind.as_str() {
        "bit" => "bool",
        "octet" => "u8",
        "short" => "u16",
        "long" => "u32",
        "longlong" | "timestamp" => "u64",
        "shortstr" => "ShortStr",
        "longstr" => "LongStr",
        "table" => "FieldTable",
        other => panic!("unknown type {other}"),
    }
}

/// The reader's method for a field.
pub fn reader(field: &Field) -> &'static str {
    match rust_type(field) {
        "bool" | "u8" => "octet",
        "u16" => "short",
        "u32" => "long",
        "u64" => "long_long",
        "ShortStr" => "short_str",
        "LongStr" => "long_str",
        _ => "table",
    }
}

/// The reader's method for a field that is checked and not kept.
pub fn skipper(field: &Field) -> String {
    let reader = reader(field);
    match reader {
        "short_str" | "long_str" | "table" => format!("skip_{reader}"),
        plain => plain.to_owned(),
    }
}

/// The type of a member of something over a storage `S`.
pub fn stored_type(field: &Field) -> String {
    match rust_type(field) {
        name if name.starts_with(char::is_uppercase) => format!("S::{name}"),
        plain => plain.to_owned(),
    }
}

/// Whether the member is an octet string of some kind.
pub fn is_stored(field: &Field) -> bool {
    rust_type(field).starts_with(char::is_uppercase)
}

/// The sink's method for a field.
pub fn writer(field: &Field) -> &'static str {
    match reader(field) {
        "table" => "long_str",
        same => same,
    }
}

/// The statement that writes a reserved field: zero, or empty.
pub fn blank(field: &Field) -> &'static str {
    match rust_type(field) {
        "bool" | "u8" | "ShortStr" => "out.octet(0);",
        "u16" => "out.short(0);",
        "u64" => "out.long_long(0);",
        _ => "out.long(0);",
    }
}

/// What turns a borrowed member into an owned one. Short strings are always copied.
pub fn keeper(field: &Field) -> &'static str {
    match rust_type(field) {
        "ShortStr" => ".into_owned()",
        "LongStr" | "FieldTable" => ".keep(keep)",
        _ => "",
    }
}

/// The parameter of a function that converts these fields.
pub fn keep_parameter<'a>(mut fields: impl Iterator<Item = &'a Field>) -> &'static str {
    if fields.any(|field| keeper(field).contains("keep)")) {
        "keep"
    } else {
        "_keep"
    }
}

/// What a member's documentation says of its type.
pub fn kind(field: &Field) -> String {
    match &field.domain {
        Some(domain) => format!("`{}`, domain `{domain}`", field.kind),
        None => format!("`{}`", field.kind),
    }
}
