//! Clients under test.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
mqspec plays a broker that behaves in unusual and in illegal ways, and judges the
client. COMMAND is started once for each case, with these variables:

  MQSPEC_URL    where the broker is, such as amqp://guest:guest@127.0.0.1:4711/%2f
  MQSPEC_TASK   what to do, such as `publish 3`: docs/clients.md lists the tasks
  MQSPEC_CASE   the case's id

It prints one line of JSON when it has done it or cannot, and ends:

  {\"result\": \"done\", \"messages\": [\"m1\"], \"version\": \"1.4.4\"}
  {\"result\": \"error\", \"detail\": \"why, in the client's own words\"}
  {\"result\": \"without\", \"detail\": \"the client has no transactions\"}

Examples:
  mqspec client --name pika -- python3 examples/clients/pika_adapter.py
  mqspec client --only 'channel/*' --json pika.json -- ./adapter
  mqspec client --listen 127.0.0.1:5672 --only heartbeat/silent-broker
  mqspec client --table pika.json lapin.json

Exit status: 0 nothing failed that is not a known deviation, 1 failures, 2 wrong
usage, 3 the program cannot be started.")]
pub struct Client {
    /// What the client is called; known deviations of that name are forgiven
    #[arg(long, value_name = "NAME", default_value = "client")]
    pub name: String,
    /// A file with known deviations, in place of those that are known by the name
    #[arg(long, value_name = "FILE")]
    pub known: Option<String>,
    /// Only cases whose id matches; may be given several times
    #[arg(long, value_name = "GLOB", help_heading = "Choosing cases")]
    pub only: Vec<String>,
    /// No cases whose id matches; may be given several times
    #[arg(long, value_name = "GLOB", help_heading = "Choosing cases")]
    pub skip: Vec<String>,
    /// Cases of your own in place of those that are embedded: a file as docs/clients.md describes it
    #[arg(long, value_name = "FILE", help_heading = "Choosing cases")]
    pub cases: Option<PathBuf>,
    /// List the cases, and run none
    #[arg(long, help_heading = "Choosing cases")]
    pub list: bool,
    /// How many cases run side by side
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// How many seconds the program has for one case
    #[arg(long, value_name = "S", default_value = "20", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// Play at this address, one case after the other, for a client that is started by hand
    #[arg(long, value_name = "ADDRESS", conflicts_with = "command")]
    pub listen: Option<SocketAddr>,
    /// Print saved reports as a table, clauses against clients, in Markdown
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["command", "listen"])]
    pub table: Vec<PathBuf>,
    /// Write what was found as JSON into a file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<String>,
    /// Show whole exchanges, and cases that pass
    #[arg(long, short)]
    pub verbose: bool,
    /// The client's program and its arguments
    #[arg(last = true, value_name = "COMMAND", required_unless_present_any = ["listen", "table", "list"])]
    pub command: Vec<String>,
}
