//! Which commands and which clauses a suite speaks of, whatever a broker makes of it.

use std::collections::BTreeMap;

use mqspec_specs::Level;
use serde::Serialize;

use crate::dialect::Dialect;
use crate::script::{Case, Message, Step, StepKind};
use crate::suite::Suite;

/// What a suite covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The commands of the protocol's table, in its order.
    pub commands: Vec<CommandCoverage>,
    /// The clauses that a broker can be held to from outside, in the catalogue's order.
    pub clauses: Vec<ClauseCoverage>,
}

/// In how many cases a command stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandCoverage {
    /// Its name.
    pub command: String,
    /// Cases that send it in a step of their own.
    pub sent: usize,
    /// Cases that expect it in a step of their own.
    pub expected: usize,
}

/// Which cases prove a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseCoverage {
    /// Its id.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Whether it belongs to an extension.
    pub extension: bool,
    /// Where it stands.
    pub source: String,
    /// What it asks, in our words.
    pub text: String,
    /// The cases that prove it.
    pub cases: Vec<String>,
    /// Why no case can prove it, by the catalogue.
    pub unprovable: Option<String>,
}

/// Where a clause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClauseStanding {
    /// Some case proves it.
    Proved,
    /// No case does, and the catalogue says why none can.
    Reasoned,
    /// Neither.
    Open,
    /// Some case does what the catalogue says that none can: one of the two is wrong.
    Contradicted,
}

impl CommandCoverage {
    /// Whether any case speaks of it.
    pub fn is_covered(&self) -> bool {
        self.sent + self.expected > 0
    }
}

impl ClauseCoverage {
    /// Whether any case proves it.
    pub fn is_covered(&self) -> bool {
        !self.cases.is_empty()
    }

    /// Whether it has a case, a reason to have none, neither or both.
    pub fn standing(&self) -> ClauseStanding {
        match (self.is_covered(), self.unprovable.is_some()) {
            (true, false) => ClauseStanding::Proved,
            (false, true) => ClauseStanding::Reasoned,
            (false, false) => ClauseStanding::Open,
            (true, true) => ClauseStanding::Contradicted,
        }
    }

    /// The family of the clause: its id up to the first dot or hyphen, such as `queue` or `FRM`.
    pub fn family(&self) -> &str {
        self.id.split(['.', '-']).next().unwrap_or_default()
    }
}

impl Coverage {
    /// What the suite covers. The dialogue that `open` plays does not count: only what a case says itself.
    pub fn of(suite: &Suite, dialect: &dyn Dialect) -> Coverage {
        let mut spoken: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut proved: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (_, case) in &suite.cases {
            for (command, (sent, expected)) in uses(case, dialect) {
                let count = spoken.entry(command).or_default();
                count.0 += usize::from(sent);
                count.1 += usize::from(expected);
            }
            for clause in &case.clauses {
                let cases = proved.entry(clause.value.as_str()).or_default();
                if cases.last() != Some(&case.id) {
                    cases.push(case.id.clone());
                }
            }
        }
        let commands = dialect.protocol().table().map(|command| {
            let (sent, expected) = spoken.get(&command.name).copied().unwrap_or_default();
            CommandCoverage {
                command: command.name.clone(),
                sent,
                expected,
            }
        });
        let judged = dialect
            .clauses()
            .iter()
            .filter(|clause| clause.judges_broker());
        let clauses = judged.map(|clause| ClauseCoverage {
            id: clause.id.clone(),
            level: clause.level,
            extension: clause.extension,
            source: clause.source.clone(),
            text: clause.text.clone(),
            cases: proved.get(clause.id.as_str()).cloned().unwrap_or_default(),
            unprovable: clause.unprovable.clone(),
        });
        Coverage {
            commands: commands.collect(),
            clauses: clauses.collect(),
        }
    }

    /// How many commands some case speaks of.
    pub fn covered_commands(&self) -> usize {
        self.commands
            .iter()
            .filter(|command| command.is_covered())
            .count()
    }

    /// The clauses that stand so, in the catalogue's order.
    pub fn clauses_that_are(
        &self,
        standing: ClauseStanding,
    ) -> impl Iterator<Item = &ClauseCoverage> {
        self.clauses
            .iter()
            .filter(move |clause| clause.standing() == standing)
    }

    /// How many clauses some case proves.
    pub fn covered_clauses(&self) -> usize {
        self.clauses
            .iter()
            .filter(|clause| clause.is_covered())
            .count()
    }
}

/// The commands that a case sends and expects. `closed` expects the command that ends a connection.
fn uses(case: &Case, dialect: &dyn Dialect) -> BTreeMap<String, (bool, bool)> {
    let mut found = BTreeMap::new();
    walk(&case.steps, dialect, &mut found);
    found
}

fn expected(message: &Message, dialect: &dyn Dialect, found: &mut BTreeMap<String, (bool, bool)>) {
    let name = match (message.command.value.as_str(), dialect.closing()) {
        ("closed", Some((closing, _))) => closing,
        (name, _) => name,
    };
    found.entry(name.to_owned()).or_default().1 = true;
}

fn walk(steps: &[Step], dialect: &dyn Dialect, found: &mut BTreeMap<String, (bool, bool)>) {
    for step in steps {
        match &step.kind {
            StepKind::Send(message) => {
                found.entry(message.command.value.clone()).or_default().0 = true
            }
            StepKind::Expect { message, .. } => expected(message, dialect, found),
            StepKind::OneOf(arms) => arms.iter().for_each(|arm| walk(&arm.steps, dialect, found)),
            StepKind::Unordered(steps)
            | StepKind::Ordered(steps)
            | StepKind::Repeat { steps, .. }
            | StepKind::Control(steps)
            | StepKind::Fault(steps) => walk(steps, dialect, found),
            StepKind::Whenever { message, steps } => {
                expected(message, dialect, found);
                walk(steps, dialect, found);
            }
            StepKind::Open { .. }
            | StepKind::Wait(_)
            | StepKind::Target(_)
            | StepKind::Until(_)
            | StepKind::Check(_) => {}
        }
    }
}
