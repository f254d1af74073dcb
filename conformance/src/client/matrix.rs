//! Clients side by side: clauses against clients, in Markdown.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::report::{CaseResult, ClientReport};
use crate::dialect::Dialect;
use crate::run::Verdict;

/// What a clause came to with one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Nothing,
    Open,
    Passed,
    Failed,
}

/// A row for each clause that a case is about or that a client broke, a column for each client.
pub fn matrix(reports: &[ClientReport], dialect: &dyn Dialect) -> String {
    let mut text = String::from("| clause | level |");
    for report in reports {
        let version = report.version.as_deref().unwrap_or("");
        // A string takes no errors.
        let _ = write!(text, " {} |", format!("{} {version}", report.client).trim());
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(reports.len()));
    text.push('\n');
    for clause in clauses(reports, dialect) {
        let level = dialect
            .clauses()
            .get(&clause)
            .map(|it| it.level.to_string());
        let _ = write!(text, "| `{clause}` | {} |", level.unwrap_or_default());
        for report in reports {
            let _ = write!(text, " {} |", shown(report, &clause));
        }
        text.push('\n');
    }
    let _ = write!(text, "| **cases passed** | |");
    for report in reports {
        let passed = report.count(Verdict::Passed) + report.count(Verdict::Lenient);
        let asked = report.cases.len() - report.count(Verdict::Skipped);
        let _ = write!(text, " **{passed} of {asked}** |");
    }
    text.push('\n');
    text
}

/// The clauses in the order of the catalogue.
fn clauses(reports: &[ClientReport], dialect: &dyn Dialect) -> Vec<String> {
    let cases = reports.iter().flat_map(|report| &report.cases);
    let asked = cases.flat_map(|case| &case.clauses);
    let broken = reports.iter().flat_map(|report| &report.conduct);
    let all: BTreeSet<&String> = asked.chain(broken.map(|it| &it.clause)).collect();
    let known = dialect.clauses().iter().map(|clause| &clause.id);
    known.filter(|id| all.contains(id)).cloned().collect()
}

fn shown(report: &ClientReport, clause: &str) -> String {
    let about = report
        .cases
        .iter()
        .filter(|case| case.clauses.iter().any(|it| it == clause));
    let about: Vec<&CaseResult> = about.collect();
    let fails = |case: &&&CaseResult| {
        let to_blame = case
            .clause
            .as_deref()
            .or(case.clauses.first().map(String::as_str));
        case.verdict == Verdict::Failed && to_blame == Some(clause)
    };
    let failed = about.iter().filter(fails).count();
    let conduct = report.conduct.iter().any(|it| it.clause == clause);
    let cell = |case: &&CaseResult| match case.verdict {
        Verdict::Passed | Verdict::Lenient => Cell::Passed,
        Verdict::Inconclusive => Cell::Open,
        // It failed for another of its clauses, and says nothing of this one.
        Verdict::Failed | Verdict::Skipped => Cell::Nothing,
    };
    let worst = match failed > 0 || conduct {
        true => Cell::Failed,
        false => about.iter().map(cell).max().unwrap_or(Cell::Nothing),
    };
    match worst {
        Cell::Failed if failed > 0 => format!("**✗** {failed} of {}", about.len()),
        Cell::Failed => "**✗**".to_owned(),
        Cell::Passed => "✓".to_owned(),
        Cell::Open => "?".to_owned(),
        Cell::Nothing => "–".to_owned(),
    }
}
