//! Consumers: consume and cancel.

use mqspec_codec::{FieldTable, ShortStr};

use super::account::Charge;
use super::queue::QueueId;
use super::ready::Place;
use super::reply_to::PSEUDO_QUEUE;
use super::session::{Owner, SessionId};
use super::window::{Outstanding, Window};
use super::{Refusal, VirtualHost, arguments};

/// Who comes first; where nothing is said it is 0 (CPR-02).
const PRIORITY: &str = "x-priority";

/// A consumer while it exists. One started later under the same tag has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConsumerId(u64);

#[cfg(test)]
impl ConsumerId {
    pub(super) const fn numbered(number: u64) -> Self {
        Self(number)
    }
}

/// What a client says when it starts a consumer.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConsumerSettings {
    /// Unique in the session; empty asks for one (DOC-07).
    pub(crate) tag: ShortStr,
    pub(crate) no_local: bool,
    pub(crate) no_ack: bool,
    pub(crate) exclusive: bool,
    pub(crate) arguments: FieldTable,
}

#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) session: SessionId,
    pub(super) tag: ShortStr,
    pub(super) queue: QueueId,
    pub(super) no_ack: bool,
    /// Whose messages it does not want (DOC-15).
    pub(super) not_from: Option<Owner>,
    pub(super) window: Window,
    pub(super) outstanding: Outstanding,
    /// Everything before this place in the queue is not for this consumer.
    pub(super) looked_to: Place,
    /// Whether messages may wait in the queue for this consumer alone.
    pub(super) has_reserved: bool,
    /// What the consumer takes.
    _charge: Charge,
}

impl VirtualHost {
    /// Starts a consumer and returns its tag. Its deliveries begin with the next look for some.
    pub(crate) fn consume(
        &mut self,
        session_id: SessionId,
        queue_name: &ShortStr,
        settings: ConsumerSettings,
    ) -> Result<ShortStr, Refusal> {
        if queue_name.as_str() == PSEUDO_QUEUE {
            return self.consume_replies(session_id, settings);
        }
        self.check_tag(session_id, &settings.tag)?;
        let owner = self.sessions.at(session_id).owner;
        let (queue_id, queue) = self.accessible_queue(owner, queue_name)?;
        if queue.exclusive_consumer.is_some() {
            return Err(Refusal::ExclusivelyConsumed(queue_name.clone()));
        }
        if settings.exclusive && !queue.consumers.is_empty() {
            return Err(Refusal::SharedlyConsumed(queue_name.clone()));
        }
        if settings.exclusive && queue.consumers.is_single() {
            return Err(Refusal::SingleActiveConsumer(queue_name.clone()));
        }
        self.consume_from(session_id, queue_id, settings)
    }

    /// Starts a consumer that nothing about its queue or its tag forbids.
    pub(super) fn consume_from(
        &mut self,
        session_id: SessionId,
        queue_id: QueueId,
        settings: ConsumerSettings,
    ) -> Result<ShortStr, Refusal> {
        let priority = arguments::integer(&settings.arguments, PRIORITY)?.unwrap_or(0);
        let session = self.sessions.at(session_id);
        let (owner, window) = (session.owner, session.consumer_window);
        if self.consumers.len() >= self.limits.consumers {
            return Err(Refusal::Full("consumers"));
        }
        let charge = self.hold([settings.tag.len()])?;
        let id = ConsumerId(self.next_number());
        let tag = if settings.tag.is_empty() {
            self.unused_tag(session_id)
        } else {
            settings.tag.clone()
        };
        self.sessions
            .at(session_id)
            .consumers
            .insert(tag.clone(), id);
        self.consumers.insert(
            id,
            Consumer {
                session: session_id,
                tag: tag.clone(),
                queue: queue_id,
                no_ack: settings.no_ack,
                not_from: settings.no_local.then_some(owner),
                window,
                outstanding: Outstanding::default(),
                looked_to: Place::FIRST,
                has_reserved: false,
                _charge: charge,
            },
        );
        if let Some(queue) = self.queues.get_mut(&queue_id) {
            queue.consumers.add(id, priority);
            queue.exclusive_consumer = settings.exclusive.then_some(id);
        }
        self.wake(queue_id);
        Ok(tag)
    }

    /// Stops a consumer. What it has been delivered stays unsettled (DOC-09). That there is none such
    /// is no failure: its queue may have gone in the meantime (`basic.cancel.01`).
    pub(crate) fn cancel(&mut self, session: SessionId, tag: &ShortStr) {
        if let Some(id) = self.sessions.at(session).consumers.remove(tag) {
            self.remove_consumer(id);
        }
    }

    /// Removes a consumer that its session no longer knows, and with the last one a queue that
    /// deletes itself (DOC-05).
    pub(super) fn remove_consumer(&mut self, id: ConsumerId) {
        let Some(consumer) = self.consumers.remove(&id) else {
            return;
        };
        let Some(queue) = self.queues.get_mut(&consumer.queue) else {
            return;
        };
        queue.consumers.remove(id);
        queue.exclusive_consumer.take_if(|its| *its == id);
        if queue.auto_delete && queue.consumers.is_empty() {
            return self.remove_queue(consumer.queue);
        }
        if consumer.has_reserved {
            queue.ready.free_reserved(id);
            for other in queue.consumers.iter() {
                if let Some(other) = self.consumers.get_mut(&other) {
                    other.looked_to = Place::FIRST;
                }
            }
        }
        self.use_queue(consumer.queue);
        self.schedule(consumer.queue);
        // It may have kept the others from being served.
        self.wake(consumer.queue);
    }

    pub(super) fn wake_consumer(&mut self, id: ConsumerId) {
        if let Some(queue) = self.consumers.get(&id).map(|consumer| consumer.queue) {
            self.wake(queue);
        }
    }

    /// A tag belongs to one session (DOC-08), and to one consumer in it (`basic.consume.consumer-tag.01`).
    pub(super) fn check_tag(&mut self, session: SessionId, tag: &ShortStr) -> Result<(), Refusal> {
        match self.sessions.at(session).consumers.contains_key(tag) {
            true => Err(Refusal::TagInUse(tag.clone())),
            false => Ok(()),
        }
    }

    fn unused_tag(&mut self, session: SessionId) -> ShortStr {
        loop {
            let tag = ShortStr::truncated(&format!("amq.ctag-{}", self.next_number()));
            if !self.sessions.at(session).consumers.contains_key(&tag) {
                return tag;
            }
        }
    }
}
