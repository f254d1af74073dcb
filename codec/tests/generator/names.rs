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

/// The statement that writes `place`, which holds the field's value.
pub fn writer(field: &Field, place: &str) -> String {
    let number = if place.starts_with("self.") {
        place.to_owned()
    } else {
        format!("*{place}")
    };
    match rust_type(field) {
        kind @ ("u8" | "u16" | "u32" | "u64") => format!("out.put_{kind}({number});"),
        _ => format!("{place}.encode(out);"),
    }
}

/// The statement that writes a reserved field: zero, or empty.
pub fn blank(field: &Field) -> &'static str {
    match rust_type(field) {
        "bool" | "u8" | "ShortStr" => "out.put_u8(0);",
        "u16" => "out.put_u16(0);",
        "u64" => "out.put_u64(0);",
        _ => "out.put_u32(0);",
    }
}

/// What a member's documentation says of its type.
pub fn kind(field: &Field) -> String {
    match &field.domain {
        Some(domain) => format!("`{}`, domain `{domain}`", field.kind),
        None => format!("`{}`", field.kind),
    }
}
