//! Lists at the end of a run: what is known, new, skipped, chosen, or wrong.

use std::collections::BTreeMap;

use super::layout::{WIDTH, columns, counted, flowed, rule, wrapped};
use super::{Standing, Teller};
use crate::run::{CaseReport, RunReport};
use crate::suite::section;

fn standing<'r>(report: &'r RunReport, wanted: &[Standing]) -> Vec<&'r CaseReport> {
    report
        .cases
        .iter()
        .filter(|case| wanted.contains(&Standing::of(case)))
        .collect()
}

/// The known deviations, each in a line, or how many there are.
pub(super) fn deviations(report: &RunReport, teller: &Teller<'_>) -> Option<String> {
    let known = standing(report, &[Standing::Known]);
    if known.is_empty() {
        return None;
    }
    let paint = teller.paint;
    let title = counted(known.len(), "known deviation");
    if !teller.verbose {
        return Some(paint.warn(format!("~ {title} (-v shows them)")));
    }
    let mut lines = vec![paint.bold(rule(&title))];
    for case in known {
        lines.push(paint.warn(format!("~ {}", case.id)));
        let reason = case
            .known
            .as_ref()
            .map(|known| known.reason.as_str())
            .unwrap_or_default();
        lines.extend(wrapped(reason, "    ", "    "));
    }
    Some(lines.join("\n"))
}

/// The listed deviations whose case passes.
pub(super) fn surprises(report: &RunReport, teller: &Teller<'_>) -> Option<String> {
    let found = standing(report, &[Standing::Surprise]);
    if found.is_empty() {
        return None;
    }
    let title = format!(
        "{} passed: take it off the target's list",
        counted(found.len(), "known deviation")
    );
    let mut lines = vec![teller.paint.bold(rule(&title))];
    lines.extend(
        found
            .iter()
            .map(|case| teller.paint.bad(format!("! {}", case.id))),
    );
    Some(lines.join("\n"))
}

/// Ids by what they have in common, with the commonest first.
fn grouped<'r>(
    pairs: impl IntoIterator<Item = (&'r str, &'r str)>,
) -> Vec<(&'r str, Vec<&'r str>)> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (what, id) in pairs {
        groups.entry(what).or_default().push(id);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    groups
}

fn groups(title: String, groups: Vec<(&str, Vec<&str>)>, teller: &Teller<'_>) -> Option<String> {
    if groups.is_empty() {
        return None;
    }
    let mut lines = vec![teller.paint.bold(rule(&title))];
    for (what, ids) in groups {
        lines.extend(wrapped(what, &format!("{:>5}  ", ids.len()), "       "));
        if teller.verbose {
            let ids = flowed(ids.into_iter().map(str::to_owned), 11);
            lines.extend(ids.into_iter().map(|line| teller.paint.dim(line)));
        }
    }
    Some(lines.join("\n"))
}

/// What was skipped, by reason.
pub(super) fn skipped(report: &RunReport, teller: &Teller<'_>) -> Option<String> {
    let skipped = standing(report, &[Standing::Skipped]);
    let reasons = skipped.iter().map(|case| {
        let reason = match &case.finding {
            Some(_) => "a MAY that the broker does not offer",
            None => case.detail.as_str(),
        };
        (reason, case.id.as_str())
    });
    groups(
        format!("{} skipped", skipped.len()),
        grouped(reasons),
        teller,
    )
}

/// How many cases are named beside a note.
const NAMED: usize = 3;

/// What the broker chose where the text leaves a choice, by section.
pub(super) fn notes(report: &RunReport, teller: &Teller<'_>) -> Option<String> {
    let told = standing(
        report,
        &[Standing::Passed, Standing::Lenient, Standing::Surprise],
    );
    let mut sections: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for case in told {
        let section = section(&case.id);
        let name = case
            .id
            .strip_prefix(section)
            .unwrap_or(&case.id)
            .trim_start_matches('/');
        let notes = case.notes.iter().map(|note| (note.as_str(), name));
        sections.entry(section).or_default().extend(notes);
    }
    sections.retain(|_, notes| !notes.is_empty());
    if sections.is_empty() {
        return None;
    }
    let mut lines = vec![
        teller
            .paint
            .bold(rule("chosen where the text leaves a choice")),
    ];
    for (section, notes) in sections {
        lines.push(section.to_owned());
        for (note, names) in grouped(notes) {
            let names = match teller.verbose || names.len() <= NAMED {
                true => names.join(", "),
                false => counted(names.len(), "case"),
            };
            lines.extend(wrapped(&format!("{names}: {note}"), "  ", "    "));
        }
    }
    Some(lines.join("\n"))
}

/// What went wrong, each in a line, or in two where it does not fit.
pub(super) fn wrong(report: &RunReport, teller: &Teller<'_>) -> Option<String> {
    let wrong = standing(
        report,
        &[Standing::Failed, Standing::Unproved, Standing::Warning],
    );
    if wrong.is_empty() {
        return None;
    }
    let mut lines = vec![teller.paint.bold(rule("what went wrong"))];
    for case in wrong {
        let standing = Standing::of(case);
        let line = case
            .finding
            .as_ref()
            .map_or(case.line, |finding| finding.line);
        let place = format!("{}:{line}", case.file);
        let name = format!("{} {}", standing.mark(), case.id);
        let blanks = match WIDTH.checked_sub(columns(&name) + columns(&place)) {
            Some(room @ 2..) => " ".repeat(room),
            _ => format!("\n{}", " ".repeat(WIDTH.saturating_sub(columns(&place)))),
        };
        let (name, place) = (standing.paint(teller.paint, name), teller.paint.dim(place));
        lines.push(format!("{name}{blanks}{place}"));
    }
    Some(lines.join("\n"))
}
