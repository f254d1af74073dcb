//! JUnit XML. A known deviation counts as skipped, with its reason, as other test tools tell of what is expected to
//! fail; a broken SHOULD is told beside a success, unless the run was strict.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::format::{again, teller};
use super::layout::one_line;
use super::{Standing, Teller, failure};
use crate::dialect::Dialect;
use crate::run::{CaseReport, RunReport};
use crate::suite::{Suite, section};

/// How long a message may be: it is an attribute, and shown in lists.
const MESSAGE: usize = 300;

/// One test suite for each report, and in it a test for each case.
pub(super) fn junit(reports: &[RunReport], suite: &Suite, dialect: &'static dyn Dialect) -> String {
    let mut root = Report::new("mqspec");
    if let Some(began) = reports.iter().filter_map(began).min() {
        root.set_timestamp(began);
    }
    root.set_time(reports.iter().map(took).sum());
    for report in reports {
        let again = again(report);
        root.add_test_suite(run(report, &teller(&again, suite, dialect)));
    }
    // A writer of text refuses nothing, and what XML does not allow has been taken out of the texts.
    root.to_string().unwrap_or_default()
}

fn began(report: &RunReport) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(report.began.as_deref()?).ok()
}

fn took(report: &RunReport) -> Duration {
    Duration::from_millis(report.summary.duration_ms)
}

fn run(report: &RunReport, teller: &Teller<'_>) -> TestSuite {
    let mut suite = TestSuite::new(report.target.name.as_str());
    if let Some(began) = began(report) {
        suite.set_timestamp(began);
    }
    suite.set_time(took(report));
    let target = &report.target;
    let summary = &report.summary;
    let properties = [
        ("protocol", report.protocol.clone()),
        ("product", target.product.clone()),
        ("version", target.version.clone()),
        ("via", Some(target.via.clone())),
        ("mqspec", report.mqspec.clone()),
        ("seed", report.seed.map(|seed| seed.to_string())),
        (
            "known-deviations",
            Some(summary.known_deviations.to_string()),
        ),
        ("warnings", Some(summary.warnings.to_string())),
        ("exit-status", Some(summary.exit_status.to_string())),
        ("aborted", report.aborted.clone()),
    ];
    for (name, value) in properties {
        if let Some(value) = value {
            suite.add_property(Property::new(name, value));
        }
    }
    for case in &report.cases {
        suite.add_test_case(test(case, report, teller));
    }
    suite
}

fn test(case: &CaseReport, report: &RunReport, teller: &Teller<'_>) -> TestCase {
    let mut beside = None;
    let status = match Standing::of(case) {
        Standing::Lenient if report.is_strict() => bad(case, "allowed, not recommended", teller),
        Standing::Passed | Standing::Lenient => {
            beside = (!case.detail.is_empty()).then(|| case.detail.clone());
            TestCaseStatus::success()
        }
        Standing::Warning if report.is_strict() => bad(case, "a SHOULD or a MAY", teller),
        Standing::Warning => {
            beside = Some(failure(case, teller));
            TestCaseStatus::success()
        }
        Standing::Failed => bad(case, "a MUST", teller),
        Standing::Surprise => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("unexpected pass");
            status.set_message("a known deviation is none any more: take it off the target's list");
            status.set_description(known(case));
            status
        }
        Standing::Unproved | Standing::NotRun => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("inconclusive");
            status.set_message(one_line(&case.detail, MESSAGE));
            if case.was_run() {
                status.set_description(failure(case, teller));
            }
            status
        }
        Standing::Known => {
            beside = Some(failure(case, teller));
            skipped(
                "known deviation",
                format!("known deviation: {}", known(case)),
            )
        }
        Standing::Skipped => skipped("not offered", case.detail.clone()),
    };
    let mut test = TestCase::new(case.id.as_str(), status);
    test.set_classname(section(&case.id));
    test.set_time(Duration::from_millis(case.duration_ms));
    test.extra.insert("file".into(), case.file.as_str().into());
    let line = case
        .finding
        .as_ref()
        .map_or(case.line, |finding| finding.line);
    test.extra.insert("line".into(), line.to_string().into());
    if let Some(beside) = beside {
        test.set_system_out(beside);
    }
    test
}

/// What is against a clause; the message is what a list of failures shows.
fn bad(case: &CaseReport, kind: &str, teller: &Teller<'_>) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind);
    let why = match &case.finding {
        Some(finding) => format!("{}: {}", case.title, finding.why),
        None => format!("{}: {}", case.title, case.detail),
    };
    status.set_message(one_line(&why, MESSAGE));
    status.set_description(failure(case, teller));
    status
}

fn skipped(kind: &str, why: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(kind);
    status.set_message(one_line(&why, MESSAGE));
    status
}

fn known(case: &CaseReport) -> String {
    let known = case.known.as_ref();
    known.map_or_else(String::new, |known| {
        format!("{} ({})", known.reason, known.source)
    })
}
