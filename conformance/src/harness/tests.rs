//! The harness against the embedded broker.

use std::process::ExitCode;

use libtest_mimic::Arguments;

use super::*;

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cli/small.mqs");

fn small() -> Harness {
    crate::suite().scripts(SMALL).seed(7)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_gives_the_report_of_the_command_line() {
    let report = small().only("queue.*").run().await.unwrap();
    assert_eq!((report.summary.passed, report.summary.failed), (2, 1));
    assert_eq!(report.summary.exit_status, 1);
    assert_eq!(report.seed, Some(7));
    let told = explained(&report);
    assert!(told.contains("FAILED ─ queue.declare/miscounted"), "{told}");
    assert!(told.contains("script    "), "{told}");
    assert!(!told.contains("WARNING"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_an_error() {
    let error = small().only("nothing/*").run().await.unwrap_err();
    assert!(matches!(error, HarnessError::Select(_)), "{error}");
    let error = small().target("rabitmq").run().await.unwrap_err();
    assert!(
        error.to_string().contains("did you mean `rabbitmq`?"),
        "{error}"
    );
}

fn tested(harness: Harness, arguments: &[&str]) -> ExitCode {
    let words = ["test", "--quiet", "--color=never"].iter().chain(arguments);
    harness.test(&Arguments::from_iter(words))
}

#[test]
fn a_choice_of_tests_is_a_choice_of_cases() {
    let success = format!("{:?}", ExitCode::SUCCESS);
    let succeeds = |arguments: &[&str]| format!("{:?}", tested(small(), arguments)) == success;
    assert!(succeeds(&["queue.declare/reply", "--exact"]));
    assert!(succeeds(&["--skip", "miscounted", "queue."]));
    assert!(succeeds(&["connection.start-ok/should"]), "a SHOULD warns");
    assert!(succeeds(&["elsewhere"]), "what is skipped is ignored");
    assert!(succeeds(&["no-such-case"]), "as in any test program");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_fails_where_its_case_does() {
    let report = small().run().await.unwrap();
    let told = cargo_test::conclusions(small().cases().unwrap().0, report);
    let failed: Vec<&str> = told
        .iter()
        .filter(|(_, failed)| failed.is_some())
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(failed, ["queue.declare/miscounted", "basic.get/empty"]);
    let told = told[1].1.as_deref().unwrap();
    assert!(
        told.contains("script    ") && told.contains("▶ <"),
        "{told}"
    );
}
