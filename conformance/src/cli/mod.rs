//! The command line: one file per command, all with the verb `run`.
//!
//! - `args`, `filters`: what can be asked for, and which cases are meant
//! - `run`, `compare`, `report`, `fuzz`, `diff`, `list`, `show`, `coverage`, `serve`, `fmt`, `bless`, `target`: the commands about cases and brokers
//! - `client`: the roles swapped
//! - `decode`, `corpus`, `decoder`: the commands about octets
//! - `record`, `check`: what an application and a broker say, written down and judged
//! - `session`: a broker made available, asked, and stopped
//! - `console`, `progress`, `sink`, `signals`: what a run prints, what it writes into files, and what stops it
//! - `pages`: completions and manual pages
//! - `advice`: what a person may do next
//! - `output`, `failure`: standard output, and how a command ends that cannot do what it is asked

mod accept;
mod advice;
mod args;
mod bless;
mod check;
mod client;
mod compare;
mod console;
mod corpus;
mod coverage;
mod decode;
mod decoder;
mod diff;
mod failure;
mod filters;
mod fmt;
mod fuzz;
mod list;
mod output;
mod pages;
mod progress;
mod record;
mod report;
mod run;
mod serve;
mod session;
mod show;
mod signals;
mod sink;
mod target;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use failure::Failure;
use output::Output;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let Arguments { command, color } = Arguments::parse();
    let mut output = Output::new(color);
    let done = match &command {
        Command::Run(asked) => run::run(asked, &mut output),
        Command::Compare(asked) => compare::run(asked, &mut output),
        Command::Report(asked) => report::run(asked, &mut output),
        Command::Record(asked) => record::run(asked, &mut output),
        Command::Check(asked) => check::run(asked, &mut output),
        Command::List(asked) => list::run(asked, &mut output),
        Command::Show(asked) => show::run(asked, &mut output),
        Command::Coverage(asked) => coverage::run(asked, &mut output),
        Command::Serve(asked) => serve::run(asked, &mut output),
        Command::Decode(asked) => decode::run(asked, &mut output),
        Command::Diff(asked) => diff::run(asked, &mut output),
        Command::Fuzz(asked) => fuzz::run(asked, &mut output),
        Command::Corpus(asked) => corpus::run(asked, &mut output),
        Command::Client(asked) => client::run(asked, &mut output),
        Command::Decoder(asked) => decoder::run(asked, &mut output),
        Command::Fmt(asked) => fmt::run(asked, &mut output),
        Command::Bless(asked) => bless::run(asked, &mut output),
        Command::Targets => target::list(&mut output),
        Command::Target(asked) => target::run(asked, &mut output),
        Command::Completions(asked) => pages::completions(asked, &mut output),
        Command::Man(asked) => pages::man(asked, &mut output),
    };
    let ended = done.and_then(|status| output.finish().map(|()| status));
    ended.unwrap_or_else(|failure| failure.tell(color)).into()
}

/// A runtime for the commands that talk to a broker.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::target(format!("the system refuses threads: {error}")))
}
