//! One channel, with what it holds and what is owed to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::super::Outgoing;
use super::super::super::generated::Holding;

/// A channel.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) is_open: bool,
    /// What was asked and not answered, the oldest first.
    pub(super) requests: VecDeque<Request>,
    pub(super) mode: Mode,
    /// The number of the last message that is to be confirmed.
    pub(super) published: i128,
    /// Those that are not confirmed yet.
    pub(super) unconfirmed: BTreeSet<i128>,
    pub(super) held: Vec<Held>,
    pub(super) consumers: BTreeMap<Vec<u8>, Consumer>,
    /// The variable of the queue that was declared last.
    pub(super) queue: String,
}

/// What becomes of what is published and settled.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Plain,
    Confirm,
    Transaction,
}

/// What was asked.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) message: Outgoing,
    /// The variable that the broker's choice of a name is bound to.
    pub(super) binds: Option<String>,
    /// Whose question it is.
    pub(super) asker: Asker,
}

/// Whose question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// The exchange's own.
    Step,
    /// The ledger's.
    Ledger,
}

/// A delivery that is not settled.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) tag: i128,
    pub(super) what: Holding,
    /// What becomes of it once the transaction is committed.
    pub(super) settling: Option<Fate>,
}

/// What becomes of a delivery that is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is done with.
    Gone,
    /// It goes back to its queue.
    Back,
}

/// A consumer.
#[derive(Debug)]
pub(super) struct Consumer {
    /// The variable of its queue.
    pub(super) queue: String,
    pub(super) no_ack: bool,
    pub(super) priority: i128,
}

impl Lane {
    /// Whether the broker owes it something.
    pub(super) fn is_owed(&self) -> bool {
        !self.requests.is_empty() || !self.unconfirmed.is_empty()
    }

    /// What it is owed.
    pub(super) fn owed(&self) -> Option<String> {
        if let Some(request) = self.requests.front() {
            return Some(format!("no answer to {}", request.message.command));
        }
        let first = self.unconfirmed.first()?;
        Some(format!("no confirmation of message {first}"))
    }

    /// Those held up to a tag, or that one alone, leave it, or wait for the end of the transaction. Gives those that are
    /// done with.
    pub(super) fn settle(&mut self, tag: i128, multiple: bool, fate: Fate) -> Vec<Holding> {
        let concerns = |held: &Held| match (multiple, tag) {
            (true, 0) => true,
            (true, tag) => held.tag <= tag,
            (false, tag) => held.tag == tag,
        };
        if tag != 0 && !self.held.iter().any(|held| held.tag == tag) {
            // It is unknown, and will be refused.
            return Vec::new();
        }
        if self.mode == Mode::Transaction {
            let concerned = self.held.iter_mut().filter(|held| concerns(held));
            concerned.for_each(|held| held.settling = Some(fate));
            return Vec::new();
        }
        let (gone, kept) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(concerns);
        self.held = kept;
        match fate {
            Fate::Gone => (gone as Vec<Held>).into_iter().map(|it| it.what).collect(),
            Fate::Back => Vec::new(),
        }
    }

    /// The transaction is committed. Gives those that are done with.
    pub(super) fn commit(&mut self) -> Vec<Holding> {
        let (settled, kept) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|it| it.settling.is_some());
        self.held = kept;
        let gone = (settled as Vec<Held>)
            .into_iter()
            .filter(|it| it.settling == Some(Fate::Gone));
        gone.map(|it| it.what).collect()
    }

    /// The channel is no more.
    pub(super) fn shut(&mut self) {
        *self = Lane::default();
    }
}
