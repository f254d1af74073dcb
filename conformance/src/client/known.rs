//! How clients are known to deviate: files of their own beside those of the brokers.

use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::report::ClientReport;
use crate::run::Verdict;

static CLIENTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../targets/clients");

/// What a client's file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownClient {
    /// What the client is, in a line.
    pub about: String,
    /// The ways in which it departs from the text.
    #[serde(default)]
    pub deviation: Vec<KnownDeviation>,
}

/// One way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownDeviation {
    /// The case that shows it, or the clause where no case asks for it.
    pub case: String,
    /// What the client does, and why that is known.
    pub reason: String,
    /// Where that can be seen.
    pub source: String,
    /// Whether it does not happen in every run.
    #[serde(default)]
    pub sometimes: bool,
}

/// The clients that have a file, sorted.
pub fn names() -> Vec<String> {
    let files = CLIENTS.files().filter_map(|file| file.path().to_str());
    let names = files.filter_map(|name| name.strip_suffix(".toml"));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names
}

/// What is known of a client by its name, or by the path of a file.
///
/// # Errors
/// A file that cannot be read, in words.
pub fn look_up(name: &str) -> Result<Option<KnownClient>, String> {
    let is_path = name.contains('/') || name.ends_with(".toml");
    let text = match is_path {
        true => std::fs::read_to_string(Path::new(name)).map_err(|it| format!("{name}: {it}"))?,
        false => match CLIENTS.get_file(format!("{name}.toml")) {
            Some(file) => file.contents_utf8().unwrap_or_default().to_owned(),
            None => return Ok(None),
        },
    };
    let known = toml::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    Ok(Some(known))
}

/// Forgives what is known. What is listed and did not happen is returned: the list can only shrink by hand.
pub fn forgive(report: &mut ClientReport, known: &KnownClient) -> Vec<String> {
    let mut past = Vec::new();
    for listed in &known.deviation {
        let reason = Some(format!("{} ({})", listed.reason, listed.source));
        let case = report.cases.iter_mut().find(|case| case.id == listed.case);
        match case {
            Some(case) if case.verdict == Verdict::Failed => case.known = reason,
            Some(case) => {
                let passes = [Verdict::Passed, Verdict::Lenient].contains(&case.verdict);
                if passes && !listed.sometimes {
                    past.push(listed.case.clone());
                }
            }
            None => {
                let broken = report
                    .conduct
                    .iter_mut()
                    .find(|it| it.clause == listed.case);
                if let Some(broken) = broken {
                    broken.known = reason;
                }
            }
        }
    }
    past
}
