//! The suite on the embedded reference broker, and on itself.

use std::path::Path;

use mqspec::dialect::amqp;
use mqspec::run::{CaseReport, Verdict};
use mqspec::suite::Suite;
use mqspec::target::Request;
use mqspec_tests::{run, story, suite};

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_broker_passes_every_case() {
    let report = run(&Request::default(), suite(), 32).await;
    let wrong = report
        .cases
        .iter()
        .filter(|case| !matches!(case.verdict, Verdict::Passed | Verdict::Skipped));
    let wrong: Vec<&CaseReport> = wrong.collect();
    assert!(wrong.is_empty(), "{}", story(wrong));
    let unexercised: Vec<_> = report
        .commands
        .iter()
        .filter(|command| command.passed == 0)
        .collect();
    assert!(
        unexercised.is_empty(),
        "no case exercised these: {unexercised:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_of_the_notation_is_a_suite_that_passes() {
    passes("../specs/notation.mqs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_that_families_of_cases_are_made_from_are_a_suite_that_passes() {
    passes("../specs/amqp-0-9-1/examples.mqs").await;
}

async fn passes(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let suite =
        Suite::from_path(&path, amqp::dialect()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let report = run(&Request::default(), suite, 4).await;
    assert_eq!(
        report.summary.passed,
        report.summary.cases,
        "{}",
        story(&report.cases)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_prints_can_be_run_again() {
    let report = run(&Request::default(), suite(), 32).await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transcripts");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("all.mqs");
    // Octets that a script put together itself hold the names of their run.
    let chosen = |transcript: &str| {
        // What is left out of a long transcript cannot be run again either.
        [
            " > method ",
            " > frame ",
            " > raw ",
            "< frame ",
            " steps are left out here",
        ]
        .iter()
        .any(|step| transcript.contains(step))
            // How many publishes one confirmation stands for is the broker's choice, and another one the next time.
            || transcript
                .lines()
                .any(|line| line.contains("< basic.ack ") && line.contains("multiple=true"))
    };
    let texts: Vec<&str> = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Passed && case.level == "MUST")
        .map(|case| case.transcript.as_str())
        .filter(|transcript| !chosen(transcript))
        .collect();
    std::fs::write(&path, texts.join("\n\n")).expect("written");
    let again =
        Suite::from_path(&path, amqp::dialect()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(again.cases.len(), texts.len());
    let report = run(&Request::default(), again, 32).await;
    let wrong: Vec<&CaseReport> = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Failed)
        .collect();
    assert!(wrong.is_empty(), "{}", story(wrong));
}
