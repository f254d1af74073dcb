//! What is said at the end of a run.

use super::layout::{counted, rule, wrapped};
use super::paint::Paint;
use super::{Standing, Teller, commands, lists, sections};
use crate::run::RunReport;

/// The end of a run: cases by section, commands, what is known, new, skipped or chosen, and the sum. `full` is false
/// for a person who wants the sum alone.
pub fn closing(report: &RunReport, teller: &Teller<'_>, full: bool) -> String {
    let mut blocks: Vec<String> = Vec::new();
    if full {
        // Whoever runs one case again looks at what came of it, and at no tables.
        if report.cases.len() > 1 || teller.verbose {
            blocks.push(sections::tree(report, teller));
            blocks.push(commands::table(report, teller));
        }
        blocks.extend(lists::deviations(report, teller));
        blocks.extend(lists::skipped(report, teller));
        blocks.extend(lists::notes(report, teller));
    }
    blocks.extend(lists::surprises(report, teller));
    blocks.extend(lists::wrong(report, teller));
    blocks.push(sum(report, teller));
    blocks
        .iter()
        .map(|block| format!("{}\n", block.trim_end()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn sum(report: &RunReport, teller: &Teller<'_>) -> String {
    let paint = teller.paint;
    let summary = &report.summary;
    let mut lines = vec![paint.bold(rule(&target(report)))];
    let count = |standing| {
        report
            .cases
            .iter()
            .filter(|case| Standing::of(case) == standing)
            .count()
    };
    let told = [
        Standing::Passed,
        Standing::Lenient,
        Standing::Failed,
        Standing::Warning,
        Standing::Known,
        Standing::Surprise,
        Standing::Unproved,
        Standing::Skipped,
        Standing::NotRun,
    ];
    let parts = told
        .into_iter()
        .filter_map(|standing| match count(standing) {
            0 => None,
            1 => Some(format!("1 {}", standing.name())),
            several => Some(format!("{several} {}", plural(standing))),
        });
    let parts: Vec<String> = parts.collect();
    let cases = counted(report.cases.len(), "case");
    lines.extend(wrapped(&format!("{cases}: {}", parts.join(", ")), "", "  "));
    let run = report
        .cases
        .iter()
        .filter(|case| case.was_run() && Standing::of(case) != Standing::Skipped)
        .count();
    let seconds = summary.duration_ms as f64 / 1000.0;
    let rate = match seconds > 0.0 {
        true => format!(" ({:.0} cases per second)", run as f64 / seconds),
        false => String::new(),
    };
    let seed = report
        .seed
        .map(|seed| format!(", seed {seed}"))
        .unwrap_or_default();
    lines.push(format!("{seconds:.1} s{rate}{seed}"));
    if let Some(apart) = report.apart {
        let told = format!(
            "{} judged on a broker of {} own, since a shared one may make cases each other's victims",
            counted(apart, "case"),
            if apart == 1 { "its" } else { "their" },
        );
        lines.extend(wrapped(&told, "", "  "));
    }
    for line in wrapped(&meaning(report), "", "  ") {
        lines.push(status(paint, summary.exit_status, line));
    }
    lines.join("\n")
}

fn plural(standing: Standing) -> &'static str {
    match standing {
        Standing::Known => "known deviations",
        Standing::Warning => "warnings",
        other => other.name(),
    }
}

fn status(paint: Paint, status: u8, line: String) -> String {
    match status {
        0 => paint.good(line),
        _ => paint.bad(line),
    }
}

/// What was tested, in a few words.
fn target(report: &RunReport) -> String {
    let target = &report.target;
    let said = target.said();
    match said.is_empty() {
        true => format!("{} ({})", target.name, target.via),
        false => format!("{}: {said} ({})", target.name, target.via),
    }
}

/// The exit status in words.
pub fn meaning(report: &RunReport) -> String {
    let summary = &report.summary;
    let count = |standing| {
        report
            .cases
            .iter()
            .filter(|case| Standing::of(case) == standing)
            .count()
    };
    if let Some(aborted) = &report.aborted {
        return format!("exit status {}: {aborted}", summary.exit_status);
    }
    if summary.exit_status == 0 {
        let warned = match count(Standing::Warning) {
            0 => String::new(),
            warnings => format!(
                " ({}: SHOULD, which does not fail a run)",
                counted(warnings, "warning")
            ),
        };
        return format!("exit status 0: nothing failed that is not a known deviation{warned}");
    }
    let reasons = [
        (
            count(Standing::Failed),
            "case",
            "breaks a MUST",
            "break a MUST",
        ),
        (
            count(Standing::Unproved),
            "case",
            "proved nothing",
            "proved nothing",
        ),
        (
            count(Standing::Surprise),
            "known deviation",
            "is none any more",
            "are none any more",
        ),
    ];
    let reasons =
        reasons
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, what, one, several)| {
                format!(
                    "{} {}",
                    counted(count, what),
                    if count == 1 { one } else { several }
                )
            });
    let mut reasons: Vec<String> = reasons.collect();
    // Only a strict run fails for no other reason.
    if reasons.is_empty() {
        let kinds = [
            (
                Standing::Warning,
                "breaks a SHOULD or a MAY",
                "break a SHOULD or a MAY",
            ),
            (
                Standing::Lenient,
                "does what is not recommended",
                "do what is not recommended",
            ),
        ];
        for (standing, one, several) in kinds {
            match count(standing) {
                0 => {}
                1 => reasons.push(format!("1 case {one}")),
                more => reasons.push(format!("{more} cases {several}")),
            }
        }
    }
    format!(
        "exit status {}: {}",
        summary.exit_status,
        reasons.join(", ")
    )
}
