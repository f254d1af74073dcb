//! Exchanges that nobody wrote.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::choice::Target;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec fuzz --for 60s                               the embedded reference broker
  mqspec fuzz rabbitmq --via process --for 10m        a broker that is started for it
  mqspec fuzz amqp://guest:guest@localhost:5672/%2f --seed 7
  mqspec fuzz --print 3 --seed 7                      what would be sent

Each exchange has a legal beginning and one attempt that a broker may not expect.
After each it is looked whether the broker still serves new connections and one
that has nothing to do with it, whether its refusals are in form, and how much
memory its program takes. What is found is made small and written as a script
that `mqspec run TARGET --suite FILE` plays again. The same seed makes the same
exchanges.

Exit status: 0 nothing found, 1 findings, or the broker was lost, 2 wrong usage,
3 the target could not be reached or started.")]
pub struct Fuzz {
    #[command(flatten)]
    pub target: Target,
    /// How long, such as 60s, 10m or 1h
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = time, help_heading = "Fuzzing")]
    pub time: Duration,
    /// So many exchanges, however long they take
    #[arg(long, value_name = "N", help_heading = "Fuzzing")]
    pub count: Option<u64>,
    /// How many exchanges run side by side: by default 32, or 8 where nobody can bring the broker back
    #[arg(long, value_name = "N", help_heading = "Fuzzing", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// What the exchanges are made from; random by default
    #[arg(long, value_name = "N", help_heading = "Fuzzing")]
    pub seed: Option<u64>,
    /// Where the scripts of findings are written
    #[arg(
        long,
        value_name = "DIR",
        default_value = "mqspec-findings",
        help_heading = "Fuzzing"
    )]
    pub findings: PathBuf,
    /// End after so many findings
    #[arg(long, value_name = "N", default_value = "50", help_heading = "Fuzzing")]
    pub max_findings: usize,
    /// Print the first N exchanges of the seed, and send nothing
    #[arg(long, value_name = "N", help_heading = "Fuzzing")]
    pub print: Option<u64>,
    /// Show no progress
    #[arg(long, short, help_heading = "Fuzzing")]
    pub quiet: bool,
}

/// A time such as 500ms, 60s, 10m or 1h.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let wanted = || format!("`{text}` is no time: write 500ms, 60s, 10m or 1h");
    let digits = text
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wanted())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" | "" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        "h" => Ok(Duration::from_secs(number.saturating_mul(3600))),
        _ => Err(wanted()),
    }
}
