//! One exchange after the other, on both brokers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reference_broker::Config;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::difference::Kind;
use super::duel::{self, Difference, End};
use super::known::Known;
use super::link::Link;
use super::shrink;
use super::side::{Away, Line, Side};
use crate::dialect::Dialect;
use crate::dialect::generated::{Broken, Login, Move};
use crate::dice::Dice;
use crate::run::Endpoint;

/// How often a difference has to show itself again to be one.
const AGAIN: usize = 2;
/// How many smaller exchanges are tried for one difference, and for how long.
const TRIALS: usize = 400;
const SHRINKING: Duration = Duration::from_secs(20);
/// How many results may wait to be looked at.
const INBOX: usize = 256;

/// A broker that plays.
#[derive(Clone)]
pub struct Player {
    /// Its name.
    pub name: String,
    /// Where it listens; nothing for the reference broker's core in memory.
    pub endpoint: Option<Endpoint>,
    /// The differences that are known between the reference broker and this one.
    pub known: Vec<Known>,
}

impl Player {
    fn side(&self, dialect: &'static dyn Dialect) -> Side {
        let (link, user, password, virtual_host) = match &self.endpoint {
            None => (Link::memory(Config::default()), "guest", "guest", "/"),
            Some(it) => (
                Link::sockets(it.clone()),
                it.user.as_str(),
                it.password.as_str(),
                it.vhost.as_str(),
            ),
        };
        let login = Login {
            response: dialect.response(user, password),
            virtual_host: virtual_host.to_owned(),
        };
        Side::new(dialect, link, &login)
    }
}

/// What is to be done.
#[derive(Clone)]
pub struct Order {
    /// The protocol.
    pub dialect: &'static dyn Dialect,
    /// The two brokers.
    pub left: Player,
    /// See `left`.
    pub right: Player,
    /// What makes the exchanges.
    pub seed: u64,
    /// What they are about; each in turn.
    pub themes: Vec<&'static str>,
    /// How many steps they have at most.
    pub most: usize,
    /// How many are played side by side.
    pub jobs: usize,
    /// Until when.
    pub until: Option<Instant>,
    /// How many at most.
    pub count: u64,
}

impl Order {
    /// The exchange of that number, and what it is about.
    pub fn exchange(&self, number: u64) -> (&'static str, Vec<Move>) {
        let mut dice = Dice::of(self.seed, number);
        let place = usize::try_from(number).unwrap_or_default() % self.themes.len().max(1);
        let theme = self.themes.get(place).copied().unwrap_or_default();
        (theme, self.dialect.generator().exchange(&mut dice, theme, self.most))
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub enum What {
    /// The two part.
    Parted(Box<Difference>),
    /// One of them breaks what holds whatever the other does: the left one if so marked.
    Broke(bool, Broken),
}

/// A difference with the exchange that shows it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which exchange of the seed it was.
    pub number: u64,
    /// What that was about.
    pub theme: &'static str,
    /// The exchange, made small.
    pub moves: Vec<Move>,
    /// Its kind.
    pub kind: Kind,
    /// What it is.
    pub what: What,
    /// Whether it showed itself again each time.
    pub confirmed: bool,
    /// How often the same was met.
    pub times: u64,
    /// Why it is known, and where that is written.
    pub known: Option<(String, String)>,
    /// What the left broker said, and its case in the notation.
    pub script: Option<String>,
}

/// What goes on.
pub enum Told<'a> {
    /// An exchange has ended.
    Exchange,
    /// A difference was met for the first time, made small, and shown again.
    Found(&'a Found),
}

/// Counts.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Exchanges that were played.
    pub exchanges: u64,
    /// Their steps.
    pub steps: u64,
    /// Exchanges in which the two parted.
    pub parted: u64,
    /// How many exchanges there were of each theme.
    pub themes: BTreeMap<&'static str, u64>,
}

struct Played {
    number: u64,
    theme: &'static str,
    moves: Vec<Move>,
    end: Result<(End, usize), (bool, Away)>,
}

