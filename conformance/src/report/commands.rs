//! The command table: how each command of the protocol fared.

use std::collections::BTreeMap;

use super::layout::{WIDTH, rule};
use super::{Standing, Teller};
use crate::run::{CaseReport, CommandReport, RunReport};
use crate::suite::section;

/// How wide the column of the families is.
const FAMILY: usize = 12;

/// Every command of the table with its mark, by family.
pub(super) fn table(report: &RunReport, teller: &Teller<'_>) -> String {
    let paint = teller.paint;
    let names: Vec<&str> = report
        .commands
        .iter()
        .map(|row| row.command.as_str())
        .collect();
    let standings = standings(report);
    let mut families: Vec<(&str, Vec<(&str, Standing)>)> = Vec::new();
    for (name, standing) in names.iter().zip(standings) {
        let (family, rest) = name.split_once('.').unwrap_or((name, name));
        match families.last_mut() {
            Some((last, members)) if *last == family => members.push((rest, standing)),
            _ => families.push((family, vec![(rest, standing)])),
        }
    }
    let exercised = report
        .commands
        .iter()
        .filter(|row| row.sent + row.received > 0)
        .count();
    let title = format!("commands: {exercised} of {} exercised", names.len());
    let mut lines = vec![paint.bold(rule(&title))];
    for (family, members) in families {
        let cell = members
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or_default()
            + 4;
        let per_line = ((WIDTH - FAMILY) / cell).max(1);
        for (index, chunk) in members.chunks(per_line).enumerate() {
            let label = if index == 0 { family } else { "" };
            let mut line = format!("{label:FAMILY$}");
            for (place, (name, standing)) in chunk.iter().enumerate() {
                let width = if place + 1 == chunk.len() {
                    0
                } else {
                    cell - 2
                };
                line.push_str(
                    &standing.paint(paint, format!("{} {name:<width$}", standing.mark())),
                );
            }
            lines.push(line);
        }
    }
    let legend = [
        (Standing::Passed, "passed"),
        (Standing::Failed, "failed"),
        (Standing::Warning, "warning"),
        (Standing::Known, "known deviation"),
        (Standing::Unproved, "unproved"),
        (Standing::NotRun, "not exercised"),
    ];
    let legend =
        legend.map(|(standing, name)| standing.paint(paint, format!("{} {name}", standing.mark())));
    lines.push(legend.join("  "));
    lines.join("\n")
}

/// The standing of each command: the gravest of the cases that are about it, else that some case with it passed.
pub(super) fn standings(report: &RunReport) -> Vec<Standing> {
    let names: Vec<&str> = report
        .commands
        .iter()
        .map(|row| row.command.as_str())
        .collect();
    let mut gravest: BTreeMap<&str, Standing> = BTreeMap::new();
    for case in &report.cases {
        let standing = Standing::of(case);
        let touched: Vec<&str> = match standing {
            Standing::NotRun | Standing::Skipped => Vec::new(),
            Standing::Passed | Standing::Lenient | Standing::Surprise => exercised(case, &names),
            _ => about(case, &names),
        };
        for name in touched {
            let kept = gravest.entry(name).or_insert(Standing::NotRun);
            *kept = match (*kept, standing) {
                (kept, Standing::Lenient | Standing::Surprise) => kept.max(Standing::Passed),
                (kept, standing) => kept.max(standing),
            };
        }
    }
    let standing = |row: &CommandReport| match gravest.get(row.command.as_str()) {
        Some(standing) => *standing,
        // It was seen only where something else went wrong, which proves nothing about it.
        None if row.sent + row.received > 0 => Standing::Unproved,
        None => Standing::NotRun,
    };
    report.commands.iter().map(standing).collect()
}

/// Which commands were sent or received in a case.
pub(super) fn exercised<'n>(case: &CaseReport, names: &[&'n str]) -> Vec<&'n str> {
    let used = |name: &&&str| {
        case.sent
            .iter()
            .chain(&case.received)
            .any(|used| used == **name)
    };
    names.iter().filter(used).copied().collect()
}

/// Which commands a case is about: the one that its section names, else those that were expected when it went wrong.
/// All others in it only led there.
pub(super) fn about<'n>(case: &CaseReport, names: &[&'n str]) -> Vec<&'n str> {
    let named: Vec<&str> = names
        .iter()
        .filter(|name| **name == section(&case.id))
        .copied()
        .collect();
    if !named.is_empty() {
        return named;
    }
    let expected = case.finding.iter().flat_map(|finding| &finding.expected);
    let words: Vec<&str> = expected.flat_map(|text| text.split_whitespace()).collect();
    names
        .iter()
        .filter(|name| words.contains(name))
        .copied()
        .collect()
}
