//! What was found about a client, for a person: 80 columns.

use super::report::{CaseResult, ClientReport, Conducted};
use crate::dialect::Dialect;
use crate::report::layout::{WIDTH, counted, folded, rule, wrapped};
use crate::report::paint::Paint;
use crate::run::Verdict;

/// How wide the column of the labels is.
const LABEL: usize = 12;
/// How many statements of an exchange are shown, and how many of them stand at its beginning.
const SHOWN: usize = 40;
const HEAD: usize = 10;

/// A case that went wrong: what it is, its clause, what was asked, what was acceptable and what came, the exchange, and
/// how to run it again.
pub fn failure(
    case: &CaseResult,
    dialect: &dyn Dialect,
    again: &str,
    all: bool,
    paint: Paint,
) -> String {
    let word = standing(case);
    let head = rule(&format!("{} ─ {}", word.to_uppercase(), case.id));
    let head = match word {
        "failed" => paint.bad(head),
        _ => paint.warn(head),
    };
    let mut text = vec![head];
    text.extend(
        wrapped(&case.title, "", "")
            .into_iter()
            .map(|line| paint.bold(line)),
    );
    text.push(String::new());
    let deciding = case.clause.iter().chain(&case.clauses);
    for id in deciding.take(1) {
        clause(id, dialect, paint, &mut text);
    }
    label("task", &case.task, paint, &mut text);
    for (index, expected) in case.expected.iter().enumerate() {
        label(["expected", "or"][index.min(1)], expected, paint, &mut text);
    }
    label("came", &case.came, paint, &mut text);
    label("because", &case.why, paint, &mut text);
    if case.told != case.came {
        label("told", &case.told, paint, &mut text);
    }
    if let Some(known) = &case.known {
        label("known", known, paint, &mut text);
    }
    text.push(String::new());
    text.extend(exchange(case, all, paint));
    text.push(String::new());
    text.push(format!("  {}", paint.dim("run this case again:")));
    text.push(format!("    {again} --only {} -- …", case.id));
    text.join("\n") + "\n"
}

/// What is said at the end.
pub fn closing(report: &ClientReport, dialect: &dyn Dialect, paint: Paint) -> String {
    let mut text = Vec::new();
    if !report.conduct.is_empty() {
        text.push(rule("in cases about something else"));
        for found in &report.conduct {
            conduct(found, dialect, paint, &mut text);
        }
        text.push(String::new());
    }
    let version = report.version.as_deref().unwrap_or("of an unknown version");
    let count = |verdict| report.count(verdict);
    let broken = |case: &&CaseResult| case.verdict == Verdict::Failed && case.known.is_none();
    let failed = report.cases.iter().filter(broken);
    let (must, should): (Vec<_>, Vec<_>) = failed.partition(|case| case.level == "MUST");
    let known = report
        .cases
        .iter()
        .filter(|case| case.known.is_some())
        .count();
    let parts = [
        (count(Verdict::Passed), "passed"),
        (count(Verdict::Lenient), "lenient"),
        (known, "known"),
        (must.len(), "failed"),
        (should.len(), "warned"),
        (count(Verdict::Inconclusive), "inconclusive"),
        (count(Verdict::Skipped), "skipped"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let sum = format!(
        "{} {version}: {}: {}",
        report.client,
        counted(report.cases.len(), "case"),
        parts.join(", ")
    );
    let sum = wrapped(&sum, "", "  ").join("\n");
    text.push(match report.fails() {
        true => paint.bad(sum),
        false => paint.good(sum),
    });
    text.join("\n") + "\n"
}

/// What a case counts as.
fn standing(case: &CaseResult) -> &'static str {
    match case.verdict {
        Verdict::Failed if case.known.is_some() => "known",
        Verdict::Failed if case.level != "MUST" => "warned",
        verdict => verdict.name(),
    }
}

fn conduct(found: &Conducted, dialect: &dyn Dialect, paint: Paint, text: &mut Vec<String>) {
    clause(&found.clause, dialect, paint, text);
    label("came", &found.command, paint, text);
    label("because", &found.what, paint, text);
    let first = found
        .cases
        .iter()
        .take(3)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let cases = match found.cases.len() {
        count if count > 3 => format!("{count} cases: {first}, …"),
        _ => first,
    };
    label("in", &cases, paint, text);
    if let Some(known) = &found.known {
        label("known", known, paint, text);
    }
}

fn clause(id: &str, dialect: &dyn Dialect, paint: Paint, text: &mut Vec<String>) {
    match dialect.clauses().get(id) {
        None => label("clause", id, paint, text),
        Some(clause) => {
            let level = clause.level.to_string();
            label(&level, &format!("{id} ({})", clause.source), paint, text);
            label("", &clause.text, paint, text);
        }
    }
}

fn label(name: &str, value: &str, paint: Paint, text: &mut Vec<String>) {
    if value.is_empty() {
        return;
    }
    let blanks = " ".repeat(LABEL);
    for (index, row) in wrapped(value, &blanks, &blanks).iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        let name = paint.dim(format!("  {name:<0$}", LABEL - 2));
        text.push(format!("{name}{}", row.trim_start()));
    }
}

/// The exchange, shortened in its middle, with the statement that shows the fault marked.
fn exchange(case: &CaseResult, all: bool, paint: Paint) -> Vec<String> {
    let hidden = match all {
        true => 0,
        false => case.exchange.len().saturating_sub(SHOWN),
    };
    let mut text = Vec::new();
    for (index, statement) in case.exchange.iter().enumerate() {
        let marked = case.marked == Some(index);
        if (HEAD..HEAD + hidden).contains(&index) && !marked {
            if index == HEAD {
                text.push(paint.dim(format!("  ⋮ {hidden} statements left out: -v shows all")));
            }
            continue;
        }
        for (row, line) in folded(statement, WIDTH - 4).into_iter().enumerate() {
            text.push(match (marked, row) {
                (true, 0) => paint.bad(format!("  ▶ {line}")),
                (true, _) => paint.bad(format!("    {line}")),
                (false, _) => format!("    {line}"),
            });
        }
    }
    text
}
