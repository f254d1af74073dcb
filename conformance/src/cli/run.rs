//! `mqspec run`

use std::path::Path;

use mqspec::compare::Changes;
use mqspec::report::{Teller, closing, saved};
use mqspec::run::{CaseReport, RunReport};

use super::advice;
use super::args::Run;
use super::compare::since;
use super::console::{Console, Loudness};
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;
use super::runtime;
use super::session::{Session, Tested, name, random};
use super::signals::Stop;
use super::sink::{Sinks, Transcripts};

pub fn run(asked: &Run, output: &mut Output) -> Result<u8, Failure> {
    let (suite, cases) = asked.filters.apply()?;
    let sinks = Sinks::open(asked.json.as_deref(), &asked.files)?;
    let before = asked.against.as_deref().map(before).transpose()?;
    let transcripts = Transcripts::open(asked.transcripts.as_deref())?;
    if sinks.take_stdout() {
        output.give_way();
    }
    let again = advice::again(&asked.target, asked.filters.suite.as_deref());
    let teller = Teller {
        suite: &suite,
        dialect: dialect(),
        verbose: asked.verbose,
        again: &again,
        paint: output.paint(),
    };
    let session = Session {
        target: &asked.target,
        filters: &asked.filters,
        running: &asked.running,
        cases: &cases,
        seed: asked.running.seed.unwrap_or_else(random),
        fail_fast: asked.fail_fast,
    };
    let loudness = match asked.quiet {
        true => Loudness::Quiet,
        false => Loudness::Wrong,
    };
    let mut console = Console::new(
        name(&asked.target),
        output,
        teller,
        loudness,
        transcripts,
        cases.len(),
    );
    let runtime = runtime()?;
    let tested = runtime.block_on(async { session.test(&mut console, &mut Stop::catch()?).await });
    // Cases that were stopped in the middle are not waited for.
    runtime.shutdown_background();
    let Tested {
        report,
        failure,
        hint,
        log,
    } = tested?;
    // A file that cannot be written does not keep a person from what was found.
    let written = sinks.write(std::slice::from_ref(&report), &suite, None, output);
    // Where nothing was asked, there is nothing to tell but why.
    if report.cases.iter().any(CaseReport::was_run) || failure.is_none() {
        output.print(&closing(&report, &teller, !asked.quiet));
    }
    let mut status = report.summary.exit_status;
    if let Some(before) = &before {
        // A case that was not chosen this time is not gone.
        let gone = |case: &CaseReport| suite.case(&case.id).is_none();
        let changes = Changes::between(before, &report, gone);
        let since = since(asked.against.as_ref(), before);
        let told = changes.told(&since, asked.verbose, output.paint());
        output.line(format!("\n{told}"));
        status = status.max(changes.exit_status());
    }
    if let Some(log) = log.filter(|_| report.aborted.is_some()) {
        output.line(format!(
            "\nthe end of the broker's log:\n  {}",
            log.replace('\n', "\n  ")
        ));
    }
    if let Some(hint) = hint {
        output.line(format!("\n{hint}"));
    }
    match failure {
        Some(failure) => Err(failure),
        None => written.map(|()| status),
    }
}

/// The report of the run before.
fn before(path: &Path) -> Result<RunReport, Failure> {
    let mut reports = saved::read(path)?;
    match reports.len() {
        1 => Ok(reports.remove(0)),
        several => Err(Failure::usage(format!(
            "--against {}: it holds {several} reports, and one is wanted",
            path.display()
        ))),
    }
}
