//! `mqspec decoder` on a decoder that answers as it should, and on the same with one fault.

use std::process::{Command, Output};

const MQSPEC: &str = env!("CARGO_BIN_EXE_mqspec");

fn decoder(arguments: &[&str], command: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Command::new(MQSPEC);
    program
        .arg("decoder")
        .args(arguments)
        .arg("--")
        .args(command);
    let Output {
        status,
        stdout,
        stderr,
    } = program.output().expect("the program runs");
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("UTF-8 is printed");
    (status.code(), text(stdout), text(stderr))
}

/// The titles of what was found in the right decoder behind a filter of its answers.
fn found_behind(filter: &str) -> Vec<String> {
    let pipe = format!("'{MQSPEC}' decode --serve | {filter}");
    let (status, stdout, stderr) = decoder(&["--count", "200"], &["sh", "-c", &pipe]);
    assert_eq!(status, Some(1), "{stdout}{stderr}");
    let rules = stdout
        .lines()
        .filter(|line| line.starts_with("── ") && !line.contains("what the text leaves"));
    rules
        .map(|line| {
            line.trim_matches(['─', ' '])
                .split_once("  ")
                .map_or("", |(_, title)| title)
                .to_owned()
        })
        .collect()
}

#[test]
fn a_decoder_that_answers_as_it_should_has_no_findings() {
    let (status, stdout, stderr) = decoder(
        &["--count", "500", "--seed", "5"],
        &[MQSPEC, "decode", "--serve"],
    );
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("0 findings"), "{stdout}");
    assert!(!stdout.contains("never told"), "{stdout}");
}

#[test]
fn a_flag_that_is_read_wrong_is_the_one_finding() {
    let filter = r#"sed -u 's/"durable":true/"durable":false/'"#;
    assert_eq!(
        found_behind(filter),
        ["reads another value than exchange.declare holds: durable"]
    );
}

#[test]
fn what_is_no_decoder_is_told_what_one_does() {
    for command in [&["true"][..], &["echo", "hello"], &["cat"]] {
        let (status, stdout, stderr) = decoder(&[], command);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(
            stderr.contains("does not answer as a decoder has to"),
            "{stderr}"
        );
        assert!(stderr.contains("docs/decoder.md"), "{stderr}");
    }
    let (status, _, stderr) = decoder(&["--timeout", "1"], &["sleep", "60"]);
    assert_eq!(status, Some(2), "{stderr}");
    assert!(stderr.contains("flushed"), "{stderr}");
    let (status, _, stderr) = decoder(&[], &["/nowhere/at/all"]);
    assert_eq!(status, Some(3), "{stderr}");
    assert!(stderr.contains("cannot be started"), "{stderr}");
    let (status, _, stderr) = decoder(&["--only", "xyz"], &["true"]);
    assert_eq!(status, Some(2), "{stderr}");
}
