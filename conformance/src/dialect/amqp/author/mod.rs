//! Exchanges of AMQP 0-9-1 that nobody wrote: a legal beginning, one attempt that a broker may not expect, and
//! everything that it may lead to.
//!
//! - `value`: what fields may be given
//! - `prefix`: legal exchanges that may come before
//! - `attempt`: what is tried on a channel that is open, and in the states on the way there
//! - `mutant`: a case that is known to be right, with one of its commands changed
//! - `outcome`: what may come of it

mod attempt;
mod mutant;
mod outcome;
mod prefix;
mod value;

use std::sync::Arc;

use mqspec_specs::protocol::Peer;

use super::super::{Author, Draft};
use super::Amqp;
use crate::dice::Dice;
use crate::script::Case;

/// The states before a channel is open, as `open at=` names them.
pub(super) const EARLY: [&str; 5] = ["tcp", "start", "tune", "tuned", "connection"];

/// The states of a channel, and what a connection may do beside it.
const STATES: [&str; 13] = [
    "tcp",
    "start",
    "tune",
    "tuned",
    "connection",
    "channel",
    "consuming",
    "unsettled",
    "transaction",
    "confirming",
    "content-begun",
    "channel-closing",
    "connection-closing",
];

/// What is no command and may be sent all the same.
const OTHERS: [&str; 4] = ["method", "frame", "raw", "content-header"];

/// How many exchanges are made of a case, of all.
const MUTANTS: usize = 3;

impl Author for Amqp {
    fn states(&self) -> &[&'static str] {
        &STATES
    }

    fn attempts(&self) -> Vec<String> {
        let commands = self.protocol.commands.iter();
        let commands = commands.map(|command| command.name.clone());
        commands.chain(OTHERS.map(str::to_owned)).collect()
    }

    fn is_odd_refusal(&self, came: &str) -> bool {
        outcome::is_odd(self, came)
    }

    fn draft(&self, dice: &mut Dice, cases: &[Arc<Case>]) -> Draft {
        if dice.one_in(MUTANTS)
            && let Some(case) = dice.pick(cases)
            && let Some(draft) = mutant::of(self, dice, case)
        {
            return draft;
        }
        let state = dice.word(&STATES);
        match EARLY.contains(&state) {
            true => attempt::early(self, dice, state),
            false => attempt::on_channel(self, dice, state),
        }
    }
}

/// The bystander: a connection of its own, that declares a queue and asks for it, and asks again at the end.
fn beside() -> (Vec<String>, Vec<String>) {
    let declares = [
        "open z",
        "z > queue.declare queue=$q_z exclusive=true",
        "z < queue.declare-ok queue=$q_z",
    ];
    let asks = [
        "z > queue.declare queue=$q_z passive=true",
        "z < queue.declare-ok queue=$q_z",
    ];
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    (lines(&[&declares[..], &asks].concat()), lines(&asks))
}

/// The commands that a client may send, and with `all` those of the broker too.
fn commands(amqp: &Amqp, all: bool) -> Vec<&'static mqspec_specs::Command> {
    let commands = amqp.protocol.commands.iter();
    commands
        .filter(|command| all || command.sent_by(Peer::Client))
        .collect()
}
