//! One case as a state machine: events in, effects out. It does no I/O and reads no clock; time is an argument.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::evaluate::Variables;
use super::expect::{Ended, Thread};
use super::patience::Patience;
use super::react::Reaction;
use super::record::{Record, Watch};
use super::steps::{Task, opens_first};
use super::transcript::Transcript;
use super::verdict::{Finding, Outcome, Verdict};
use crate::dialect::{Creation, Dialect, Incoming, Outgoing, Session};
use crate::script::{Arm, Case, Field, Step};

/// Which of a case's two runs this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The positive control: without the fault.
    Control,
    /// The case itself.
    Main,
}

/// How many times as long a case about many messages may take.
const BULK: u32 = 4;

/// A broker that sends more than this in one exchange sends without end, for all that can be told.
const FLOOD: usize = 32 << 20;

/// What the shell is to do. Connections are numbered in the order of their opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Connect; answered by [`Event::Connected`] or [`Event::Unreachable`].
    Connect(usize),
    /// Write these octets, each piece by itself.
    Write(usize, Vec<Vec<u8>>),
    /// Read so many octets at a time at most from now on; none means not to read at all.
    Read(usize, Option<usize>),
    /// Close the sending half.
    HalfClose(usize),
    /// Reset the connection.
    Reset(usize),
    /// Close the connection.
    Close(usize),
    /// Do what the target's file says under that name; answered by [`Event::TargetDone`].
    Target(String),
}

/// What the shell saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The connection is there.
    Connected(usize),
    /// The broker cannot be reached, and why.
    Unreachable(usize, String),
    /// Octets came.
    Received(usize, Vec<u8>),
    /// The broker ended the connection cleanly.
    EndOfFile(usize),
    /// The broker reset the connection.
    Reset(usize),
    /// The target did what it was told, or could not.
    TargetDone(Result<(), String>),
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) name: String,
    pub(super) session: Box<dyn Session>,
    pub(super) ended: Option<Ended>,
    /// Whether the script itself made an end of it.
    pub(super) abandoned: bool,
    /// Whether the history knows that it ended.
    pub(super) recorded_end: bool,
    /// What came while something else was awaited, and no reaction took: it waits for its own step.
    pub(super) aside: VecDeque<Incoming>,
}

/// Where the script goes on.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    pub(super) steps: Arc<Vec<Step>>,
    pub(super) next: usize,
    pub(super) repeat: Option<Repeat>,
    pub(super) scope: Option<Scope>,
    /// Whether the transcript has its steps already.
    pub(super) told: bool,
    /// The connection to make before the first step.
    pub(super) connect: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Repeat {
    pub(super) left: i128,
    pub(super) done: i128,
    pub(super) name: Option<String>,
}

/// A stage of the prologue under way.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) connection: usize,
    pub(super) stream: Option<u16>,
    pub(super) overrides: Vec<Field>,
    /// The line of the `open` that plays it.
    pub(super) line: u32,
}

