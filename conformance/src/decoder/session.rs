//! A program under the vectors and under generated frames.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};

use super::answer::{Answer, brief, plain};
use super::judge::{Judgement, Kind, Named, features, fields, judge, learn, tags};
use super::oracle::{Expected, expect};
use super::program::{Program, Reply};
use super::shrink::shrink;
use crate::corpus;
use crate::dialect::amqp::inspect;
use crate::dialect::amqp::seeds::{legal, mutated};
use crate::dice::Dice;

/// A program that dies oftener than this is not asked any more.
const DEATHS: usize = 300;
/// A program that says nothing oftener than this is not asked any more: each time costs all of its patience.
const SILENCES: usize = 8;
/// How many frames are tried to make one smaller that the program dies of: each costs a start.
const COSTLY: usize = 40;

/// How long generated frames go on.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What the frames are made from.
    pub seed: u64,
    /// How many at most.
    pub count: Option<usize>,
    /// How long at most.
    pub time: Option<Duration>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The program cannot be started.
    #[error("the program cannot be started: {0}")]
    NotStarted(#[from] io::Error),
    /// It starts, and does not do what a decoder has to.
    #[error("{0}")]
    NoDecoder(String),
    /// The vectors cannot be made.
    #[error(transparent)]
    Suite(#[from] crate::suite::SuiteError),
}

/// Findings of one kind.
#[derive(Debug, Clone)]
pub struct Found {
    /// What is wrong.
    pub kind: Kind,
    /// The smallest frame that shows it.
    pub octets: Vec<u8>,
    /// What the frame was before it was made smaller, in words.
    pub what: String,
    /// How many other frames show the same.
    pub others: usize,
    /// What the frame holds that is not zero or empty.
    pub features: BTreeSet<String>,
    /// The commands that show it.
    pub commands: BTreeSet<String>,
}

/// What the text leaves to a decoder, and what this one does.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The clause.
    pub clause: &'static str,
    /// What it does with one frame.
    pub what: String,
    /// With how many it does so.
    pub frames: usize,
}

/// What became of a program.
#[derive(Debug, Default)]
pub struct Report {
    /// How many vectors there were, and how many were answered as the text says.
    pub vectors: (usize, usize),
    /// How many generated frames there were, and how many were answered as the text says.
    pub generated: (usize, usize),
    /// The findings, one for each kind.
    pub findings: Vec<Found>,
    /// The choices.
    pub choices: Vec<Choice>,
    /// What the program says it was not made for, and how many frames that were.
    pub skipped: BTreeMap<String, usize>,
    /// Fields that it never tells, as `command.field`: nobody compared them.
    pub silent: Vec<String>,
    /// Whether it died so often that it was not asked any more.
    pub given_up: bool,
}

/// One frame of the vectors.
struct Vector {
    name: String,
    what: String,
    octets: Vec<u8>,
}

