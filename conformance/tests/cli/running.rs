//! Runs against the embedded broker.

use super::support::{Running, SMALL, folder, mqspec, script, steady};

#[test]
fn a_run_tells_what_went_wrong_and_the_sum() {
    let ran = mqspec(&["run", "--suite", SMALL, "--jobs", "1", "--seed", "7"]);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stdout
            .lines()
            .all(|line| line.chars().count() <= 80 || line.contains(SMALL)),
        "{}",
        ran.stdout
    );
    insta::assert_snapshot!(ran.whole());
}

#[test]
fn a_quiet_run_is_a_line_for_each_fault_and_the_sum() {
    let ran = mqspec(&["run", "--suite", SMALL, "--quiet", "--seed", "7"]);
    assert_eq!(ran.status, Some(1));
    insta::assert_snapshot!(ran.whole());
}

#[test]
fn known_deviations_are_forgiven_and_may_not_disappear() {
    let target = "tests/fixtures/cli/target.toml";
    let listed = ["--only", "*/miscounted", "--only", "*/empty"];
    let run =
        |more: &[&str]| mqspec(&[&["run", target, "--suite", SMALL, "--seed", "7"], more].concat());
    let forgiven = run(&listed);
    assert_eq!(forgiven.status, Some(0), "{}", forgiven.stdout);
    assert!(
        forgiven
            .stdout
            .contains("~ 2 known deviations (-v shows them)"),
        "{}",
        forgiven.stdout
    );
    let ran = run(&["-v", "--only", "queue.*"]);
    assert_eq!(
        ran.status,
        Some(1),
        "a listed case that passes fails the run"
    );
    // Cases run side by side, and so in any order.
    let sum = ran.stdout.split("── cases").nth(1).unwrap_or_default();
    insta::assert_snapshot!(steady(sum));
}

#[test]
fn a_run_in_which_nothing_fails_exits_with_zero() {
    let ran = mqspec(&[
        "run", "--suite", SMALL, "--only", "*/reply", "--only", "*/should", "--quiet",
    ]);
    assert_eq!(ran.status, Some(0), "a broken SHOULD warns: {}", ran.stdout);
    assert!(ran.stdout.contains("exit status 0: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 warning"), "{}", ran.stdout);
}

#[test]
fn a_page_is_written_whatever_the_outcome() {
    let folder = folder("page");
    let path = folder.join("report.html");
    std::fs::write(&path, "what was there before, and longer").expect("written");
    let named = path.to_str().expect("UTF-8");
    let ran = mqspec(&["run", "--suite", SMALL, "--quiet", "--html", named]);
    assert_eq!(ran.status, Some(1));
    let page = std::fs::read_to_string(&path).expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    let lost = mqspec(&["run", "amqp://127.0.0.1:1", "--quiet", "--html", named]);
    assert_eq!(lost.status, Some(3));
    let page = std::fs::read_to_string(&path).expect("a page");
    assert!(
        page.contains("was not judged to the end"),
        "a person may wait for it"
    );
    let nowhere = mqspec(&["run", "--html", "/nowhere/report.html"]);
    assert_eq!(nowhere.status, Some(2));
    assert!(
        nowhere.stderr.contains("--html /nowhere/report.html: "),
        "{}",
        nowhere.stderr
    );
}

#[test]
fn json_on_standard_output_stands_alone() {
    let ran = mqspec(&["run", "--suite", SMALL, "--json", "-", "--seed", "7"]);
    let report: serde_json::Value =
        serde_json::from_str(&ran.stdout).expect("JSON and nothing else");
    assert_eq!(report["schema"], 1);
    assert_eq!(report["seed"], 7);
    assert_eq!(report["target"]["via"], "embedded");
    assert_eq!(report["commands"].as_array().map(Vec::len), Some(64));
    let keys: Vec<&String> = report.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "again", "began", "cases", "commands", "facts", "mqspec", "options", "protocol",
            "schema", "seed", "summary", "target"
        ]
    );
    assert!(
        ran.stderr.contains("what went wrong"),
        "a person reads standard error: {}",
        ran.stderr
    );
}

