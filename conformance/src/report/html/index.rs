//! What the table of commands and the list of cases are made of: all that a browser needs before a case is opened.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::heading::mark;
use crate::dialect::Dialect;
use crate::report::format::again;
use crate::report::{Standing, commands};
use crate::run::{CaseReport, Deviation, Fact, Finding, RunReport};
use crate::suite::Suite;

/// The whole, as the browser gets it. Cases and commands are named by their places.
#[derive(Debug, Serialize)]
pub(super) struct Index<'a> {
    /// Every standing, the least grave first.
    standings: Vec<Sign>,
    commands: Vec<&'a str>,
    clauses: BTreeMap<&'a str, Clause<'a>>,
    cases: Vec<Case<'a>>,
    runs: Vec<Run<'a>>,
    /// Lists of commands that some case exchanged.
    uses: Vec<Vec<usize>>,
}

#[derive(Debug, Serialize)]
struct Sign {
    key: &'static str,
    name: &'static str,
    mark: char,
}

#[derive(Debug, Serialize)]
struct Clause<'a> {
    level: String,
    source: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    extension: bool,
}

/// What a case is, whoever was asked.
#[derive(Debug, Serialize)]
struct Case<'a> {
    id: &'a str,
    title: &'a str,
    level: &'a str,
    clauses: &'a [String],
    needs: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    file: &'a str,
    line: u32,
    generated: bool,
}

#[derive(Debug, Serialize)]
struct Run<'a> {
    label: &'a str,
    /// The target's name, which deep links use.
    name: String,
    /// The command that repeats the run, up to the choice of cases.
    again: String,
    /// The standing of every command, by the place of its sign.
    commands: Vec<usize>,
    /// By the place of the case; null where the run does not have it.
    cases: Vec<Option<Result<'a>>>,
    facts: &'a [Fact],
}

/// What came of a case in a run.
#[derive(Debug, Serialize)]
struct Result<'a> {
    standing: usize,
    ms: u64,
    /// Why, where no finding tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<&'a Finding>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a Deviation>,
    uses: usize,
    /// The commands that it is about, where it went wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    about: Vec<usize>,
}

impl<'a> Index<'a> {
    pub(super) fn new(
        reports: &'a [RunReport],
        labels: &'a [String],
        suite: &'a Suite,
        dialect: &'static dyn Dialect,
    ) -> Self {
        let mut cases: Vec<&CaseReport> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for case in reports.iter().flat_map(|report| &report.cases) {
            places.entry(&case.id).or_insert_with(|| {
                cases.push(case);
                cases.len() - 1
            });
        }
        let mut commands = Commands::of(reports, dialect);
        let names = names(reports);
        let runs = reports.iter().zip(labels).zip(names);
        let runs = runs.map(|((report, label), name)| Run {
            label,
            name,
            again: again(report),
            commands: commands.standings(report),
            cases: results(report, &places, &mut commands),
            facts: &report.facts,
        });
        let runs: Vec<Run<'a>> = runs.collect();
        Index {
            standings: Standing::ALL.map(sign).into(),
            clauses: clauses(reports, dialect),
            cases: cases
                .into_iter()
                .map(|case| Case::of(case, suite))
                .collect(),
            runs,
            commands: commands.names,
            uses: commands.lists,
        }
    }

    /// The script of every case, by its place.
    pub(super) fn sources(&self, suite: &Suite) -> Vec<String> {
        let source = |case: &Case<'_>| suite.source(case.id).unwrap_or_default();
        self.cases.iter().map(source).collect()
    }
}

fn sign(standing: Standing) -> Sign {
    Sign {
        key: standing.key(),
        name: standing.name(),
        mark: mark(standing),
    }
}

/// Every clause that a case proves, or broke without being asked about it.
fn clauses<'a>(
    reports: &'a [RunReport],
    dialect: &'static dyn Dialect,
) -> BTreeMap<&'a str, Clause<'a>> {
    let cases = reports.iter().flat_map(|report| &report.cases);
    let cited = cases.flat_map(|case| {
        let broken = case
            .finding
            .as_ref()
            .and_then(|found| found.clause.as_ref());
        case.clauses.iter().chain(broken)
    });
    let known = cited.filter_map(|id| dialect.clauses().get(id));
    let clauses = known.map(|clause| {
        let shown = Clause {
            level: clause.level.to_string(),
            source: &clause.source,
            text: &clause.text,
            note: clause.note.as_deref(),
            extension: clause.extension,
        };
        (clause.id.as_str(), shown)
    });
    clauses.collect()
}

