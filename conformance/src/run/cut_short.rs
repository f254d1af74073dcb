//! The report of a run that did not come to its end.

use std::sync::Arc;
use std::time::Duration;

use super::verdict::{CaseReport, Octets, RunReport, TargetReport, Verdict};
use crate::dialect::Dialect;
use crate::script::Case;
use crate::suite;

/// What ended so far, which is taken out of `ended`, and the rest of the cases as not run.
pub fn cut_short(
    dialect: &dyn Dialect,
    target: TargetReport,
    cases: &[(String, Arc<Case>)],
    ended: &mut Vec<CaseReport>,
    took: Duration,
    why: String,
) -> RunReport {
    let mut reports = Vec::with_capacity(cases.len());
    for (file, case) in cases {
        let place = ended.iter().position(|report| report.id == case.id);
        reports.push(match place {
            Some(place) => ended.swap_remove(place),
            None => not_run(dialect, file, case),
        });
    }
    let table = dialect
        .protocol()
        .table()
        .map(|command| command.name.clone());
    let mut report = RunReport::new(target, reports, table, took, Some(why));
    report.set_circumstances(took, dialect);
    report
}

fn not_run(dialect: &dyn Dialect, file: &str, case: &Case) -> CaseReport {
    let clauses = case.clauses.iter().map(|clause| clause.value.clone());
    CaseReport {
        id: case.id.clone(),
        title: case.title.clone(),
        verdict: Verdict::Inconclusive,
        clauses: clauses.collect(),
        level: suite::level(case, dialect.clauses()).to_string(),
        file: file.to_owned(),
        line: case.line,
        generated: suite::is_generated(file),
        duration_ms: 0,
        detail: "not run: the run ended before".to_owned(),
        transcript: String::new(),
        octets: Octets::default(),
        finding: None,
        notes: Vec::new(),
        known: None,
        sent: Vec::new(),
        received: Vec::new(),
    }
}
