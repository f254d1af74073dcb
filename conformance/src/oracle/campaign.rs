//! One exchange after the other, on both brokers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use reference_broker::Config;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::care::Care;
use super::difference::{Kind, shape};
use super::duel::{self, Difference, End};
use super::examiner::{Examined, Examiner, examine};
use super::known::{Known, Pattern};
use super::link::Link;
use super::side::{Away, Side};
use crate::dialect::Dialect;
use crate::dialect::generated::{Broken, Login, Move};
use crate::dice::Dice;
use crate::run::{Controls, Endpoint};

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
    /// What brings it back when it stops serving.
    pub controls: Option<Arc<dyn Controls>>,
}

impl Player {
    pub(super) fn side(&self, dialect: &'static dyn Dialect) -> Side {
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
    /// Steps that are left out, by their shapes: what one of the brokers does not know.
    pub without: Vec<Pattern>,
    /// How many are played side by side.
    pub jobs: usize,
    /// Until when.
    pub until: Option<Instant>,
    /// How many at most.
    pub count: u64,
}

impl Order {
    /// The name of the left broker, or of the right one.
    pub fn name(&self, left: bool) -> &str {
        if left {
            &self.left.name
        } else {
            &self.right.name
        }
    }

    /// The exchange of that number, and what it is about.
    pub fn exchange(&self, number: u64) -> (&'static str, Vec<Move>) {
        let mut dice = Dice::of(self.seed, number);
        let place = usize::try_from(number).unwrap_or_default() % self.themes.len().max(1);
        let theme = self.themes.get(place).copied().unwrap_or_default();
        let generator = self.dialect.generator();
        let mut moves = generator.exchange(&mut dice, theme, self.most);
        moves.retain(|step| !self.without.iter().any(|it| it.fits(&shape(step))));
        (theme, moves)
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub enum What {
    /// The two part.
    Parted(Box<Difference>),
    /// One of them breaks what holds whatever the other does: the left one if so marked.
    Broke(bool, Broken),
    /// One of them does not serve any more: the left one if so marked.
    Stopped(bool, Away),
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
    /// What showed itself in its place, if something did.
    pub instead: Option<Kind>,
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
    /// How often a broker had stopped serving and was brought back.
    pub revivals: u64,
}

struct Played {
    number: u64,
    theme: &'static str,
    moves: Vec<Move>,
    /// How it ended, and how many of its steps were played; or which broker cannot be brought back.
    end: Result<(End, usize), (bool, Away)>,
}

/// A series of exchanges.
pub struct Campaign {
    order: Order,
    care: Arc<Care>,
    workers: JoinSet<()>,
    results: mpsc::Receiver<Played>,
    suspects: mpsc::UnboundedSender<Found>,
    examined: mpsc::UnboundedReceiver<Examined>,
    /// How many are being looked into, and their kinds.
    pending: Vec<Kind>,
    /// What was found.
    pub found: Vec<Found>,
    /// Counts.
    pub counts: Counts,
}

/// What comes next.
enum Next {
    Played(Played),
    Examined(Box<Examined>),
    Over,
}

impl Campaign {
    /// Begins.
    pub fn begin(order: Order) -> Campaign {
        let (sender, results) = mpsc::channel(INBOX);
        let next = Arc::new(AtomicU64::new(1));
        let mut workers = JoinSet::new();
        let care = Arc::new(Care::new(&order));
        for _ in 0..order.jobs.max(1) {
            workers.spawn(work(
                order.clone(),
                care.clone(),
                next.clone(),
                sender.clone(),
            ));
        }
        let (suspects, inbox) = mpsc::unbounded_channel();
        let (outbox, examined) = mpsc::unbounded_channel();
        workers.spawn(examine(
            Examiner::new(order.clone(), care.clone()),
            inbox,
            outbox,
        ));
        Campaign {
            order,
            care,
            workers,
            results,
            suspects,
            examined,
            pending: Vec::new(),
            found: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Waits for the next exchange to end, or for what became of a difference. `false` if there is nothing more.
    ///
    /// # Errors
    /// If one of the brokers cannot be reached any more; with its name.
    pub async fn step(&mut self, told: &mut (dyn FnMut(Told<'_>) + Send)) -> Result<bool, Away> {
        match self.next().await {
            Next::Over => return Ok(false),
            Next::Examined(examined) => {
                let Examined { kind, found } = *examined;
                self.pending.retain(|pending| *pending != kind);
                let found = found.map_err(|it| away(&self.order, it))?;
                self.keep(found, told);
            }
            Next::Played(played) => {
                let Played {
                    number,
                    theme,
                    moves,
                    end,
                } = played;
                let (end, steps) = end.map_err(|it| away(&self.order, it))?;
                self.counts.exchanges += 1;
                self.counts.steps += steps as u64;
                *self.counts.themes.entry(theme).or_default() += 1;
                told(Told::Exchange);
                if let Some((kind, what, step)) = meaning(end) {
                    self.counts.parted += 1;
                    let moves = moves.into_iter().take(step + 1).collect();
                    self.suspect(Found::new(number, theme, moves, kind, what));
                }
            }
        }
        Ok(true)
    }

    async fn next(&mut self) -> Next {
        let waits = !self.pending.is_empty();
        tokio::select! {
            Some(examined) = self.examined.recv(), if waits => Next::Examined(Box::new(examined)),
            played = self.results.recv() => match played {
                Some(played) => Next::Played(played),
                None if waits => match self.examined.recv().await {
                    Some(examined) => Next::Examined(Box::new(examined)),
                    None => Next::Over,
                },
                None => Next::Over,
            },
        }
    }

    /// Has a difference looked into, unless one like it was or is. One that is known for a reason that this exchange does
    /// not give is another one.
    fn suspect(&mut self, suspect: Found) {
        let Found { kind, moves, .. } = &suspect;
        let same = self.found.iter_mut().find(|it| it.kind == *kind);
        if let Some(found) = same
            && (found.known.is_none() || explanation(&self.order, kind, moves).is_some())
        {
            found.times += 1;
        } else if !self.pending.contains(kind) {
            self.pending.push(kind.clone());
            // The examiner ends only with the campaign.
            let _ = self.suspects.send(suspect);
        }
    }

    fn keep(&mut self, found: Found, told: &mut (dyn FnMut(Told<'_>) + Send)) {
        let same = |it: &&mut Found| {
            it.kind == found.kind || found.known.is_some() && it.known == found.known
        };
        if let Some(twin) = self.found.iter_mut().find(same) {
            twin.times += found.times;
            return;
        }
        told(Told::Found(&found));
        self.found.push(found);
    }

    /// Ends the workers.
    pub async fn end(mut self) -> (Vec<Found>, Counts) {
        self.workers.abort_all();
        while self.workers.join_next().await.is_some() {}
        self.counts.revivals = self.care.rounds();
        (self.found, self.counts)
    }
}

impl Found {
    fn new(number: u64, theme: &'static str, moves: Vec<Move>, kind: Kind, what: What) -> Found {
        Found {
            number,
            theme,
            moves,
            kind,
            what,
            confirmed: false,
            instead: None,
            times: 1,
            known: None,
            script: None,
        }
    }
}

fn away(order: &Order, (left, away): (bool, Away)) -> Away {
    Away(format!("{}: {}", order.name(left), away.0))
}

/// Why a difference is known, and where that is written.
pub(super) fn explanation(order: &Order, kind: &Kind, moves: &[Move]) -> Option<(String, String)> {
    let of = |player: &Player, turned: bool| {
        let found = player
            .known
            .iter()
            .find(|it| it.explains(kind, moves, turned));
        found.map(|it| (it.reason.clone(), it.source.clone()))
    };
    of(&order.right, false).or_else(|| of(&order.left, true))
}

/// What an exchange shows, if it shows anything, and after which step.
pub(super) fn meaning(end: End) -> Option<(Kind, What, usize)> {
    match end {
        End::Alike => None,
        End::Parted(difference) => {
            let step = difference.step;
            Some((Kind::of(&difference), What::Parted(difference), step))
        }
        End::Broke {
            step,
            after,
            left,
            broken,
        } => {
            let words = |guilty: bool| match guilty {
                true => broken.what.clone(),
                false => "nothing".to_owned(),
            };
            let kind = Kind {
                step: shape(&after),
                aspect: broken.clause.to_owned(),
                left: words(left),
                right: words(!left),
            };
            Some((kind, What::Broke(left, broken), step))
        }
        // Another exchange stopped it.
        End::Stopped { after: None, .. } => None,
        End::Stopped {
            step,
            after: Some(after),
            left,
            away,
        } => {
            let words = |guilty: bool| match guilty {
                true => "nothing any more",
                false => "goes on",
            };
            let kind = Kind {
                step: shape(&after),
                aspect: "serves".to_owned(),
                left: words(left).to_owned(),
                right: words(!left).to_owned(),
            };
            Some((kind, What::Stopped(left, away), step))
        }
    }
}

async fn work(order: Order, care: Arc<Care>, next: Arc<AtomicU64>, results: mpsc::Sender<Played>) {
    let (mut left, mut right) = (
        order.left.side(order.dialect),
        order.right.side(order.dialect),
    );
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number > order.count || order.until.is_some_and(|it| Instant::now() >= it) {
            break;
        }
        let (theme, moves) = order.exchange(number);
        let word = format!("d{:x}-{number}", order.seed);
        left.begin(&word, false);
        right.begin(&word, false);
        let round = care.beside().await;
        let (end, steps) = duel::play(&mut left, &mut right, &moves).await;
        if !matches!(end, End::Stopped { .. }) {
            tokio::join!(left.clear(), right.clear());
        }
        let this = *round;
        drop(round);
        if end != End::Alike {
            // What two brokers do not agree on may be in the way of the next exchange.
            left.hang_up();
            right.hang_up();
        }
        let lost = match &end {
            End::Stopped {
                left: is_left,
                away,
                ..
            } if !care.revive(*is_left, this).await => Some((*is_left, away.clone())),
            _ => None,
        };
        let away = lost.is_some();
        let end = lost.map_or(Ok((end, steps)), Err);
        if results
            .send(Played {
                number,
                theme,
                moves,
                end,
            })
            .await
            .is_err()
            || away
        {
            break;
        }
        // Brokers in memory never let another task have its turn.
        tokio::task::yield_now().await;
    }
}
