//! Done with a delivery: acknowledged, given back, or asked for again.

use super::dead_letter::Reason;
use super::ready::Entry;
use super::session::{Deliveries, Mode, SessionId, Unsettled};
use super::{Refusal, VirtualHost};

/// What a client says about what it was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done with: the message leaves its queue.
    Gone,
    /// Not wanted by anybody: the message leaves its queue as a dead letter (DLX-01).
    Rejected,
    /// Back to its place in the queue, for others than this session (`basic.reject.requeue.01`).
    Refused,
}

impl VirtualHost {
    /// Settles one delivery or, with `multiple`, all up to it; or holds that until commit. A tag that
    /// means nothing is refused at once in either case.
    pub(crate) fn settle(
        &mut self,
        session_id: SessionId,
        tag: u64,
        multiple: bool,
        outcome: Outcome,
    ) -> Result<(), Refusal> {
        let session = self.sessions.at(session_id);
        let deliveries = session.take_unsettled(tag, multiple)?;
        if let Mode::Transactional(transaction) = &mut session.mode {
            transaction.settle(deliveries, outcome);
        } else {
            self.carry_out(session_id, deliveries, outcome);
        }
        Ok(())
    }

    /// Gives everything back that the session has not settled: to whoever is next, or with
    /// `to_same` to the consumers that had it, if they are still there.
    pub(crate) fn recover(&mut self, session_id: SessionId, to_same: bool) {
        let unsettled = std::mem::take(&mut self.sessions.at(session_id).unsettled);
        for delivery in unsettled.into_values() {
            let former = delivery.consumer.filter(|_| to_same);
            match former.and_then(|id| Some((id, self.consumers.get_mut(&id)?))) {
                Some((id, consumer)) => {
                    consumer.has_reserved = true;
                    self.give_back(session_id, delivery, |entry| entry.reserved_for(id));
                }
                None => self.give_back(session_id, delivery, Entry::returned),
            }
        }
    }

    pub(super) fn carry_out(
        &mut self,
        session: SessionId,
        deliveries: Deliveries,
        outcome: Outcome,
    ) {
        for (_, delivery) in deliveries {
            match outcome {
                Outcome::Gone => self.leave_windows(session, &delivery),
                Outcome::Rejected => {
                    self.leave_windows(session, &delivery);
                    let Entry { message, kept, .. } = delivery.entry;
                    self.bury(delivery.queue, message, kept, Reason::Rejected);
                }
                Outcome::Refused => {
                    self.give_back(session, delivery, |entry| entry.refused_by(session));
                }
            }
        }
    }

    fn give_back(
        &mut self,
        session: SessionId,
        delivery: Unsettled,
        mark: impl FnOnce(Entry) -> Entry,
    ) {
        self.leave_windows(session, &delivery);
        self.put_back(delivery.queue, mark(delivery.entry));
    }

    /// Opens the windows that a delivery took room in (DOC-24). What was fetched took none.
    fn leave_windows(&mut self, session_id: SessionId, delivery: &Unsettled) {
        let Some(consumer_id) = delivery.consumer else {
            return;
        };
        let octets = delivery.entry.message.octets();
        let session = self.sessions.at(session_id);
        session.outstanding.remove(octets);
        if session.window.is_limited() {
            self.wake_session(session_id);
        }
        if let Some(consumer) = self.consumers.get_mut(&consumer_id) {
            consumer.outstanding.remove(octets);
            if consumer.window.is_limited() {
                let queue = consumer.queue;
                self.wake(queue);
            }
        }
    }
}
