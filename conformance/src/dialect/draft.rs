//! Exchanges that nobody wrote: what a protocol's author of them hands over.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::dice::Dice;
use crate::script::Case;

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
