//! Running cases, and what a run writes.

use std::path::PathBuf;

use clap::Args;

use super::choice::{Filters, Target, Tls};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec run                                        the embedded reference broker
  mqspec run amqp://guest:guest@localhost:5672/%2f  a broker that is running
  mqspec run rabbitmq --via container               a known broker, started for the run
  mqspec run --only 'queue.*' --level must          everything about queues that is a MUST
  mqspec run --json - --quiet | jq .summary         for a program

A failed MUST fails the run; a failed SHOULD warns; a MAY that is not offered is
skipped. Cases that the target's file lists as known deviations may fail, and
may not pass.")]
pub struct Run {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub filters: Filters,
    #[command(flatten)]
    pub running: Running,
    /// End with the first case that fails the run; the others count as not run
    #[arg(long, help_heading = "Running")]
    pub fail_fast: bool,
    /// Tell what turned red and what turned green since this report, which `--json` wrote; a case that turned red and is
    /// no known deviation fails the run
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub against: Option<PathBuf>,
    /// Write the whole report as JSON into a file; - is standard output
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub json: Option<String>,
    #[command(flatten)]
    pub files: Files,
    /// Write each case's exchange as a script into this folder
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub transcripts: Option<PathBuf>,
    /// Print only what went wrong, a line each, and the sum
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Results")]
    pub quiet: bool,
    /// Print every case, every known deviation and whole exchanges
    #[arg(long, short, help_heading = "Results")]
    pub verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec compare reference rabbitmq garagemq --html brokers.html
  mqspec compare process:rabbitmq container:rabbitmq-4 --only 'basic.*'
  mqspec compare rabbitmq amqp://guest:guest@localhost:5672/%2f --markdown -
  mqspec compare --from rabbitmq.json garagemq.json      saved reports
  mqspec compare --from old.json new.json --changes      one broker, twice

A case counts as failed here whether or not it is a known deviation; what is
lenient counts as passed. The brokers are run one after the other.

Exit status: the worst of the runs, as `mqspec run` has it; of saved reports 0.
With --changes, 1 if a case turned red that is no known deviation, or a new case
fails.")]
pub struct Compare {
    /// Names of `mqspec targets`, URLs, or paths of target files; `process:` or `container:` before a name says how it
    /// is had
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Reports that `mqspec run --json` wrote, in place of brokers or before them
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Comparing")]
    pub from: Vec<PathBuf>,
    /// Tell what turned red and what turned green from the first to the second
    #[arg(long, help_heading = "Comparing")]
    pub changes: bool,
    #[command(flatten)]
    pub filters: Filters,
    #[command(flatten)]
    pub running: Running,
    #[command(flatten)]
    pub tls: Tls,
    /// Write all reports as one JSON array, which --from reads; - is standard output
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub json: Option<String>,
    /// Write a page for a browser that shows the brokers side by side, with every exchange; - is standard output
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub html: Option<String>,
    /// Write the comparison for a pull request, in Markdown; - is standard output
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub markdown: Option<String>,
    /// Show no progress
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Results")]
    pub quiet: bool,
    /// Name every case on which they differ
    #[arg(long, short, help_heading = "Results")]
    pub verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec report saved.json                              what a run prints at its end
  mqspec report saved.json --junit junit.xml --badge badge.svg
  mqspec report rabbitmq.json garagemq.json --markdown - >> $GITHUB_STEP_SUMMARY
  mqspec report rabbitmq.json garagemq.json --html brokers.html

Of several reports, JUnit has a test suite each, TAP a subtest each, Markdown a
section each, a page shows them side by side, and a badge the sum.

Exit status: 0, whatever the reports tell; 2 if one of them cannot be read.")]
pub struct Report {
    /// Reports that `mqspec run --json` wrote
    #[arg(required = true, value_name = "FILE")]
    pub reports: Vec<PathBuf>,
    #[command(flatten)]
    pub files: Files,
    /// The scripts that were run, where they were not the embedded suite: to quote their lines
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
    /// Print every known deviation and skipped case
    #[arg(long, short)]
    pub verbose: bool,
}

/// How cases are run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub struct Running {
    /// How many cases run side by side; those that only wait are not counted
    #[arg(long, value_name = "N", default_value = "32", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// How many seconds one exchange may take before nothing more is awaited
    #[arg(long, value_name = "S", default_value = "25", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// What the names of queues and exchanges are made from; random by default
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Begin the cases in an order that the seed decides, and not in the suite's
    #[arg(long)]
    pub shuffle: bool,
    /// A broken SHOULD, what may be offered and is not, and what is allowed and not recommended fail the run as well
    #[arg(long)]
    pub strict: bool,
}

/// Files that people and their tools read. All of them also tell of saved reports.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Results")]
pub struct Files {
    /// Write a page for a browser, with every case and its exchange; - is standard output
    #[arg(long, value_name = "FILE")]
    pub html: Option<String>,
    /// Write JUnit XML, for CI servers; - is standard output
    #[arg(long, value_name = "FILE")]
    pub junit: Option<String>,
    /// Write a TAP 14 stream; - is standard output
    #[arg(long, value_name = "FILE")]
    pub tap: Option<String>,
    /// Write a summary for a pull request, in Markdown; - is standard output
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<String>,
    /// Write annotations for a job on GitHub, which it shows when a step prints
    /// them; - is standard output
    #[arg(long, value_name = "FILE")]
    pub annotations: Option<String>,
    /// Write a badge for a README, as SVG; - is standard output
    #[arg(long, value_name = "FILE")]
    pub badge: Option<String>,
}
