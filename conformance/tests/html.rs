//! The page for a browser: one file that loads nothing, with all that the reports tell, whatever they tell.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use mqspec::dialect::amqp;
use mqspec::report::html::{PageError, page};
use mqspec::run::RunReport;
use mqspec::suite::Suite;
use serde_json::{Value, json};

/// What a broker may want to do to whoever reads about it.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)><!--";

fn suite() -> Suite {
    Suite::embedded(amqp::dialect()).expect("the embedded suite")
}

fn written(reports: &[RunReport]) -> String {
    page(reports, &suite(), amqp::dialect()).expect("a page")
}

fn case(id: &str, verdict: &str, more: Value) -> Value {
    let mut case = json!({
        "id": id, "title": "A title", "verdict": verdict, "clauses": ["CON-10"], "level": "MUST",
        "file": "specs/amqp-0-9-1/suite/basic-ack-refused.mqs", "line": 110, "duration_ms": 3, "detail": "",
        "transcript": format!("case {id}\n  \"A title\"\n  open at=tcp\n  > protocol-header\n  < connection.start\n"),
        "sent": ["protocol-header"], "received": ["connection.start"],
    });
    for (key, value) in more.as_object().expect("fields") {
        case[key] = value.clone();
    }
    case
}

fn report(name: &str, version: &str, cases: Vec<Value>) -> RunReport {
    let count = |verdict: &str| {
        cases
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .count()
    };
    let report = json!({
        "schema": 1,
        "target": { "name": name, "product": "A broker", "version": version, "via": "process" },
        "summary": {
            "cases": cases.len(), "passed": count("passed"), "lenient": 0, "failed": count("failed"), "skipped": 0,
            "inconclusive": 0, "known_deviations": 0, "unexpected_passes": 0, "warnings": 0, "duration_ms": 1234,
            "exit_status": usize::from(count("failed") > 0),
        },
        "cases": cases,
        "commands": [{ "command": "connection.start", "sent": 0, "received": 1, "passed": 1, "failed": 0 }],
        "facts": [],
        "seed": 7,
    });
    serde_json::from_value(report).expect("a report")
}

fn hostile() -> RunReport {
    let finding = json!({
        "line": 121, "expected": [HOSTILE], "came": HOSTILE, "why": HOSTILE, "clause": null, "control": false,
    });
    let transcript = format!(
        "case x/y\n  \"t\"\n  open at=tcp\n  < channel.close reply-text={HOSTILE:?}  # <- here\n"
    );
    let wrong = json!({
        "title": HOSTILE, "detail": HOSTILE, "finding": finding, "transcript": transcript, "notes": [HOSTILE],
        "known": { "case": "x/y", "reason": HOSTILE, "source": "javascript:alert(1)" },
    });
    let mut report = report(HOSTILE, HOSTILE, vec![case("x/y", "failed", wrong)]);
    report.target.product = Some(HOSTILE.to_owned());
    report.aborted = Some(HOSTILE.to_owned());
    report
}

