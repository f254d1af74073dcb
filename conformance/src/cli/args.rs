//! What can be asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mqspec::corpus::Format;
use mqspec::run::TlsOptions;
use mqspec::select::Shard;
use mqspec::target::Via;
use mqspec_specs::Level;

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
    /// Send a broker exchanges that nobody wrote, and see whether it stands them
    Fuzz(Box<Fuzz>),
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
    /// Hold any program that decodes frames to what the specification says
    Decoder(Decoder),
    /// Lay scripts out evenly
    Fmt(Fmt),
    /// Put what a broker sent into the expectation that it did not meet
    Bless(Bless),
    /// List the brokers that are known by name
    Targets,
}

/// Which broker.
#[derive(Debug, Args)]
pub struct Target {
    /// A name of `mqspec targets`, a URL such as amqp://guest:guest@localhost:5672/%2f, or the path of a target file;
    /// by default the embedded reference broker
    pub target: Option<String>,
    /// How the target is had: embedded, url, process or container
    #[arg(long, value_name = "HOW", hide_possible_values = true, value_parser = ways())]
    pub via: Option<Via>,
    /// The container image in place of the one that the target's file names
    #[arg(long, value_name = "NAME:TAG")]
    pub image: Option<String>,
    /// The known target whose deviations a broker at a URL is forgiven
    #[arg(long = "as", value_name = "NAME")]
    pub as_target: Option<String>,
    #[command(flatten)]
    pub tls: Tls,
}

