//! A run in other forms: JUnit, TAP, Markdown, a badge; and the schema of the JSON.

use std::path::PathBuf;

use boon::{Compiler, Schemas};
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use serde_json::Value;

use super::support::{Ran, SMALL, folder, mqspec, nobody};

const TARGET: &str = "tests/fixtures/cli/target.toml";

/// A run that writes everything, and where.
fn written(name: &str, arguments: &[&str]) -> (Ran, PathBuf) {
    let folder = folder(name);
    let path = |end: &str| folder.join(end).display().to_string();
    let paths = [
        ("--json", path("report.json")),
        ("--junit", path("report.xml")),
        ("--tap", path("report.tap")),
        ("--markdown", path("report.md")),
        ("--annotations", path("report.annotations")),
        ("--badge", path("report.svg")),
    ];
    let mut all = vec!["run", "--suite", SMALL, "--seed", "7", "--quiet"];
    all.extend(arguments);
    for (option, path) in &paths {
        all.extend([*option, path.as_str()]);
    }
    (mqspec(&all), folder)
}

fn read(folder: &std::path::Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("it was written")
}

fn validated(report: &Value) {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/report.schema.json");
    let mut schemas = Schemas::new();
    let compiled = Compiler::new()
        .compile(schema, &mut schemas)
        .expect("a schema");
    if let Err(error) = schemas.validate(report, compiled) {
        panic!("{error:#}");
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn junit_counts_what_the_summary_counts() {
    let (ran, folder) = written("junit", &[TARGET]);
    assert_eq!(ran.status, Some(1), "a listed case passes: {}", ran.stdout);
    let junit = Report::deserialize_from_str(&read(&folder, "report.xml")).expect("JUnit");
    let report = json(&read(&folder, "report.json"));
    let count = |name: &str| report["summary"][name].as_u64().expect("a number") as usize;
    let known = count("known_deviations");
    assert!(known > 0);
    assert_eq!(junit.tests, count("cases"));
    let forgiven = known + count("warnings");
    assert_eq!(
        junit.failures,
        count("failed") - forgiven + count("unexpected_passes")
    );
    assert_eq!(junit.errors, count("inconclusive"));
    assert_eq!(junit.skipped, count("skipped") + known);
    let suite = &junit.test_suites[0];
    assert_eq!(suite.test_cases.len(), count("cases"));
    let case = |name: &str| {
        let found = suite
            .test_cases
            .iter()
            .find(|case| case.name.as_str() == name);
        found.expect("a case")
    };
    let known = case("queue.declare/miscounted");
    assert_eq!(
        known.classname.as_ref().map(|it| it.as_str()),
        Some("queue.declare")
    );
    match &known.status {
        TestCaseStatus::Skipped { message, .. } => {
            let message = message.as_ref().expect("a reason").as_str();
            assert!(message.starts_with("known deviation: "), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_in_junit_reads_as_on_the_terminal() {
    let (ran, folder) = written("junit-failure", &[]);
    assert_eq!(ran.status, Some(1));
    let junit = Report::deserialize_from_str(&read(&folder, "report.xml")).expect("JUnit");
    let cases = &junit.test_suites[0].test_cases;
    let case = cases
        .iter()
        .find(|case| case.name.as_str() == "basic.get/empty");
    let case = case.expect("a case");
    match &case.status {
        TestCaseStatus::NonSuccess {
            kind,
            message,
            description,
            ..
        } => {
            assert_eq!(*kind, NonSuccessKind::Failure);
            let message = message.as_ref().expect("a message").as_str();
            assert!(message.contains("came, not `basic.get-ok`"), "{message}");
            let told = description.as_ref().expect("a text").as_str();
            for part in [
                "expected  < basic.get-ok",
                "▶ < basic.get-empty",
                "run this case again",
            ] {
                assert!(told.contains(part), "{told}");
            }
        }
        other => panic!("{other:?}"),
    }
    let extra = |name: &str| case.extra.get(name).map(|value| value.as_str().to_owned());
    assert_eq!(extra("file").as_deref(), Some(SMALL));
    assert_eq!(extra("line").as_deref(), Some("51"));
    let warned = cases
        .iter()
        .find(|case| case.name.as_str() == "connection.start-ok/should");
    let warned = warned.expect("a case");
    assert!(matches!(warned.status, TestCaseStatus::Success { .. }));
    let told = warned.system_out.as_ref().expect("a warning").as_str();
    assert!(told.contains("WARNING"), "{told}");
}

#[test]
fn tap_says_what_is_known_and_what_was_skipped() {
    let (_, folder) = written("tap", &[TARGET]);
    let tap = read(&folder, "report.tap");
    let points: Vec<&str> = tap
        .lines()
        .filter(|line| line.starts_with("ok ") || line.starts_with("not ok "))
        .collect();
    assert!(tap.starts_with("TAP version 14\n1..8\n"), "{tap}");
    assert_eq!(points.len(), 8, "{tap}");
    assert_eq!(
        points[0], "not ok 1 - queue.declare/reply",
        "it is listed and passes"
    );
    assert_eq!(points[2], "ok 3 - queue.declare/passive-missing");
    let todo = "not ok 2 - queue.declare/miscounted # TODO known deviation: ";
    assert!(points[1].starts_with(todo), "{tap}");
    let skip = "ok 8 - basic.deliver/elsewhere # SKIP the target does not offer";
    assert!(points[7].starts_with(skip), "{tap}");
}

#[test]
fn markdown_and_badge_tell_the_outcome_first() {
    let (_, folder) = written("markdown", &[]);
    let markdown = read(&folder, "report.md");
    let head = "## ❌ mqspec reference broker 0.1.0, AMQP 0-9-1: 2 cases break a MUST\n\n**3 of 6 passed**";
    assert!(markdown.starts_with(head), "{markdown}");
    assert!(
        markdown.contains("| &nbsp;&nbsp;❌ `basic.get` | · | · | 1 |"),
        "{markdown}"
    );
    assert!(
        markdown.contains("came `< basic.get-empty reserved-1=\"\"`"),
        "{markdown}"
    );
    assert_eq!(
        markdown.matches("<details>").count(),
        markdown.matches("</details>").count()
    );
    let badge = read(&folder, "report.svg");
    assert!(
        badge.contains("<title>AMQP 0-9-1: 3 of 6 passed</title>"),
        "{badge}"
    );
}

#[test]
fn annotations_are_one_command_for_each_case_that_is_news() {
    let (_, folder) = written("annotations", &[]);
    let text = read(&folder, "report.annotations");
    let lines: Vec<&str> = text.lines().collect();
    let [miscounted, empty, should] = lines[..] else {
        panic!("{text}");
    };
    assert!(miscounted.starts_with("::error title=queue.declare/miscounted::"));
    assert!(empty.starts_with("::error title=basic.get/empty::"));
    assert!(should.starts_with("::warning title=connection.start-ok/should::"));
    assert!(empty.ends_with("%0AMUST basic.08, CON-14"), "{empty}");
}

#[test]
fn markdown_stays_below_what_a_comment_may_hold() {
    let (_, folder) = written("bounded", &[]);
    let mut report = json(&read(&folder, "report.json"));
    let cases = report["cases"].as_array().expect("cases").clone();
    let failed = cases.iter().filter(|case| case["verdict"] == "failed");
    let failed: Vec<Value> = failed.cloned().collect();
    let many = (0..2000).map(|number| {
        let mut case = failed[number % failed.len()].clone();
        case["id"] = format!("queue.declare/{number}").into();
        case
    });
    report["cases"] = many.collect();
    let saved = folder.join("many.json");
    std::fs::write(&saved, report.to_string()).expect("it can be written");
    let saved = saved.display().to_string();
    let told = mqspec(&["report", &saved, "--suite", SMALL, "--markdown", "-"]);
    assert_eq!(told.status, Some(0), "{}", told.stderr);
    assert!(told.stdout.chars().count() < 65_536);
    assert!(
        told.stdout
            .contains(" more: the report of `--json` has all of them")
    );
    let both = mqspec(&["report", &saved, &saved, "--markdown", "-"]);
    assert!(both.stdout.chars().count() < 65_536);
}

#[test]
fn a_saved_report_tells_the_same() {
    let (_, folder) = written("saved", &[]);
    let saved = folder.join("report.json").display().to_string();
    for (option, file) in [
        ("--junit", "report.xml"),
        ("--tap", "report.tap"),
        ("--markdown", "report.md"),
        ("--annotations", "report.annotations"),
        ("--badge", "report.svg"),
    ] {
        let again = mqspec(&["report", &saved, "--suite", SMALL, option, "-"]);
        assert_eq!(again.status, Some(0), "{}", again.stderr);
        assert!(again.stdout == read(&folder, file), "{option}");
    }
    let told = mqspec(&["report", &saved]);
    assert!(
        told.stdout.contains("exit status 1: 2 cases break a MUST"),
        "{}",
        told.stdout
    );
}

#[test]
fn reports_are_as_their_schema_says() {
    let (_, folder) = written("schema", &[TARGET]);
    validated(&json(&read(&folder, "report.json")));
    let strict = mqspec(&[
        "run", "--suite", SMALL, "--strict", "--json", "-", "--only", "*/may",
    ]);
    let strict = json(&strict.stdout);
    validated(&strict);
    assert_eq!(strict["options"]["strict"], true);
    assert_eq!(strict["options"]["only"][0], "*/may");
    assert_eq!(strict["again"], format!("mqspec run --suite {SMALL}"));
}

#[test]
fn a_run_that_never_began_writes_everything_too() {
    let url = format!("amqp://{}", nobody());
    let (ran, folder) = written("never-began", &[&url]);
    assert_eq!(ran.status, Some(3));
    validated(&json(&read(&folder, "report.json")));
    let junit = Report::deserialize_from_str(&read(&folder, "report.xml")).expect("JUnit");
    assert_eq!((junit.tests, junit.errors, junit.failures), (8, 8, 0));
    assert!(read(&folder, "report.tap").contains("\nBail out! "));
    assert!(read(&folder, "report.md").starts_with("## ⛔ "));
    assert!(read(&folder, "report.svg").contains(": not run</title>"));
}

#[test]
fn files_and_reports_that_cannot_be_meant() {
    let folder = folder("no-report");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    };
    let script = file("script.json", "case a/b");
    let other = file("other.json", "{\"name\": \"package\"}");
    let newer = file("newer.json", "{\"schema\": 2, \"mqspec\": \"9.0.0\"}");
    let here = folder.display().to_string();
    let nowhere = folder.join("deeper/x.xml").display().to_string();
    let wrong: &[(&[&str], &str)] = &[
        (&["report", &script], "this is no JSON"),
        (&["report", &other], "it has no `schema`"),
        (&["report", &newer], "(9.0.0)"),
        (&["report", "/no/such.json"], "/no/such.json: "),
        (&["run", "--suite", SMALL, "--junit", &here], "--junit "),
        (&["run", "--suite", SMALL, "--tap", &nowhere], "--tap "),
        (
            &["run", "--suite", SMALL, "--against", &other],
            "it has no `schema`",
        ),
        (
            &["run", "--suite", SMALL, "--junit", "-", "--json", "-"],
            "--junit and --json both write to standard output",
        ),
        (
            &[
                "run", "--suite", SMALL, "--tap", &script, "--badge", &script,
            ],
            "--badge and --tap both write to ",
        ),
    ];
    for (arguments, why) in wrong {
        let ran = mqspec(arguments);
        assert_eq!(ran.status, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_does_not_hide_what_was_found() {
    let only = ["--suite", SMALL, "--only", "*/reply"];
    let ran = mqspec(&[&["run", "--junit", "/dev/full"][..], &only].concat());
    assert_eq!(ran.status, Some(2), "{}", ran.stderr);
    assert!(ran.stdout.contains("1 case: 1 passed"), "{}", ran.stdout);
    assert!(
        ran.stderr.starts_with("error: /dev/full: "),
        "{}",
        ran.stderr
    );
}
