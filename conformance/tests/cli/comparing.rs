//! Brokers side by side, and a run beside the one before it.

use super::support::{Ran, SMALL, folder, mqspec, nobody, script, steady};

const TARGET: &str = "tests/fixtures/cli/target.toml";

fn compare(arguments: &[&str]) -> Ran {
    mqspec(&[&["compare"], arguments].concat())
}

#[test]
fn brokers_that_are_the_same_differ_in_nothing() {
    let ran = compare(&["reference", TARGET, "--suite", SMALL, "--seed", "7"]);
    assert_eq!(ran.status, Some(1), "the worst of both: {}", ran.stderr);
    assert!(
        ran.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.stdout
    );
    insta::assert_snapshot!(ran.whole());
}

/// A report of the small suite, by a broker that fails what the other one passes.
fn saved(name: &str, more: &[&str]) -> String {
    let path = folder(name).join("report.json").display().to_string();
    let ran = mqspec(&[&["run", "--suite", SMALL, "--quiet", "--json", &path], more].concat());
    assert!(ran.status < Some(2), "{}", ran.stderr);
    path
}

#[test]
fn reports_of_different_choices_tell_what_each_lacks() {
    let all = saved("compare-all", &[]);
    let some = saved("compare-some", &["--only", "queue.*"]);
    let ran = compare(&["--from", &all, &some, "--suite", SMALL]);
    assert_eq!(
        ran.status,
        Some(0),
        "saved reports weigh nothing: {}",
        ran.stderr
    );
    let said = "reference 0.1.0 #2 was not asked 5 cases that others were";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    let queues = compare(&["--from", &all, &some, "--suite", SMALL, "--only", "queue.*"]);
    assert!(
        queues.stdout.contains("the brokers differ in no case"),
        "{}",
        queues.stdout
    );
}

#[test]
fn a_broker_that_is_not_there_is_a_column_and_the_status() {
    let url = format!("amqp://{}", nobody());
    let json = folder("compare-nobody")
        .join("both.json")
        .display()
        .to_string();
    let only = ["--suite", SMALL, "--only", "*/reply", "--json", &json];
    let ran = compare(&[&["reference", &url][..], &only].concat());
    assert_eq!(ran.status, Some(3), "{}", ran.stdout);
    assert!(ran.stdout.contains("reference passes; "), "{}", ran.stdout);
    assert!(ran.stdout.contains(": not run"), "{}", ran.stdout);
    let again = compare(&["--from", &json, "--suite", SMALL]);
    assert_eq!(
        again.status,
        Some(0),
        "a file may hold both: {}",
        again.stderr
    );
    let again = compare(&["--from", &json, &json, "--markdown", "-"]);
    assert_eq!(again.status, Some(0), "{}", again.stderr);
    assert!(
        again.stdout.starts_with("## 1 case on 4 brokers\n"),
        "{}",
        again.stdout
    );
}

/// A suite of three cases, of which the second expects so many messages in an empty queue.
fn counting(name: &str, messages: u32, third: &str) -> String {
    let case = |id: &str, count: u32| {
        format!(
            "case a/{id}\n  \"It is empty\"\n  clause DOC-04\n  > queue.declare queue=$q exclusive=true\n  \
             < queue.declare-ok message-count={count}\n\n"
        )
    };
    script(
        name,
        &[case("first", 1), case("second", messages), case(third, 1)].concat(),
    )
}

#[test]
fn a_run_tells_what_changed_since_the_one_before() {
    let (right, wrong) = (counting("right", 0, "old"), counting("wrong", 1, "new"));
    let reports = folder("changes");
    let path = |name: &str| reports.join(name).display().to_string();
    let (before, now) = (path("before.json"), path("now.json"));
    let run = |suite: &str, more: &[&str]| {
        mqspec(&[&["run", "--suite", suite, "--quiet"], more].concat())
    };
    run(&right, &["--json", &before]);
    let ran = run(&wrong, &["--against", &before, "--json", &now]);
    assert_eq!(ran.status, Some(1));
    let told = ran
        .stdout
        .split("── changes since")
        .nth(1)
        .expect("the changes");
    let told = told.split_once('\n').map(|(_, told)| steady(told));
    insta::assert_snapshot!(told.unwrap_or_default());
    let saved = compare(&["--from", &before, &now, "--changes"]);
    assert_eq!(saved.status, Some(1), "{}", saved.stderr);
    assert!(
        saved.stdout.contains("✗ a/second  passed → failed"),
        "{}",
        saved.stdout
    );
    let back = compare(&["--from", &now, &before, "--changes"]);
    assert!(
        back.stdout.contains("1 case turned green"),
        "{}",
        back.stdout
    );
    let same = compare(&["--from", &now, &now, "--changes"]);
    assert_eq!(same.status, Some(0), "{}", same.stderr);
    assert!(same.stdout.contains("nothing changed"), "{}", same.stdout);
    let only = run(&wrong, &["--against", &before, "--only", "a/first"]);
    let told = only
        .stdout
        .split("── changes since")
        .nth(1)
        .expect("the changes");
    assert!(
        told.contains("gone") && !told.contains("a/second"),
        "{told}"
    );
}

#[test]
fn comparisons_that_cannot_be_meant() {
    for (arguments, why) in [
        (&["reference"][..], "two brokers or more"),
        (
            &["reference", "amqp://h:99999", "--suite", SMALL],
            "the target's URL cannot be used",
        ),
        (
            &["reference", "nosuchbroker", "--suite", SMALL],
            "no target is called `nosuchbroker`",
        ),
        (
            &["reference", "container:reference", "--suite", SMALL],
            "its file offers",
        ),
        (
            &["reference", "reference", "reference", "--changes"],
            "give two",
        ),
    ] {
        let ran = compare(arguments);
        assert_eq!(ran.status, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
        assert_eq!(ran.stdout, "", "nothing is run before");
    }
}
