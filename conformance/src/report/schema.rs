//! The published schema of reports, `docs/report.schema.json`, is what these types are.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::{RunReport, SCHEMA};

/// The schema, made of the types and their documentation.
fn schema() -> String {
    let mut schema = schemars::schema_for!(RunReport).to_value();
    schema["title"] = json!("A report of mqspec run --json");
    let version = &mut schema["properties"]["schema"];
    if let Some(version) = version.as_object_mut() {
        version.retain(|name, _| name == "description");
        version.insert("const".to_owned(), json!(SCHEMA));
    }
    plain(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    text
}

/// Takes away what only Rust knows: how many bits a number has.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("format").is_some_and(|format| {
                format
                    .as_str()
                    .is_some_and(|it| it.starts_with("uint") || it.starts_with("int"))
            }) {
                fields.remove("format");
                fields.remove("maximum");
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(values) => values.iter_mut().for_each(plain),
        _ => {}
    }
}

#[test]
fn the_published_schema_is_that_of_the_reports() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/report.schema.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, schema()).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == schema(),
        "docs/report.schema.json is not what the types are: BLESS=1 cargo test -p mqspec --lib schema writes it anew; \
         a field that goes or means something else asks for another version (docs/report.md)"
    );
}