impl<'a> Case<'a> {
    fn of(report: &'a CaseReport, suite: &'a Suite) -> Self {
        let case = suite.case(&report.id).map(|(_, case)| case);
        let needs = case.map(|case| case.needs.as_slice()).unwrap_or_default();
        Case {
            id: &report.id,
            title: &report.title,
            level: &report.level,
            clauses: &report.clauses,
            needs: needs.iter().map(|need| need.value.as_str()).collect(),
            group: case.and_then(|case| case.group.as_deref()),
            file: &report.file,
            line: report.line,
            generated: report.generated,
        }
    }
}

fn results<'a>(
    report: &'a RunReport,
    places: &HashMap<&str, usize>,
    commands: &mut Commands<'a>,
) -> Vec<Option<Result<'a>>> {
    let mut results: Vec<Option<Result<'a>>> = Vec::new();
    results.resize_with(places.len(), || None);
    for case in &report.cases {
        let Some(place) = places.get(case.id.as_str()) else {
            continue;
        };
        results[*place] = Some(Result {
            standing: Standing::of(case) as usize,
            ms: case.duration_ms,
            detail: Some(case.detail.as_str())
                .filter(|detail| !detail.is_empty() && case.finding.is_none()),
            finding: case.finding.as_ref(),
            notes: &case.notes,
            known: case.known.as_ref(),
            uses: commands.exchanged(case),
            about: commands.about(case),
        });
    }
    results
}

/// The protocol's commands and, as an older report may have them, those that it has no more.
struct Commands<'a> {
    names: Vec<&'a str>,
    lists: Vec<Vec<usize>>,
    known: HashMap<Vec<usize>, usize>,
}

impl<'a> Commands<'a> {
    fn of(reports: &'a [RunReport], dialect: &'static dyn Dialect) -> Self {
        let mut names: Vec<&'a str> = dialect
            .protocol()
            .table()
            .map(|command| command.name.as_str())
            .collect();
        for row in reports.iter().flat_map(|report| &report.commands) {
            if !names.contains(&row.command.as_str()) {
                names.push(&row.command);
            }
        }
        Commands {
            names,
            lists: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// How each fared in a run.
    fn standings(&self, report: &RunReport) -> Vec<usize> {
        let rows = report.commands.iter().map(|row| row.command.as_str());
        let standings: HashMap<&str, Standing> = rows.zip(commands::standings(report)).collect();
        let standing = |name| standings.get(name).copied().unwrap_or(Standing::NotRun);
        self.names
            .iter()
            .map(|name| standing(name) as usize)
            .collect()
    }

    /// The place of the list of all that a case exchanged.
    fn exchanged(&mut self, case: &CaseReport) -> usize {
        let list = self.places(commands::exercised(case, &self.names));
        let lists = &mut self.lists;
        *self.known.entry(list.clone()).or_insert_with(|| {
            lists.push(list);
            lists.len() - 1
        })
    }

    /// What a case that went wrong is about.
    fn about(&self, case: &CaseReport) -> Vec<usize> {
        match Standing::of(case) {
            Standing::Failed | Standing::Unproved | Standing::Warning | Standing::Known => {
                self.places(commands::about(case, &self.names))
            }
            _ => Vec::new(),
        }
    }

    fn places(&self, wanted: Vec<&str>) -> Vec<usize> {
        let place = |name: &str| self.names.iter().position(|other| *other == name);
        wanted.into_iter().filter_map(place).collect()
    }
}

/// What deep links call each run: the target's name, with a number where two are alike.
fn names(reports: &[RunReport]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for report in reports {
        let name = &report.target.name;
        let mut label = name.clone();
        let mut count = 1;
        while names.contains(&label) {
            count += 1;
            label = format!("{name} #{count}");
        }
        names.push(label);
    }
    names
}
