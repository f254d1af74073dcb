//! What turned red or green from one run to the next.

use std::collections::HashMap;

use super::Side;
use crate::report::Standing;
use crate::run::{CaseReport, RunReport};

/// A case that tells something else than before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change<'a> {
    /// What it was.
    pub before: &'a CaseReport,
    /// What it is.
    pub now: &'a CaseReport,
}

/// How a run differs from the one before it.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// What was no failure and is one, or proves nothing any more.
    pub red: Vec<Change<'a>>,
    /// What was a failure or proved nothing, and passes.
    pub green: Vec<Change<'a>>,
    /// What is asked now and was not, or the other way round, or fails in another way.
    pub other: Vec<Change<'a>>,
    /// Cases that the run before did not hold.
    pub new: Vec<&'a CaseReport>,
    /// Cases that only the run before holds.
    pub gone: Vec<&'a CaseReport>,
}

/// Whether a person reads it as red: what is known as well, but not what was never begun.
fn is_red(case: &CaseReport) -> bool {
    matches!(Side::of(Some(case)), Side::Fails | Side::Unproved)
}

impl<'a> Changes<'a> {
    /// From one run to another. What `gone` refuses was only not asked for this time.
    pub fn between(
        before: &'a RunReport,
        now: &'a RunReport,
        gone: impl Fn(&CaseReport) -> bool,
    ) -> Changes<'a> {
        let by_id = |report: &'a RunReport| -> HashMap<&str, &CaseReport> {
            let cases = report.cases.iter();
            cases.map(|case| (case.id.as_str(), case)).collect()
        };
        let (old, new) = (by_id(before), by_id(now));
        let mut changes = Changes::default();
        for case in &now.cases {
            let Some(before) = old.get(case.id.as_str()).copied() else {
                changes.new.push(case);
                continue;
            };
            let change = Change { before, now: case };
            let passes = Side::of(Some(case)) == Side::Passes;
            match (is_red(before), is_red(case)) {
                (false, true) => changes.red.push(change),
                (true, false) if passes => changes.green.push(change),
                _ if Standing::of(before) != Standing::of(case) => changes.other.push(change),
                _ => {}
            }
        }
        let lost = before
            .cases
            .iter()
            .filter(|case| !new.contains_key(case.id.as_str()) && gone(case));
        changes.gone = lost.collect();
        changes
    }

    /// The cases that turned red and are not listed as known, and new ones that fail a run.
    pub fn alarming(&self) -> impl Iterator<Item = &'a CaseReport> {
        let red = self.red.iter().map(|change| change.now);
        let red = red.filter(|case| Standing::of(case) != Standing::Known);
        red.chain(self.new.iter().copied().filter(|case| case.fails_run()))
    }

    /// Whether all is as it was.
    pub fn is_empty(&self) -> bool {
        let Changes {
            red,
            green,
            other,
            new,
            gone,
        } = self;
        red.is_empty() && green.is_empty() && other.is_empty() && new.is_empty() && gone.is_empty()
    }

    /// 1 if something alarming turned up, and otherwise 0.
    pub fn exit_status(&self) -> u8 {
        u8::from(self.alarming().next().is_some())
    }
}
