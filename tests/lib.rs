//! What the whole-system tests share: running the suite through the library.

use mqspec::dialect::amqp;
use mqspec::run::{CaseReport, Plan, RunReport};
use mqspec::suite::Suite;
use mqspec::target::{self, Request, Started};

/// Runs a suite against a target, and stops the target.
///
/// # Panics
/// If the target does not start, cannot be asked anything, or does not stop.
pub async fn run(request: &Request, suite: Suite, jobs: usize) -> RunReport {
    let started = target::start(request)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let report = mqspec::run::run(plan(&started, suite, jobs), &mut |_| {}).await;
    started
        .stop()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    report.unwrap_or_else(|lost| panic!("{lost}"))
}

/// What a suite against a started target takes.
pub fn plan(started: &Started, suite: Suite, jobs: usize) -> Plan {
    Plan {
        cases: suite.cases,
        jobs,
        ..Plan::new(
            started,
            amqp::dialect(),
            format!("{:x}", std::process::id()),
        )
    }
}

/// The embedded suite.
///
/// # Panics
/// If a script has a mistake.
pub fn suite() -> Suite {
    Suite::embedded(amqp::dialect()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// What a person needs to see of cases that did not go as they should.
pub fn story<'a>(cases: impl IntoIterator<Item = &'a CaseReport>) -> String {
    let tell = |case: &CaseReport| {
        format!(
            "{} {} ({}:{})\n{}\n{}",
            case.verdict.name(),
            case.id,
            case.file,
            case.line,
            case.detail,
            case.transcript
        )
    };
    cases.into_iter().map(tell).collect::<Vec<_>>().join("\n\n")
}
