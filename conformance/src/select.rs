//! Which cases of a suite are wanted. What matches nothing is a mistake, never an empty success.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use mqspec_specs::{Catalogue, Level};

use crate::script::Case;
use crate::suggest;
use crate::suite::{Suite, level, section};

/// Which cases are wanted: those that every given filter lets through.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Globs over case ids, one of which has to match.
    pub only: Vec<String>,
    /// Globs over case ids, none of which may match.
    pub skip: Vec<String>,
    /// Ids of clauses (or globs over them), one of which the case has to prove.
    pub clauses: Vec<String>,
    /// Levels, one of which has to be the case's own.
    pub levels: Vec<Level>,
    /// One part of what is left.
    pub shard: Option<Shard>,
}

/// One of several parts of the same size, for machines that share a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, counted from 1.
    pub index: usize,
    /// How many parts there are.
    pub count: usize,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// A text that names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a part is written I/N, such as 1/4, with I from 1 to N")]
pub struct ShardError;

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError)?;
        let (Ok(index), Ok(count)) = (index.parse(), count.parse()) else {
            return Err(ShardError);
        };
        match (1..=count).contains(&index) {
            true => Ok(Shard { index, count }),
            false => Err(ShardError),
        }
    }
}

/// Why a selection selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A glob that cannot be read.
    #[error("`{glob}` is no glob: {why}")]
    Malformed {
        /// The glob.
        glob: String,
        /// What is wrong with it.
        why: String,
    },
    /// A glob over case ids matches none.
    #[error("no case matches `{glob}`{}", behind(.help))]
    NoCase {
        /// The glob.
        glob: String,
        /// What may have been meant.
        help: Option<String>,
    },
    /// A clause does not exist.
    #[error("there is no clause `{id}`{}", behind(.help))]
    NoClause {
        /// The id.
        id: String,
        /// What may have been meant.
        help: Option<String>,
    },
    /// A clause exists, and no case proves it.
    #[error("no case of this suite proves `{0}`")]
    Unproved(String),
    /// Each filter matches something, and all of them together nothing.
    #[error("no case passes all of these filters together")]
    Nothing,
    /// The part holds no case.
    #[error("part {index}/{count} is empty: only {cases} cases are chosen", index = .0.index, count = .0.count, cases = .1)]
    EmptyShard(Shard, usize),
}

fn behind(help: &Option<String>) -> String {
    help.as_ref()
        .map(|help| format!("\n  {help}"))
        .unwrap_or_default()
}

impl Selection {
    /// The cases of the suite that are wanted, in the suite's order, each with its file's name.
    ///
    /// # Errors
    /// A filter that matches nothing, or nothing that passes all of them.
    pub fn choose(
        &self,
        suite: &Suite,
        clauses: &Catalogue,
    ) -> Result<Vec<(String, Arc<Case>)>, SelectError> {
        let only = self.globs(&self.only, suite)?;
        let skip = self.globs(&self.skip, suite)?;
        let proved = self.proved(suite, clauses)?;
        let wanted = |case: &Case| {
            (only.is_empty() || only.iter().any(|glob| glob.is_match(&case.id)))
                && !skip.iter().any(|glob| glob.is_match(&case.id))
                && (self.clauses.is_empty()
                    || case
                        .clauses
                        .iter()
                        .any(|clause| proved.contains(clause.value.as_str())))
                && (self.levels.is_empty() || self.levels.contains(&level(case, clauses)))
        };
        let chosen: Vec<_> = suite
            .cases
            .iter()
            .filter(|(_, case)| wanted(case))
            .cloned()
            .collect();
        if chosen.is_empty() {
            return Err(SelectError::Nothing);
        }
        let Some(shard) = self.shard else {
            return Ok(chosen);
        };
        let all = chosen.len();
        let part: Vec<_> = chosen
            .into_iter()
            .skip(shard.index - 1)
            .step_by(shard.count)
            .collect();
        match part.is_empty() {
            true => Err(SelectError::EmptyShard(shard, all)),
            false => Ok(part),
        }
    }

    fn globs(&self, globs: &[String], suite: &Suite) -> Result<Vec<GlobMatcher>, SelectError> {
        let compiled = globs.iter().map(|text| {
            let glob = matcher(text)?;
            match suite.cases.iter().any(|(_, case)| glob.is_match(&case.id)) {
                true => Ok(glob),
                false => Err(SelectError::NoCase {
                    glob: text.clone(),
                    help: like(text, suite),
                }),
            }
        });
        compiled.collect()
    }

    /// The ids of the clauses that are asked for.
    fn proved<'c>(
        &self,
        suite: &Suite,
        clauses: &'c Catalogue,
    ) -> Result<BTreeSet<&'c str>, SelectError> {
        let mut proved = BTreeSet::new();
        for text in &self.clauses {
            let glob = matcher(text)?;
            let found: Vec<&str> = clauses
                .iter()
                .map(|clause| clause.id.as_str())
                .filter(|id| glob.is_match(id))
                .collect();
            if found.is_empty() {
                let near = suggest::near(text, clauses.iter().map(|clause| clause.id.as_str()));
                return Err(SelectError::NoClause {
                    id: text.clone(),
                    help: suggest::sentence(&near),
                });
            }
            let cited = |case: &Case| {
                case.clauses
                    .iter()
                    .any(|clause| found.contains(&clause.value.as_str()))
            };
            if !suite.cases.iter().any(|(_, case)| cited(case)) {
                return Err(SelectError::Unproved(text.clone()));
            }
            proved.extend(found);
        }
        Ok(proved)
    }
}

/// In these globs `*` also stands for a slash: `queue*` is everything about queues.
fn matcher(text: &str) -> Result<GlobMatcher, SelectError> {
    let glob = GlobBuilder::new(text).literal_separator(false).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| SelectError::Malformed {
            glob: text.to_owned(),
            why: error.kind().to_string(),
        })
}

/// The error for a case that does not exist, with what may have been meant.
pub fn no_case(id: &str, suite: &Suite) -> SelectError {
    SelectError::NoCase {
        glob: id.to_owned(),
        help: like(id, suite),
    }
}

/// What may have been meant by a glob that matches no case: a section by its name alone, or ids that are near.
fn like(text: &str, suite: &Suite) -> Option<String> {
    let ids = || suite.cases.iter().map(|(_, case)| case.id.as_str());
    let inside = |id: &str| {
        id.strip_prefix(text)
            .is_some_and(|rest| rest.starts_with(['/', '.']))
    };
    if ids().any(inside) {
        return suggest::sentence(&[format!("{text}*")]);
    }
    let plain = text.replace(['*', '?'], "");
    let mut near = suggest::near(&plain, ids());
    if near.is_empty() {
        let sections: BTreeSet<&str> = ids().map(section).collect();
        near = suggest::near(section(&plain), sections);
        let globs: Vec<String> = near.iter().map(|section| format!("{section}/*")).collect();
        return suggest::sentence(&globs);
    }
    suggest::sentence(&near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_one_of_those_that_exist() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, count: 3 }));
        for text in ["0/3", "4/3", "3", "1/0", "a/b", ""] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
    }
}
