//! The commands that need no broker.

use super::support::{SMALL, folder, mqspec};

#[test]
fn list_names_cases_with_their_levels_titles_and_clauses() {
    insta::assert_snapshot!(mqspec(&["list", "--suite", SMALL]).whole());
}

#[test]
fn filters_choose_together() {
    let ids = |filters: &[&str]| {
        let ran = mqspec(&[&["list", "--json", "--suite", SMALL], filters].concat());
        let list: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let ids = list.as_array().expect("a list").iter();
        ids.map(|case| case["id"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--only", "queue.*", "--skip", "*/reply"]).len(), 2);
    assert_eq!(ids(&["--clause", "DOC-08"]), ["basic.consume/same-tag"]);
    assert_eq!(ids(&["--level", "should"]), ["connection.start-ok/should"]);
    assert_eq!(ids(&["--level", "should,may"]).len(), 2);
    let parts: Vec<String> = ["1/3", "2/3", "3/3"]
        .iter()
        .flat_map(|part| ids(&["--shard", part]))
        .collect();
    let mut all = ids(&[]);
    let mut parts = parts;
    all.sort();
    parts.sort();
    assert_eq!(parts, all, "the parts hold every case once");
}

#[test]
fn list_as_json_tells_where_a_case_stands() {
    let ran = mqspec(&[
        "list",
        "--suite",
        SMALL,
        "--json",
        "--only",
        "basic.deliver/*",
    ]);
    insta::assert_snapshot!(ran.whole());
}

#[test]
fn show_draws_a_refusal_with_its_control() {
    insta::assert_snapshot!(
        mqspec(&["show", "queue.declare/passive-missing", "--suite", SMALL]).whole()
    );
}

#[test]
fn show_draws_two_connections_and_alternatives() {
    insta::assert_snapshot!(mqspec(&["show", "basic.consume/same-tag", "--suite", SMALL]).whole());
}

#[test]
fn every_example_of_the_notation_fits_into_eighty_columns() {
    let notation = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/notation.mqs");
    let list = mqspec(&["list", "--suite", notation, "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).expect("JSON");
    for case in list.as_array().expect("a list") {
        let id = case["id"].as_str().unwrap_or_default();
        let shown = mqspec(&["show", id, "--suite", notation]).stdout;
        let drawing = shown.split("\n../").next().unwrap_or_default();
        for line in drawing
            .lines()
            .take_while(|line| !line.starts_with("case "))
        {
            assert!(
                line.contains("notation.mqs:") || line.chars().count() <= 80,
                "{id}: {line}"
            );
        }
    }
}

#[test]
fn coverage_counts_commands_and_clauses() {
    let coverage = mqspec(&["coverage", "--suite", SMALL]).whole();
    // How many clauses there are is not the subject.
    let all = regex::Regex::new(r"(/|\d open of |\d reasoned, )\d+(?: open of \d+ ─*)?")
        .expect("an expression");
    let coverage = all.replace_all(&coverage, "${1}ALL");
    insta::assert_snapshot!(coverage);
}

#[test]
fn coverage_fails_where_less_is_covered_than_required() {
    let ran = mqspec(&["coverage", "--suite", SMALL, "--min-clauses", "6"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let ran = mqspec(&[
        "coverage",
        "--suite",
        SMALL,
        "--require-commands",
        "--min-clauses",
        "200",
    ]);
    assert_eq!(ran.status, Some(1));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn every_clause_has_a_case_or_a_reason_to_have_none() {
    let ran = mqspec(&["coverage", "--require-commands", "--require-clauses"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(" 0 open of 224"), "{}", ran.stdout);
}

#[test]
fn coverage_names_the_clauses_that_have_neither_a_case_nor_a_reason() {
    let ran = mqspec(&["coverage", "--suite", SMALL, "--require-clauses"]);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr.contains("no case proves these"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(" FRM-02 "), "{}", ran.stderr);
    assert!(!ran.stderr.contains(" DOC-08 "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("basic.deliver.01"), "{}", ran.stderr);
}

#[test]
fn coverage_refuses_a_case_of_what_is_said_to_be_unprovable() {
    let suite = folder("unprovable").join("suite.mqs");
    let case = "case a/b\n  \"t\"\n  clause basic.deliver.01\n  > basic.qos\n  < basic.qos-ok\n";
    std::fs::write(&suite, case).expect("a script");
    let suite = suite.display().to_string();
    let ran = mqspec(&["coverage", "--suite", &suite, "--require-clauses"]);
    assert_eq!(ran.status, Some(1));
    let told = "cases prove what is said to be unprovable: basic.deliver.01";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn coverage_as_json_names_the_cases_of_each_clause() {
    let ran = mqspec(&["coverage", "--suite", SMALL, "--json"]);
    let coverage: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let clauses = coverage["clauses"].as_array().expect("a list");
    let clause = clauses
        .iter()
        .find(|clause| clause["id"] == "DOC-08")
        .expect("the clause");
    assert_eq!(
        clause["cases"],
        serde_json::json!(["basic.consume/same-tag"])
    );
    assert_eq!(coverage["commands"].as_array().map(Vec::len), Some(64));
}

#[test]
fn decode_takes_octets_apart() {
    let octets = "414d515000000901 \
        01 0001 0000000e 003c0028 0000 00 0571756575 65 00 ce \
        02 0001 0000001a 003c 0000 0000000000000002 9000 0a746578742f706c61696e 02 ce \
        03 0001 00000002 6869 ce";
    insta::assert_snapshot!(mqspec(&["decode", octets]).whole());
}

#[test]
fn decode_tells_what_is_wrong_where_and_by_which_clause() {
    insta::assert_snapshot!(
        mqspec(&[
            "decode",
            "01 0001 00000006 0014000a0978 ce 08 0000 00000000 00"
        ])
        .whole()
    );
}

#[test]
fn decode_reads_files_of_digits_and_of_octets() {
    let folder = folder("decode");
    let (digits, octets) = (folder.join("digits"), folder.join("octets"));
    std::fs::write(&digits, "0x08 00 00 00 00 00 00 ce\n").expect("written");
    std::fs::write(&octets, [8, 0, 0, 0, 0, 0, 0, 0xce]).expect("written");
    let printed = |path: &std::path::Path| mqspec(&["decode", &path.display().to_string()]).stdout;
    assert_eq!(
        printed(&digits),
        "     0  heartbeat, channel 0, 8 octets\n        heartbeat\n"
    );
    assert_eq!(printed(&digits), printed(&octets));
}

#[test]
fn every_script_of_the_specifications_is_laid_out_evenly() {
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs");
    let check = mqspec(&["fmt", "--check", specs]);
    assert_eq!(
        (check.status, check.stdout.as_str()),
        (Some(0), ""),
        "mqspec fmt specs"
    );
}

#[test]
fn fmt_lays_scripts_out_and_check_only_names_them() {
    let folder = folder("fmt");
    let path = folder.join("a.mqs");
    let uneven = "case a/b\n  \"A title\"\n  clause X-1\n  >   queue.declare   queue=\"q1\"\n  < queue.declare-ok\n";
    std::fs::write(&path, uneven).expect("written");
    let folder = folder.display().to_string();
    let check = mqspec(&["fmt", "--check", &folder]);
    assert_eq!(
        (check.status, check.stdout.trim()),
        (Some(1), path.to_str().expect("UTF-8"))
    );
    assert_eq!(std::fs::read_to_string(&path).expect("read"), uneven);
    assert_eq!(mqspec(&["fmt", &folder]).status, Some(0));
    assert!(
        std::fs::read_to_string(&path)
            .expect("read")
            .contains("\n  > queue.declare queue=q1\n")
    );
    let check = mqspec(&["fmt", "--check", &folder]);
    assert_eq!((check.status, check.stdout.as_str()), (Some(0), ""));
}

#[test]
fn targets_are_named() {
    let ran = mqspec(&["targets"]);
    assert_eq!(ran.status, Some(0));
    assert!(
        ran.stdout.contains("reference  via embedded or process, "),
        "{}",
        ran.stdout
    );
}

#[test]
fn help_shows_examples() {
    let ran = mqspec(&["run", "--help"]);
    assert_eq!(ran.status, Some(0));
    assert!(
        ran.stdout.contains("mqspec run rabbitmq --via container"),
        "{}",
        ran.stdout
    );
}
