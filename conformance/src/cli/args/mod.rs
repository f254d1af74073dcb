//! What can be asked for on the command line.
//!
//! - `choice`: which broker, and which cases
//! - `run`: running cases, and what a run writes
//! - `cases`: looking at cases, and changing scripts
//! - `setup`: target files, and what is installed beside the program
//! - `client`: clients under test
//! - `fuzz`, `diff`, `octets`: exchanges that nobody wrote, and octets
//! - `record`: what an application and a broker say

mod cases;
mod choice;
mod client;
mod diff;
mod fuzz;
mod octets;
mod record;
mod run;
mod setup;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use cases::{Bless, Coverage, Fmt, List, Show};
pub use choice::{Filters, Target, Tls};
pub use client::Client;
pub use diff::{Accept, Diff};
pub use fuzz::Fuzz;
pub use octets::{Corpus, CorpusFormat, Decode, Decoder};
pub use record::{Check, Record};
pub use run::{Compare, Files, Report, Run, Running};
pub use setup::{Completions, Man, TargetCheck, TargetCommand, TargetNew};

const STATUS: &str = "\
Exit status:
  0  nothing failed that is not a known deviation
  1  conformance failures
  2  wrong usage: an unknown case, glob, clause or target, a script with a mistake
  3  the target could not be reached or started, or was lost";

/// Tells, clause by clause and with proof, whether a message broker speaks its protocol as written.
#[derive(Debug, Parser)]
#[command(name = "mqspec", version, max_term_width = 80, after_help = STATUS)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Colours: on a terminal, always or never (NO_COLOR is obeyed)
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run cases against a broker
    Run(Box<Run>),
    /// Run the same cases against several brokers, and tell where they differ
    Compare(Box<Compare>),
    /// Tell saved reports again, in another form
    Report(Box<Report>),
    /// Send a broker exchanges that nobody wrote, and see whether it stands them
    Fuzz(Box<Fuzz>),
    /// Play the same made-up exchanges on two brokers, and tell where they part
    Diff(Box<Diff>),
    /// Write down what an application and a broker say to each other
    Record(Box<Record>),
    /// Judge a recorded exchange: where did the broker, or the client, first break a clause?
    Check(Check),
    /// List cases
    List(List),
    /// Show one case as a sequence diagram, with its clauses and its script
    Show(Show),
    /// Show which commands and clauses the cases cover
    Coverage(Coverage),
    /// Run the reference broker as a server
    Serve(Box<Serve>),
    /// Take the octets of a connection apart
    Decode(Decode),
    /// Write seeds and a dictionary for a fuzzer
    Corpus(Corpus),
    /// Play a broker, and see what a client makes of it
    Client(Box<Client>),
    /// Hold any program that decodes frames to what the specification says
    Decoder(Decoder),
    /// Lay scripts out evenly
    Fmt(Fmt),
    /// Put what a broker sent into the expectation that it did not meet
    Bless(Bless),
    /// List the brokers that are known by name
    Targets,
    /// Write or check a file that tells how a broker is had
    #[command(subcommand)]
    Target(TargetCommand),
    /// Print a shell's completions
    Completions(Completions),
    /// Write manual pages
    Man(Man),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Prints `listening on ADDRESS:PORT` once it listens; SIGINT or SIGTERM stops it."
)]
pub struct Serve {
    #[command(flatten)]
    pub options: reference_broker::options::Options,
}
