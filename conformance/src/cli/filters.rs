//! Which cases are meant.

use std::path::Path;
use std::sync::Arc;

use mqspec::dialect::{Dialect, amqp};
use mqspec::script::Case;
use mqspec::select::Selection;
use mqspec::suite::Suite;

use super::args::Filters;
use super::failure::Failure;

/// The protocol, of which there is one so far.
pub fn dialect() -> &'static dyn Dialect {
    amqp::dialect()
}

/// The embedded suite, or the scripts at a path.
pub fn suite(path: Option<&Path>) -> Result<Suite, Failure> {
    Ok(match path {
        None => Suite::embedded(dialect())?,
        Some(path) => Suite::from_path(path, dialect())?,
    })
}

/// Cases, each with its file's name.
pub type Cases = Vec<(String, Arc<Case>)>;

impl Filters {
    /// Whether any of the cases are chosen, and not simply all.
    pub fn any(&self) -> bool {
        let Filters {
            only,
            skip,
            clause,
            level,
            shard,
            suite: _,
        } = self;
        let lists = [only, skip, clause];
        lists.iter().any(|list| !list.is_empty()) || !level.is_empty() || shard.is_some()
    }

    /// The suite, and the cases of it that are chosen.
    pub fn apply(&self) -> Result<(Suite, Cases), Failure> {
        let suite = suite(self.suite.as_deref())?;
        let selection = Selection {
            only: self.only.clone(),
            skip: self.skip.clone(),
            clauses: self.clause.clone(),
            levels: self.level.clone(),
            shard: self.shard,
        };
        let chosen = selection.choose(&suite, dialect().clauses())?;
        Ok((suite, chosen))
    }
}
