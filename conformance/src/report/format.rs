//! The forms in which a run is told to tools, and to people who were not there.

use super::html::{self, PageError};
use super::{Teller, annotations, badge, junit, markdown, paint::Paint, tap};
use crate::dialect::Dialect;
use crate::run::RunReport;
use crate::suite::Suite;

/// A form of a report. All of them are made of the report alone, so that a saved one gives the same; the suite adds the
/// lines of its scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page for a browser, with every exchange.
    Html,
    /// XML that CI servers read.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// A summary for a pull request.
    Markdown,
    /// Annotations of a job on GitHub.
    Annotations,
    /// A picture of two words for a README: SVG.
    Badge,
}

impl Format {
    /// The text, ending in a line feed.
    ///
    /// # Errors
    /// A page of no report; none that a report can cause.
    pub fn text(
        self,
        reports: &[RunReport],
        suite: &Suite,
        dialect: &'static dyn Dialect,
    ) -> Result<String, PageError> {
        Ok(match self {
            Format::Html => html::page(reports, suite, dialect)?,
            Format::Junit => junit::junit(reports, suite, dialect),
            Format::Tap => tap::tap(reports, suite, dialect),
            Format::Markdown => markdown::markdown(reports, suite, dialect),
            Format::Annotations => annotations::annotations(reports),
            Format::Badge => badge::badge(reports),
        })
    }
}

/// What texts about one report need to know: no colours, nothing left out that a person reads.
pub(crate) fn teller<'a>(
    again: &'a str,
    suite: &'a Suite,
    dialect: &'static dyn Dialect,
) -> Teller<'a> {
    Teller {
        suite,
        dialect,
        verbose: false,
        again,
        paint: Paint::new(false),
    }
}

/// The command that repeats a run. Reports that were saved before it was part of them tell the target's name.
pub(crate) fn again(report: &RunReport) -> String {
    let named = || format!("mqspec run {}", report.target.name);
    report.again.clone().unwrap_or_else(named)
}
