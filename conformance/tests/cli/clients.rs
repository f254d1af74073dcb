//! `mqspec client`, up to the program that it starts.

use super::support::mqspec;

#[test]
fn the_cases_can_be_listed() {
    let ran = mqspec(&["client", "--list", "--only", "channel/closed-at-*"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 1, "{}", ran.stdout);
    assert!(lines[0].starts_with("channel/closed-at-publish "));
}

#[test]
fn a_choice_that_chooses_nothing_is_wrong_usage() {
    let ran = mqspec(&["client", "--only", "chanel/*", "--", "true"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr.contains("no case matches `chanel/*`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_program_that_cannot_be_started_is_told() {
    let ran = mqspec(&["client", "--only", "work/get", "--", "./no-such-program"]);
    assert_eq!(ran.status, Some(3));
    assert!(ran.stderr.contains("./no-such-program"), "{}", ran.stderr);
}

#[test]
fn a_program_that_never_connects_proves_nothing() {
    let answer = "echo '{\"result\": \"done\", \"version\": \"9\"}'";
    let ran = mqspec(&["client", "--only", "work/get", "--", "sh", "-c", answer]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("nobody connected"), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with("client 9: 1 case: 1 inconclusive\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_is_no_report_is_no_table() {
    let ran = mqspec(&["client", "--table", "Cargo.toml"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr.contains("no report of `mqspec client`"),
        "{}",
        ran.stderr
    );
}
