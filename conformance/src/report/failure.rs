//! One case that went wrong, with its proof.

use std::fmt::Write;

use super::layout::{WIDTH, columns, folded, rule, shorten, wrapped};
use super::{Standing, Teller, transcript};
use crate::run::CaseReport;

/// How wide the column of the labels is.
const LABEL: usize = 12;
/// How many lines one value gets.
const ROWS: usize = 5;

/// A case that went wrong: what it is, the clauses and their wording, where the script stands, what was acceptable and
/// what came, the exchange, and how to run it again.
pub fn failure(case: &CaseReport, teller: &Teller<'_>) -> String {
    let standing = Standing::of(case);
    let head = rule(&format!("{} ─ {}", standing.name().to_uppercase(), case.id));
    let mut out = Out {
        text: standing.paint(teller.paint, head),
        teller,
    };
    out.text.push('\n');
    for line in wrapped(&case.title, "", "") {
        out.line(&teller.paint.bold(line));
    }
    out.text.push('\n');
    clauses(case, &mut out);
    match &case.finding {
        None => out.prose("why", &case.detail),
        Some(finding) => {
            out.label("script", &format!("{}:{}", case.file, finding.line));
            let statement = statement(case, finding.line, teller);
            out.statement("", statement.as_deref().unwrap_or_default());
            if finding.control {
                out.prose(
                    "run",
                    "the positive control: what has to work before the fault proves anything",
                );
            }
            for (index, expected) in finding.expected.iter().enumerate() {
                out.statement(["expected", "or"][index.min(1)], expected);
            }
            out.statement("came", &finding.came);
            let because = " ".repeat(LABEL);
            let because = out.short(cut(wrapped(&finding.why, &because, &because)));
            out.rows("because", because);
        }
    }
    for note in &case.notes {
        out.prose("note", note);
    }
    if let Some(known) = &case.known {
        out.prose("known", &format!("{} ({})", known.reason, known.source));
    }
    if !case.transcript.is_empty() {
        out.text.push('\n');
        for line in transcript::lines(case, teller) {
            out.line(&line);
        }
        out.text.push('\n');
    }
    out.line(&format!("  {}", teller.paint.dim("run this case again:")));
    let again = format!("    {} --only {}", teller.again, case.id);
    match columns(&again) <= WIDTH {
        true => out.line(&again),
        false => out.line(&format!(
            "    {} \\\n      --only {}",
            teller.again, case.id
        )),
    }
    out.text
}

/// The statement that stands in that line, unless the suite is not the one that was run.
fn statement(case: &CaseReport, line: u32, teller: &Teller<'_>) -> Option<String> {
    let (file, known) = teller.suite.case(&case.id)?;
    match *file == case.file && known.line == case.line {
        true => teller.suite.statement(file, line),
        false => None,
    }
}

/// The clauses of the case; before them the one that an unasked-for rule broke.
fn clauses(case: &CaseReport, out: &mut Out<'_>) {
    let broken = case
        .finding
        .as_ref()
        .and_then(|finding| finding.clause.as_ref());
    let others = case.clauses.iter().filter(|id| Some(*id) != broken);
    for id in broken.into_iter().chain(others) {
        match out.teller.dialect.clauses().get(id) {
            None => out.label("clause", id),
            Some(clause) => {
                let extension = if clause.extension {
                    ", an extension"
                } else {
                    ""
                };
                out.label(
                    &clause.level.to_string(),
                    &format!("{id} ({}{extension})", clause.source),
                );
                out.prose("", &clause.text);
            }
        }
    }
}

struct Out<'a> {
    text: String,
    teller: &'a Teller<'a>,
}

impl Out<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn rows(&mut self, label: &str, rows: Vec<String>) {
        for (index, row) in rows.into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.teller.paint.dim(format!("  {label:<0$}", LABEL - 2));
            // A string takes no errors.
            let _ = writeln!(self.text, "{label}{row}");
        }
    }

    fn label(&mut self, label: &str, text: &str) {
        self.rows(
            label,
            cut(wrapped(text, &" ".repeat(LABEL), &" ".repeat(LABEL))),
        );
    }

    fn prose(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.label(label, text);
        }
    }

    /// A statement of the notation.
    fn statement(&mut self, label: &str, statement: &str) {
        if !statement.is_empty() {
            let rows = folded(statement, WIDTH - LABEL);
            self.rows(label, self.short(rows));
        }
    }

    /// As much of it as a person reads.
    fn short(&self, mut rows: Vec<String>) -> Vec<String> {
        if !self.teller.verbose {
            shorten(&mut rows, ROWS, WIDTH - LABEL);
        }
        rows
    }
}

/// The lines without the blanks that made room for the label.
fn cut(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .map(|line| line.trim_start().to_owned())
        .collect()
}
