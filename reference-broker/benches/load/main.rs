//! Brokers under load, side by side: `cargo bench -p reference-broker --bench load -- --help`.
//!
//! The load program has to cost far less than any broker, since both share the machine: publishes are encoded once
//! and sent hundreds at a time, and what comes is walked by the heads of its frames. It bounds what is on its way, so
//! that no broker is overrun and no flow control is measured, and counts every message to the last.
//!
//! | module | subject |
//! |---|---|
//! | `options`, `rows` | the command line; the loads and what is measured of each |
//! | `target`, `address`, `process` | the brokers: at a URL, or started; their memory and time |
//! | `topology`, `client` | what a load needs: connections, queues, consumers |
//! | `throughput`, `latency`, `idle` | one measurement each |
//! | `messages`, `scan`, `progress` | publishes encoded once, frames walked by their heads, how far everybody is |
//! | `relay`, `forward` | the bare relay, to which every broker is held |
//! | `results`, `table` | what it all comes to |

mod address;
mod client;
mod failure;
mod forward;
mod idle;
mod latency;
mod messages;
mod options;
mod process;
mod progress;
mod relay;
mod results;
mod rows;
mod scan;
mod table;
mod target;
mod throughput;
mod topology;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::failure::{Failure, doing};
use crate::options::Options;
use crate::process::Process;
use crate::results::{Sample, Series, as_json};
use crate::rows::{Effort, Row};
use crate::table::Table;
use crate::target::Target;

fn main() -> ExitCode {
    let options = Options::parse();
    let result = if options.relay {
        relay::serve()
    } else {
        run(&options)
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    allow_descriptors()?;
    let mut targets = Vec::new();
    for text in &options.targets {
        targets.push(Target::new(text)?);
    }
    if !options.no_relay {
        targets.push(Target::relay()?);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut series = Vec::new();
    for row in in_order_of_work(&options.only) {
        series.push(drive(row, &targets, options)?);
    }
    series.sort_by_key(|series| series.row);
    let table = Table {
        targets: &targets,
        series: &series,
        rounds: options.rounds,
        time: options.seconds,
        cores,
    };
    print!("{table}");
    if let Some(path) = &options.json {
        let json = as_json(&targets, &series, options.seconds, cores);
        std::fs::write(path, format!("{json:#}\n")).map_err(doing("writing the JSON file"))?;
    }
    Ok(())
}

/// What wants a broker that has done nothing comes before what leaves traces.
fn in_order_of_work(only: &[Row]) -> Vec<Row> {
    let mut rows: Vec<Row> = Row::value_variants()
        .iter()
        .copied()
        .filter(|row| only.is_empty() || only.contains(row))
        .collect();
    rows.sort_by_key(|row| !row.comes_first());
    rows
}

/// Drives one load on one target after the other, round by round.
fn drive(row: Row, targets: &[Target], options: &Options) -> Result<Series, Failure> {
    let effort = Effort {
        time: options.seconds,
        ahead: options.ahead,
    };
    // A second time, a broker has the memory that the first time took.
    let rounds = if row.comes_first() { 1 } else { options.rounds };
    let mut samples = vec![Vec::new(); targets.len()];
    for round in 1..=rounds {
        for (target, samples) in targets.iter().zip(&mut samples) {
            let own = Process(std::process::id());
            let busy = || (target.process.and_then(Process::busy), own.busy());
            let before = busy();
            let outcome = row.drive(target, effort)?;
            let after = busy();
            let sample = Sample {
                outcome,
                broker_busy: after.0.zip(before.0).map(|(after, before)| after - before),
                load_busy: after.1.zip(before.1).map(|(after, before)| after - before),
            };
            report(row, round, rounds, target, &sample);
            samples.push(sample);
        }
    }
    Ok(Series { row, samples })
}

/// One line for whoever waits.
fn report(row: Row, round: u32, rounds: u32, target: &Target, sample: &Sample) {
    let metrics = row.metrics().iter().zip(&sample.outcome.figures);
    let figures: Vec<String> = metrics
        .filter_map(|(metric, figure)| {
            let figure = (*figure)?;
            Some(format!(
                "{} {figure:.*} {}",
                metric.label, metric.digits, metric.unit
            ))
        })
        .collect();
    if figures.is_empty() {
        return;
    }
    let costs = [
        ("broker", sample.per_message(sample.broker_busy)),
        ("load program", sample.per_message(sample.load_busy)),
    ];
    let costs: String = costs
        .iter()
        .filter_map(|(who, cost)| cost.map(|cost| format!("; {who} {cost:.2} us each")))
        .collect();
    let figures = figures.join(", ");
    eprintln!("{round}/{rounds} {}: {figures}{costs}", target.name);
}

/// As many open sockets as the machine lets this program and its children have.
fn allow_descriptors() -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised)
        .map_err(|error| doing("asking for more open sockets")(error.into()))
}
