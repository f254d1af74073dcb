//! Comparisons in Markdown, within what a comment of a pull request may hold.

use super::text::who;
use super::{Cell, Change, Changes, Comparison};
use crate::report::Standing;
use crate::report::layout::{counted, grouped};
use crate::report::markup::{code, escaped, sign};
use crate::run::CaseReport;

/// How many octets it may have: GitHub takes 65,536 characters.
const LIMIT: usize = 60_000;
/// How many cases of a group are named.
const NAMED: usize = 12;
/// How many changes of a kind are told.
const TOLD: usize = 50;

pub(super) fn comparison(comparison: &Comparison<'_>) -> String {
    let mut text = format!(
        "## {} on {}\n\n{}\n{}",
        counted(comparison.len(), "case"),
        counted(comparison.names.len(), "broker"),
        brokers(comparison),
        sections(comparison)
    );
    let groups = comparison.groups();
    let all: usize = groups.iter().map(|group| group.cases.len()).sum();
    text.push_str(&format!(
        "\n<details><summary>{} on which they differ</summary>\n\n",
        counted(all, "case")
    ));
    let end = "\n</details>\n";
    for group in groups {
        let named: Vec<String> = group.cases.iter().take(NAMED).map(|id| code(id)).collect();
        let left = match group.cases.len().saturating_sub(NAMED) {
            0 => String::new(),
            left => format!(" and {left} more"),
        };
        let line = format!(
            "- **{}** {}: {}{left}\n",
            grouped(group.cases.len()),
            escaped(&who(&group.sides, &comparison.names)),
            named.join(", ")
        );
        if text.len() + line.len() + end.len() > LIMIT {
            text.push_str("- …\n");
            break;
        }
        text.push_str(&line);
    }
    text.push_str(end);
    text
}

/// What each broker is, and how it fares as a whole.
fn brokers(comparison: &Comparison<'_>) -> String {
    let mut lines = vec![
        "| broker | version | via | passed | lenient | known | failed | inconclusive | skipped | time |"
            .to_owned(),
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|".to_owned(),
    ];
    for (name, report) in comparison.names.iter().zip(comparison.reports()) {
        let count = |wanted: &[Standing]| {
            let cases = report.cases.iter();
            let cases = cases.filter(|case| wanted.contains(&Standing::of(case)));
            grouped(cases.count())
        };
        let target = &report.target;
        lines.push(format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1} s |",
            escaped(name),
            escaped(&target.said()),
            escaped(&target.via),
            count(&[Standing::Passed, Standing::Surprise]),
            count(&[Standing::Lenient]),
            count(&[Standing::Known]),
            count(&[Standing::Failed, Standing::Warning]),
            count(&[Standing::Unproved, Standing::NotRun]),
            count(&[Standing::Skipped]),
            report.summary.duration_ms as f64 / 1000.0
        ));
    }
    format!("{}\n", lines.join("\n"))
}

fn sections(comparison: &Comparison<'_>) -> String {
    let names: Vec<String> = comparison.names.iter().map(|name| escaped(name)).collect();
    let mut lines = vec![
        format!("| | {} |", names.join(" | ")),
        format!("|---|{}", "--:|".repeat(names.len())),
    ];
    for (section, cells) in comparison.rows() {
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        lines.push(format!("| `{section}` | {} |", cells.join(" | ")));
    }
    format!("{}\n", lines.join("\n"))
}

fn cell(cell: Option<Cell>) -> String {
    match cell {
        None => "·".to_owned(),
        Some(Cell {
            passed,
            asked,
            gravest,
        }) => format!("{passed}/{asked} {}", sign(gravest)),
    }
}

impl Changes<'_> {
    /// What turned red, what turned green, and what else is not as it was, in Markdown.
    pub fn markdown(&self, since: &str) -> String {
        let alarming = self.alarming().count();
        let head = match alarming {
            0 => format!("✅ nothing turned red since {since}"),
            some => format!(
                "❌ {} red that was not since {since}",
                counted(some, "case")
            ),
        };
        let mut text = format!("## {}\n", escaped(&head));
        let changes = [
            ("turned red", &self.red),
            ("turned green", &self.green),
            ("changed otherwise", &self.other),
        ];
        for (title, changes) in changes {
            let lines = changes.iter().map(|Change { before, now }| {
                let (old, new) = (Standing::of(before), Standing::of(now));
                format!(
                    "- {} {}: {} → {}",
                    sign(new),
                    code(&now.id),
                    old.name(),
                    new.name()
                )
            });
            list(&mut text, title, changes.len(), lines);
        }
        for (title, cases) in [("new", &self.new), ("gone", &self.gone)] {
            let lines = cases.iter().map(|case: &&CaseReport| {
                let standing = Standing::of(case);
                format!(
                    "- {} {}: {}",
                    sign(standing),
                    code(&case.id),
                    standing.name()
                )
            });
            list(&mut text, title, cases.len(), lines);
        }
        text
    }
}

fn list(text: &mut String, title: &str, count: usize, lines: impl Iterator<Item = String>) {
    if count == 0 {
        return;
    }
    text.push_str(&format!("\n### {} {title}\n\n", counted(count, "case")));
    for line in lines.take(TOLD) {
        text.push_str(&format!("{line}\n"));
    }
    if let Some(left @ 1..) = count.checked_sub(TOLD) {
        text.push_str(&format!("- … and {left} more\n"));
    }
}