#[derive(Debug)]
pub(super) enum Waiting {
    Connecting {
        connection: usize,
    },
    Threads {
        threads: Vec<Thread>,
        choice: Option<Vec<Arm>>,
    },
    Pause {
        until: Duration,
    },
    /// A request is to be sent again.
    Again {
        until: Duration,
        connection: usize,
        request: Outgoing,
        threads: Vec<Thread>,
    },
    Target,
    /// The history is to say something.
    History(Box<Watch>),
    Farewell {
        left: Vec<(usize, &'static str)>,
    },
}

#[derive(Debug)]
pub(super) struct PendingProbe {
    pub(super) connection: usize,
    pub(super) stream: u16,
    pub(super) reply: &'static str,
    pub(super) answered: bool,
}

/// The state of one run of one case.
#[derive(Debug)]
pub struct Exchange {
    pub(super) case: Arc<Case>,
    pub(super) variant: Variant,
    pub(super) dialect: &'static dyn Dialect,
    pub(super) variables: Variables,
    pub(super) patience: Patience,
    pub(super) cursors: Vec<Cursor>,
    pub(super) connections: Vec<Connection>,
    pub(super) waiting: Option<Waiting>,
    pub(super) effects: VecDeque<Effect>,
    pub(super) transcript: Transcript,
    pub(super) outcome: Option<(Verdict, Option<Finding>)>,
    pub(super) unreachable: bool,
    pub(super) lenient: bool,
    pub(super) notes: Vec<String>,
    pub(super) creations: Vec<Creation>,
    pub(super) sent: BTreeSet<String>,
    pub(super) received: BTreeSet<String>,
    pub(super) probes: Vec<PendingProbe>,
    pub(super) now: Duration,
    pub(super) last_octet: Duration,
    /// How many octets came.
    octets: usize,
    pub(super) step_began: Duration,
    pub(super) said_farewell: bool,
    /// The line of the step under way.
    pub(super) line: u32,
    /// Whether silence made the runner ask, in the step under way.
    pub(super) probed: bool,
    /// The questions that were asked then.
    pub(super) asked: Vec<usize>,
    /// Every text that was sent, to tell the broker's names from the client's.
    pub(super) said: HashSet<Vec<u8>>,
    /// What answers what comes on its own, the newest last.
    pub(super) reactions: Vec<Reaction>,
    /// Whether what is sent is such an answer.
    pub(super) reacting: bool,
    /// What became of every message, where the case asks for it.
    pub(super) record: Option<Record>,
    /// What was last sent on each stream.
    pub(super) last_sent: HashMap<(usize, u16), Outgoing>,
}

impl Exchange {
    /// An exchange that is about to begin.
    pub fn new(
        case: Arc<Case>,
        variant: Variant,
        dialect: &'static dyn Dialect,
        variables: Variables,
        patience: Patience,
    ) -> Self {
        let steps = Arc::new(case.steps.clone());
        let mut exchange = Exchange {
            case,
            variant,
            dialect,
            variables,
            patience,
            cursors: vec![Cursor {
                steps: steps.clone(),
                ..Cursor::default()
            }],
            connections: Vec::new(),
            waiting: None,
            effects: VecDeque::new(),
            transcript: Transcript::default(),
            outcome: None,
            unreachable: false,
            lenient: false,
            notes: Vec::new(),
            creations: Vec::new(),
            sent: BTreeSet::new(),
            received: BTreeSet::new(),
            probes: Vec::new(),
            now: Duration::ZERO,
            last_octet: Duration::ZERO,
            octets: 0,
            step_began: Duration::ZERO,
            said_farewell: false,
            line: 0,
            probed: false,
            asked: Vec::new(),
            said: HashSet::new(),
            reactions: Vec::new(),
            reacting: false,
            record: Record::wanted(&steps).then(|| Record::new(dialect)),
            last_sent: HashMap::new(),
        };
        if !opens_first(&steps) {
            exchange.open(&[], &[], exchange.case.line);
        }
        exchange.advance();
        exchange
    }

