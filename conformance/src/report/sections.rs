//! The cases by family and section, with how many of them stand how.

use std::collections::BTreeMap;

use super::layout::{WIDTH, columns, rule};
use super::paint::Paint;
use super::{Standing, Teller};
use crate::run::{CaseReport, RunReport};
use crate::suite::{family, section};

/// The columns, and the standings that each counts.
pub(crate) const COLUMNS: [(&str, &[Standing]); 6] = [
    ("passed", &[Standing::Passed, Standing::Surprise]),
    ("lenient", &[Standing::Lenient]),
    ("failed", &[Standing::Failed, Standing::Warning]),
    ("known", &[Standing::Known]),
    ("unproved", &[Standing::Unproved, Standing::NotRun]),
    ("skipped", &[Standing::Skipped]),
];
/// How wide a column is.
const COLUMN: usize = 9;
/// How wide the names before them are.
pub(crate) const NAME: usize = WIDTH - COLUMN * COLUMNS.len();

/// The heads of the columns.
pub(crate) fn heads(paint: Paint) -> String {
    let heads = COLUMNS.iter().map(|(head, _)| format!("{head:>COLUMN$}"));
    paint.dim(format!("{:NAME$}{}", "", heads.collect::<String>()))
}

/// The tree: families, and below them the sections that are not wholly as they should be (all of them in full).
pub(super) fn tree(report: &RunReport, teller: &Teller<'_>) -> String {
    let mut families: BTreeMap<&str, Vec<&CaseReport>> = BTreeMap::new();
    for case in &report.cases {
        families.entry(family(&case.id)).or_default().push(case);
    }
    let mut lines = vec![teller.paint.bold(rule("cases")), heads(teller.paint)];
    for (family, cases) in families {
        lines.push(row(family, &cases, teller.paint));
        let mut sections: BTreeMap<&str, Vec<&CaseReport>> = BTreeMap::new();
        for case in cases {
            sections.entry(section(&case.id)).or_default().push(case);
        }
        for (section, cases) in sections {
            let clean = |case: &&CaseReport| {
                matches!(
                    Standing::of(case),
                    Standing::Passed | Standing::Lenient | Standing::Skipped
                )
            };
            if section != family && (teller.verbose || !cases.iter().all(clean)) {
                lines.push(row(&format!("  {section}"), &cases, teller.paint));
            }
        }
    }
    lines.join("\n")
}

/// How many of the cases stand how.
pub(crate) fn row(title: &str, cases: &[&CaseReport], paint: Paint) -> String {
    let mut line = format!("{title}{}", " ".repeat(NAME.saturating_sub(columns(title))));
    for (_, standings) in COLUMNS {
        let counted: Vec<Standing> = cases
            .iter()
            .map(|case| Standing::of(case))
            .filter(|standing| standings.contains(standing))
            .collect();
        let cell = match counted.len() {
            0 => format!("{:>COLUMN$}", "·"),
            count => format!("{count:>COLUMN$}"),
        };
        line.push_str(&match counted.iter().max() {
            None => paint.dim(cell),
            Some(gravest) => gravest.paint(paint, cell),
        });
    }
    line
}