/// A part of the page's data, as the browser unpacks it.
fn part(page: &str, id: &str) -> Value {
    let begin = format!("<script type=\"application/octet-stream\" id=\"{id}\">");
    let (_, rest) = page.split_once(&begin).expect("the part");
    let (packed, _) = rest.split_once("</script>").expect("its end");
    let packed = STANDARD.decode(packed).expect("base64");
    let mut text = String::new();
    let unpacked = GzDecoder::new(packed.as_slice()).read_to_string(&mut text);
    unpacked.expect("gzip of UTF-8");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_page_loads_nothing() {
    let page = written(&[report(
        "a",
        "1",
        vec![case("basic.ack/twice", "passed", json!({}))],
    )]);
    for loads in [
        " src=",
        "<link",
        "@import",
        "url(",
        "<iframe",
        "<object",
        "<base",
        "fetch(",
        "XMLHttpRequest",
        "import(",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert!(page.contains("default-src 'none'"), "and is forbidden to");
    assert_eq!(
        page.matches("http").count(),
        page.matches("http-equiv").count() + page.matches("^https?:").count()
    );
}

#[test]
fn what_a_broker_says_is_no_markup() {
    let page = written(&[hostile()]);
    assert!(!page.contains("<img"), "it stands there as text or packed");
    assert!(
        page.contains("&#60;/script&#62;"),
        "the heading tells the broker's name"
    );
    // Each script that the frame opens is closed by the frame.
    let scripts = page.matches("<script").count();
    assert_eq!(page.matches("</script>").count(), scripts);
    let index = part(&page, "index");
    assert_eq!(index["runs"][0]["cases"][0]["finding"]["came"], HOSTILE);
}

#[test]
fn every_case_is_there_with_its_clauses_its_script_and_its_exchange() {
    let octets = json!({ "octets": ["", "414d5150", "01"] });
    let first = report("a", "1", vec![case("basic.ack/twice", "passed", octets)]);
    let lost = json!({ "transcript": "no script at all" });
    let second = report(
        "b",
        "2",
        vec![
            case("queue.gone/elsewhere", "failed", lost),
            case("basic.ack/twice", "skipped", json!({ "transcript": "" })),
        ],
    );
    let page = written(&[first, second]);
    let index = part(&page, "index");
    let ids: Vec<&str> = index["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter_map(|case| case["id"].as_str())
        .collect();
    assert_eq!(
        ids,
        ["basic.ack/twice", "queue.gone/elsewhere"],
        "a case of one run only is a case"
    );
    assert_eq!(index["runs"][0]["cases"][1], Value::Null);
    let standing = index["runs"][1]["cases"][1]["standing"]
        .as_u64()
        .expect("a place") as usize;
    assert_eq!(index["standings"][standing]["key"], "failed");
    let clause = &index["clauses"]["CON-10"];
    assert!(
        clause["text"].as_str().is_some_and(|text| !text.is_empty()),
        "{clause}"
    );
    let sources = part(&page, "sources");
    assert!(
        sources[0]
            .as_str()
            .is_some_and(|text| text.starts_with("case basic.ack/twice\n"))
    );
    assert_eq!(sources[1], "", "the suite has no such case");
    let exchange = part(&page, "exchange-0");
    let steps = exchange["cases"][0][1].as_array().expect("steps");
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[0]["opens"], json!([""]));
    let said = steps[1].clone();
    assert_eq!(said, -1, "it was not said before");
    assert_eq!(
        exchange["said"][0],
        json!(["", null, ">", "protocol-header", [], [], "414d5150"])
    );
    let second = part(&page, "exchange-1");
    assert_eq!(
        second["cases"],
        json!([["queue.gone/elsewhere", "no script at all"]]),
        "in the other nothing was said"
    );
}

#[test]
fn the_heading_is_the_outcome() {
    let heading = |reports: &[RunReport]| {
        let page = written(reports);
        let (_, rest) = page.split_once("<h1>").expect("a heading");
        rest.split_once("</h1>").expect("its end").0.to_owned()
    };
    let passed = || case("basic.ack/twice", "passed", json!({}));
    let good = || report("good", "1.0", vec![passed()]);
    let bad = report(
        "bad",
        "2.0",
        vec![passed(), case("basic.ack/x", "failed", json!({}))],
    );
    assert_eq!(
        heading(&[good()]),
        "A broker 1.0 passes: its one case holds."
    );
    assert_eq!(
        heading(std::slice::from_ref(&bad)),
        "A broker 2.0 fails: 1 of 2 cases hold and 1 breaks a MUST."
    );
    assert_eq!(
        heading(&[good(), bad]),
        "A broker 1.0 passes; A broker 2.0 fails."
    );
    let twice = heading(&[good(), good()]);
    assert_eq!(
        twice, "A broker 1.0 #1 and A broker 1.0 #2 pass.",
        "two runs of one broker are told apart"
    );
}

#[test]
fn thousands_of_cases_of_three_brokers_are_a_small_file() {
    let suite = suite();
    let cases = || {
        suite.cases.iter().map(|(file, each)| {
            // What a script expects is about what is said.
            let said = suite.source(&each.id).expect("a source");
            case(
                &each.id,
                "passed",
                json!({ "file": file, "line": each.line, "transcript": said }),
            )
        })
    };
    let reports = ["a", "b", "c"].map(|name| report(name, name, cases().collect()));
    let page = page(&reports, &suite, amqp::dialect()).expect("a page");
    assert!(page.len() < 3_000_000, "{} octets", page.len());
}

#[test]
fn no_report_is_no_page() {
    let none = page(&[], &suite(), amqp::dialect());
    assert!(matches!(none, Err(PageError::Empty)), "{none:?}");
}