    /// The next thing that the shell is to do.
    pub fn effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Takes what the shell saw.
    pub fn handle(&mut self, event: Event, now: Duration) {
        self.now = now;
        self.last_octet = now;
        match event {
            Event::Connected(connection) => {
                if let Some(Waiting::Connecting { connection: wanted }) = self.waiting
                    && wanted == connection
                {
                    self.waiting = None;
                    self.step_began = now;
                }
            }
            Event::Unreachable(connection, why) => {
                if let Some(Waiting::Connecting { connection: wanted }) = self.waiting
                    && wanted == connection
                {
                    self.unreachable = true;
                    let came = "no connection".to_owned();
                    let why = format!("the broker cannot be reached: {why}");
                    self.finish(
                        Verdict::Inconclusive,
                        vec!["open".to_owned()],
                        came,
                        why,
                        None,
                    );
                }
            }
            Event::Received(connection, octets) => {
                self.octets = self.octets.saturating_add(octets.len());
                match self.octets {
                    0..=FLOOD => self.connections[connection].session.receive(&octets),
                    _ => self.drown(),
                }
            }
            Event::EndOfFile(connection) => self.end(connection, Ended::EndOfFile),
            Event::Reset(connection) => self.end(connection, Ended::Reset),
            Event::TargetDone(result) => {
                if matches!(self.waiting, Some(Waiting::Target)) {
                    self.waiting = None;
                    if let Err(why) = result {
                        let expected = vec!["target".to_owned()];
                        self.finish(
                            Verdict::Inconclusive,
                            expected,
                            "nothing".to_owned(),
                            why,
                            None,
                        );
                    }
                }
            }
        }
        self.advance();
    }

    /// When [`Exchange::tick`] has to be called at the latest if nothing else happens.
    pub fn wake_at(&self) -> Duration {
        let mut wake = self.deadline();
        match &self.waiting {
            Some(Waiting::Pause { until } | Waiting::Again { until, .. }) => return *until,
            Some(Waiting::Threads { threads, .. }) => {
                wake = wake.min(self.silence_ends());
                for thread in threads {
                    if let Some(latest) = thread.latest() {
                        wake = wake.min(self.step_began + latest + Duration::from_millis(1));
                    }
                }
            }
            Some(Waiting::History(_)) => wake = wake.min(self.silence_ends()),
            Some(Waiting::Farewell { .. }) => wake = wake.min(self.farewell_limit()),
            _ => {}
        }
        wake
    }

    /// A goodbye is a request like any other: nothing is answered once it is not.
    fn farewell_limit(&self) -> Duration {
        self.last_octet.max(self.step_began) + self.patience.hang
    }

    /// When nothing more is awaited. Thousands of messages may take a loaded machine a while.
    fn deadline(&self) -> Duration {
        match self.record {
            Some(_) => self.patience.deadline * BULK,
            None => self.patience.deadline,
        }
    }

    /// When something is to be made of silence.
    fn silence_ends(&self) -> Duration {
        match (self.probed, self.silence_allowed()) {
            (false, _) => self.last_octet.max(self.step_began) + self.patience.stall,
            (true, Some(silence)) => self.last_octet + silence,
            (true, None) => self.deadline(),
        }
    }

    /// How long the broker may be silent after the runner's questions; `None` if none could be asked.
    fn silence_allowed(&self) -> Option<Duration> {
        (!self.asked.is_empty()).then(|| match self.is_answered() {
            true => self.patience.quiet,
            false => self.patience.hang,
        })
    }

    /// Whether the broker answered all that the runner asked of its own accord.
    fn is_answered(&self) -> bool {
        let answered = |asked: &usize| self.probes.get(*asked).is_some_and(|probe| probe.answered);
        !self.asked.is_empty() && self.asked.iter().all(answered)
    }

    /// Takes note of the time.
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
        match self.waiting.take() {
            Some(Waiting::Pause { until }) if now >= until => {}
            Some(Waiting::Again {
                until,
                connection,
                request,
                threads,
            }) if now >= until => {
                self.waiting = Some(Waiting::Threads {
                    threads,
                    choice: None,
                });
                self.write_again(connection, &request);
            }
            waiting => self.waiting = waiting,
        }
        if let Some(Waiting::Threads { threads, .. }) = &self.waiting {
            let late = threads.iter().find(|thread| {
                thread
                    .latest()
                    .is_some_and(|latest| now > self.step_began + latest)
            });
            if let Some(late) = late {
                self.line = late.line().unwrap_or(self.line);
                let why = format!(
                    "it did not come within {:?}",
                    late.latest().unwrap_or_default()
                );
                let expected = self.expected();
                self.finish(Verdict::Failed, expected, "nothing".to_owned(), why, None);
            } else {
                self.silent();
            }
        } else if matches!(self.waiting, Some(Waiting::History(_))) {
            self.silent();
        } else if matches!(self.waiting, Some(Waiting::Farewell { .. }))
            && now >= self.farewell_limit()
            || self.waiting.is_some() && now >= self.deadline()
        {
            self.give_up();
        }
        self.advance();
    }