#[test]
fn every_field_of_the_report_is_described() {
    let ran = mqspec(&["run", "--suite", SMALL, "--json", "-", "--quiet"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let described =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/report.md"));
    let described = described.expect("docs/report.md");
    let mut names = Vec::new();
    collect(&report, &mut names);
    for name in names {
        assert!(
            described.contains(&format!("`{name}`")),
            "docs/report.md does not speak of `{name}`"
        );
    }
}

fn collect(value: &serde_json::Value, names: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                if !names.contains(name) {
                    names.push(name.clone());
                }
                collect(value, names);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

#[test]
fn a_transcript_is_a_script_that_can_be_run_again() {
    let folder = folder("transcripts");
    let folder = folder.display().to_string();
    mqspec(&["run", "--suite", SMALL, "--transcripts", &folder, "--quiet"]);
    let ran = mqspec(&[
        "run",
        "--suite",
        &folder,
        "--only",
        "*/reply",
        "--only",
        "*/passive-missing",
        "--quiet",
    ]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("2 cases: 2 passed"), "{}", ran.stdout);
}

#[test]
fn an_interrupted_run_tells_what_it_found() {
    let suite = script(
        "interrupted",
        "case a/quick\n  \"It replies\"\n  clause DOC-04\n  > queue.declare queue=$q exclusive=true\n  \
         < queue.declare-ok\n\ncase a/slow\n  \"It takes a minute\"\n  clause DOC-04\n  group timed\n  \
         > queue.declare queue=$q exclusive=true\n  < queue.declare-ok\n  wait 60s\n",
    );
    let json = folder("interrupted-report").join("report.json");
    let json = json.display().to_string();
    let mut run = Running::start(&[
        "run",
        "--suite",
        &suite,
        "-v",
        "--json",
        &json,
        "--timeout",
        "100",
    ]);
    let first = run.line();
    assert!(steady(&first).starts_with("✓ a/quick"), "{first}");
    let (rest, status) = run.signal("INT");
    assert_eq!(status, Some(130), "{rest}");
    assert!(rest.contains("1 passed, 1 not run"), "{rest}");
    let report = std::fs::read_to_string(json).expect("the report was written");
    assert!(report.contains("\"exit_status\": 130"), "{report}");
}

#[test]
fn colours_are_for_those_who_ask() {
    let run = |arguments: &[&str]| {
        mqspec(&[&["run", "--suite", SMALL, "--quiet"], arguments].concat()).stdout
    };
    assert!(!run(&[]).contains('\x1b'));
    assert!(run(&["--color", "always"]).contains('\x1b'));
}

#[test]
fn a_run_may_end_with_the_first_failure() {
    let suite = script(
        "first-failure",
        "case a/wrong\n  \"It is empty, and is said to hold a message\"\n  clause DOC-04\n  \
         > queue.declare queue=$q exclusive=true\n  < queue.declare-ok message-count=1\n\ncase a/unasked\n  \
         \"It would be right\"\n  clause DOC-04\n  > queue.declare queue=$q exclusive=true\n  < queue.declare-ok\n",
    );
    let run = |more: &[&str]| mqspec(&[&["run", "--suite", &suite, "--jobs", "1"], more].concat());
    let whole = run(&["--quiet"]);
    assert!(
        whole.stdout.contains("1 passed, 1 failed"),
        "{}",
        whole.stdout
    );
    let ended = run(&["--fail-fast"]);
    assert_eq!(ended.status, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains("✗ a/wrong"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("1 failed, 1 not run"),
        "{}",
        ended.stdout
    );
    let well = run(&["--fail-fast", "--only", "a/unasked"]);
    assert_eq!(well.status, Some(0), "{}", well.stdout);
}

#[test]
fn a_strict_run_also_fails_for_a_should_and_for_a_may() {
    for case in ["*/should", "*/may"] {
        let run = |more: &[&str]| {
            let arguments = ["run", "--suite", SMALL, "--only", case, "--quiet"];
            mqspec(&[&arguments, more].concat())
        };
        assert_eq!(run(&[]).status, Some(0));
        let ran = run(&["--strict"]);
        assert_eq!(ran.status, Some(1), "{}", ran.stdout);
        let told = "exit status 1: 1 case breaks a SHOULD or a MAY";
        assert!(ran.stdout.contains(told), "{}", ran.stdout);
        assert_eq!(run(&["--strict", "--fail-fast"]).status, Some(1));
    }
    let right = ["run", "--suite", SMALL, "--only", "*/reply", "--strict"];
    assert_eq!(mqspec(&right).status, Some(0));
}
