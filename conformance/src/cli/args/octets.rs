//! Octets: taken apart, written as seeds, held against a decoder.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use mqspec::corpus::Format;

use super::fuzz::time;

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