/// The vectors, and then generated frames. `progress` hears how many frames were answered, and how many kinds of
/// findings there are so far; it says whether to go on.
///
/// # Errors
/// A program that cannot be started or that is no decoder.
pub fn run(
    program: &mut Program,
    plan: Plan,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Report, SessionError> {
    greet(program)?;
    let mut session = Session {
        program,
        named: Named::new(),
        report: Report::default(),
        known: HashMap::new(),
    };
    let avoid = session.vectors(progress)?;
    session.generated(plan, &avoid, progress)?;
    Ok(session.report)
}

/// One frame alone: what is owed to it, what the program says, and what that is worth.
///
/// # Errors
/// A program that cannot be started or that is no decoder.
pub fn one(
    program: &mut Program,
    octets: &[u8],
) -> Result<(Expected, Reply, Judgement), SessionError> {
    greet(program)?;
    let expected = expect(octets);
    let mut named = Named::new();
    for vector in vectors()? {
        if let Expected::Taken(frame, _) = expect(&vector.octets)
            && inspect(octets)
                .first()
                .is_some_and(|asked| asked.command == frame.command)
        {
            let reply = program.ask(&vector.octets)?;
            learn(&mut named, &Expected::Taken(frame, None), &reply);
        }
    }
    let reply = program.ask(octets)?;
    let judgement = judge(&expected, &reply, &named);
    Ok((expected, reply, judgement))
}

/// Sees whether it is a decoder at all: one of three plain frames has an answer of the right form.
fn greet(program: &mut Program) -> Result<(), SessionError> {
    let frames: [&[u8]; 3] = [
        b"\x01\0\x01\0\0\0\x05\0\x14\0\x0a\0\xce",
        b"\x03\0\x01\0\0\0\x05hello\xce",
        b"\x08\0\0\0\0\0\0\xce",
    ];
    let mut first = None;
    for frame in frames {
        let wrong = match program.ask(frame)? {
            Reply::Line(line) => match Answer::read(&line) {
                Ok(_) => return Ok(()),
                Err(what) => what,
            },
            Reply::Died { how, said } => {
                let said: Vec<String> = said
                    .iter()
                    .map(|line| format!("\n    {}", brief(line)))
                    .collect();
                format!("it {how} instead of answering{}", said.concat())
            }
            Reply::Hung => "it says nothing (is its output flushed after each line?)".to_owned(),
        };
        first.get_or_insert(wrong);
    }
    Err(SessionError::NoDecoder(first.unwrap_or_default()))
}

/// The corpus in single frames, each once.
fn vectors() -> Result<Vec<Vector>, SessionError> {
    let mut known = HashSet::new();
    let mut vectors = Vec::new();
    for seed in corpus::seeds()? {
        let frames = inspect(&seed.octets);
        let whole = seed.name.starts_with("dialogue.") || seed.name.starts_with("content.");
        if !whole {
            if known.insert(seed.octets.clone()) {
                vectors.push(Vector {
                    name: seed.name,
                    what: seed.what,
                    octets: seed.octets,
                });
            }
            continue;
        }
        for frame in frames {
            let octets = seed.octets[frame.offset..frame.offset + frame.length].to_vec();
            if known.insert(octets.clone()) {
                let name = seed.name.clone();
                let what = format!("{} in {}", frame.command, seed.what);
                vectors.push(Vector { name, what, octets });
            }
        }
    }
    Ok(vectors)
}

struct Session<'a> {
    program: &'a mut Program,
    named: Named,
    report: Report,
    /// Which finding a kind belongs to.
    known: HashMap<String, usize>,
}

