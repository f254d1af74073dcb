//! Exchanges that nobody wrote: what a protocol's author of them hands over, and where the choices come from.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::script::Case;

/// Choices that look random and are the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The choices of one exchange of a seed. Those of another have nothing to do with them.
    pub fn new(seed: u64, number: u64) -> Dice {
        let mut dice = Dice(seed);
        let seed = dice.next();
        Dice(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`; 0 if there is none.
    pub fn roll(&mut self, sides: usize) -> usize {
        match u64::try_from(sides) {
            Ok(sides @ 1..) => usize::try_from(self.next() % sides).unwrap_or_default(),
            _ => 0,
        }
    }

    /// Once in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.roll(all.len()))
    }

    /// One of these words.
    pub fn word(&mut self, all: &[&'static str]) -> &'static str {
        self.pick(all).copied().unwrap_or_default()
    }

    /// So many octets.
    pub fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// Any number of 64 bits.
    pub fn number(&mut self) -> u64 {
        self.next()
    }
}

/// An exchange that leads up to one attempt at something that a broker may not expect. All parts are lines of the
/// notation, without the indentation of a case's steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The state of the dialogue in which the attempt is made: one of [`Author::states`].
    pub state: &'static str,
    /// What is attempted: one of [`Author::attempts`].
    pub attempt: String,
    /// What is wrong with it, in a word or two with hyphens.
    pub fault: &'static str,
    /// The clauses that say what a broker does in any such case.
    pub clauses: Vec<&'static str>,
    /// What the target must have.
    pub needs: Vec<String>,
    /// Opens the connections; stays.
    pub opening: Vec<String>,
    /// Legal exchanges, each of which may be left out.
    pub prefix: Vec<Vec<String>>,
    /// The attempt, in steps each of which may be left out unless it is the last one.
    pub trial: Vec<String>,
    /// Everything that may come of it.
    pub outcome: Vec<String>,
    /// A request and its reply on a connection that has nothing to do with it.
    pub bystander: Vec<String>,
}

impl Draft {
    /// The draft as a script with one case, and the first lines of its trial, its outcome and its bystander.
    pub fn script(&self, protocol: &str, lead: &[String]) -> Script {
        let mut text = String::new();
        for line in lead {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{}", format!("# {line}").trim_end());
        }
        let _ = write!(
            text,
            "protocol {protocol}\n\ncase fuzz/{}\n  \"{}\"\n  clause {}\n",
            self.slug(),
            self.title(),
            self.clauses.join(" ")
        );
        if !self.needs.is_empty() {
            let _ = writeln!(text, "  needs {}", self.needs.join(" "));
        }
        text.push_str("  no-control \"an attempt may be taken as well as refused\"\n");
        let mut places = [0; 3];
        let prefix = self.prefix.iter().flatten();
        put(&mut text, self.opening.iter().chain(prefix));
        let parts = [&self.trial, &self.outcome, &self.bystander];
        for (place, part) in places.iter_mut().zip(parts) {
            *place = u32::try_from(text.lines().count() + 1).unwrap_or(u32::MAX);
            put(&mut text, part.iter());
        }
        Script {
            text,
            trial: places[0],
            outcome: places[1],
            bystander: places[2],
        }
    }

    /// A name that tells what is attempted, as in a case's id.
    pub fn slug(&self) -> String {
        format!("{}/{}.{}", self.state, self.attempt, self.fault)
    }

    fn title(&self) -> String {
        let (attempt, fault) = (&self.attempt, self.fault.replace('-', " "));
        let state = self.state.replace('-', " ");
        format!(
            "{attempt}, {fault}, {state}: the broker takes it or refuses it in form, and serves on"
        )
    }
}

fn put<'a>(text: &mut String, lines: impl Iterator<Item = &'a String>) {
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

/// A draft written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The file.
    pub text: String,
    /// The first line of the trial, counted from 1.
    pub trial: u32,
    /// The first line of the outcome.
    pub outcome: u32,
    /// The first line of the bystander's part.
    pub bystander: u32,
}

/// Makes up exchanges of a protocol.
pub trait Author: Send + Sync {
    /// The states that attempts are made in.
    fn states(&self) -> &[&'static str];

    /// What is attempted: the commands of the table, and what is no command.
    fn attempts(&self) -> Vec<String>;

    /// Whether a broker that closes something does so for a reason that no table has; `came` is its command in the
    /// notation.
    fn is_odd_refusal(&self, came: &str) -> bool;

    /// An exchange. Some are made of cases that are known to be right, with one thing changed.
    fn draft(&self, dice: &mut Dice, cases: &[Arc<Case>]) -> Draft;
}