/// A series of exchanges.
pub struct Campaign {
    order: Order,
    workers: JoinSet<()>,
    results: mpsc::Receiver<Played>,
    examiner: (Side, Side),
    trials: u64,
    /// What was found.
    pub found: Vec<Found>,
    /// Counts.
    pub counts: Counts,
}

impl Campaign {
    /// Begins.
    pub fn begin(order: Order) -> Campaign {
        let (sender, results) = mpsc::channel(INBOX);
        let next = Arc::new(AtomicU64::new(1));
        let mut workers = JoinSet::new();
        for _ in 0..order.jobs.max(1) {
            workers.spawn(work(order.clone(), next.clone(), sender.clone()));
        }
        Campaign {
            examiner: (order.left.side(order.dialect), order.right.side(order.dialect)),
            order,
            workers,
            results,
            trials: 0,
            found: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Waits for the next exchange to end, and looks into what it shows. `false` if there is none any more.
    ///
    /// # Errors
    /// If one of the brokers cannot be reached any more; with its name.
    pub async fn step(&mut self, told: &mut (dyn FnMut(Told<'_>) + Send)) -> Result<bool, Away> {
        let Some(played) = self.results.recv().await else {
            return Ok(false);
        };
        let Played { number, theme, moves, end } = played;
        let (end, steps) = end.map_err(|it| self.away(it))?;
        self.counts.exchanges += 1;
        self.counts.steps += steps as u64;
        *self.counts.themes.entry(theme).or_default() += 1;
        told(Told::Exchange);
        let Some((kind, what, step)) = meaning(&self.order, end) else {
            return Ok(true);
        };
        self.counts.parted += 1;
        let moves: Vec<Move> = moves.into_iter().take(step + 1).collect();
        if let Some(known) = self.recognise(&kind, &moves) {
            known.times += 1;
            return Ok(true);
        }
        let found = Found {
            number,
            theme,
            moves,
            kind,
            what,
            confirmed: false,
            times: 1,
            known: None,
            script: None,
        };
        self.look_into(found, told).await?;
        Ok(true)
    }

    /// Ends the workers.
    pub async fn end(mut self) -> (Vec<Found>, Counts) {
        self.workers.abort_all();
        while self.workers.join_next().await.is_some() {}
        self.examiner.0.hang_up();
        self.examiner.1.hang_up();
        (self.found, self.counts)
    }

    fn away(&self, (left, away): (bool, Away)) -> Away {
        let player = if left { &self.order.left } else { &self.order.right };
        Away(format!("{}: {}", player.name, away.0))
    }

    /// What was found before and shows the same.
    fn recognise(&mut self, kind: &Kind, moves: &[Move]) -> Option<&mut Found> {
        let known = self.explanation(kind, moves);
        self.found.iter_mut().find(|it| it.kind == *kind || known.is_some() && it.known == known)
    }

    /// Why a difference is known, and where that is written.
    fn explanation(&self, kind: &Kind, moves: &[Move]) -> Option<(String, String)> {
        let of = |player: &Player, turned: bool| {
            let found = player.known.iter().find(|it| it.explains(kind, moves, turned));
            found.map(|it| (it.reason.clone(), it.source.clone()))
        };
        of(&self.order.right, false).or_else(|| of(&self.order.left, true))
    }

    async fn look_into(
        &mut self,
        mut found: Found,
        told: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<(), Away> {
        found.confirmed = true;
        for _ in 0..AGAIN {
            found.confirmed &= self.shows(&found.moves, &found.kind).await?.is_some();
        }
        if found.confirmed {
            self.shrink(&mut found).await?;
        }
        found.known = self.explanation(&found.kind, &found.moves);
        if let Some(twin) = self.recognise(&found.kind.clone(), &found.moves.clone()) {
            twin.times += found.times;
            return Ok(());
        }
        let lines = self.lines(&found.moves).await?;
        found.script = Some(super::finding::script(&self.order, &found, &lines, self.examiner.0.ledger()));
        self.examiner.0.clear().await;
        told(Told::Found(&found));
        self.found.push(found);
        Ok(())
    }

    /// Plays an exchange on brokers that have nothing else to do with it, and says whether it shows that kind of
    /// difference, and which one.
    async fn shows(&mut self, moves: &[Move], kind: &Kind) -> Result<Option<(What, usize)>, Away> {
        self.trials += 1;
        let word = format!("t{:x}-{}", self.order.seed, self.trials);
        let (left, right) = (&mut self.examiner.0, &mut self.examiner.1);
        left.begin(&word, false);
        right.begin(&word, false);
        let end = duel::play(left, right, moves).await;
        tokio::join!(left.clear(), right.clear());
        let (end, _) = end.map_err(|it| self.away(it))?;
        let meaning = meaning(&self.order, end);
        Ok(meaning.filter(|(it, ..)| it == kind).map(|(_, what, step)| (what, step)))
    }

    async fn shrink(&mut self, found: &mut Found) -> Result<(), Away> {
        let until = Instant::now() + SHRINKING;
        let mut left = TRIALS;
        'smaller: loop {
            for less in shrink::smaller(&found.moves) {
                if left == 0 || Instant::now() > until {
                    return Ok(());
                }
                left -= 1;
                let Some((what, step)) = self.shows(&less, &found.kind).await? else {
                    continue;
                };
                found.moves = less.into_iter().take(step + 1).collect();
                found.what = what;
                continue 'smaller;
            }
            return Ok(());
        }
    }

    /// What the left broker says in an exchange. What it made is still there afterwards.
    async fn lines(&mut self, moves: &[Move]) -> Result<Vec<Line>, Away> {
        self.trials += 1;
        let word = format!("t{:x}-{}", self.order.seed, self.trials);
        let (left, right) = (&mut self.examiner.0, &mut self.examiner.1);
        left.begin(&word, true);
        right.begin(&word, false);
        let end = duel::play(left, right, moves).await;
        let lines = left.take_lines();
        right.clear().await;
        end.map_err(|it| self.away(it))?;
        Ok(lines)
    }
}

/// What an exchange shows, if it shows anything, and after which step.
fn meaning(order: &Order, end: End) -> Option<(Kind, What, usize)> {
    match end {
        End::Alike => None,
        End::Parted(difference) => {
            let step = difference.step;
            Some((Kind::of(&difference), What::Parted(difference), step))
        }
        End::Broke { step, left, broken } => {
            let words = |guilty: bool| if guilty { broken.what.clone() } else { "nothing".to_owned() };
            let kind = Kind {
                step: if left { order.left.name.clone() } else { order.right.name.clone() },
                aspect: broken.clause.to_owned(),
                left: words(left),
                right: words(!left),
            };
            Some((kind, What::Broke(left, broken), step))
        }
    }
}

async fn work(order: Order, next: Arc<AtomicU64>, results: mpsc::Sender<Played>) {
    let (mut left, mut right) = (order.left.side(order.dialect), order.right.side(order.dialect));
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number > order.count || order.until.is_some_and(|it| Instant::now() >= it) {
            break;
        }
        let (theme, moves) = order.exchange(number);
        let word = format!("d{:x}-{number}", order.seed);
        left.begin(&word, false);
        right.begin(&word, false);
        let end = duel::play(&mut left, &mut right, &moves).await;
        let away = end.is_err();
        if matches!(end, Ok((End::Alike, _))) {
            tokio::join!(left.clear(), right.clear());
        } else {
            // What two brokers do not agree on may be in the way of the next exchange.
            tokio::join!(left.clear(), right.clear());
            left.hang_up();
            right.hang_up();
        }
        if results.send(Played { number, theme, moves, end }).await.is_err() || away {
            break;
        }
        // Brokers in memory never let another task have its turn.
        tokio::task::yield_now().await;
    }
}
