//! `mqspec compare`

use std::collections::HashSet;
use std::path::PathBuf;

use mqspec::compare::{Changes, Comparison, legend, sum, table, told};
use mqspec::report::layout::wrapped;
use mqspec::report::{Teller, meaning, saved};
use mqspec::run::RunReport;
use mqspec::suite::Suite;
use mqspec::target::{self, Via};

use super::advice;
use super::args::{Compare, Files, Target, Tls};
use super::console::{Console, Loudness};
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;
use super::runtime;
use super::session::{INTERRUPTED, Session, name, random, request};
use super::signals::Stop;
use super::sink::Sinks;

pub fn run(asked: &Compare, output: &mut Output) -> Result<u8, Failure> {
    let targets: Vec<Target> = asked
        .targets
        .iter()
        .map(|word| meant(word, &asked.tls))
        .collect();
    let (suite, cases) = asked.filters.apply()?;
    let mut reports = Vec::new();
    for path in &asked.from {
        reports.extend(saved::read(path)?);
    }
    if asked.filters.any() {
        let chosen: HashSet<&str> = cases.iter().map(|(_, case)| case.id.as_str()).collect();
        let restricted = |report: RunReport| report.restricted(|case| chosen.contains(&*case.id));
        reports = reports.into_iter().map(restricted).collect();
    }
    if reports.len() + targets.len() < 2 {
        return Err(Failure::usage(
            "two brokers or more can be compared, such as `mqspec compare reference rabbitmq`, \
             or saved reports: `mqspec compare --from a.json b.json`",
        ));
    }
    if asked.changes && reports.len() + targets.len() != 2 {
        return Err(Failure::usage(
            "--changes tells how the second of two reports differs from the first: give two",
        ));
    }
    let files = Files {
        html: asked.html.clone(),
        markdown: asked.markdown.clone(),
        ..Files::default()
    };
    // The last of them is not found to be misspelt after the others have run for an hour.
    for target in &targets {
        target::examine(&request(target))?;
    }
    let sinks = Sinks::open(asked.json.as_deref(), &files)?;
    if sinks.take_stdout() {
        output.give_way();
    }
    let names = Comparison::new(&reports).names;
    if !asked.changes {
        for (name, report) in names.iter().zip(&reports) {
            output.line(legend(name, report, output.paint()));
        }
    }
    let saved = reports.len();
    let mut failures = Vec::new();
    let runtime = runtime()?;
    for target in &targets {
        let again = advice::again(target, asked.filters.suite.as_deref());
        let teller = Teller {
            suite: &suite,
            dialect: dialect(),
            verbose: asked.verbose,
            again: &again,
            paint: output.paint(),
        };
        let session = Session {
            target,
            filters: &asked.filters,
            running: &asked.running,
            cases: &cases,
            seed: asked.running.seed.unwrap_or_else(random),
            fail_fast: false,
        };
        let loudness = match asked.quiet {
            true => Loudness::Quiet,
            false => Loudness::Bar,
        };
        let mut console = Console::new(name(target), output, teller, loudness, None, cases.len());
        let tested =
            runtime.block_on(async { session.test(&mut console, &mut Stop::catch()?).await })?;
        if !asked.changes {
            let names = Comparison::new(std::slice::from_ref(&tested.report)).names;
            output.line(legend(&names[0], &tested.report, output.paint()));
        }
        failures.extend(tested.failure);
        let status = tested.report.summary.exit_status;
        reports.push(tested.report);
        if status >= INTERRUPTED {
            break;
        }
    }
    // Cases that were stopped in the middle are not waited for.
    runtime.shutdown_background();
    let status = match asked.changes {
        true => changes(&reports, asked, &suite, sinks, output)?,
        false => comparison(&reports, saved, asked, &suite, sinks, output)?,
    };
    match failures.into_iter().next() {
        Some(failure) => Err(failure),
        None => Ok(status),
    }
}

/// The first so many of the reports were saved ones.
fn comparison(
    reports: &[RunReport],
    saved: usize,
    asked: &Compare,
    suite: &Suite,
    sinks: Sinks,
    output: &mut Output,
) -> Result<u8, Failure> {
    let comparison = Comparison::new(reports);
    let markdown = comparison.markdown();
    // A file that cannot be written does not keep a person from what was found.
    let written = sinks.write(reports, suite, Some(&markdown), output);
    let paint = output.paint();
    output.line(format!("\n{}", table(&comparison, asked.verbose, paint)));
    output.line(format!("\n{}", told(&comparison, asked.verbose, paint)));
    output.line(format!("\n{}", sum(&comparison, paint)));
    // What a saved report tells was known when it was saved.
    let fresh = comparison.names.iter().zip(reports).skip(saved);
    let mut status = 0;
    for (name, report) in fresh {
        let of_run = report.summary.exit_status;
        status = status.max(of_run);
        if of_run > 0 {
            for line in wrapped(&format!("{name}: {}", meaning(report)), "", "  ") {
                output.line(paint.bad(line));
            }
        }
    }
    written.map(|()| status)
}

fn changes(
    reports: &[RunReport],
    asked: &Compare,
    suite: &Suite,
    sinks: Sinks,
    output: &mut Output,
) -> Result<u8, Failure> {
    let [before, now] = reports else {
        // Somebody interrupted before there was a second one.
        return Err(Failure::usage(format!(
            "--changes takes two reports, and there are {}",
            reports.len()
        )));
    };
    let changes = Changes::between(before, now, |_| true);
    let since = since(asked.from.first(), before);
    let written = sinks.write(reports, suite, Some(&changes.markdown(&since)), output);
    output.line(changes.told(&since, asked.verbose, output.paint()));
    let fresh = match asked.targets.is_empty() {
        true => 0,
        false => now.summary.exit_status,
    };
    written.map(|()| fresh.max(changes.exit_status()))
}

/// What the earlier run is called: its file, and when it was.
pub fn since(path: Option<&PathBuf>, before: &RunReport) -> String {
    let name = match path {
        Some(path) => path.display().to_string(),
        None => before.target.name.clone(),
    };
    match &before.began {
        Some(began) => format!("{name} of {began}"),
        None => name,
    }
}

/// A target as it is written here: `rabbitmq`, a URL, a file, and before it how it is had, such as `container:rabbitmq`.
pub fn meant(word: &str, tls: &Tls) -> Target {
    let ways = [Via::Embedded, Via::Process, Via::Container];
    let written = word.split_once(':').and_then(|(way, name)| {
        let via = ways.into_iter().find(|via| via.name() == way)?;
        Some((via, name))
    });
    let (via, name) = match written {
        Some((via, name)) => (Some(via), name),
        None => (None, word),
    };
    let secret = name.starts_with("amqps:");
    Target {
        target: Some(name.to_owned()),
        via,
        image: None,
        as_target: None,
        tls: match secret {
            true => tls.clone(),
            false => Default::default(),
        },
    }
}