    /// Draws the conclusion from silence, if it is time for one.
    fn silent(&mut self) {
        if self.now >= self.deadline() {
            return self.give_up();
        }
        if self.now < self.silence_ends() {
            return;
        }
        match (self.probed, self.is_answered()) {
            (false, _) => self.probe(),
            (true, true) => self.owes(),
            (true, false) => self.give_up(),
        }
    }

    /// The result, once there is one.
    pub fn is_over(&self) -> bool {
        self.outcome.is_some()
    }

    /// Whether the broker could not be reached.
    pub fn is_unreachable(&self) -> bool {
        self.unreachable
    }

    /// What the case made and left at the broker.
    pub fn creations(&self) -> &[Creation] {
        &self.creations
    }

    /// The variables as they stand.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The result. An exchange that is not over is inconclusive.
    pub fn into_outcome(self) -> Outcome {
        let (verdict, finding) = self.outcome.unwrap_or((Verdict::Inconclusive, None));
        let verdict = match verdict {
            Verdict::Passed if self.lenient => Verdict::Lenient,
            verdict => verdict,
        };
        let said = self.transcript.finish(&self.case);
        Outcome {
            verdict,
            finding,
            notes: self.notes,
            transcript: said.text,
            octets: said.octets,
            sent: self.sent.into_iter().collect(),
            received: self.received.into_iter().collect(),
        }
    }

    fn drown(&mut self) {
        let why = format!(
            "the broker sends without end: more than {} MiB came",
            FLOOD >> 20
        );
        let expected = self.expected();
        self.finish(
            Verdict::Inconclusive,
            expected,
            "a flood".to_owned(),
            why,
            None,
        );
    }

    fn end(&mut self, connection: usize, ended: Ended) {
        let connection = &mut self.connections[connection];
        connection.ended.get_or_insert(ended);
    }

    pub(super) fn finish(
        &mut self,
        verdict: Verdict,
        expected: Vec<String>,
        came: String,
        why: String,
        clause: Option<String>,
    ) {
        if self.outcome.is_none() {
            let control = self.variant == Variant::Control;
            let line = self.line;
            self.outcome = Some((
                verdict,
                Some(Finding {
                    line,
                    expected,
                    came,
                    why,
                    clause,
                    control,
                }),
            ));
        }
        self.waiting = None;
    }

    pub(super) fn script_error(&mut self, why: String) {
        let why = format!("the script cannot go on here: {why}");
        self.finish(
            Verdict::Inconclusive,
            Vec::new(),
            "nothing".to_owned(),
            why,
            None,
        );
    }

    /// Goes on as far as possible without waiting.
    fn advance(&mut self) {
        while self.outcome.is_none() {
            if self.waiting.is_some() {
                if self.react() {
                    continue;
                }
                if !self.satisfy() {
                    return;
                }
                continue;
            }
            self.step_began = self.now;
            self.probed = false;
            self.asked.clear();
            match self.next_step() {
                Some(Task::Connect(connection)) => self.connect(connection),
                Some(Task::Step(step, scope)) => self.execute(&step, scope),
                None if self.said_farewell => self.outcome = Some((Verdict::Passed, None)),
                None => self.farewell(),
            }
        }
        if self.waiting.is_none() && self.outcome.is_some() {
            for connection in 0..self.connections.len() {
                if !std::mem::replace(&mut self.connections[connection].abandoned, true) {
                    self.effects.push_back(Effect::Close(connection));
                }
            }
        }
    }
}
