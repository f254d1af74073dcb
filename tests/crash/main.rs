//! Kills the broker with SIGKILL in the middle of its work, again and again, and looks at what it has afterwards: nothing
//! that it confirmed may be lost, nothing may come back whose acknowledgement it was known to have stored, and the
//! order has to be as it was. The suite's history checker is the judge.
//!
//!     cargo test -p mqspec-tests --test crash                                   20 rounds
//!     MQSPEC_ROUNDS=200 cargo test --release -p mqspec-tests --test crash       as many as you like
//!     MQSPEC_SEED=17 MQSPEC_ROUNDS=1 cargo test -p mqspec-tests --test crash    one round again
//!
//! A round's seed decides what its clients do and when the broker is killed; how far each has come by then is up to
//! the machine. The directory of a round that fails is kept.

mod broker;
mod client;
mod load;
mod log;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use mqspec::history::{Audit, Selection};

use self::broker::Broker;
use self::log::Log;

/// What must not happen. That a delivery was made may be forgotten where it was not yet stored, so that a message that
/// comes again need not be marked.
const FAULTS: [&str; 5] = ["lost", "duplicated", "reordered", "altered", "unexpected"];

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() == Some(broker::SERVE) {
        return broker::serve(arguments.next().as_deref());
    }
    let rounds = number("MQSPEC_ROUNDS").unwrap_or(20);
    let first = number("MQSPEC_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000_000));
    println!("{rounds} rounds, seeds from {first} on");
    let mut sums = Sums::default();
    for seed in first..first + rounds {
        if let Err(error) = round(seed, &mut sums) {
            println!("round with seed {seed} failed: {error}");
            println!(
                "again: MQSPEC_SEED={seed} MQSPEC_ROUNDS=1 cargo test -p mqspec-tests --test crash"
            );
            return ExitCode::FAILURE;
        }
    }
    println!(
        "{} kills; of {} messages confirmed none was lost; {} acknowledgements known to be stored, none forgotten; {} messages came back",
        sums.kills, sums.accepted, sums.sure, sums.restored
    );
    ExitCode::SUCCESS
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[derive(Default)]
struct Sums {
    kills: u64,
    accepted: u64,
    sure: u64,
    restored: u64,
}

/// Loads a broker, kills it, starts another on what it has left, and takes everything out of that.
fn round(seed: u64, sums: &mut Sums) -> Result<(), Box<dyn Error>> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let directory = tempfile::tempdir()?;
    let log = Log::default();
    let first = Broker::start(directory.path())?;
    load::prepare(first.address())?;
    let clients = load::begin(first.address(), &log, &mut dice);
    std::thread::sleep(Duration::from_millis(dice.u64(5..250)));
    first.kill()?;
    let failures = clients
        .into_iter()
        .filter_map(|client| client.join().ok()?.err());
    // Their connections were cut; whatever else went wrong is a fault of the broker.
    let failures: Vec<String> = failures
        .filter(|error| !client::is_cut(error))
        .map(|it| it.to_string())
        .collect();
    log.everybody_left();
    sums.kills += 1;
    // It may be killed while it restores, too.
    while dice.u8(..4) == 0 {
        Broker::start_and_kill(directory.path(), Duration::from_micros(dice.u64(..30_000)))?;
        sums.kills += 1;
    }
    let second = Broker::start(directory.path())?;
    let restored = load::drain(second.address(), &log)?;
    second.kill()?;
    sums.restored += restored;
    sums.sure += log.sure();
    let faults = [failures, judge(&log, sums)].concat();
    if faults.is_empty() {
        return Ok(());
    }
    let kept = directory.keep();
    Err(format!("{}\nits directory: {}", faults.join("\n"), kept.display()).into())
}

/// Holds each queue to account for what was published to it.
fn judge(log: &Log, sums: &mut Sums) -> Vec<String> {
    let history = log.history();
    let mut found = Vec::new();
    for (queue, publishers) in load::ROUTES {
        let audit = Audit::of(
            &history,
            Selection {
                place: Some(queue.to_owned()),
                publishers: publishers.iter().map(|it| (*it).to_owned()).collect(),
                client: None,
            },
        );
        sums.accepted += audit.tally("accepted").count();
        for fault in FAULTS {
            let tally = audit.tally(fault);
            if tally.count() > 0 {
                found.push(format!(
                    "{queue}: {} {fault}: {}",
                    tally.count(),
                    tally.examples().join("; ")
                ));
            }
        }
    }
    found
}
