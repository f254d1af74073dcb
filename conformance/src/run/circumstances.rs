//! When, by what and with which options a run was made: what tells it from others.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::verdict::{CaseReport, RunReport};
use crate::dialect::Dialect;

/// What was asked of a run. What was not asked is left out of reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Options {
    /// Globs over case ids, one of which had to match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Globs over case ids, none of which was allowed to match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Clauses, one of which the case had to prove.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clause: Vec<String>,
    /// Levels, one of which had to be the case's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub level: Vec<String>,
    /// Which part of what was chosen, as `I/N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The path of the scripts, where they are not the embedded ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// How many cases ran side by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u32>,
    /// How many seconds one exchange had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Whether whatever is less than a pass failed the run.
    pub strict: bool,
    /// Whether the cases began in an order that the seed decided.
    pub shuffle: bool,
    /// Whether the first failure ended the run.
    pub fail_fast: bool,
}

impl RunReport {
    /// Tells when the run began, which program made it, and which protocol was tested.
    pub fn set_circumstances(&mut self, took: Duration, dialect: &dyn Dialect) {
        let began = DateTime::<Utc>::from(SystemTime::now() - took);
        self.began = Some(began.to_rfc3339_opts(SecondsFormat::Secs, true));
        self.mqspec = Some(env!("CARGO_PKG_VERSION").to_owned());
        let about = &dialect.protocol().about;
        self.protocol = Some(format!("{} {}", about.name, about.version));
    }

    /// The same run as if no other cases had been chosen: what is counted is counted anew.
    pub fn restricted(self, chosen: impl Fn(&CaseReport) -> bool) -> RunReport {
        let table: Vec<String> = self.commands.into_iter().map(|row| row.command).collect();
        let cases = self.cases.into_iter().filter(|case| chosen(case)).collect();
        let took = Duration::from_millis(self.summary.duration_ms);
        let counted = RunReport::new(self.target, cases, table, took, self.aborted);
        RunReport {
            apart: self.apart,
            seed: self.seed,
            began: self.began,
            mqspec: self.mqspec,
            protocol: self.protocol,
            again: self.again,
            options: self.options,
            ..counted
        }
    }

    /// Whether it was a strict run.
    pub fn is_strict(&self) -> bool {
        self.options.as_ref().is_some_and(|options| options.strict)
    }
}