/// How TLS is spoken, to an amqps:// URL or a target whose file says so.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS")]
pub struct Tls {
    /// The authorities that vouch for the broker's certificate (PEM); by default those of the system
    #[arg(long, value_name = "FILE", conflicts_with = "tls_insecure")]
    pub tls_ca: Option<PathBuf>,
    /// Believe any certificate
    #[arg(long)]
    pub tls_insecure: bool,
    /// The certificate to show to the broker, and those that lead to its authority (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

impl Tls {
    /// The same for a library.
    pub fn options(&self) -> TlsOptions {
        TlsOptions {
            ca: self.tls_ca.clone(),
            insecure: self.tls_insecure,
            cert: self.tls_cert.clone(),
            key: self.tls_key.clone(),
        }
    }
}

/// Which cases.
#[derive(Debug, Args)]
#[command(next_help_heading = "Choosing cases")]
pub struct Filters {
    /// Only cases whose id matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// No cases whose id matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub skip: Vec<String>,
    /// Only cases that prove this clause; may be given several times
    #[arg(long, value_name = "ID")]
    pub clause: Vec<String>,
    /// Only cases of this level, which is the strongest of their clauses': must, should or may
    #[arg(long, value_delimiter = ',', hide_possible_values = true, value_parser = levels())]
    pub level: Vec<Level>,
    /// Only the I-th of N parts of what is chosen
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Scripts of your own in place of the embedded suite: a file, or a folder with files that end in .mqs
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
}

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
    /// How many cases run side by side; those that only wait are not counted
    #[arg(long, value_name = "N", default_value = "32", help_heading = "Running", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// How many seconds one exchange may take before nothing more is awaited
    #[arg(long, value_name = "S", default_value = "25", help_heading = "Running", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// What the names of queues and exchanges are made from; random by default
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub seed: Option<u64>,
    /// Begin the cases in an order that the seed decides, and not in the suite's
    #[arg(long, help_heading = "Running")]
    pub shuffle: bool,
    /// End with the first case that fails the run; the others count as not run
    #[arg(long, help_heading = "Running")]
    pub fail_fast: bool,
    /// A broken SHOULD, what may be offered and is not, and what is allowed and not recommended fail the run as well
    #[arg(long, help_heading = "Running")]
    pub strict: bool,
    /// Write the whole report as JSON into a file; - is standard output
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub json: Option<String>,
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
fn time(text: &str) -> Result<Duration, String> {
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

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec list --only 'basic.*' --level should
  mqspec list --clause queue.declare.passive.raise-404
  mqspec list --json | jq -r '.[].id'")]
pub struct List {
    #[command(flatten)]
    pub filters: Filters,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    /// The case's id
    pub case: String,
    /// Scripts of your own in place of the embedded suite
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Only the clauses count that bind a broker and that a client can observe, and only
the commands that a case names itself: those of the dialogue that opens every
connection do not.

Example:
  mqspec coverage --require-commands --min-clauses 200    fails where less is covered")]
pub struct Coverage {
    /// List the commands and clauses that no case covers
    #[arg(long)]
    pub missing: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Exit with status 1 unless every command of the table is covered
    #[arg(long)]
    pub require_commands: bool,
    /// Exit with status 1 unless every clause has either a case or a reason to have none
    #[arg(long)]
    pub require_clauses: bool,
    /// Exit with status 1 unless so many clauses are covered
    #[arg(long, value_name = "N")]
    pub min_clauses: Option<usize>,
    /// Scripts of your own in place of the embedded suite
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Prints `listening on ADDRESS:PORT` once it listens; SIGINT or SIGTERM stops it."
)]
pub struct Serve {
    #[command(flatten)]
    pub options: reference_broker::options::Options,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mqspec decode 414d515000000901
  mqspec decode '01 0001 00000005 0014000a00 ce'
  mqspec decode captured.bin
  xxd -p captured.bin | mqspec decode -

Exit status 1 if something is wrong with the octets.")]
pub struct Decode {
    /// Hexadecimal digits, a file that holds such digits or octets, or - for standard input
    #[arg(value_name = "HEX|FILE|-", required_unless_present = "serve")]
    pub octets: Option<String>,
    /// Answer each line of hexadecimal digits with a line of JSON, as `mqspec decoder` wants it from a decoder
    #[arg(long, conflicts_with = "octets")]
    pub serve: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What is written, in every format:
  valid/           octets that the protocol allows: each command with default and
                   extreme arguments, each property, each type of a table, body
                   frames, heartbeats, and whole dialogues of the suite, both ways
  invalid/         octets that it forbids: cut, too long, of unknown types, with
                   broken tables and strings, with a wrong frame end, on the wrong
                   channel
  amqp.dict        the dictionary
  manifest.json    for each file: what it is, its octets or their length, and
                   whether it is valid; if not, the clause that it breaks, the reply
                   code that a broker answers with, what it closes, and whether any
                   decoder has to notice (`unreadable`) or may leave it to the peer

The same version writes the same files. Two or three hundred kilobytes in all.

Examples:
  mqspec corpus seeds
  mqspec corpus seeds --format afl
  mqspec corpus seeds --format files
  jq -r '.seeds[] | select(.breaks == \"DAT-15\") | .file' seeds/manifest.json")]
pub struct Corpus {
    /// The folder to write into, which need not exist
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// For whom: libfuzzer (and cargo-fuzz), afl (and AFL++), or files with readable names
    #[arg(
        long,
        value_name = "FORM",
        default_value = "libfuzzer",
        hide_possible_values = true
    )]
    pub format: CorpusFormat,
    /// Write into a folder that is not empty: files of the same names are replaced, others stay
    #[arg(long)]
    pub force: bool,
}

/// For whom a corpus is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CorpusFormat {
    Libfuzzer,
    Afl,
    Files,
}

impl From<CorpusFormat> for Format {
    fn from(format: CorpusFormat) -> Format {
        match format {
            CorpusFormat::Libfuzzer => Format::Libfuzzer,
            CorpusFormat::Afl => Format::Afl,
            CorpusFormat::Files => Format::Files,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
The program is sent one frame a line, in hexadecimal digits (or with --binary behind
four octets of length, the highest first), and prints one line of JSON for each:

  {\"ok\": {\"type\": \"method\", \"channel\": 1, \"method\": \"basic.ack\",
          \"fields\": {\"delivery-tag\": 7, \"multiple\": false}}}
  {\"ok\": {\"type\": \"header\", \"channel\": 1, \"class-id\": 60, \"body-size\": 5,
          \"properties\": {\"priority\": 3, \"headers\": {\"a\": [1, null, \"x\"]}}}}
  {\"ok\": {\"type\": \"body\", \"channel\": 1, \"body\": \"68656c6c6f\"}}
  {\"ok\": {\"type\": \"heartbeat\", \"channel\": 0}}
  {\"error\": \"why it refuses the frame\"}
  {\"skip\": \"why it was not made for such frames\"}

Names are the specification's; case, dashes and underscores do not count. Octets are
text or {\"hex\": \"00ff\"}; a body is hexadecimal digits. Numbers of 64 bits may be text,
timestamps are seconds, a decimal is [scale, digits] or \"3.14\", a float that is no
number \"NaN\", a void null. A field that is never told is not compared, and named at
the end; a property that is absent is left out or null. docs/decoder.md tells more.

First come the frames of `mqspec corpus`, then generated ones, legal and changed. A
finding is a frame that breaks a clause so that it cannot be read and is taken; a
legal one that is refused; a value that differs; a program that dies or hangs, which
is started again. What a decoder may leave to the peer behind it (such as a name that
is not UTF-8) is listed, and is no finding.

Examples:
  mqspec decoder -- python3 examples/decoders/pamqp_decoder.py
  mqspec decoder --for 60s --seed 7 --json findings.json -- ./decoder
  mqspec decoder --only '08 0000 00000000 ce' -- ./decoder

Exit status: 0 no finding, 1 findings, 2 the program answers nothing that it should,
3 it cannot be started.")]
pub struct Decoder {
    /// Send frames behind four octets of length in place of hexadecimal digits
    #[arg(long)]
    pub binary: bool,
    /// How many generated frames follow the vectors; 10000 unless --for is given
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// How long generated frames go on, such as 10s or 5m
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub time: Option<Duration>,
    /// What the generated frames are made from
    #[arg(long, value_name = "N", default_value = "1")]
    pub seed: u64,
    /// How many seconds the program has for one answer
    #[arg(long, value_name = "S", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// Send this one frame alone, and show what it is and what the program says
    #[arg(long, value_name = "HEX", conflicts_with_all = ["count", "time", "json"])]
    pub only: Option<String>,
    /// Write what was found as JSON into a file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<String>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Fmt {
    /// Change nothing; name the files that are not laid out evenly, and exit with status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Scripts, or folders that hold some
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Runs the case. If the broker sends something else than the script expects, that line
of the script is rewritten in place: the command that came, and for the fields named
in the line, the values that came. Patterns that hold stay as they are. Read the
change before you keep it: what a broker does is not what it should do.

Example:
  mqspec bless queue.declare/passive amqp://localhost --suite specs/amqp-0-9-1/suite")]
pub struct Bless {
    /// The case's id
    pub case: String,
    #[command(flatten)]
    pub target: Target,
    /// The scripts that hold the case: a file, or a folder with files that end in .mqs
    #[arg(long, value_name = "PATH")]
    pub suite: PathBuf,
}

fn ways() -> impl TypedValueParser<Value = Via> {
    let ways = [Via::Embedded, Via::Url, Via::Process, Via::Container];
    PossibleValuesParser::new(ways.map(Via::name)).map(move |name| {
        let found = ways.into_iter().find(|way| way.name() == name);
        found.unwrap_or(Via::Embedded)
    })
}

fn levels() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(["must", "should", "may"]).map(|name| match name.as_str() {
        "must" => Level::Must,
        "should" => Level::Should,
        _ => Level::May,
    })
}
