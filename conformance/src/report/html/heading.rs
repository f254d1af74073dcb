//! The outcome in a sentence, and each run in a row of numbers.

use std::collections::HashSet;

use crate::report::Standing;
use crate::report::layout::{counted, grouped};
use crate::run::RunReport;

/// The standings that a row counts, the gravest first.
const TOLD: [Standing; 9] = [
    Standing::Failed,
    Standing::Unproved,
    Standing::Surprise,
    Standing::Warning,
    Standing::Known,
    Standing::Lenient,
    Standing::Passed,
    Standing::Skipped,
    Standing::NotRun,
];

/// One run, as the table at the top shows it.
#[derive(Debug)]
pub(super) struct Row {
    /// What it is called on the page.
    pub label: String,
    /// How the broker was reached.
    pub via: String,
    /// `passes`, `fails` or `cut short`.
    pub outcome: &'static str,
    /// One sign that says the same.
    pub mark: char,
    /// The exit status.
    pub status: u8,
    /// How many cases stand how, the gravest first, without those that count none.
    pub counts: Vec<Count>,
    /// How many seconds it took.
    pub seconds: String,
    /// What can be told of it beside: seed, cases on brokers of their own, why it ended early.
    pub remarks: Vec<String>,
}

/// How many cases of a run stand so.
#[derive(Debug)]
pub(super) struct Count {
    /// The standing's name in style sheets.
    pub key: &'static str,
    /// Its name for a person.
    pub name: &'static str,
    /// Its sign.
    pub mark: char,
    /// How many.
    pub count: usize,
    /// How many, for a person.
    pub figure: String,
    /// How large a part of all they are, in hundredths.
    pub share: String,
}

/// The sign of a standing: another one for each, so that no colour is needed to tell them apart.
pub(super) fn mark(standing: Standing) -> char {
    match standing {
        Standing::NotRun => '–',
        Standing::Lenient => '◐',
        Standing::Surprise => '↑',
        other => other.mark(),
    }
}

impl Row {
    pub(super) fn new(report: &RunReport, label: &str) -> Row {
        let all = report.cases.len().max(1);
        let counts = TOLD.into_iter().map(|standing| {
            let count = count(report, standing);
            Count {
                key: standing.key(),
                name: standing.name(),
                mark: mark(standing),
                count,
                figure: grouped(count),
                share: format!("{:.3}", 100.0 * count as f64 / all as f64),
            }
        });
        let (outcome, mark) = match (&report.aborted, report.summary.exit_status) {
            (Some(_), _) => ("cut short", '?'),
            (None, 0) => ("passes", '✓'),
            (None, _) => ("fails", '✗'),
        };
        Row {
            label: label.to_owned(),
            via: report.target.via.clone(),
            outcome,
            mark,
            status: report.summary.exit_status,
            counts: counts.filter(|count| count.count > 0).collect(),
            seconds: format!("{:.1} s", report.summary.duration_ms as f64 / 1000.0),
            remarks: remarks(report),
        }
    }
}

fn remarks(report: &RunReport) -> Vec<String> {
    let aborted = report.aborted.clone();
    // Where it has no product, the label is the target's name already.
    let target = report.target.product.as_ref();
    let target = target.map(|_| format!("target {}", report.target.name));
    let began = report
        .began
        .as_deref()
        .map(|began| format!("begun {}", minutes(began)));
    let seed = report.seed.map(|seed| format!("seed {seed}"));
    let apart = report
        .apart
        .map(|apart| format!("{} on a broker of their own", counted(apart, "case")));
    aborted
        .into_iter()
        .chain(target)
        .chain(began)
        .chain(seed)
        .chain(apart)
        .collect()
}

/// A time of RFC 3339 in UTC, as people write it: `2026-11-26 22:14 UTC`. Other texts stay as they are.
fn minutes(time: &str) -> String {
    match (
        time.get(..10),
        time.get(10..11),
        time.get(11..16),
        time.ends_with('Z'),
    ) {
        (Some(day), Some("T"), Some(minute), true) => format!("{day} {minute} UTC"),
        _ => time.to_owned(),
    }
}

