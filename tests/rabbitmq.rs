//! The suite on a real RabbitMQ, started as a child process.

use std::path::Path;

use mqspec::run::CaseReport;
use mqspec::target::{Request, Via};
use mqspec_tests::{run, story, suite};

const PROGRAM: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_departs_from_the_clauses_only_where_its_file_says_so() {
    if !Path::new(PROGRAM).exists() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{PROGRAM} is missing, and CI must not skip it"
        );
        println!("skipped: {PROGRAM} is not installed");
        return;
    }
    let request = Request {
        target: Some("rabbitmq".to_owned()),
        via: Some(Via::Process),
        ..Request::default()
    };
    let report = run(&request, suite(), 32).await;
    let wrong: Vec<&CaseReport> = report
        .cases
        .iter()
        .filter(|case| case.fails_run())
        .collect();
    assert!(wrong.is_empty(), "{}", story(wrong));
}
