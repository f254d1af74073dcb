//! The way out: from the queues to consumers, and to whoever fetches.

use std::sync::Arc;

use mqspec_codec::ShortStr;

use super::consumer::ConsumerId;
use super::message::Message;
use super::queue::{Queue, QueueId, count};
use super::ready::Place;
use super::session::{Owner, SessionId, Unsettled};
use super::{Refusal, VirtualHost};

/// A message on its way to a consumer.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) owner: Owner,
    pub(crate) label: u16,
    pub(crate) consumer_tag: ShortStr,
    pub(crate) tag: u64,
    pub(crate) redelivered: bool,
    pub(crate) message: Arc<Message>,
}

/// A message on its way to whoever asked for it.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) tag: u64,
    pub(crate) redelivered: bool,
    pub(crate) message: Arc<Message>,
    /// How many messages still wait.
    pub(crate) remaining: u32,
}

impl VirtualHost {
    /// The next message that somebody is to be delivered, if there is one. Queues take turns, and so
    /// do the consumers of a queue.
    pub(crate) fn next_delivery(&mut self) -> Option<Delivery> {
        loop {
            let Some(&id) = self.awake.front() else {
                if self.forward_dead_letter() {
                    continue;
                }
                return None;
            };
            let delivery = self.deliver_from(id);
            self.awake.pop_front();
            if let Some(queue) = self.queues.get_mut(&id) {
                queue.awake = delivery.is_some();
                if queue.awake {
                    self.awake.push_back(id);
                }
            }
            if delivery.is_some() {
                return delivery;
            }
            self.rest(id);
        }
    }

    /// Nobody takes anything from a queue for the time being: what may not wait leaves it. So what
    /// expires at once, or would not fit, is delivered if somebody is there to take it (TTL-02).
    fn rest(&mut self, id: QueueId) {
        let now = self.now;
        self.trim(id);
        self.expire(id, |expiry| expiry <= now);
        self.schedule(id);
    }

    /// Takes the first message that is ready. Windows, `channel.flow` and what a session has refused
    /// do not matter to one who asks (DOC-11, CHN-08).
    pub(crate) fn fetch(
        &mut self,
        session_id: SessionId,
        queue_name: &ShortStr,
        no_ack: bool,
    ) -> Result<Option<Fetched>, Refusal> {
        let owner = self.sessions.at(session_id).owner;
        let (queue_id, _) = self.accessible_queue(owner, queue_name)?;
        self.use_queue(queue_id);
        let queue = self.queues.get_mut(&queue_id);
        let Some(mut entry) = queue.and_then(|queue| queue.ready.pop_first()) else {
            return Ok(None);
        };
        // The next one may have expired behind it.
        self.rest(queue_id);
        let waiting = |queue: &Queue| count(queue.ready.len());
        let remaining = self.queues.get(&queue_id).map_or(0, waiting);
        let session = self.sessions.at(session_id);
        let tag = session.next_tag();
        let fetched = Fetched {
            tag,
            redelivered: entry.redelivered,
            message: Arc::clone(&entry.message),
            remaining,
        };
        if !no_ack {
            entry.mark_delivered();
            session.unsettled.insert(
                tag,
                Unsettled {
                    queue: queue_id,
                    consumer: None,
                    entry,
                },
            );
        }
        Ok(Some(fetched))
    }

    fn deliver_from(&mut self, id: QueueId) -> Option<Delivery> {
        let now = self.now;
        self.expire(id, |expiry| expiry < now);
        let consumers = self.queues.get(&id)?.consumers.len();
        let (consumer, place) = (0..consumers).find_map(|turn| {
            let consumer = self.queues.get(&id)?.consumers.candidate(turn)?;
            Some((consumer, self.next_for(consumer)?))
        })?;
        self.queues.get_mut(&id)?.consumers.served(consumer);
        self.deliver(id, place, consumer)
    }

    /// Where the next message for a consumer stands, if the consumer can have it now.
    fn next_for(&mut self, id: ConsumerId) -> Option<Place> {
        let consumer = self.consumers.get_mut(&id)?;
        let session = self.sessions.at(consumer.session);
        if !session.active || self.congested.contains(&session.owner) {
            return None;
        }
        let ready = &self.queues.get(&consumer.queue)?.ready;
        let next = ready
            .from(consumer.looked_to)
            .find(|entry| entry.may_go_to(id, consumer));
        consumer.looked_to = next.map_or(Place::LAST, |entry| entry.place);
        let entry = next?;
        // Windows are for what will be settled (DOC-14).
        let octets = entry.message.octets();
        let admitted = consumer.no_ack
            || consumer.window.admits(consumer.outstanding, octets)
                && session.window.admits(session.outstanding, octets);
        admitted.then_some(entry.place)
    }

    fn deliver(&mut self, id: QueueId, place: Place, consumer_id: ConsumerId) -> Option<Delivery> {
        let consumer = self.consumers.get_mut(&consumer_id)?;
        let session = self.sessions.at(consumer.session);
        let mut entry = self.queues.get_mut(&id)?.ready.remove(place)?;
        let delivery = Delivery {
            owner: session.owner,
            label: session.label,
            consumer_tag: consumer.tag.clone(),
            tag: session.next_tag(),
            redelivered: entry.redelivered,
            message: Arc::clone(&entry.message),
        };
        if !consumer.no_ack {
            let octets = entry.message.octets();
            consumer.outstanding.add(octets);
            session.outstanding.add(octets);
            entry.mark_delivered();
            let unsettled = Unsettled {
                queue: id,
                consumer: Some(consumer_id),
                entry,
            };
            session.unsettled.insert(delivery.tag, unsettled);
        }
        Some(delivery)
    }
}
