//! How many sequences of operations are played and audited a second, without a fuzzer and its counters around: the most
//! that a faster fuzzer could come to.
//!
//! Prints a Markdown table. `-- --seconds S` sets how long each row takes; the best of three rounds counts.

use std::error::Error;
use std::time::{Duration, Instant};

use clap::Parser;
use reference_broker::check;

/// How many operations a sequence of a row has at most.
const ROWS: [usize; 4] = [15, 30, 60, check::MOST];

/// How many sequences are played in turn.
const SEQUENCES: u64 = 1000;

#[derive(Debug, Parser)]
struct Options {
    /// How long each round of a row takes.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let least = Duration::try_from_secs_f64(options.seconds)?;
    println!("| operations | on average | sequences a second | operations a second |");
    println!("|---:|---:|---:|---:|");
    for most in ROWS {
        let sequences: Vec<Vec<u8>> = (0..SEQUENCES)
            .map(|seed| check::made_up(seed, most))
            .collect();
        let operations: usize = sequences.iter().map(|it| check::count(it)).sum();
        let average = operations as f64 / SEQUENCES as f64;
        let rate = (0..3).map(|_| rate(&sequences, least)).fold(0.0, f64::max);
        println!(
            "| 1 to {most} | {average:.1} | {rate:.0} | {:.0} |",
            rate * average
        );
    }
    Ok(())
}

/// Sequences in a second.
fn rate(sequences: &[Vec<u8>], least: Duration) -> f64 {
    let start = Instant::now();
    let mut played = 0;
    while start.elapsed() < least {
        for sequence in sequences {
            check::operations(sequence);
        }
        played += sequences.len();
    }
    played as f64 / start.elapsed().as_secs_f64()
}
