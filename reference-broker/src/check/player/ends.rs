//! What every sequence begins and ends with.

use super::Player;
use crate::Alarm;
use crate::check::channel::Phase;
use crate::check::ledger::Exists;
use crate::check::names::{KINDS, Queue};
use crate::check::operation::{At, Form, Operation, SLOTS};

/// Where queues are declared in the beginning, and everything is fetched and deleted in the end.
const FIRST: At = At {
    slot: 0,
    channel: 1,
};

impl Player {
    /// Declares the queues that the sequence begins with.
    pub(super) fn declare_first(&mut self) {
        let declared = self.setting.declared;
        for kind in (0..8).filter(|bit| declared >> bit & 1 == 1) {
            self.begin(&Operation::Declare(
                FIRST,
                Queue::of_kind(kind),
                Form::Usual,
            ));
        }
        self.go_on();
    }

    /// Nobody is left: everything that waits can be fetched, and nothing is left in the end.
    pub(in crate::check) fn finish(&mut self) {
        self.is_prompt = true;
        self.broker.set_alarm(Alarm::Operator, false, self.now);
        for client in self.clients.iter_mut().flatten() {
            client.reads = true;
            client.late = 0;
        }
        self.go_on();
        // One after the other: what comes back from the one may go to the next.
        for slot in 0..SLOTS {
            if self.clients[slot].is_some() {
                self.cut(slot);
                self.go_on();
            }
        }
        self.fetch_all();
        self.ledger.check_dead();
        self.delete_all();
    }

    /// Fetches everything that waits in any queue.
    fn fetch_all(&mut self) {
        let kinds = |player: &Self, exists| {
            let is_so = |kind: &usize| player.ledger.is_left(*kind) == exists;
            (0..KINDS.len()).filter(is_so).collect::<Vec<_>>()
        };
        self.fetch_from(&kinds(self, Exists::Yes));
        // To ask for what is not there closes the channel, so that nothing is asked behind it.
        for kind in kinds(self, Exists::Perhaps) {
            self.play(&Operation::Declare(
                FIRST,
                Queue::of_kind(kind),
                Form::Passive,
            ));
            if self.speaks_on(FIRST) {
                self.fetch_from(&[kind]);
            }
        }
    }

    /// Fetches from each of some queues until there is nothing in any of them.
    fn fetch_from(&mut self, kinds: &[usize]) {
        let fetched = |player: &Self| {
            player.clients[FIRST.slot]
                .as_ref()
                .map_or(0, |it| it.fetched)
        };
        loop {
            let before = fetched(self);
            for kind in kinds {
                self.begin(&Operation::Get {
                    at: FIRST,
                    queue: Queue::of_kind(*kind),
                    no_ack: true,
                });
            }
            self.go_on();
            if fetched(self) == before {
                break;
            }
        }
    }

    /// Deletes everything, which leaves nothing that would be held.
    fn delete_all(&mut self) {
        for kind in 0..KINDS.len() {
            let delete = Operation::Delete {
                at: FIRST,
                queue: Queue::of_kind(kind),
                if_unused: false,
                if_empty: false,
                no_wait: false,
            };
            match self.ledger.is_left(kind) {
                Exists::Yes => self.begin(&delete),
                // To delete what is not there closes the channel.
                Exists::Perhaps => self.play(&delete),
                Exists::No => {}
            }
        }
        for exchange in std::mem::take(&mut self.ledger.exchanges) {
            self.play(&Operation::DeleteExchange {
                at: FIRST,
                exchange,
                if_unused: false,
            });
        }
        self.go_on();
        self.cut(FIRST.slot);
        self.go_on();
        assert!(
            self.ledger.is_lost || self.ledger.has_lasting_bindings || self.broker.octets() == 0,
            "{} octets are held though nothing is left",
            self.broker.octets()
        );
    }

    /// Whether there is an open channel.
    fn speaks_on(&self, at: At) -> bool {
        let client = self.clients[at.slot].as_ref();
        client.is_some_and(|it| it.channels[usize::from(at.channel)].phase == Phase::Open)
    }
}
