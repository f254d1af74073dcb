//! Done with a delivery: acknowledged, given back, or asked for again.

use super::dead_letter::Reason;
use super::queue::Back;
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
        let mut back = Back::default();
        for delivery in unsettled.into_values().rev() {
            let former = delivery.consumer.filter(|_| to_same);
            match former.and_then(|id| Some((id, self.consumers.get_mut(&id)?))) {
                Some((id, consumer)) => {
                    consumer.has_reserved = true;
                    self.give_back(session_id, delivery, &mut back, |it| it.reserved_for(id));
                }
                None => self.give_back(session_id, delivery, &mut back, Entry::returned),
            }
        }
        self.trim_all(back);
    }

    pub(super) fn carry_out(
        &mut self,
        session: SessionId,
        deliveries: Deliveries,
        outcome: Outcome,
    ) {
        if outcome == Outcome::Refused {
            let mut back = Back::default();
            for (_, delivery) in deliveries.into_iter().rev() {
                self.give_back(session, delivery, &mut back, |it| it.refused_by(session));
            }
            return self.trim_all(back);
        }
        for (_, delivery) in deliveries {
            self.leave_windows(session, &delivery);
            if outcome == Outcome::Rejected {
                let Entry { message, kept, .. } = delivery.entry;
                self.bury(delivery.queue, message, kept, Reason::Rejected);
            }
        }
    }

    /// Puts a delivery back. Of many the last comes first: so each stands in front of what is there, and
    /// need not find its place in it.
    fn give_back(
        &mut self,
        session: SessionId,
        delivery: Unsettled,
        back: &mut Back,
        mark: impl FnOnce(Entry) -> Entry,
    ) {
        self.leave_windows(session, &delivery);
        self.put_back(delivery.queue, mark(delivery.entry), back);
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
