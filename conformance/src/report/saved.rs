//! A report read back from a file.

use std::path::Path;

use serde_json::Value;

use crate::run::{RunReport, SCHEMA};

/// Why a file is no report.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// It cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It holds no JSON.
    #[error("{path}: this is no JSON, and so no report of `mqspec run --json`: {cause}")]
    NoJson {
        /// Its path.
        path: String,
        /// What the parser says.
        cause: serde_json::Error,
    },
    /// It holds JSON of another kind.
    #[error("{path}: this JSON is no report of `mqspec run --json`: {why}")]
    NoReport {
        /// Its path.
        path: String,
        /// What is missing or wrong.
        why: String,
    },
    /// It holds a report of a version that this program does not know.
    #[error(
        "{path}: this report has schema {found}, and this mqspec reads schema {SCHEMA}: \
         read it with the mqspec that wrote it{}, or run the suite again",
        .by.as_ref().map(|version| format!(" ({version})")).unwrap_or_default()
    )]
    OtherSchema {
        /// Its path.
        path: String,
        /// Its version.
        found: String,
        /// The program that wrote it, if it says so.
        by: Option<String>,
    },
}

/// The reports of a file: one as `mqspec run --json` writes it, or several as `mqspec compare --json` does.
///
/// # Errors
/// A file that cannot be read or that holds something else.
pub fn read(path: &Path) -> Result<Vec<RunReport>, SavedError> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&name, &text),
        Err(cause) => Err(SavedError::Unreadable { path: name, cause }),
    }
}

/// The reports of a text.
///
/// # Errors
/// A text that holds something else.
pub fn parse(name: &str, text: &str) -> Result<Vec<RunReport>, SavedError> {
    let value: Value = serde_json::from_str(text).map_err(|cause| SavedError::NoJson {
        path: name.to_owned(),
        cause,
    })?;
    match value {
        Value::Array(values) if !values.is_empty() => {
            values.into_iter().map(|value| one(name, value)).collect()
        }
        value => Ok(vec![one(name, value)?]),
    }
}

fn one(name: &str, value: Value) -> Result<RunReport, SavedError> {
    let no_report = |why: String| SavedError::NoReport {
        path: name.to_owned(),
        why,
    };
    let Some(found) = value.get("schema") else {
        return Err(no_report("it has no `schema`".to_owned()));
    };
    if found.as_u64() != Some(SCHEMA.into()) {
        return Err(SavedError::OtherSchema {
            path: name.to_owned(),
            found: found.to_string(),
            by: value
                .get("mqspec")
                .and_then(Value::as_str)
                .map(str::to_owned),
        });
    }
    serde_json::from_value(value).map_err(|error| no_report(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse("a.json", text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_report_is_told_apart() {
        for (text, why) in [
            ("case a/b", "a.json: this is no JSON"),
            ("[]", "it has no `schema`"),
            ("{\"name\": 1}", "it has no `schema`"),
            ("{\"schema\": 1}", "missing field `target`"),
            (
                "{\"schema\": 2, \"mqspec\": \"7.0.0\"}",
                "this report has schema 2, and this mqspec reads schema 1",
            ),
            ("{\"schema\": 2, \"mqspec\": \"7.0.0\"}", "(7.0.0)"),
        ] {
            assert!(refused(text).contains(why), "{}", refused(text));
        }
    }
}