/// What each run is called: the broker's own name and version, else the target's name. Where two are alike the target's
/// name is added, or else how it was reached, or else a number.
pub(super) fn labels(reports: &[RunReport]) -> Vec<String> {
    let names = reports.iter().map(|report| report.target.called());
    let names: Vec<String> = names.collect();
    let label = |index: usize| {
        let alike: Vec<usize> = (0..names.len())
            .filter(|other| names[*other] == names[index])
            .collect();
        let targets: HashSet<&str> = alike
            .iter()
            .map(|at| reports[*at].target.name.as_str())
            .collect();
        let ways: HashSet<&str> = alike
            .iter()
            .map(|at| reports[*at].target.via.as_str())
            .collect();
        let (name, target) = (&names[index], &reports[index].target);
        let number = 1 + alike.iter().filter(|at| **at < index).count();
        match alike.len() {
            1 => name.clone(),
            count if targets.len() == count => format!("{name}, {}", target.name),
            count if ways.len() == count => format!("{name}, {}", target.via),
            _ => format!("{name} #{number}"),
        }
    };
    (0..reports.len()).map(label).collect()
}

/// The title of the browser's tab.
pub(super) fn title(labels: &[String]) -> String {
    format!("{} · mqspec", labels.join(", "))
}

/// The outcome in a sentence or two.
pub(super) fn sentence(reports: &[RunReport], rows: &[Row]) -> String {
    match (reports, rows) {
        ([report], [row]) => alone(report, row),
        _ => several(rows),
    }
}

fn alone(report: &RunReport, row: &Row) -> String {
    let label = &row.label;
    if let Some(why) = &report.aborted {
        return format!("{label} was not judged to the end: {why}");
    }
    let count = |standing| count(report, standing);
    let asked = report.cases.len() - count(Standing::Skipped) - count(Standing::NotRun);
    let right = count(Standing::Passed) + count(Standing::Lenient);
    let of_all = match (right == asked, asked) {
        (_, 0) => "no case was asked".to_owned(),
        (true, 1) => "its one case holds".to_owned(),
        (true, _) => format!("all {} cases hold", grouped(asked)),
        (false, _) => format!("{} of {} cases hold", grouped(right), grouped(asked)),
    };
    let told = [
        (Standing::Failed, "breaks a MUST", "break a MUST"),
        (Standing::Unproved, "proves nothing", "prove nothing"),
        (
            Standing::Surprise,
            "passes and is listed as a known deviation",
            "pass and are listed as known deviations",
        ),
        (Standing::Warning, "breaks a SHOULD", "break a SHOULD"),
        (
            Standing::Known,
            "deviates as is known",
            "deviate as is known",
        ),
    ];
    let parts = told
        .into_iter()
        .filter_map(|(standing, one, many)| match count(standing) {
            0 => None,
            1 => Some(format!("1 {one}")),
            several => Some(format!("{} {many}", grouped(several))),
        });
    let parts: Vec<String> = std::iter::once(of_all).chain(parts).collect();
    format!("{label} {}: {}.", row.outcome, listed(&parts))
}

fn several(rows: &[Row]) -> String {
    let those = |outcome: &str| {
        let those = rows.iter().filter(|row| row.outcome == outcome);
        those.map(|row| row.label.clone()).collect::<Vec<String>>()
    };
    let verb = |names: &[String], one: &str, many: &str| match names.len() {
        1 => one.to_owned(),
        _ => many.to_owned(),
    };
    let mut parts = Vec::new();
    for (outcome, one, many) in [
        ("passes", "passes", "pass"),
        ("fails", "fails", "fail"),
        (
            "cut short",
            "was not judged to the end",
            "were not judged to the end",
        ),
    ] {
        let names = those(outcome);
        if !names.is_empty() {
            parts.push(format!("{} {}", listed(&names), verb(&names, one, many)));
        }
    }
    format!("{}.", parts.join("; "))
}

/// `a`, `a and b`, `a, b and c`
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn count(report: &RunReport, standing: Standing) -> usize {
    let cases = report.cases.iter();
    cases.filter(|case| Standing::of(case) == standing).count()
}
