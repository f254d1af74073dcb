//! `mqspec coverage`

use std::collections::BTreeMap;

use mqspec::coverage::{ClauseCoverage, ClauseStanding, CommandCoverage, Coverage};
use mqspec::report::layout::{WIDTH, rule, wrapped};
use mqspec::report::paint::Paint;
use mqspec_specs::Level;

use super::args;
use super::failure::Failure;
use super::filters::{dialect, suite};
use super::output::Output;

/// The columns of the clauses' table.
const LEVELS: [(Level, &str); 3] = [
    (Level::Must, "MUST"),
    (Level::Should, "SHOULD"),
    (Level::May, "MAY"),
];

pub fn run(asked: &args::Coverage, output: &mut Output) -> Result<u8, Failure> {
    let suite = suite(asked.suite.as_deref())?;
    let coverage = Coverage::of(&suite, dialect());
    if asked.json {
        let text = serde_json::to_string_pretty(&coverage);
        let text = text.map_err(|error| Failure::usage(error.to_string()))?;
        output.line(text);
    } else {
        tell(&coverage, asked.missing, output);
    }
    let mut unmet = Vec::new();
    let (commands, clauses) = (coverage.covered_commands(), coverage.covered_clauses());
    if asked.require_commands && commands < coverage.commands.len() {
        unmet.push(format!(
            "{commands} of {} commands are covered",
            coverage.commands.len()
        ));
    }
    if let Some(least) = asked.min_clauses.filter(|least| clauses < *least) {
        unmet.push(format!(
            "{clauses} clauses are covered, {least} are required"
        ));
    }
    if asked.require_clauses {
        let named = |standing| {
            let ids = coverage.clauses_that_are(standing);
            ids.map(|clause| clause.id.as_str()).collect::<Vec<_>>()
        };
        let open = named(ClauseStanding::Open);
        if !open.is_empty() {
            unmet.push(format!(
                "no case proves these, and no reason says why: {}",
                open.join(" ")
            ));
        }
        let contradicted = named(ClauseStanding::Contradicted);
        if !contradicted.is_empty() {
            unmet.push(format!(
                "cases prove what is said to be unprovable: {}",
                contradicted.join(" ")
            ));
        }
    }
    match unmet.is_empty() {
        true => Ok(0),
        false => Err(Failure::refusal(unmet.join("; "))),
    }
}

fn tell(coverage: &Coverage, missing: bool, output: &mut Output) {
    let paint = output.paint();
    let title = format!(
        "commands: {} of {}",
        coverage.covered_commands(),
        coverage.commands.len()
    );
    output.line(paint.bold(rule(&title)));
    let unit = "cases that send > and expect <";
    output.line(paint.dim(format!("{unit:>WIDTH$}")));
    let rows = coverage.commands.len().div_ceil(2);
    let (left, right) = coverage.commands.split_at(rows);
    for (index, first) in left.iter().enumerate() {
        let second = right.get(index).map(|second| command(second, paint));
        output
            .line(format!("{}  {}", command(first, paint), second.unwrap_or_default()).trim_end());
    }
    let count = |standing| coverage.clauses_that_are(standing).count();
    let title = format!(
        "clauses: {} proved, {} reasoned, {} open of {}",
        coverage.covered_clauses(),
        count(ClauseStanding::Reasoned),
        count(ClauseStanding::Open),
        coverage.clauses.len()
    );
    output.line(format!("\n{}", paint.bold(rule(&title))));
    clauses(coverage, paint, output);
    reasons(coverage, paint, output);
    if missing {
        uncovered(coverage, paint, output);
    }
}

/// 39 columns.
fn command(row: &CommandCoverage, paint: Paint) -> String {
    let text = format!("{:<27}{:>5}>{:>5}<", row.command, row.sent, row.expected);
    match row.is_covered() {
        true => text,
        false => paint.bad(text),
    }
}

/// A row for each family of clauses and one for all, a column for each level: how many are proved, how many more
/// have a reason, and how many there are.
fn clauses(coverage: &Coverage, paint: Paint, output: &mut Output) {
    let heads: String = LEVELS
        .iter()
        .map(|(_, name)| format!("{name:>12}"))
        .collect();
    output.line(paint.dim(format!("{:16}{heads}", "")));
    let mut families: BTreeMap<&str, Vec<&ClauseCoverage>> = BTreeMap::new();
    for clause in &coverage.clauses {
        families.entry(clause.family()).or_default().push(clause);
    }
    let all = ("all", coverage.clauses.iter().collect());
    for (family, clauses) in families.into_iter().chain([all]) {
        let cells = LEVELS.map(|(level, _)| {
            let of_level = clauses.iter().filter(|row| row.level.weight() == level);
            cell(&of_level.copied().collect::<Vec<_>>(), paint)
        });
        output.line(format!("{family:16}{}", cells.concat()));
    }
}

/// 12 columns, such as `30/32`, or `30+1/32` where one is not proved but reasoned.
fn cell(clauses: &[&ClauseCoverage], paint: Paint) -> String {
    let count = |standing| {
        let standing = clauses.iter().filter(|row| row.standing() == standing);
        standing.count()
    };
    let proved = clauses.iter().filter(|row| row.is_covered()).count();
    let reasoned = match count(ClauseStanding::Reasoned) {
        0 => String::new(),
        reasoned => format!("+{reasoned}"),
    };
    let text = match clauses.len() {
        0 => "·".to_owned(),
        all => format!("{proved}{reasoned}/{all}"),
    };
    let text = format!("{text:>12}");
    match count(ClauseStanding::Open) {
        _ if clauses.is_empty() => paint.dim(text),
        0 => paint.good(text),
        _ => paint.warn(text),
    }
}

fn reasons(coverage: &Coverage, paint: Paint, output: &mut Output) {
    let reasoned: Vec<&ClauseCoverage> = coverage
        .clauses
        .iter()
        .filter(|clause| clause.unprovable.is_some())
        .collect();
    if reasoned.is_empty() {
        return;
    }
    let title = rule("clauses that no case can prove");
    output.line(format!("\n{}", paint.bold(title)));
    for clause in reasoned {
        entry(clause, clause.unprovable.as_deref(), paint, output);
    }
}

/// A clause with its wording, and what is to be said of it.
fn entry(clause: &ClauseCoverage, remark: Option<&str>, paint: Paint, output: &mut Output) {
    output.line(format!("{:<10} {}", clause.level, clause.id));
    for line in wrapped(&clause.text, "           ", "           ") {
        output.line(paint.dim(line));
    }
    for line in remark
        .iter()
        .flat_map(|remark| wrapped(remark, "        -> ", "           "))
    {
        output.line(line);
    }
}

fn uncovered(coverage: &Coverage, paint: Paint, output: &mut Output) {
    let commands: Vec<&str> = coverage
        .commands
        .iter()
        .filter(|row| !row.is_covered())
        .map(|row| row.command.as_str())
        .collect();
    if !commands.is_empty() {
        output.line(format!(
            "\n{}",
            paint.bold(rule("commands that no case names"))
        ));
        for line in wrapped(&commands.join(" "), "", "") {
            output.line(line);
        }
    }
    let mut missing: Vec<_> = coverage.clauses_that_are(ClauseStanding::Open).collect();
    if !missing.is_empty() {
        missing.sort_by_key(|clause| std::cmp::Reverse(clause.level.weight()));
        output.line(format!(
            "\n{}",
            paint.bold(rule("clauses that no case proves"))
        ));
        for clause in missing {
            entry(clause, None, paint, output);
        }
    }
}
