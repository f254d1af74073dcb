//! `mqspec list`

use mqspec::report::layout::wrapped;
use mqspec::suite::{is_generated, level};
use serde::Serialize;

use super::args::List;
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;

/// One case, as a program reads it.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    title: &'a str,
    level: String,
    clauses: Vec<&'a str>,
    needs: Vec<&'a str>,
    group: Option<&'a str>,
    file: &'a str,
    line: u32,
    generated: bool,
}

pub fn run(asked: &List, output: &mut Output) -> Result<u8, Failure> {
    let (_, chosen) = asked.filters.apply()?;
    let entries: Vec<Entry<'_>> = chosen
        .iter()
        .map(|(file, case)| Entry {
            id: &case.id,
            title: &case.title,
            level: level(case, dialect().clauses()).to_string(),
            clauses: case
                .clauses
                .iter()
                .map(|clause| clause.value.as_str())
                .collect(),
            needs: case.needs.iter().map(|need| need.value.as_str()).collect(),
            group: case.group.as_deref(),
            file,
            line: case.line,
            generated: is_generated(file),
        })
        .collect();
    if asked.json {
        let text = serde_json::to_string_pretty(&entries);
        let text = text.map_err(|error| Failure::usage(error.to_string()))?;
        output.line(text);
        return Ok(0);
    }
    let paint = output.paint();
    for entry in &entries {
        let origin = if entry.generated { "  generated" } else { "" };
        output.line(format!("{}  {}{origin}", paint.bold(entry.id), entry.level));
        for line in wrapped(entry.title, "    ", "    ") {
            output.line(line);
        }
        for line in wrapped(&entry.clauses.join(" "), "    ", "    ") {
            output.line(paint.dim(line));
        }
    }
    Ok(0)
}
