//! `mqspec coverage`

use std::collections::BTreeMap;

use mqspec::coverage::{ClauseCoverage, CommandCoverage, Coverage};
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
    let title = format!(
        "clauses: {} of {}",
        coverage.covered_clauses(),
        coverage.clauses.len()
    );
    output.line(format!("\n{}", paint.bold(rule(&title))));
    clauses(coverage, paint, output);
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
    for (family, clauses) in families {
        let mut line = format!("{family:16}");
        for (level, _) in LEVELS {
            let of_level = || {
                clauses
                    .iter()
                    .filter(|clause| clause.level.weight() == level)
            };
            let (all, covered) = (
                of_level().count(),
                of_level().filter(|clause| clause.is_covered()).count(),
            );
            let cell = match all {
                0 => "·".to_owned(),
                _ => format!("{covered}/{all}"),
            };
            let cell = format!("{cell:>12}");
            line.push_str(&match (all, covered == all) {
                (0, _) => paint.dim(cell),
                (_, true) => paint.good(cell),
                (_, false) => paint.warn(cell),
            });
        }
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
    let mut missing: Vec<&ClauseCoverage> = coverage
        .clauses
        .iter()
        .filter(|clause| !clause.is_covered())
        .collect();
    if !missing.is_empty() {
        missing.sort_by_key(|clause| std::cmp::Reverse(clause.level.weight()));
        output.line(format!(
            "\n{}",
            paint.bold(rule("clauses that no case proves"))
        ));
        for clause in missing {
            output.line(format!("{:<10} {}", clause.level, clause.id));
            for line in wrapped(&clause.text, "           ", "           ") {
                output.line(paint.dim(line));
            }
        }
    }
}
