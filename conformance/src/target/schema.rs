//! The published schema of target files, `docs/target.schema.json`, is what these types are.

use std::path::Path;

use boon::{Compiler, Schemas};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::extension::Extension;
use super::file::File;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The schema, made of the types and their documentation: a file that extends another has other keys.
fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let whole = generator.subschema_for::<File>();
    let extension = generator.subschema_for::<Extension>();
    let mut definitions: Value = generator.take_definitions(true).into();
    // Options that are left out are left out: TOML has no null.
    without_null(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A target file of mqspec",
        "description": "How a broker is had, what it offers, and how it is known to depart from the text",
        "anyOf": [whole, extension],
        "$defs": definitions,
    })
}

fn without_null(value: &mut Value) {
    let null = json!("null");
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|kind| *kind != null);
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(kinds)) = fields.get_mut("anyOf") {
                kinds.retain(|kind| kind["type"] != null);
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    fields.remove("anyOf");
                    if let Value::Object(only) = only {
                        fields.extend(only);
                    }
                }
            }
            fields.retain(|name, value| name != "default" || !value.is_null());
            let number = |format: &Value| format.as_str().is_some_and(|it| it.contains("int"));
            if fields.get("format").is_some_and(number) {
                fields.remove("format");
            }
            fields.values_mut().for_each(without_null);
        }
        Value::Array(values) => values.iter_mut().for_each(without_null),
        _ => {}
    }
}

#[test]
fn the_published_schema_is_that_of_the_files() {
    let path = folder().join("docs/target.schema.json");
    let mut text = serde_json::to_string_pretty(&schema()).unwrap();
    text.push('\n');
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == text,
        "docs/target.schema.json is not what the types are: BLESS=1 cargo test -p mqspec --lib schema writes it anew"
    );
}

/// What is wrong with a file, by the schema.
fn against_schema(text: &str) -> Option<String> {
    let value: Value = toml::from_str(text).unwrap();
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler
        .add_resource("target.schema.json", schema())
        .unwrap();
    let compiled = compiler
        .compile("target.schema.json", &mut schemas)
        .unwrap();
    let held = schemas.validate(&value, compiled);
    held.err().map(|error| format!("{error:#}"))
}

#[test]
fn every_known_target_is_as_the_schema_says() {
    for entry in std::fs::read_dir(folder().join("targets")).unwrap() {
        let path = entry.unwrap().path();
        // A folder holds what is known of clients.
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(against_schema(&text), None, "{}", path.display());
    }
    assert_eq!(against_schema(&super::template("mybroker")), None);
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let base = "about = 'x'\nurl = 'amqp://h'\n";
    for wrong in [
        "colour = 'red'",
        "[process]\ncomand = ['x']",
        "[process]\ncommand = ['x']\nstop-signal = 'TREM'",
        "[process]\ncommand = ['x']\n[process.control]\nkill = { restart-after = 'NOW' }",
        "[container]\nimage = 'i'\nport = 'x'",
        "[[deviation]]\ncase = 'a/b'\nsource = 's'",
        "[[ran]]\nversion = '1'\nvia = 'post'\ndate = '2024-02-29'",
    ] {
        let text = format!("{base}{wrong}\n");
        assert!(File::parse("own.toml", &text).is_err(), "{wrong}");
        assert!(against_schema(&text).is_some(), "{wrong}");
    }
}
