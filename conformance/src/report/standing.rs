//! What a case's verdict means for the run: its mark and its colour.

use super::paint::Paint;
use crate::run::{CaseReport, Verdict};

/// What a case's verdict means for the run, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Never begun: the run ended before.
    NotRun,
    /// The target cannot be asked.
    Skipped,
    /// As the clauses ask.
    Passed,
    /// Allowed, not recommended.
    Lenient,
    /// It failed as the target's file says.
    Known,
    /// A SHOULD is broken or, in a strict run, a MAY is not offered.
    Warning,
    /// It passed, and the target's file says that it fails.
    Surprise,
    /// Nothing was proved.
    Unproved,
    /// A MUST is broken.
    Failed,
}

impl Standing {
    /// All of them, the gravest last.
    pub const ALL: [Standing; 9] = [
        Standing::NotRun,
        Standing::Skipped,
        Standing::Passed,
        Standing::Lenient,
        Standing::Known,
        Standing::Warning,
        Standing::Surprise,
        Standing::Unproved,
        Standing::Failed,
    ];

    /// The standing of a case.
    pub fn of(case: &CaseReport) -> Standing {
        let known = case.known.is_some();
        match case.verdict {
            Verdict::Inconclusive if !case.was_run() => Standing::NotRun,
            Verdict::Failed | Verdict::Inconclusive if known => Standing::Known,
            Verdict::Passed if known => Standing::Surprise,
            Verdict::Passed => Standing::Passed,
            Verdict::Lenient => Standing::Lenient,
            Verdict::Skipped => Standing::Skipped,
            Verdict::Inconclusive => Standing::Unproved,
            Verdict::Failed if case.fails_run() => Standing::Failed,
            Verdict::Failed => Standing::Warning,
        }
    }

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Standing::NotRun => "not run",
            Standing::Skipped => "skipped",
            Standing::Passed => "passed",
            Standing::Lenient => "lenient",
            Standing::Known => "known deviation",
            Standing::Warning => "warning",
            Standing::Surprise => "passed unexpectedly",
            Standing::Unproved => "inconclusive",
            Standing::Failed => "failed",
        }
    }

    /// Its name where a name has to be one word: in style sheets and links.
    pub fn key(self) -> &'static str {
        match self {
            Standing::NotRun => "not-run",
            Standing::Skipped => "skipped",
            Standing::Passed => "passed",
            Standing::Lenient => "lenient",
            Standing::Known => "known",
            Standing::Warning => "warning",
            Standing::Surprise => "surprise",
            Standing::Unproved => "inconclusive",
            Standing::Failed => "failed",
        }
    }

    /// One letter for tables.
    pub fn mark(self) -> char {
        match self {
            Standing::NotRun | Standing::Skipped => '·',
            Standing::Passed | Standing::Lenient => '✓',
            Standing::Known => '~',
            Standing::Warning | Standing::Surprise => '!',
            Standing::Unproved => '?',
            Standing::Failed => '✗',
        }
    }

    /// The text in the standing's colour.
    pub fn paint(self, paint: Paint, text: impl std::fmt::Display) -> String {
        match self {
            Standing::NotRun | Standing::Skipped => paint.dim(text),
            Standing::Passed | Standing::Lenient => paint.good(text),
            Standing::Known | Standing::Warning => paint.warn(text),
            Standing::Surprise | Standing::Unproved | Standing::Failed => paint.bad(text),
        }
    }

    /// Whether a person has to hear of it at once.
    pub fn is_news(self) -> bool {
        matches!(
            self,
            Standing::Warning | Standing::Unproved | Standing::Failed
        )
    }
}
