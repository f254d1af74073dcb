//! Whatever is wrong with what the program is given: one message, the right exit status, no hang.

use std::io::{Read, Write};
use std::process::Stdio;

use super::support::{Ran, SMALL, command, folder, mortal, mqspec, nobody, script, server, steady};

/// A broker of the test's own.
fn broker() -> (tokio::runtime::Runtime, reference_broker::server::Server) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(reference_broker::server::Server::start(Default::default()));
    (runtime, server.expect("a port is free"))
}

fn refused(arguments: &[&str], status: i32) -> String {
    let Ran {
        status: got,
        stdout,
        stderr,
    } = mqspec(arguments);
    assert_eq!(got, Some(status), "{stderr}");
    assert_eq!(stdout, "");
    assert!(!stderr.contains("panicked"), "{stderr}");
    steady(&stderr)
}

#[test]
fn a_broker_that_nobody_started() {
    let said = refused(
        &["run", &format!("amqp://{}", nobody()), "--suite", SMALL],
        3,
    );
    insta::assert_snapshot!(said);
}

#[test]
fn a_port_that_speaks_http() {
    let address = server(|mut client| {
        let mut request = [0; 8];
        // Whatever happens to the client is the client's affair.
        let _ = client.read_exact(&mut request);
        let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    });
    let said = refused(&["run", &format!("amqp://{address}"), "--suite", SMALL], 3);
    insta::assert_snapshot!(said);
}

#[test]
fn a_port_that_hangs_up() {
    let address = server(drop);
    let said = refused(&["run", &format!("amqp://{address}"), "--suite", SMALL], 3);
    assert!(said.starts_with("error: 127.0.0.1:PORT: "), "{said}");
}

#[test]
fn a_port_that_says_nothing() {
    let address = server(std::mem::forget);
    let said = refused(
        &[
            "run",
            &format!("amqp://{address}"),
            "--suite",
            SMALL,
            "--timeout",
            "1",
        ],
        3,
    );
    assert!(said.contains("nothing more came"), "{said}");
    assert!(said.contains("does not speak AMQP"), "{said}");
}

#[test]
fn a_password_that_is_wrong() {
    let (_runtime, server) = broker();
    let url = format!("amqp://guest:secret@{}", server.address());
    let said = refused(&["run", &url, "--suite", SMALL], 3);
    assert!(!said.contains("secret"), "{said}");
    insta::assert_snapshot!(said);
}

#[test]
fn a_broker_that_dies_in_the_middle_leaves_what_was_found_before() {
    let (_runtime, server) = broker();
    // The greeting, and two for each case: the case itself and the proof that the broker is alive.
    let url = format!("amqp://{}", mortal(server.address(), 5));
    let json = folder("dies").join("report.json");
    let json = json.display().to_string();
    let arguments = [
        "run",
        &url,
        "--suite",
        SMALL,
        "--jobs",
        "1",
        "--timeout",
        "5",
        "--json",
        &json,
    ];
    let Ran {
        status,
        stdout,
        stderr,
    } = mqspec(&arguments);
    assert_eq!(status, Some(3), "{stdout}{stderr}");
    assert!(
        stdout.contains("exit status 3: the broker was lost"),
        "{stdout}"
    );
    let report = std::fs::read_to_string(json).expect("the report was written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["cases"][0]["verdict"], "passed");
    assert_eq!(report["cases"][1]["verdict"], "failed");
    assert_eq!(
        report["cases"][5]["detail"],
        "not run: the broker was lost before"
    );
    assert_eq!(report["summary"]["exit_status"], 3);
    assert!(report["aborted"].is_string());
}

#[test]
fn a_report_is_written_even_if_no_broker_is_there() {
    let json = folder("nobody").join("report.json");
    let json = json.display().to_string();
    refused(
        &[
            "run",
            &format!("amqp://{}", nobody()),
            "--suite",
            SMALL,
            "--json",
            &json,
        ],
        3,
    );
    let report = std::fs::read_to_string(json).expect("the report was written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["summary"]["exit_status"], 3);
    assert_eq!(
        report["summary"]["inconclusive"],
        report["summary"]["cases"]
    );
}

#[test]
fn targets_that_cannot_be_meant() {
    for target in [
        "amqp://",
        "http://localhost",
        "nosuchbroker",
        "amqp://localhost:99999",
    ] {
        refused(&["run", target, "--suite", SMALL], 2);
    }
}

#[test]
fn a_script_with_mistakes_is_shown_with_the_place_of_each() {
    let path = script(
        "mistakes",
        "case a.b/c\n  \"A title\"\n  clause FRM-011\n  > queue.declrae queue=$q\n  < queue.declare-ok mesage-count=0\n",
    );
    let said = refused(&["run", "--suite", &path], 2);
    let said = said.replace(&path, "case.mqs");
    insta::assert_snapshot!(said);
}

#[test]
fn files_that_are_not_there() {
    let missing = folder("missing").join("deeper/report.json");
    let missing = missing.display().to_string();
    let here = folder("empty").display().to_string();
    let wrong: &[&[&str]] = &[
        &["run", "--suite", "/no/such/folder"],
        &["run", "--suite", &here],
        &["run", "--suite", SMALL, "--json", &missing],
        &["run", "--suite", SMALL, "--json", &here],
        &["run", "--suite", SMALL, "--transcripts", SMALL],
        &["fmt", "/no/such/file.mqs"],
        &["decode", "no-such-file"],
    ];
    for arguments in wrong {
        let said = refused(arguments, 2);
        assert!(said.starts_with("error: "), "{said}");
    }
}

#[test]
fn a_choice_that_chooses_nothing() {
    let wrong: &[&[&str]] = &[
        &["--only", "queue.declare/replay"],
        &["--only", "queue.declare"],
        &["--skip", "tx.*"],
        &["--only", "[a"],
        &["--clause", "DOC-8"],
        &["--clause", "FRM-17"],
        &["--only", "queue.*", "--clause", "DOC-08"],
        &["--shard", "9/9"],
    ];
    let mut said = String::new();
    for filters in wrong {
        let arguments = [&["list", "--suite", SMALL], *filters].concat();
        said.push_str(&format!(
            "$ mqspec list {}\n{}\n",
            filters.join(" "),
            refused(&arguments, 2)
        ));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_case_that_does_not_exist() {
    let said = refused(&["show", "queue.declare/replie", "--suite", SMALL], 2);
    assert!(
        said.contains("did you mean `queue.declare/reply`?"),
        "{said}"
    );
}

#[test]
fn words_that_the_command_line_does_not_know() {
    for (arguments, hint) in [
        (&["runn"][..], "'run'"),
        (&["run", "--jsn", "x"], "'--json'"),
        (&["run", "--level", "most"], "must"),
        (&["run", "--jobs", "0"], "1..=1024"),
        (&["run", "--shard", "3/2"], "I/N"),
        (&["run", "--via", "pigeon"], "pigeon"),
        (&["run", "--quiet", "-v"], "--verbose"),
    ] {
        let said = refused(arguments, 2);
        assert!(said.contains(hint), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let mut command = command(&["list"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let ran = Ran::new(child.wait_with_output().expect("it ends"));
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
}
