//! What time does: messages and queues that expire (TTL-01 to TTL-10, EXP-01 to EXP-04).
//!
//! A message may wait until the earlier of what its queue and its own `expiration` say. It leaves when
//! it is the first to be delivered, not before, as in RabbitMQ's classic queues: an early one behind a
//! late one waits, and counts, for as long as that one does.

use std::time::Duration;

use mqspec_codec::{BasicProperties, ShortStr, Storage};

use super::arguments::LONGEST;
use super::dead_letter::Reason;
use super::message::Message;
use super::queue::{Queue, QueueId};
use super::ready::{Entry, Place};
use super::{Refusal, VirtualHost};

/// How long a message may wait by its own account: `expiration`, in decimal milliseconds (TTL-04, TTL-05).
pub(super) fn time_to_live<S: Storage>(
    properties: &BasicProperties<S>,
) -> Result<Option<Duration>, Refusal> {
    let Some(text) = properties.expiration.as_ref().map(AsRef::as_ref) else {
        return Ok(None);
    };
    let time = text.parse().ok().map(Duration::from_millis);
    match time.filter(|time| *time <= LONGEST) {
        Some(time) => Ok(Some(time)),
        None => Err(Refusal::Expiration(ShortStr::truncated(text))),
    }
}

impl Queue {
    /// When a message that arrives now expires.
    pub(super) fn expiry(&self, message: &Message, now: Duration) -> Option<Duration> {
        let times = [self.arguments.message_ttl, message.time_to_live];
        let shortest = times.into_iter().flatten().min()?;
        Some(now.saturating_add(shortest))
    }

    /// The entries that may expire. With `x-max-priority` that is the first of all; the levels that
    /// every other queue has (`basic.06`) are none of RabbitMQ's, and do not keep each other waiting.
    fn heads(&self) -> impl Iterator<Item = &Entry> {
        let (first, separate) = match self.arguments.max_priority {
            Some(_) => (self.ready.from(Place::FIRST).next(), 0..0),
            None => (None, 0..2),
        };
        let separate = separate.filter_map(|rank| self.ready.first_in(rank));
        first.into_iter().chain(separate)
    }

    fn expired_head(&self, has_passed: impl Fn(Duration) -> bool) -> Option<Place> {
        self.heads()
            .find(|entry| entry.expiry.is_some_and(&has_passed))
            .map(|entry| entry.place)
    }

    /// When the queue itself expires: never while it has consumers.
    fn end(&self) -> Option<Duration> {
        let expires = self.arguments.expires?;
        self.consumers
            .is_empty()
            .then(|| self.last_used.saturating_add(expires))
    }

    /// When something in the queue, or all of it, expires next.
    pub(super) fn next_expiry(&self) -> Option<Duration> {
        let heads = self.heads().filter_map(|entry| entry.expiry);
        heads.chain(self.end()).min()
    }
}

impl VirtualHost {
    /// Time has passed: what has expired leaves. Says whether anything may have.
    pub(crate) fn advance(&mut self, now: Duration) -> bool {
        self.now = now;
        let mut changed = false;
        while let Some(&(deadline, id)) = self.deadlines.first()
            && deadline <= now
        {
            self.deadlines.pop_first();
            changed = true;
            let Some(queue) = self.queues.get_mut(&id) else {
                continue;
            };
            queue.deadline = None;
            // What is in an expired queue is gone with it (EXP-04).
            if queue.end().is_some_and(|end| end <= now) {
                self.remove_queue(id);
            } else {
                self.expire(id, |expiry| expiry <= now);
                self.schedule(id);
            }
        }
        while changed && self.forward_dead_letter() {}
        changed
    }

    /// When time is next to be told, and deliveries are to be asked for. It may turn out to be too
    /// early, never too late.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        if self.dead_letters.is_empty() {
            self.deadlines.first().map(|(deadline, _)| *deadline)
        } else {
            Some(self.now)
        }
    }

    /// Somebody shows that the queue is in use.
    pub(super) fn use_queue(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.last_used = self.now;
        }
    }

    /// Removes the messages at the head that have expired.
    pub(super) fn expire(&mut self, id: QueueId, has_passed: impl Fn(Duration) -> bool) {
        while let Some(queue) = self.queues.get_mut(&id)
            && let Some(place) = queue.expired_head(&has_passed)
            && let Some(entry) = queue.ready.remove(place)
        {
            self.bury(id, entry.message, entry.kept, Reason::Expired);
        }
    }

    /// Notes when to look at a queue, if that is earlier than was noted before.
    pub(super) fn schedule(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get_mut(&id)
            && let Some(next) = queue.next_expiry()
            && queue.deadline.is_none_or(|earlier| next < earlier)
        {
            if let Some(earlier) = queue.deadline.replace(next) {
                self.deadlines.remove(&(earlier, id));
            }
            self.deadlines.insert((next, id));
        }
    }
}
