//! One channel as its client knows it.

use std::collections::VecDeque;

use mqspec_codec::ShortStr;

use super::ledger::{Ledger, MessageId, State};

/// How far a channel has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Free,
    Open,
    /// The client has said close.
    Closing,
}

/// What the client has asked of the channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Plain,
    Transactional,
    Confirming,
}

/// A consumer, from the moment at which the broker is asked for it.
#[derive(Debug, Clone)]
pub(super) struct Consumer {
    /// Unlike every other of the connection.
    pub(super) number: u64,
    /// Unknown until the broker has said which.
    pub(super) tag: Option<ShortStr>,
    pub(super) kind: Option<usize>,
    pub(super) no_ack: bool,
    pub(super) no_local: bool,
    pub(super) window: Window,
    /// Which of the queues of its name it belongs to.
    pub(super) generation: u32,
    /// Whether it is cancelled, and the broker has not said so yet.
    pub(super) leaves: bool,
}

/// `basic.qos`, as far as a client looks at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) count: u16,
    pub(super) octets: u32,
}

/// A delivery that is not settled.
#[derive(Debug, Clone)]
pub(super) struct Unsettled {
    pub(super) tag: u64,
    /// Which message out of which queue, if that is known.
    pub(super) copy: Option<(usize, MessageId)>,
    /// The number of the consumer that has it.
    pub(super) consumer: Option<u64>,
    /// Settled in a transaction that is not committed: what becomes of it then. With the flag it waits for others
    /// only, or is rejected.
    pub(super) held: Option<(State, bool)>,
}

/// A channel on the client's side.
#[derive(Debug, Default)]
pub(super) struct Channel {
    pub(super) phase: Phase,
    /// Whether the broker has closed it, and waits for the answer.
    pub(super) is_refused: bool,
    pub(super) last_tag: u64,
    pub(super) mode: Mode,
    /// The queue that an empty name means, if it is one of the kinds.
    pub(super) last_queue: Option<Option<usize>>,
    /// What was published and is not confirmed, and how much was.
    pub(super) unconfirmed: VecDeque<MessageId>,
    pub(super) confirmed: u64,
    pub(super) consumers: Vec<Consumer>,
    pub(super) unsettled: Vec<Unsettled>,
    /// Whether all deliveries have been settled or given back, those that were not heard of yet among them.
    pub(super) is_swept: bool,
    /// Whether what is unsettled may not be so any more.
    pub(super) is_vague: bool,
    /// What was published in a transaction.
    pub(super) uncommitted: Vec<(MessageId, bool)>,
    /// What has to come back.
    pub(super) to_return: Vec<MessageId>,
    /// Whether the client wants no deliveries, and since which step.
    pub(super) inactive: Option<u32>,
    pub(super) consumer_window: Window,
    pub(super) window: Window,
}

impl Channel {
    /// Begins anew. What was asked for behind the opening stays.
    pub(super) fn begin(&mut self) {
        self.last_tag = 0;
        self.mode = Mode::Plain;
        self.confirmed = 0;
        self.is_swept = false;
        self.is_vague = false;
        self.inactive = None;
        self.consumer_window = Window::default();
        self.window = Window::default();
    }

    /// What was delivered here and not settled is back in its queues.
    pub(super) fn give_back(&mut self, ledger: &mut Ledger) {
        for (message, _) in self.uncommitted.drain(..) {
            ledger.messages[message as usize].withdrawn = true;
        }
        for delivery in self.unsettled.drain(..) {
            if let Some((kind, message)) = delivery.copy {
                ledger.set(kind, message, State::Waiting, false);
            }
        }
    }

    /// The channel is not there any more.
    pub(super) fn end(&mut self, ledger: &mut Ledger) {
        self.give_back(ledger);
        self.consumers.clear();
        self.to_return.clear();
        self.unconfirmed.clear();
    }

    /// A consumer takes the place of the one that had its tag.
    pub(super) fn consume(&mut self, mut consumer: Consumer, ledger: &Ledger) {
        self.consumers
            .retain(|it| it.tag.is_none() || it.tag != consumer.tag);
        if let Some(kind) = consumer.kind {
            consumer.generation = ledger.queues[kind].generation;
        }
        consumer.window = self.consumer_window;
        self.consumers.push(consumer);
    }

    /// All deliveries are settled or given back, if nothing has kept the command from being carried out.
    pub(super) fn sweep(&mut self, ledger: &mut Ledger, certain: bool) {
        if !ledger.is_clear {
            self.is_swept = true;
            self.blur(ledger);
        } else if certain {
            self.is_vague = false;
        }
    }

    /// Something is delivered that has to be settled, unless that has happened before it was heard of.
    pub(super) fn hold(&mut self, delivery: Unsettled, ledger: &mut Ledger) {
        if self.is_swept {
            self.is_vague = true;
            doubt(ledger, &delivery, true);
        }
        self.unsettled.push(delivery);
    }

