//! What the suite says to a broker, and what the broker answers: each connection's two directions are a seed each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use reference_broker::{Broker, Config};

use super::{Breach, Refusal, Seed};
use crate::dialect::amqp::{Frame, inspect};
use crate::dialect::{Dialect, amqp};
use crate::run::{Verdict, drive_in_memory_watched, exchange_in_memory};
use crate::script::Case;
use crate::suite::{Suite, SuiteError, is_generated};

/// Longer dialogues are about masses of messages, and hold nothing that a parser has not seen.
const LONGEST: usize = 6 << 10;

/// What breaks these clauses cannot be read.
const UNREADABLE: [&str; 6] = ["FRM-01", "FRM-04", "FRM-15", "MTH-01", "MTH-02", "CNT-12"];

/// The octets of both directions of a connection.
#[derive(Default)]
struct Streams {
    client: Vec<u8>,
    broker: Vec<u8>,
}

/// The dialogues in which a frame follows another as in none before, on the embedded broker.
pub(super) fn seeds() -> Result<Vec<Seed>, SuiteError> {
    let suite = Suite::embedded(amqp::dialect())?;
    let mut seen = BTreeSet::new();
    let mut seeds = Vec::new();
    for (file, case) in &suite.cases {
        if is_generated(file) || !case.needs.is_empty() {
            continue;
        }
        let Some(connections) = play(case) else {
            continue;
        };
        for (number, streams) in connections {
            let slug = case.id.replace('/', ".");
            let spoken = [("client", &streams.client), ("broker", &streams.broker)];
            for (side, octets) in spoken {
                if octets.is_empty() || octets.len() > LONGEST {
                    continue;
                }
                let frames = inspect(octets);
                let new = steps(side, &frames).fold(false, |new, step| seen.insert(step) | new);
                if !new {
                    continue;
                }
                let what = format!(
                    "what the {side} says in connection {number} of the case {}",
                    case.id
                );
                let name = format!("dialogue.{slug}.{number}.{side}");
                let mut seed = Seed::valid(name, what, octets.clone());
                if side == "client" {
                    seed = judged(seed, &frames, case, refusal(&streams.broker));
                }
                seeds.push(seed);
            }
        }
    }
    Ok(seeds)
}

/// Each frame with the one before it.
fn steps(
    side: &'static str,
    frames: &[Frame],
) -> impl Iterator<Item = (&'static str, String, String)> {
    let named = |frame: &Frame| match &frame.fault {
        Some(fault) => format!("{} ({})", frame.command, fault.clause.unwrap_or("cut")),
        None => frame.command.clone(),
    };
    let names: Vec<String> = std::iter::once(String::new())
        .chain(frames.iter().map(named))
        .collect();
    let pairs: Vec<_> = names
        .windows(2)
        .map(|pair| (side, pair[0].clone(), pair[1].clone()))
        .collect();
    pairs.into_iter()
}

/// What is known about a client's octets: whether they are well-formed, and how the broker refused them.
fn judged(mut seed: Seed, frames: &[Frame], case: &Case, refusal: Option<Refusal>) -> Seed {
    let fault = frames.iter().find_map(|frame| frame.fault.as_ref());
    let Some(fault) = fault else {
        seed.refused = refusal;
        return seed;
    };
    let first = case.clauses.first().map(|clause| clause.value.as_str());
    let clause = first.or(fault.clause).unwrap_or("FRM-01");
    let unreadable = fault
        .clause
        .is_none_or(|clause| UNREADABLE.contains(&clause));
    let mut breach = Breach::of(clause, None, unreadable, amqp::dialect().clauses());
    breach.refusal = refusal.or(breach.refusal);
    seed.breaking(breach)
}

/// The last close that a broker sends.
fn refusal(broker: &[u8]) -> Option<Refusal> {
    inspect(broker).iter().rev().find_map(|frame| {
        let closes = frame.command.strip_suffix(".close")?;
        let code = frame.fields.iter().find(|(name, _)| name == "reply-code")?;
        Some(Refusal {
            reply_code: code.1.int().and_then(|code| u16::try_from(code).ok()),
            closes: if closes == "channel" {
                "channel"
            } else {
                "connection"
            },
        })
    })
}

/// The case on the reference broker's core; nothing if it needs more than that has.
fn play(case: &Arc<Case>) -> Option<BTreeMap<usize, Streams>> {
    let mut exchange = exchange_in_memory(case.clone(), amqp::dialect());
    let mut broker = Broker::new(Config::default());
    let mut now = Duration::ZERO;
    let mut sent: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut received: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    drive_in_memory_watched(
        &mut exchange,
        &mut broker,
        &mut now,
        &mut |connection, octets| {
            received.entry(connection).or_default().extend(&octets);
            octets
        },
        &mut |connection, octets| sent.entry(connection).or_default().extend(octets),
    );
    let outcome = exchange.into_outcome();
    if outcome.verdict != Verdict::Passed {
        return None;
    }
    let mut connections: BTreeMap<usize, Streams> = BTreeMap::new();
    for (connection, octets) in sent {
        connections.entry(connection).or_default().client = octets;
    }
    for (connection, octets) in received {
        connections.entry(connection).or_default().broker = octets;
    }
    Some(connections)
}
