//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::rows::Row;
use crate::target::REFERENCE;

/// Drives AMQP brokers with the same loads, and shows how far each is from the first and from a bare relay.
#[derive(Debug, Parser)]
#[command(name = "load")]
pub struct Options {
    /// Brokers: amqp://user:password@host:port/vhost, or `reference` for a reference broker that this program starts,
    /// or `in-memory` for one that keeps nothing on the disk. Ratios are to the first of them.
    #[arg(value_name = "URL", default_value = REFERENCE)]
    pub targets: Vec<String>,
    /// The loads to drive; all of them if none is named.
    #[arg(long, value_name = "ROWS", value_enum, value_delimiter = ',')]
    pub only: Vec<Row>,
    /// How long each load is measured in each round, after half a second that is not.
    #[arg(long, value_name = "S", default_value = "2", value_parser = seconds)]
    pub seconds: Duration,
    /// How often each load is driven on each broker, in turn. The median of them is shown.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// How many octets of messages may be on their way before the publisher waits for the consumer. Much more than
    /// the processor's caches hold makes everybody slower, the relay too.
    #[arg(long, value_name = "OCTETS", default_value_t = 1 << 20)]
    pub ahead: usize,
    /// Where to write every single figure.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Leaves the bare relay out.
    #[arg(long)]
    pub no_relay: bool,
    /// Be the relay: this program starts itself so.
    #[arg(long, hide = true)]
    pub relay: bool,
    /// Cargo says so to every benchmark.
    #[arg(long, hide = true)]
    pub bench: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| *time >= Duration::from_millis(100))
        .ok_or_else(|| "at least 0.1 seconds are needed".to_owned())
}