    /// Carries out what is said of deliveries, or notes it until commit.
    pub(super) fn settle(
        &mut self,
        ledger: &mut Ledger,
        tag: u64,
        multiple: bool,
        outcome: (State, bool),
        certain: bool,
    ) {
        let transactional = self.mode == Mode::Transactional;
        let is_meant = |its: u64| match multiple {
            true => tag == 0 || its <= tag,
            false => its == tag,
        };
        let mut kept = Vec::new();
        for mut delivery in self.unsettled.drain(..) {
            if delivery.held.is_some() || !is_meant(delivery.tag) {
                kept.push(delivery);
            } else if !certain {
                doubt(ledger, &delivery, outcome.1);
            } else if transactional {
                delivery.held = Some(outcome);
                kept.push(delivery);
            } else {
                apply(ledger, &delivery, outcome);
            }
        }
        self.unsettled = kept;
    }

    /// The transaction takes effect.
    pub(super) fn commit(&mut self, ledger: &mut Ledger, certain: bool) {
        let mut kept = Vec::new();
        for delivery in self.unsettled.drain(..) {
            match delivery.held {
                Some(outcome) if certain => apply(ledger, &delivery, outcome),
                Some((_, claimed)) => doubt(ledger, &delivery, claimed),
                None => kept.push(delivery),
            }
        }
        self.unsettled = kept;
    }

    /// What was settled in the transaction is as unsettled as before.
    pub(super) fn roll_back(&mut self, ledger: &mut Ledger) {
        for (message, _) in self.uncommitted.drain(..) {
            ledger.messages[message as usize].withdrawn = true;
        }
        for delivery in &mut self.unsettled {
            delivery.held = None;
        }
    }

    /// Everything that is not settled goes back.
    pub(super) fn recover(&mut self, ledger: &mut Ledger, to_same: bool, certain: bool) {
        let mut kept = Vec::new();
        for delivery in self.unsettled.drain(..) {
            if delivery.held.is_some() {
                kept.push(delivery);
            } else if !certain {
                doubt(ledger, &delivery, to_same);
            } else {
                apply(ledger, &delivery, (State::Waiting, to_same));
            }
        }
        self.unsettled = kept;
    }

    /// Whatever waits in the queues that the channel consumes from may be on its way to it.
    fn blur(&self, ledger: &mut Ledger) {
        for kind in self.consumers.iter().filter_map(|it| it.kind) {
            ledger.set_waiting(kind, State::Doubt);
        }
    }

    pub(super) fn consumer(&self, tag: &ShortStr) -> Option<&Consumer> {
        self.consumers
            .iter()
            .find(|it| it.tag.as_ref() == Some(tag))
    }

    /// How much is outstanding at a consumer, or at all of them.
    fn outstanding(&self, consumer: Option<u64>) -> usize {
        let its = self.unsettled.iter().filter(|it| match consumer {
            Some(_) => it.consumer == consumer,
            None => it.consumer.is_some(),
        });
        its.count()
    }

    /// A consumer has been delivered something: no more than it wants at once, and when it wants it.
    pub(super) fn check_wanted(&self, consumer: &Consumer, step: u32) {
        if self.is_vague {
            return;
        }
        assert!(
            self.inactive.is_none_or(|since| since == step),
            "{:?} is delivered something while the channel wants nothing",
            consumer.tag
        );
        let fits = |window: Window, consumer| {
            window.count == 0 || self.outstanding(consumer) <= usize::from(window.count)
        };
        assert!(
            consumer.no_ack || fits(consumer.window, Some(consumer.number)),
            "{:?} is delivered more than it wants at once",
            consumer.tag
        );
        assert!(
            consumer.no_ack || fits(self.window, None),
            "a channel is delivered more than it wants at once"
        );
    }

    /// Whether a consumer would be given the next message of its queue.
    pub(super) fn is_free(&self, consumer: &Consumer, ledger: &Ledger) -> bool {
        let generation = |kind: usize| ledger.queues[kind].generation;
        let outstanding = |own: bool| self.outstanding(own.then_some(consumer.number));
        let admits = |window: Window, own: bool| {
            window == Window::default()
                || window.octets == 0 && outstanding(own) < usize::from(window.count)
        };
        self.inactive.is_none()
            && !self.is_vague
            && consumer.kind.map(generation) == Some(consumer.generation)
            && !consumer.leaves
            && !consumer.no_local
            && (consumer.no_ack || admits(consumer.window, true) && admits(self.window, false))
    }
}

fn apply(ledger: &mut Ledger, delivery: &Unsettled, (state, claimed): (State, bool)) {
    if let Some((kind, message)) = delivery.copy {
        if state == State::Done && claimed {
            ledger.bury(kind, message);
        }
        ledger.set(kind, message, state, claimed);
    }
}

/// Perhaps it is settled; if it is given back, perhaps not for everybody.
fn doubt(ledger: &mut Ledger, delivery: &Unsettled, claimed: bool) {
    apply(ledger, delivery, (State::Doubt, claimed));
}
