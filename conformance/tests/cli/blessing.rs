//! `mqspec bless`

use super::support::{SMALL, mqspec, script, steady};

#[test]
fn what_came_replaces_what_was_expected() {
    let small = std::fs::read_to_string(SMALL).expect("the suite");
    let path = script("bless", &small);
    let ran = mqspec(&["bless", "queue.declare/miscounted", "--suite", &path]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!(steady(&ran.stdout.replace(&path, "case.mqs")));
    let blessed = std::fs::read_to_string(&path).expect("the suite");
    let wanted = small.replace("message-count=7", "message-count=0");
    assert_eq!(blessed, wanted, "nothing else was touched");
    let ran = mqspec(&["bless", "queue.declare/miscounted", "--suite", &path]);
    assert_eq!(
        ran.stdout,
        "queue.declare/miscounted passed: nothing to bless\n"
    );
}

#[test]
fn another_command_is_named_without_fields_that_it_does_not_have() {
    let small = std::fs::read_to_string(SMALL).expect("the suite");
    let path = script("bless-other", &small);
    let ran = mqspec(&["bless", "basic.get/empty", "--suite", &path]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let blessed = std::fs::read_to_string(&path).expect("the suite");
    assert!(blessed.contains("\n  < basic.get-empty\n"), "{blessed}");
}
