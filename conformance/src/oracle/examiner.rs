//! Looks into differences one after the other: shows each again, and makes it small.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::campaign::{Found, Order, What, explanation, meaning};
use super::care::Care;
use super::difference::Kind;
use super::duel::End;
use super::side::{Away, Line, Side};
use super::{duel, finding, shrink};
use crate::dialect::generated::Move;

/// How often a difference has to show itself again to be one.
const AGAIN: usize = 3;
/// How many smaller exchanges are tried for one difference, and for how long.
const TRIALS: usize = 400;
const SHRINKING: Duration = Duration::from_secs(20);

/// Two brokers on which nothing else is played.
pub(super) struct Examiner {
    order: Order,
    care: Arc<Care>,
    left: Side,
    right: Side,
    trials: u64,
}

/// What became of a suspect.
pub(super) struct Examined {
    /// The kind that it was suspected of.
    pub(super) kind: Kind,
    /// What it is; or which side cannot be reached any more: the left one if so marked.
    pub(super) found: Result<Found, (bool, Away)>,
}

/// Looks into whatever comes.
pub(super) async fn examine(
    mut examiner: Examiner,
    mut suspects: mpsc::UnboundedReceiver<Found>,
    examined: mpsc::UnboundedSender<Examined>,
) {
    while let Some(mut suspect) = suspects.recv().await {
        let kind = suspect.kind.clone();
        let done = examiner.look_into(&mut suspect).await;
        let found = done.map(|()| suspect);
        if examined.send(Examined { kind, found }).is_err() {
            return;
        }
    }
}

impl Examiner {
    pub(super) fn new(order: Order, care: Arc<Care>) -> Examiner {
        Examiner {
            left: order.left.side(order.dialect),
            right: order.right.side(order.dialect),
            order,
            care,
            trials: 0,
        }
    }

    async fn look_into(&mut self, found: &mut Found) -> Result<(), (bool, Away)> {
        found.confirmed = true;
        let first = self.play(&found.moves).await?;
        // The same fault may show itself in another way behind the same step; then that is what it is.
        match first {
            Some((kind, what, step)) if step + 1 == found.moves.len() => {
                found.kind = kind;
                found.what = what;
            }
            other => {
                found.confirmed = false;
                found.instead = other.map(|(kind, ..)| kind);
            }
        }
        for _ in 1..AGAIN {
            let shown = self.play(&found.moves).await?.map(|(kind, ..)| kind);
            if found.confirmed && shown.as_ref() != Some(&found.kind) {
                found.confirmed = false;
                found.instead = shown;
            }
        }
        if found.confirmed {
            self.shrink(found).await?;
        }
        // Only what is left when all else has gone can be the reason.
        found.known = explanation(&self.order, &found.kind, &found.moves);
        let lines = self.lines(&found.moves).await?;
        found.script = Some(finding::script(
            &self.order,
            found,
            &lines,
            self.left.ledger(),
        ));
        self.left.clear().await;
        Ok(())
    }

    fn begin(&mut self, lines: bool) {
        self.trials += 1;
        let word = format!("t{:x}-{}", self.order.seed, self.trials);
        self.left.begin(&word, lines);
        self.right.begin(&word, false);
    }

    /// Plays an exchange, and says whether it shows that kind of difference, and which one.
    async fn shows(
        &mut self,
        moves: &[Move],
        kind: &Kind,
    ) -> Result<Option<(What, usize)>, (bool, Away)> {
        let meaning = self.play(moves).await?;
        let same = meaning.filter(|(it, ..)| it == kind);
        Ok(same.map(|(_, what, step)| (what, step)))
    }

    /// Plays an exchange, and says what it shows.
    async fn play(&mut self, moves: &[Move]) -> Result<Option<(Kind, What, usize)>, (bool, Away)> {
        let end = self.duel(moves, false).await?;
        if !matches!(end, End::Stopped { .. }) {
            tokio::join!(self.left.clear(), self.right.clear());
        }
        let meaning = meaning(end);
        if meaning.is_some() {
            // What the two do not agree on may be in the way of the next exchange.
            self.left.hang_up();
            self.right.hang_up();
        }
        Ok(meaning)
    }

    async fn shrink(&mut self, found: &mut Found) -> Result<(), (bool, Away)> {
        let until = Instant::now() + SHRINKING;
        let mut left = TRIALS;
        'smaller: loop {
            for less in shrink::smaller(&found.moves) {
                if left == 0 || Instant::now() > until {
                    return Ok(());
                }
                left -= 1;
                if let Some((what, step)) = self.shows(&less, &found.kind).await? {
                    found.moves = less.into_iter().take(step + 1).collect();
                    found.what = what;
                    continue 'smaller;
                }
            }
            return Ok(());
        }
    }

    /// What the left broker says in an exchange. What it made is still there afterwards.
    async fn lines(&mut self, moves: &[Move]) -> Result<Vec<Line>, (bool, Away)> {
        let end = self.duel(moves, true).await?;
        if !matches!(end, End::Stopped { .. }) {
            self.right.clear().await;
        }
        Ok(self.left.take_lines())
    }

    /// Plays an exchange. A broker that stops serving is brought back; if that was another exchange's doing, this one is
    /// played again.
    async fn duel(&mut self, moves: &[Move], lines: bool) -> Result<End, (bool, Away)> {
        let care = self.care.clone();
        let round = care.beside().await;
        let end = self.once(moves, lines).await;
        let this = *round;
        drop(round);
        let End::Stopped { left, away, .. } = end else {
            return Ok(end);
        };
        if !care.revive(left, this).await {
            return Err((left, away));
        }
        // Whose doing it was shows itself where nobody else plays.
        let mut round = care.alone().await;
        let end = self.once(moves, lines).await;
        match &end {
            End::Stopped { left, away, .. } if !care.revive_alone(*left, &mut round).await => {
                Err((*left, away.clone()))
            }
            _ => Ok(end),
        }
    }

    async fn once(&mut self, moves: &[Move], lines: bool) -> End {
        self.begin(lines);
        let (end, _) = duel::play(&mut self.left, &mut self.right, moves).await;
        if matches!(end, End::Stopped { .. }) {
            self.left.hang_up();
            self.right.hang_up();
        }
        end
    }
}
