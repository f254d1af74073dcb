//! Recording what an application and a broker say, and judging it.

use clap::Args;
use clap::builder::TypedValueParser;

use super::choice::Tls;

#[derive(Debug, Args)]
#[command(after_help = "\
Point the application at the address that is printed; it talks to the broker as
before. SIGINT (Ctrl-C) or SIGTERM ends the recording, or the end of the last of
--connections. The script is written as the exchange goes on.

What is written is the notation of the suite: connections are a, b, c and so on,
names that the broker made up are variables, heartbeats are left out. The password
is $password, or $response for SASL PLAIN, whoever runs the script.

Examples:
  mqspec record --listen 127.0.0.1:5673 --to amqp://localhost --out app.mqs
  mqspec record --listen 127.0.0.1:0 --to amqps://broker.example --connections 1
  mqspec check app.mqs
  mqspec run amqp://localhost --suite app.mqs")]
pub struct Record {
    /// Where clients connect to, such as 127.0.0.1:5673; port 0 is any that is free
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: String,
    /// The broker: a URL such as amqp://localhost or amqps://broker.example, or a name of `mqspec targets`
    #[arg(long, value_name = "URL|NAME")]
    pub to: String,
    /// Write the script into a file; by default to standard output
    #[arg(long, value_name = "FILE.mqs")]
    pub out: Option<String>,
    /// Draw a sequence diagram into a file when the recording ends; - is standard output
    #[arg(long, value_name = "FILE")]
    pub diagram: Option<String>,
    /// Tell what was recorded as JSON, into a file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<String>,
    /// End when so many connections have ended
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..).map(|n| n as usize))]
    pub connections: Option<usize>,
    /// Write down bodies of more octets as noise(NUMBER, LENGTH)
    #[arg(long, value_name = "OCTETS", default_value = "4096")]
    pub longest: usize,
    /// Write passwords as they are
    #[arg(long)]
    pub keep_secrets: bool,
    #[command(flatten)]
    pub tls: Tls,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file is a script that `mqspec record` wrote, a transcript of a run
(--transcripts), or a capture, pcap or pcapng, as tcpdump and Wireshark write it.

Where the text leaves a choice, every choice is fine, and so is whatever others
may have done to the same queues beside the recording, or before it. --alone says
that nobody did: then what is routed, lost, duplicated and reordered is judged as
well.

Examples:
  mqspec check app.mqs
  mqspec check --alone --json - app.mqs
  tcpdump -i lo -w app.pcap port 5672 ; mqspec check app.pcap

Exit status: 0 nothing broken that binds, 1 a breach, 2 wrong usage or a file
that cannot be read.")]
pub struct Check {
    /// Recordings
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Nobody else used the queues and exchanges of the recording while it went on
    #[arg(long)]
    pub alone: bool,
    /// A clause that is not judged, such as one that the client is known to break; may be repeated
    #[arg(long, value_name = "CLAUSE")]
    pub ignore: Vec<String>,
    /// A recommendation that is not followed counts as a breach
    #[arg(long)]
    pub strict: bool,
    /// In a capture, the port at which the broker listens; by default whatever begins with the protocol's header
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Write what was found as JSON into a file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<String>,
    /// Show passwords as they are
    #[arg(long)]
    pub keep_secrets: bool,
    /// Show the whole exchange, and every breach
    #[arg(short, long)]
    pub verbose: bool,
}
