//! `mqspec report`

use mqspec::report::{Teller, closing, saved};
use mqspec::run::RunReport;

use super::args::Report;
use super::failure::Failure;
use super::filters::{dialect, suite};
use super::output::Output;
use super::sink::Sinks;

pub fn run(asked: &Report, output: &mut Output) -> Result<u8, Failure> {
    let mut reports: Vec<RunReport> = Vec::new();
    for path in &asked.reports {
        reports.extend(saved::read(path)?);
    }
    let suite = suite(asked.suite.as_deref())?;
    let sinks = Sinks::open(None, &asked.files)?;
    if !sinks.is_empty() {
        sinks.write(&reports, &suite, None, output)?;
        return Ok(0);
    }
    for (index, report) in reports.iter().enumerate() {
        let teller = Teller {
            suite: &suite,
            dialect: dialect(),
            verbose: asked.verbose,
            again: "",
            paint: output.paint(),
        };
        if index > 0 {
            output.line("");
        }
        output.print(&closing(report, &teller, true));
    }
    Ok(0)
}
