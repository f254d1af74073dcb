//! `mqspec show`

use mqspec::diagram::diagram;
use mqspec::report::layout::{rule, wrapped};
use mqspec::select;

use super::args::Show;
use super::failure::Failure;
use super::filters::{dialect, suite};
use super::output::Output;

pub fn run(asked: &Show, output: &mut Output) -> Result<u8, Failure> {
    let suite = suite(asked.suite.as_deref())?;
    let Some((file, case)) = suite.case(&asked.case) else {
        return Err(select::no_case(&asked.case, &suite).into());
    };
    let paint = output.paint();
    output.line(paint.bold(rule(&case.id)));
    for line in wrapped(&case.title, "", "") {
        output.line(line);
    }
    for cited in &case.clauses {
        if let Some(clause) = dialect().clauses().get(&cited.value) {
            output.line("");
            let head = format!("{} {} ({})", clause.level, clause.id, clause.source);
            for line in wrapped(&head, "", "  ") {
                output.line(paint.bold(line));
            }
            let note = clause
                .note
                .as_ref()
                .map(|note| format!("In the field: {note}"));
            for text in std::iter::once(clause.text.clone()).chain(note) {
                for line in wrapped(&text, "  ", "  ") {
                    output.line(line);
                }
            }
        }
    }
    let needs: Vec<&str> = case.needs.iter().map(|need| need.value.as_str()).collect();
    if !needs.is_empty() {
        output.line(format!("\nneeds {}", needs.join(" ")));
    }
    output.line("");
    for row in diagram(case) {
        output.line(row);
    }
    output.line(format!("\n{}", paint.dim(format!("{file}:{}", case.line))));
    output.line(suite.source(&case.id).unwrap_or_default());
    Ok(0)
}
