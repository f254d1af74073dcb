//! Several runs side by side, and a run beside the one before it.
//!
//! - [`Comparison`]: commands against brokers, and the cases on which these differ
//! - [`Changes`]: what turned red or green from one run to the next
//! - `text`, `markdown`: both for a person

mod changes;
mod markdown;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::report::Standing;
use crate::run::{CaseReport, RunReport};
use crate::suite::section;

pub use changes::{Change, Changes};
pub use text::{legend, sum, table, told};

/// What a case tells about a broker, where brokers are compared: what is known is still wrong, and what is allowed is
/// right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A clause is broken, be it known or not.
    Fails,
    /// Nothing was proved.
    Unproved,
    /// As the clauses ask or allow.
    Passes,
    /// The broker cannot be asked.
    Skipped,
    /// The run ended before.
    NotRun,
    /// The report does not hold the case.
    Absent,
}

impl Side {
    /// The side of a case, if the report holds it.
    pub fn of(case: Option<&CaseReport>) -> Side {
        match case.map(Standing::of) {
            None => Side::Absent,
            Some(Standing::NotRun) => Side::NotRun,
            Some(Standing::Skipped) => Side::Skipped,
            Some(Standing::Passed | Standing::Lenient | Standing::Surprise) => Side::Passes,
            Some(Standing::Known | Standing::Warning | Standing::Failed) => Side::Fails,
            Some(Standing::Unproved) => Side::Unproved,
        }
    }

    /// What one broker, or several, do.
    pub(crate) fn verb(self, several: bool) -> &'static str {
        match (self, several) {
            (Side::Fails, false) => "fails",
            (Side::Fails, true) => "fail",
            (Side::Unproved, _) => "inconclusive",
            (Side::Passes, false) => "passes",
            (Side::Passes, true) => "pass",
            (Side::Skipped, _) => "skipped",
            (Side::NotRun, _) => "not run",
            (Side::Absent, _) => "not in the report",
        }
    }
}

/// How a broker fares in the cases of one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// How many it passes; what is lenient counts.
    pub passed: usize,
    /// How many it was asked.
    pub asked: usize,
    /// The gravest standing among them.
    pub gravest: Standing,
}

/// Cases on which the brokers differ in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// The side of each broker.
    pub sides: Vec<Side>,
    /// The cases, in the suite's order.
    pub cases: Vec<&'a str>,
}

/// Several runs side by side.
#[derive(Debug)]
pub struct Comparison<'a> {
    reports: &'a [RunReport],
    /// A name for each that no other has.
    pub names: Vec<String>,
    /// All cases, in the order in which the reports tell them first.
    ids: Vec<&'a str>,
    cases: Vec<HashMap<&'a str, &'a CaseReport>>,
}

impl<'a> Comparison<'a> {
    /// Puts reports side by side, in their order.
    pub fn new(reports: &'a [RunReport]) -> Self {
        let mut seen = HashSet::new();
        let all = reports.iter().flat_map(|report| &report.cases);
        let ids = all.map(|case| case.id.as_str());
        let ids = ids.filter(|id| seen.insert(*id)).collect();
        let by_id = |report: &'a RunReport| {
            let cases = report.cases.iter();
            cases.map(|case| (case.id.as_str(), case)).collect()
        };
        Comparison {
            reports,
            names: names(reports),
            ids,
            cases: reports.iter().map(by_id).collect(),
        }
    }

    /// The reports.
    pub fn reports(&self) -> &'a [RunReport] {
        self.reports
    }

    /// What each section's cases tell, sorted by section: a cell for each report, if it was asked anything.
    pub fn rows(&self) -> BTreeMap<&'a str, Vec<Option<Cell>>> {
        let mut rows: BTreeMap<&str, Vec<Option<Cell>>> = BTreeMap::new();
        for (column, report) in self.reports.iter().enumerate() {
            for case in &report.cases {
                let row = rows.entry(section(&case.id));
                let row = row.or_insert_with(|| vec![None; self.reports.len()]);
                let side = Side::of(Some(case));
                if matches!(side, Side::Skipped | Side::NotRun) {
                    continue;
                }
                let cell = row[column].get_or_insert(Cell {
                    passed: 0,
                    asked: 0,
                    gravest: Standing::NotRun,
                });
                cell.asked += 1;
                cell.passed += usize::from(side == Side::Passes);
                cell.gravest = cell.gravest.max(Standing::of(case));
            }
        }
        rows
    }

    /// The cases on which the brokers differ: those that somebody fails first, the largest group first.
    pub fn groups(&self) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        let mut places: HashMap<Vec<Side>, usize> = HashMap::new();
        for id in &self.ids {
            let sides: Vec<Side> = self.sides(id).collect();
            if sides.iter().all(|side| *side == sides[0]) {
                continue;
            }
            let place = *places.entry(sides.clone()).or_insert_with(|| {
                groups.push(Group {
                    sides,
                    cases: Vec::new(),
                });
                groups.len() - 1
            });
            groups[place].cases.push(id);
        }
        groups.sort_by_key(|group| {
            let gravest = group.sides.iter().min().copied();
            (gravest, std::cmp::Reverse(group.cases.len()))
        });
        groups
    }

    fn sides(&self, id: &str) -> impl Iterator<Item = Side> {
        let cases = self.cases.iter();
        cases.map(move |cases| Side::of(cases.get(id).copied()))
    }

    /// Which cases a report lacks that another one holds: there is a list for each report.
    pub fn absent(&self) -> Vec<Vec<&'a str>> {
        let lacking = |cases: &HashMap<&str, &CaseReport>| {
            let ids = self.ids.iter().copied();
            ids.filter(|id| !cases.contains_key(id)).collect()
        };
        self.cases.iter().map(lacking).collect()
    }

    /// How many cases there are in all.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The worst of the exit statuses: interrupted, no target, conformance failures, none.
    pub fn exit_status(&self) -> u8 {
        let statuses = self.reports.iter().map(|report| report.summary.exit_status);
        statuses.max().unwrap_or_default()
    }

    /// A table of commands and brokers, and the cases on which these differ, in Markdown.
    pub fn markdown(&self) -> String {
        markdown::comparison(self)
    }
}

/// The targets' names, or what a broker at a URL says it is; where several are the same, with versions, and at last with
/// numbers.
fn names(reports: &[RunReport]) -> Vec<String> {
    let name = |report: &RunReport| {
        let target = &report.target;
        match (&target.product, &target.version) {
            (Some(product), Some(version)) if target.via == "url" => format!("{product} {version}"),
            _ => target.name.clone(),
        }
    };
    let mut names: Vec<String> = reports.iter().map(name).collect();
    let repeated =
        |names: &[String], name: &String| names.iter().filter(|other| *other == name).count() > 1;
    let plain = names.clone();
    for (name, report) in names.iter_mut().zip(reports) {
        if let Some(version) = &report.target.version
            && report.target.via != "url"
            && repeated(&plain, name)
        {
            *name = format!("{name} {version}");
        }
    }
    let versioned = names.clone();
    for (index, name) in names.iter_mut().enumerate() {
        if repeated(&versioned, name) {
            *name = format!("{name} #{}", index + 1);
        }
    }
    names
}
