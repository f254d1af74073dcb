//! What a transactional session publishes and settles, held until commit (DOC-20).

use std::sync::Arc;

use super::message::Message;
use super::session::{Deliveries, Mode, SessionId};
use super::settle::Outcome;
use super::{Refusal, VirtualHost};

/// What is held, in its order.
#[derive(Debug, Default)]
pub(super) struct Transaction(Vec<Held>);

#[derive(Debug)]
enum Held {
    Publish {
        message: Box<Message>,
        mandatory: bool,
    },
    Settle {
        deliveries: Deliveries,
        outcome: Outcome,
    },
}

impl Transaction {
    pub(super) fn publish(&mut self, message: Message, mandatory: bool) {
        let message = Box::new(message);
        self.0.push(Held::Publish { message, mandatory });
    }

    pub(super) fn settle(&mut self, deliveries: Deliveries, outcome: Outcome) {
        if !deliveries.is_empty() {
            self.0.push(Held::Settle {
                deliveries,
                outcome,
            });
        }
    }
}

#[cfg(any(feature = "fuzzing", test))]
impl Transaction {
    /// What is settled, and comes into effect with commit.
    pub(super) fn settled(&self) -> impl Iterator<Item = &super::session::Unsettled> {
        let deliveries = self.0.iter().filter_map(|held| match held {
            Held::Settle { deliveries, .. } => Some(deliveries),
            Held::Publish { .. } => None,
        });
        deliveries.flatten().map(|(_, delivery)| delivery)
    }
}

/// What became of the messages of a transaction.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    /// The mandatory ones that found no queue.
    pub(crate) returned: Vec<Arc<Message>>,
    /// Whether a queue that is full did not take one of them.
    pub(crate) rejected: bool,
}

impl VirtualHost {
    /// From now on the session is transactional. To ask again changes nothing (DOC-22).
    pub(crate) fn select_transactions(&mut self, session: SessionId) -> Result<(), Refusal> {
        let mode = &mut self.sessions.at(session).mode;
        match mode {
            Mode::Plain => *mode = Mode::Transactional(Transaction::default()),
            Mode::Transactional(_) => {}
            Mode::Confirming { .. } => return Err(Refusal::Confirming),
        }
        Ok(())
    }

    /// Lets everything held take effect. The next transaction begins at once.
    pub(crate) fn commit(&mut self, session: SessionId) -> Result<Committed, Refusal> {
        let mut committed = Committed::default();
        for held in self.take_held(session)? {
            match held {
                Held::Publish { message, mandatory } => {
                    let distributed = self.distribute(*message, mandatory);
                    committed.returned.extend(distributed.returned);
                    committed.rejected |= distributed.rejected;
                }
                Held::Settle {
                    deliveries,
                    outcome,
                } => {
                    self.carry_out(session, deliveries, outcome);
                }
            }
        }
        Ok(committed)
    }

    /// Forgets everything held. What was settled is as unsettled as before, and is not delivered
    /// again (DOC-21).
    pub(crate) fn roll_back(&mut self, session: SessionId) -> Result<(), Refusal> {
        for held in self.take_held(session)? {
            if let Held::Settle { deliveries, .. } = held {
                self.sessions.at(session).unsettled.extend(deliveries);
            }
        }
        Ok(())
    }

    /// Rolls back if there is anything to roll back (DOC-23).
    pub(super) fn forget_transaction(&mut self, session: SessionId) {
        // A session that is not transactional holds nothing.
        let _ = self.roll_back(session);
    }

    fn take_held(&mut self, session: SessionId) -> Result<Vec<Held>, Refusal> {
        match self
            .sessions
            .get_mut(session)
            .map(|session| &mut session.mode)
        {
            Some(Mode::Transactional(transaction)) => Ok(std::mem::take(&mut transaction.0)),
            _ => Err(Refusal::NotTransactional),
        }
    }
}
