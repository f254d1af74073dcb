//! Comparisons of reports that are made up.

use std::time::Duration;

use super::*;
use crate::report::layout::{WIDTH, columns};
use crate::report::paint::Paint;
use crate::run::{Deviation, Octets, TargetReport, Verdict};

fn case(id: &str, verdict: Verdict, level: &str, known: bool) -> CaseReport {
    CaseReport {
        id: id.to_owned(),
        title: "It does".to_owned(),
        verdict,
        clauses: Vec::new(),
        level: level.to_owned(),
        file: "a.mqs".to_owned(),
        line: 1,
        generated: false,
        duration_ms: 1,
        detail: String::new(),
        transcript: "case a/b\n".to_owned(),
        octets: Octets::default(),
        finding: None,
        notes: Vec::new(),
        known: known.then(|| Deviation {
            case: id.to_owned(),
            reason: "r".to_owned(),
            source: "s".to_owned(),
        }),
        sent: Vec::new(),
        received: Vec::new(),
    }
}

fn must(id: &str, verdict: Verdict) -> CaseReport {
    case(id, verdict, "MUST", false)
}

fn report(name: &str, via: &str, version: &str, cases: Vec<CaseReport>) -> RunReport {
    let target = TargetReport {
        name: name.to_owned(),
        product: Some("Broker".to_owned()),
        version: Some(version.to_owned()),
        via: via.to_owned(),
    };
    RunReport::new(target, cases, [], Duration::from_secs(1), None)
}

#[test]
fn every_broker_has_a_name_of_its_own() {
    let reports = [
        report("own", "process", "1.0", Vec::new()),
        report("own", "process", "2.0", Vec::new()),
        report("amqp://u@h:1", "url", "2.0", Vec::new()),
        report("amqp://u@h:2", "url", "2.0", Vec::new()),
    ];
    let names = Comparison::new(&reports).names;
    assert_eq!(
        names,
        ["own 1.0", "own 2.0", "Broker 2.0 #3", "Broker 2.0 #4"]
    );
}

#[test]
fn what_somebody_fails_comes_first_and_what_is_known_is_a_failure() {
    use Verdict::{Failed, Inconclusive, Lenient, Passed, Skipped};
    let left = vec![
        must("a/skipped", Skipped),
        must("a/known", Passed),
        must("a/lenient", Passed),
        must("a/hangs", Passed),
        must("a/here", Passed),
    ];
    let right = vec![
        must("a/skipped", Passed),
        case("a/known", Failed, "MUST", true),
        must("a/lenient", Lenient),
        must("a/hangs", Inconclusive),
    ];
    let reports = [
        report("left", "process", "1", left),
        report("right", "process", "1", right),
    ];
    let comparison = Comparison::new(&reports);
    let groups = comparison.groups();
    let first: Vec<&str> = groups.iter().map(|group| group.cases[0]).collect();
    assert_eq!(first, ["a/known", "a/hangs", "a/skipped", "a/here"]);
    assert_eq!(comparison.absent(), [vec![], vec!["a/here"]]);
    let row = &comparison.rows()["a"];
    let cell = |passed, asked, gravest| {
        Some(Cell {
            passed,
            asked,
            gravest,
        })
    };
    assert_eq!(row[0], cell(4, 4, Standing::Passed));
    assert_eq!(row[1], cell(2, 4, Standing::Unproved));
    let told = told(&comparison, false, Paint::new(false));
    assert!(
        told.contains("    1  right fails; left passes\n         a/known"),
        "{told}"
    );
    assert!(
        told.contains("right was not asked 1 case that others were"),
        "{told}"
    );
}

#[test]
fn any_number_of_brokers_fits_into_80_columns() {
    for many in [2, 4, 5, 7, 12] {
        let reports: Vec<RunReport> = (0..many)
            .map(|number| {
                let id = "malformed.header-table-array-longer-than-the-table/of-a-publish";
                let cases = vec![must(id, Verdict::Failed)];
                report(
                    &format!("a-broker-with-a-long-name-{number}"),
                    "process",
                    "1",
                    cases,
                )
            })
            .collect();
        let comparison = Comparison::new(&reports);
        let paint = Paint::new(false);
        let texts = [table(&comparison, false, paint), sum(&comparison, paint)];
        for line in texts.iter().flat_map(|text| text.lines()) {
            assert!(columns(line) <= WIDTH, "{many}: {line}");
        }
        let shown = texts[0].matches("0/1 ✗").count();
        assert_eq!(shown, many, "{}", texts[0]);
    }
}

#[test]
fn a_change_alarms_unless_it_is_known() {
    let before = report(
        "b",
        "process",
        "1",
        vec![
            must("a/broken", Verdict::Passed),
            must("a/known", Verdict::Passed),
            case("a/should", Verdict::Passed, "SHOULD", false),
            must("a/mended", Verdict::Failed),
            must("a/gone", Verdict::Passed),
            must("a/not-chosen", Verdict::Passed),
        ],
    );
    let now = report(
        "b",
        "process",
        "2",
        vec![
            must("a/broken", Verdict::Failed),
            case("a/known", Verdict::Failed, "MUST", true),
            case("a/should", Verdict::Failed, "SHOULD", false),
            must("a/mended", Verdict::Passed),
            must("a/new", Verdict::Failed),
            case("a/new-should", Verdict::Failed, "SHOULD", false),
        ],
    );
    let changes = Changes::between(&before, &now, |case| case.id != "a/not-chosen");
    let alarming: Vec<&str> = changes.alarming().map(|case| case.id.as_str()).collect();
    assert_eq!(alarming, ["a/broken", "a/should", "a/new"]);
    assert_eq!((changes.red.len(), changes.green.len()), (3, 1));
    assert_eq!((changes.new.len(), changes.gone.len()), (2, 1));
    assert_eq!(changes.exit_status(), 1);
    let same = Changes::between(&now, &now, |_| true);
    assert!(same.is_empty() && same.exit_status() == 0);
}
