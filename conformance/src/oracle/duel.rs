//! Two brokers that play the same exchange, held against each other after each step.

use std::time::{Duration, Instant};

use super::side::{Away, Side};
use crate::dialect::generated::{Act, Broken, Move, Said, Seen};

/// How long two brokers may take to come to the same, where a broker may do things in its own time.
const SETTLING: Duration = Duration::from_millis(400);
/// How long is waited before it is looked again: longer each time.
const REST: Duration = Duration::from_millis(2);
/// What is said at once and once only: no time makes it the same.
const FINAL: [&str; 2] = ["reply", "unexpected"];

/// Where two brokers part.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The place of the step in the exchange.
    pub step: usize,
    /// The step.
    pub after: Move,
    /// What is different, in a word.
    pub aspect: &'static str,
    /// Where, such as a connection's stream or a variable that names a queue.
    pub about: String,
    /// What the left one said about it.
    pub left: Vec<Said>,
    /// What the right one said about it.
    pub right: Vec<Said>,
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// The two did the same throughout.
    Alike,
    /// They parted.
    Parted(Box<Difference>),
    /// One broke what holds whatever the other does: the left one if so marked.
    Broke {
        /// The place of the step behind which it did.
        step: usize,
        /// The step.
        after: Box<Move>,
        /// Whether it was the left one.
        left: bool,
        /// What.
        broken: Broken,
    },
    /// One cannot be reached any more: the left one if so marked.
    Stopped {
        /// The place of the last step that was played.
        step: usize,
        /// That step; none if the broker was away before the first.
        after: Option<Box<Move>>,
        /// Whether it was the left one.
        left: bool,
        /// How that shows itself.
        away: Away,
    },
}

/// Plays an exchange on both, and says how many of its steps were played.
pub async fn play(left: &mut Side, right: &mut Side, moves: &[Move]) -> (End, usize) {
    let mut last = None;
    let mut played = 0;
    let end = match exchange(left, right, moves, &mut last, &mut played).await {
        Ok(end) => match still_serve(left, right).await {
            Ok(()) => return (end, played),
            Err(away) => away,
        },
        Err(away) => away,
    };
    let (is_left, away) = end;
    let stopped = End::Stopped {
        step: last.unwrap_or_default(),
        after: last.map(|last| Box::new(moves[last].clone())),
        left: is_left,
        away,
    };
    (stopped, played)
}

/// What a broker left out, it may have left out because it does not serve anybody any more.
async fn still_serve(left: &mut Side, right: &mut Side) -> Result<(), (bool, Away)> {
    let (here, there) = tokio::join!(left.still_serves(), right.still_serves());
    here.map_err(|away| (true, away))?;
    there.map_err(|away| (false, away))
}

async fn exchange(
    left: &mut Side,
    right: &mut Side,
    moves: &[Move],
    last: &mut Option<usize>,
    played: &mut usize,
) -> Result<End, (bool, Away)> {
    for (number, step) in moves.iter().enumerate() {
        let (here, there) = tokio::join!(left.stand_ready(step), right.stand_ready(step));
        here.map_err(|away| (true, away))?;
        there.map_err(|away| (false, away))?;
        let chosen = left.choose(step);
        let about_one = matches!(
            &step.act,
            Act::Say {
                delivery: Some(_),
                ..
            }
        );
        if about_one && chosen.is_none() {
            continue;
        }
        // What two brokers were free to give to different clients may not come back from the same.
        let here = left.ledger().bulk(step, chosen.as_ref());
        let there = right.ledger().bulk(step, chosen.as_ref());
        if here != there {
            continue;
        }
        let (here, there) = (
            left.ready(step, chosen.as_ref()),
            right.ready(step, chosen.as_ref()),
        );
        if here.is_some() != there.is_some()
            || here.is_none() && matches!(step.act, Act::Say { .. })
        {
            continue;
        }
        tokio::join!(
            left.play(number, step, here.as_ref()),
            right.play(number, step, there.as_ref())
        );
        *last = Some(number);
        *played += 1;
        if let Some(end) = compare(left, right, number, step).await {
            return Ok(end);
        }
    }
    Ok(End::Alike)
}

/// Compares what both said, until it is the same, or stays different.
async fn compare(left: &mut Side, right: &mut Side, number: usize, step: &Move) -> Option<End> {
    let (mut here, mut there) = (left.seen(), right.seen());
    if !(left.is_at_once() && right.is_at_once()) {
        let until = Instant::now() + SETTLING;
        let mut rest = REST;
        while may_settle(&here, &there) && Instant::now() < until {
            tokio::join!(left.rest(rest), right.rest(rest));
            rest *= 2;
            tokio::join!(left.look(step), right.look(step));
            merge(&mut here, left.seen());
            merge(&mut there, right.seen());
        }
    }
    let difference = first_difference(&here, &there);
    // Nothing was waited for then, so that what follows may still be under way.
    let is_final = matches!(&difference, Some((aspect, ..)) if FINAL.contains(aspect));
    for (side, is_left) in [(&mut *left, true), (&mut *right, false)] {
        let broken = side.broken().into_iter().next();
        if let Some(broken) = broken.filter(|_| !is_final) {
            return Some(End::Broke {
                step: number,
                after: Box::new(step.clone()),
                left: is_left,
                broken,
            });
        }
    }
    let (aspect, about, here, there) = difference?;
    Some(End::Parted(Box::new(Difference {
        step: number,
        after: step.clone(),
        aspect,
        about,
        left: here,
        right: there,
    })))
}

/// Whether what is different may become the same in a while.
fn may_settle(here: &[Seen], there: &[Seen]) -> bool {
    first_difference(here, there).is_some_and(|(aspect, ..)| !FINAL.contains(&aspect))
}

/// What came later is added, but for the state of something, of which the newest counts.
fn merge(all: &mut Vec<Seen>, more: Vec<Seen>) {
    for seen in more {
        match all
            .iter_mut()
            .find(|it| it.aspect == seen.aspect && it.about == seen.about)
        {
            Some(kept) if seen.aspect == "queue" => *kept = seen,
            Some(kept) => kept.said.extend(seen.said),
            None => all.push(seen),
        }
    }
    all.sort_by(|one, other| (one.aspect, &one.about).cmp(&(other.aspect, &other.about)));
}

/// In which order it is told what is different, where several things are: what was said to the client first.
const ORDER: [&str; 9] = [
    "reply",
    "closed",
    "silence",
    "return",
    "confirmed",
    "cancelled",
    "unexpected",
    "delivered",
    "queue",
];

type Parts = (&'static str, String, Vec<Said>, Vec<Said>);

fn first_difference(here: &[Seen], there: &[Seen]) -> Option<Parts> {
    // As after nearly every step.
    if here == there {
        return None;
    }
    let said = |all: &[Seen], aspect: &str, about: &str| {
        let found = all
            .iter()
            .find(|it| it.aspect == aspect && it.about == about);
        found.map(|it| it.said.clone()).unwrap_or_default()
    };
    let all = here.iter().chain(there);
    let mut differing: Vec<Parts> = all
        .map(|it| {
            let (here, there) = (
                said(here, it.aspect, &it.about),
                said(there, it.aspect, &it.about),
            );
            (it.aspect, it.about.clone(), here, there)
        })
        .filter(|(_, _, here, there)| here != there)
        .collect();
    let rank = |aspect: &str| {
        ORDER
            .iter()
            .position(|it| *it == aspect)
            .unwrap_or(ORDER.len())
    };
    differing.sort_by(|one, other| (rank(one.0), &one.1).cmp(&(rank(other.0), &other.1)));
    differing.into_iter().next()
}
