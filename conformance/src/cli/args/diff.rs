//! The same exchanges to two brokers.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mqspec::oracle::known::Pattern;

use super::choice::Tls;
use super::fuzz::time;

/// What becomes of a difference that somebody has looked at.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accepting differences")]
pub struct Accept {
    /// Accept the difference that this script shows, and play nothing
    #[arg(long, value_name = "FILE", requires = "into")]
    pub accept: Option<PathBuf>,
    /// Where it goes: a script of a suite (.mqs), which gets the case, or a target's file (.toml), which lists the
    /// difference as known
    #[arg(long, value_name = "FILE", requires = "accept")]
    pub into: Option<PathBuf>,
    /// For a target's file: why the broker does so
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub reason: Option<String>,
    /// For a target's file: where that is written
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub source: Option<String>,
    /// For a target's file: the target was on the left
    #[arg(long, requires = "accept")]
    pub left_is_target: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec diff reference rabbitmq --for 60s      a known broker, started for it
  mqspec diff reference process:rabbitmq        the same, and how it is had
  mqspec diff reference amqp://guest:guest@localhost:5672/%2f --theme errors
  mqspec diff rabbitmq ./mybroker.toml --seed 7
  mqspec diff reference reference --count 10000
  mqspec diff --print 3 --seed 7                what would be sent
  mqspec diff --accept mqspec-differences/X.mqs --into my-suite/oracle.mqs
  mqspec diff --accept mqspec-differences/X.mqs --into mybroker.toml \\
    --reason 'It does so.' --source https://…

Exchanges of several connections and channels are made up and played on both
brokers, step by step. After each step everything that both said is held against
each other: replies, refusals, deliveries, returns, confirmations, and what each
queue holds. What a broker may choose is left out: names, tags, texts, times,
which of several consumers gets a message, and the order of what no clause orders.
Where the two part, the exchange is made small and written as a case of which the
left broker's answers are what is expected:
`mqspec run RIGHT --suite FILE` shows it again. A difference that a target's file
lists ([[difference]]) is counted and does not fail. `reference` is the reference
broker's core in memory. The same seed makes the same exchanges.

Exit status: 0 no difference that is not known, 1 differences, 2 wrong usage,
3 a target could not be reached or started, or was lost.")]
pub struct Diff {
    /// A name of `mqspec targets`, a URL, or the path of a target file, and before a name how it is had, such as
    /// process:rabbitmq
    #[arg(required_unless_present_any = ["print", "accept"])]
    pub left: Option<String>,
    /// The same for the broker whose answers are held against the left one's
    #[arg(required_unless_present_any = ["print", "accept"])]
    pub right: Option<String>,
    /// The known target whose differences a broker at a URL is forgiven
    #[arg(long = "as", value_name = "NAME")]
    pub as_target: Option<String>,
    /// How long, such as 60s, 10m or 1h
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = time, help_heading = "Exchanges")]
    pub time: Duration,
    /// So many exchanges, however long they take
    #[arg(long, value_name = "N", help_heading = "Exchanges")]
    pub count: Option<u64>,
    /// What the exchanges are made from; random by default
    #[arg(long, value_name = "N", help_heading = "Exchanges")]
    pub seed: Option<u64>,
    /// What the exchanges are about; may be given several times; by default everything, in turn
    #[arg(long, value_name = "NAME", help_heading = "Exchanges", value_parser = themes())]
    pub theme: Vec<&'static str>,
    /// Leave out steps of that shape, such as 'tx.*' or 'queue.declare*x-max-priority*', which a broker does not know; may
    /// be given several times
    #[arg(long, value_name = "GLOB", help_heading = "Exchanges")]
    pub without: Vec<Pattern>,
    /// How many steps an exchange has at most, beside those that set the scene and look at what is left
    #[arg(long, value_name = "N", default_value = "14", help_heading = "Exchanges", value_parser = clap::value_parser!(u16).range(1..=500))]
    pub steps: u16,
    /// How many exchanges are played side by side: by default 16, or as many as there are processors in memory
    #[arg(long, value_name = "N", help_heading = "Exchanges", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Where the cases of differences are written
    #[arg(
        long,
        value_name = "DIR",
        default_value = "mqspec-differences",
        help_heading = "Exchanges"
    )]
    pub findings: PathBuf,
    /// End after so many differences that are not known
    #[arg(
        long,
        value_name = "N",
        default_value = "50",
        help_heading = "Exchanges"
    )]
    pub max_findings: usize,
    /// Print the first N exchanges of the seed, and send nothing
    #[arg(long, value_name = "N", help_heading = "Exchanges")]
    pub print: Option<u64>,
    /// Show no progress
    #[arg(long, short, help_heading = "Exchanges")]
    pub quiet: bool,
    #[command(flatten)]
    pub acceptance: Accept,
    #[command(flatten)]
    pub tls: Tls,
}

fn themes() -> impl TypedValueParser<Value = &'static str> {
    let themes = mqspec::dialect::Dialect::generator(mqspec::dialect::amqp::dialect()).themes();
    PossibleValuesParser::new(themes).map(move |name| {
        let found = themes.iter().find(|theme| **theme == name);
        found.copied().unwrap_or_default()
    })
}