impl Session<'_> {
    /// All vectors; then those tags of tables that the program has another mind about.
    fn vectors(
        &mut self,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Vec<String>, SessionError> {
        let mut asked = Vec::new();
        for vector in vectors()? {
            let expected = expect(&vector.octets);
            let reply = self.program.ask(&vector.octets)?;
            learn(&mut self.named, &expected, &reply);
            asked.push((vector, expected, reply));
            if !progress(asked.len(), 0) || self.given_up() {
                break;
            }
        }
        self.report.silent = silent(&asked, &self.named);
        let mut avoid = BTreeSet::new();
        for (vector, expected, reply) in asked {
            let judgement = judge(&expected, &reply, &self.named);
            if matches!(judgement, Judgement::Finding(_) | Judgement::Free { .. })
                && let Some(tag) = vector
                    .name
                    .strip_prefix("value.")
                    .and_then(|name| name.split('.').next())
            {
                avoid.insert(match tag.strip_prefix("upper-") {
                    Some(tag) => tag.to_uppercase(),
                    None => tag.to_owned(),
                });
            }
            self.report.vectors.0 += 1;
            if self.note(&vector.what, &vector.octets, &expected, judgement)? {
                self.report.vectors.1 += 1;
            }
        }
        Ok(avoid.into_iter().collect())
    }

    fn generated(
        &mut self,
        plan: Plan,
        avoid: &[String],
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<(), SessionError> {
        let began = Instant::now();
        let mut dice = Dice::new(plan.seed);
        let mut before = legal(&mut dice, avoid);
        let before_generated = self.report.vectors.0;
        for number in 0.. {
            let enough = plan.count.is_some_and(|count| number >= count)
                || plan.time.is_some_and(|time| began.elapsed() >= time)
                || self.given_up()
                || !progress(before_generated + number, self.report.findings.len());
            if enough {
                break;
            }
            let sound = legal(&mut dice, avoid);
            let (octets, what) = match dice.one_in(2) {
                true => (sound.clone(), "a legal frame that was made up"),
                false => (
                    mutated(&mut dice, &sound, &before),
                    "a frame that was made up and changed",
                ),
            };
            before = sound;
            let expected = expect(&octets);
            if expected == Expected::Unsure {
                continue;
            }
            let reply = self.program.ask(&octets)?;
            let judgement = judge(&expected, &reply, &self.named);
            self.report.generated.0 += 1;
            if self.note(what, &octets, &expected, judgement)? {
                self.report.generated.1 += 1;
            }
        }
        Ok(())
    }

    fn given_up(&mut self) -> bool {
        self.report.given_up |= self.program.starts > DEATHS || self.program.hangs > SILENCES;
        self.report.given_up
    }

    /// Puts a judgement into the report; whether the program did as the text says.
    fn note(
        &mut self,
        what: &str,
        octets: &[u8],
        expected: &Expected,
        judgement: Judgement,
    ) -> Result<bool, SessionError> {
        match judgement {
            Judgement::Agrees | Judgement::Unjudged => Ok(true),
            Judgement::Skips(reason) => {
                *self.report.skipped.entry(reason).or_default() += 1;
                Ok(true)
            }
            Judgement::Free { clause, what } => {
                let same = |choice: &&mut Choice| {
                    choice.clause == clause
                        && choice.what.split(' ').next() == what.split(' ').next()
                };
                match self.report.choices.iter_mut().find(same) {
                    Some(choice) => choice.frames += 1,
                    None => self.report.choices.push(Choice {
                        clause,
                        what,
                        frames: 1,
                    }),
                }
                Ok(true)
            }
            Judgement::Finding(kind) => {
                self.found(what, octets, expected, kind)?;
                Ok(false)
            }
        }
    }

    fn found(
        &mut self,
        what: &str,
        octets: &[u8],
        expected: &Expected,
        kind: Kind,
    ) -> Result<(), SessionError> {
        // Before it is shrunk, a refusal may have one cause or another: what is in the frame tells.
        let mut first = kind.key();
        if let (Kind::Refuses { .. }, Expected::Taken(frame, _)) = (&kind, expected) {
            let mut found = BTreeSet::new();
            frame
                .fields
                .iter()
                .for_each(|(_, value)| tags(value, &mut found));
            first = format!("{first} {:?} {found:?}", frame.kind);
        }
        let command = inspect(octets)
            .into_iter()
            .next()
            .map(|frame| frame.command);
        if let Some(place) = self.known.get(&first) {
            self.report.findings[*place].others += 1;
            self.report.findings[*place].commands.extend(command);
            return Ok(());
        }
        let (octets, kind) = self.smaller(octets, kind)?;
        let features = match expect(&octets) {
            Expected::Taken(frame, _) => features(&frame),
            _ => BTreeSet::new(),
        };
        let mut key = kind.key();
        if matches!(kind, Kind::Refuses { .. }) {
            key = format!("{key} {features:?}");
        }
        let place = *self.known.entry(key).or_insert(self.report.findings.len());
        self.known.insert(first, place);
        match self.report.findings.get_mut(place) {
            Some(known) => {
                known.others += 1;
                known.commands.extend(command);
            }
            None => self.report.findings.push(Found {
                kind,
                octets,
                what: what.to_owned(),
                others: 0,
                features,
                commands: command.into_iter().collect(),
            }),
        }
        Ok(())
    }

    fn smaller(&mut self, octets: &[u8], kind: Kind) -> Result<(Vec<u8>, Kind), SessionError> {
        let mut tries = match kind {
            Kind::Hangs => 0,
            Kind::Dies { .. } => COSTLY,
            _ => usize::MAX,
        };
        let key = kind.key();
        let (program, named) = (&mut *self.program, &self.named);
        let mut failure = None;
        let mut last = kind;
        let smallest = shrink(octets, |candidate| {
            if tries == 0 || failure.is_some() {
                return false;
            }
            tries -= 1;
            match program.ask(candidate) {
                Err(error) => {
                    failure = Some(error);
                    false
                }
                Ok(reply) => match judge(&expect(candidate), &reply, named) {
                    Judgement::Finding(kind) if kind.key() == key => {
                        last = kind;
                        true
                    }
                    _ => false,
                },
            }
        });
        match failure {
            Some(error) => Err(error.into()),
            None => Ok((smallest, last)),
        }
    }
}

/// Fields of commands and headers that the program decodes and never tells.
fn silent(asked: &[(Vector, Expected, Reply)], named: &Named) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (_, expected, reply) in asked {
        let (Expected::Taken(frame, _), Reply::Line(line)) = (expected, reply) else {
            continue;
        };
        if !matches!(Answer::read(line), Ok(Answer::Decoded(_))) {
            continue;
        }
        for field in fields(frame) {
            let held = frame.fields.iter().any(|(name, _)| name == field.name);
            if held && !named.contains(&(frame.command.clone(), plain(field.name))) {
                found.insert(format!("{}.{}", frame.command, field.name));
            }
        }
    }
    found.into_iter().collect()
}
