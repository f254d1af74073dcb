//! The Test Anything Protocol, version 14. What does not fail the run and is not as it should be is marked TODO; a run
//! that did not come to its end bails out.

use std::fmt::Write;

use super::format::{again, teller};
use super::{Standing, Teller, failure, layout};
use crate::dialect::Dialect;
use crate::run::{CaseReport, RunReport};
use crate::suite::Suite;

/// How long a description may be.
const DESCRIPTION: usize = 300;

/// One test point for each case; of several reports each is a subtest.
pub(super) fn tap(reports: &[RunReport], suite: &Suite, dialect: &'static dyn Dialect) -> String {
    let body = |report: &RunReport| {
        let again = again(report);
        stream(report, &teller(&again, suite, dialect))
    };
    let mut text = "TAP version 14\n".to_owned();
    if let [report] = reports {
        text.push_str(&body(report));
        if let Some(aborted) = &report.aborted {
            text.push_str(&format!("Bail out! {}\n", one_line(aborted)));
        }
        return text;
    }
    // A string takes no errors, here and below.
    let _ = writeln!(text, "1..{}", reports.len());
    for (index, report) in reports.iter().enumerate() {
        let name = escaped(&report.target.name);
        let _ = writeln!(text, "# Subtest: {name}");
        for line in body(report).lines() {
            let _ = writeln!(text, "    {line}");
        }
        let result = match report.summary.exit_status {
            0 => "ok",
            _ => "not ok",
        };
        let _ = writeln!(text, "{result} {} - {name}", index + 1);
    }
    text
}

/// The plan, and the test points in the suite's order.
fn stream(report: &RunReport, teller: &Teller<'_>) -> String {
    let mut text = format!("1..{}\n", report.cases.len());
    for (index, case) in report.cases.iter().enumerate() {
        point(&mut text, index + 1, case, report.is_strict(), teller);
    }
    text
}

fn point(text: &mut String, number: usize, case: &CaseReport, strict: bool, teller: &Teller<'_>) {
    let standing = Standing::of(case);
    let known = || {
        case.known
            .as_ref()
            .map_or("", |known| known.reason.as_str())
    };
    let (ok, directive) = match standing {
        Standing::Lenient => (!strict, None),
        Standing::Passed => (true, None),
        Standing::Skipped => (true, Some(format!("SKIP {}", case.detail))),
        Standing::Known => (false, Some(format!("TODO known deviation: {}", known()))),
        Standing::Warning if !strict => (false, Some("TODO a SHOULD, which warns".to_owned())),
        // TAP lets an unexpected success pass; here it fails the run.
        Standing::Warning | Standing::Surprise => (false, None),
        Standing::Unproved | Standing::NotRun | Standing::Failed => (false, None),
    };
    let result = if ok { "ok" } else { "not ok" };
    let directive = directive.map(|it| format!(" # {}", one_line(&it)));
    let _ = writeln!(
        text,
        "{result} {number} - {}{}",
        escaped(&case.id),
        directive.unwrap_or_default()
    );
    if ok && standing != Standing::Lenient {
        return;
    }
    let at = case
        .finding
        .as_ref()
        .map_or(case.line, |finding| finding.line);
    let entries = [
        ("title", case.title.as_str()),
        ("standing", standing.name()),
        ("at", &format!("{}:{at}", case.file)),
        ("why", &case.detail),
    ];
    text.push_str("  ---\n");
    for (name, value) in entries {
        // A JSON string is a YAML string.
        let _ = writeln!(text, "  {name}: {}", serde_json::Value::from(value));
    }
    let _ = writeln!(text, "  duration_ms: {}", case.duration_ms);
    if standing.is_news() {
        text.push_str("  told: |\n");
        for line in failure(case, teller).lines() {
            let _ = writeln!(text, "    {}", printable(line));
        }
    }
    text.push_str("  ...\n");
}

/// What may stand in a description: there `#` begins a directive, and a backslash takes that from it.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn one_line(text: &str) -> String {
    printable(&layout::one_line(text, DESCRIPTION))
}

/// YAML allows no control characters.
fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_holds_no_directive() {
        assert_eq!(escaped("a # b\\c\n d"), "a \\# b\\\\c d");
    }
}
