//! Queues: declare, purge, delete, and the order in which messages wait.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use mqspec_codec::{FieldTable, ShortStr};

use super::account::Charge;
use super::binding::Destination;
use super::consumer::{Consumer, ConsumerId};
use super::exchange::{detached, same_pairs};
use super::message::{Level, Message};
use super::session::{Owner, SessionId};
use super::virtual_host::Cancelled;
use super::{Refusal, VirtualHost, names};

/// A queue while it exists. One declared later under the same name has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueId(u64);

/// What a client says when it declares a queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct QueueSettings {
    pub(crate) durable: bool,
    pub(crate) exclusive: bool,
    pub(crate) auto_delete: bool,
    pub(crate) arguments: FieldTable,
}

/// What a client is told of a queue (DOC-03, DOC-04).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueStatus {
    pub(crate) name: ShortStr,
    /// Messages that wait to be delivered; not those that wait to be settled.
    pub(crate) messages: u32,
    pub(crate) consumers: u32,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) name: ShortStr,
    durable: bool,
    pub(super) auto_delete: bool,
    arguments: FieldTable,
    /// Whom the queue is exclusive to.
    pub(super) owner: Option<Owner>,
    pub(super) ready: BTreeMap<Place, Entry>,
    /// Those to be served, the next one first.
    pub(super) consumers: VecDeque<ConsumerId>,
    pub(super) exclusive_consumer: Option<ConsumerId>,
    /// Whether the queue stands in the list of those that may have something for somebody.
    pub(super) awake: bool,
    last_number: u64,
    /// What the queue takes by itself.
    _charge: Charge,
}

/// Where a message stands in its queue, for as long as it belongs to it: first by level, then in
/// the order of arrival (`basic.06`, `basic.08`, ORD-01). It returns to the same place (ORD-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    level: Level,
    number: u64,
}

impl Place {
    /// Before every message.
    pub(super) const FIRST: Self = Self {
        level: Level::High,
        number: 0,
    };
    /// Behind every message.
    pub(super) const LAST: Self = Self {
        level: Level::Low,
        number: u64::MAX,
    };
}

/// One message in one queue.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) message: Arc<Message>,
    pub(super) redelivered: bool,
    /// Sessions that gave it back and are not to get it again (`basic.reject.requeue.01`).
    refused_by: Vec<SessionId>,
    /// The only consumer to get it, for as long as that one is there.
    reserved_for: Option<ConsumerId>,
}

impl Entry {
    /// On its way back, for whoever is next (`domain.redelivered.implementation`).
    pub(super) fn returned(self) -> Self {
        Self {
            redelivered: true,
            reserved_for: None,
            ..self
        }
    }

    /// On its way back, for anybody but the session that refuses it.
    pub(super) fn refused_by(mut self, session: SessionId) -> Self {
        if !self.refused_by.contains(&session) {
            self.refused_by.push(session);
        }
        self.returned()
    }

    /// On its way back to whom it came from.
    pub(super) fn reserved_for(self, consumer: ConsumerId) -> Self {
        Self {
            reserved_for: Some(consumer),
            ..self.returned()
        }
    }

    pub(super) fn may_go_to(&self, id: ConsumerId, consumer: &Consumer) -> bool {
        self.reserved_for.is_none_or(|only| only == id)
            && !self.refused_by.contains(&consumer.session)
            && consumer.not_from != Some(self.message.publisher)
    }
}

impl Queue {
    pub(super) fn status(&self) -> QueueStatus {
        QueueStatus {
            name: self.name.clone(),
            messages: count(self.ready.len()),
            consumers: count(self.consumers.len()),
        }
    }

    /// The first attribute in which a declaration differs (`queue.declare.passive.equivalent`).
    fn difference(&self, declared: &QueueSettings) -> Option<&'static str> {
        [
            (self.durable == declared.durable, "durable"),
            (self.owner.is_some() == declared.exclusive, "exclusive"),
            (self.auto_delete == declared.auto_delete, "auto-delete"),
            (
                same_pairs(&self.arguments, &declared.arguments),
                "arguments",
            ),
        ]
        .into_iter()
        .find_map(|(same, attribute)| (!same).then_some(attribute))
    }

    /// The entry of a message that is new to the queue.
    pub(super) fn new_entry(&mut self, message: Arc<Message>) -> Entry {
        self.last_number += 1;
        Entry {
            place: Place {
                level: message.level,
                number: self.last_number,
            },
            message,
            redelivered: false,
            refused_by: Vec::new(),
            reserved_for: None,
        }
    }

    /// Frees what was reserved for a consumer that has gone.
    pub(super) fn free_reserved(&mut self, consumer: ConsumerId) {
        for entry in self.ready.values_mut() {
            entry.reserved_for.take_if(|only| *only == consumer);
        }
    }
}

/// A number of things as the protocol counts them.
pub(super) fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

impl VirtualHost {
    /// Makes sure that a queue is there and is as described. An empty name asks for a new one
    /// (`queue.declare.queue.default-name`).
    pub(crate) fn declare_queue(
        &mut self,
        owner: Owner,
        name: &ShortStr,
        settings: QueueSettings,
    ) -> Result<QueueStatus, Refusal> {
        names::check(self.names, name)?;
        names::check_fields(self.names, &settings.arguments)?;
        if self.queue_ids.contains_key(name) {
            // Whose it is matters before what it is.
            let (_, queue) = self.accessible_queue(owner, name)?;
            return match queue.difference(&settings) {
                Some(attribute) => Err(Refusal::QueueDiffers(name.clone(), attribute)),
                None => Ok(queue.status()),
            };
        }
        names::check_free(name)?;
        if self.queues.len() >= self.limits.queues {
            return Err(Refusal::Full("queues"));
        }
        let charge = self.hold(name.len() + settings.arguments.as_bytes().len())?;
        let number = self.next_number();
        let queue = Queue {
            name: if name.is_empty() {
                ShortStr::truncated(&format!("amq.gen-{number}"))
            } else {
                name.detached()
            },
            durable: settings.durable,
            auto_delete: settings.auto_delete,
            arguments: detached(&settings.arguments),
            owner: settings.exclusive.then_some(owner),
            ready: BTreeMap::new(),
            consumers: VecDeque::new(),
            exclusive_consumer: None,
            awake: false,
            last_number: 0,
            _charge: charge,
        };
        let status = queue.status();
        self.queue_ids.insert(queue.name.clone(), QueueId(number));
        self.queues.insert(QueueId(number), queue);
        Ok(status)
    }

    /// Says what a queue holds, and looks at nothing but its name (DOC-06).
    pub(crate) fn find_queue(&self, owner: Owner, name: &ShortStr) -> Result<QueueStatus, Refusal> {
        names::check(self.names, name)?;
        let (_, queue) = self.accessible_queue(owner, name)?;
        Ok(queue.status())
    }

    /// Drops the messages that wait, and tells how many they were. Those delivered and not settled
    /// may still come back (`queue.purge.02`).
    pub(crate) fn purge_queue(&mut self, owner: Owner, name: &ShortStr) -> Result<u32, Refusal> {
        let (id, _) = self.accessible_queue(owner, name)?;
        let waiting = self
            .queues
            .get_mut(&id)
            .map(|queue| std::mem::take(&mut queue.ready));
        Ok(waiting.map_or(0, |ready| count(ready.len())))
    }

    /// Removes a queue, its bindings and its consumers (EXT-07, DOC-26), and tells how many messages
    /// were waiting.
    pub(crate) fn delete_queue(
        &mut self,
        owner: Owner,
        name: &ShortStr,
        if_unused: bool,
        if_empty: bool,
    ) -> Result<u32, Refusal> {
        let (id, queue) = self.accessible_queue(owner, name)?;
        if if_unused && !queue.consumers.is_empty() {
            return Err(Refusal::QueueInUse(name.clone()));
        }
        if if_empty && !queue.ready.is_empty() {
            return Err(Refusal::QueueNotEmpty(name.clone()));
        }
        let messages = queue.status().messages;
        self.remove_queue(id);
        Ok(messages)
    }

    /// The queue of that name, unless it is another owner's (`queue.declare.exclusive.exclusive`).
    pub(super) fn accessible_queue(
        &self,
        owner: Owner,
        name: &ShortStr,
    ) -> Result<(QueueId, &Queue), Refusal> {
        let found = self
            .queue_ids
            .get(name)
            .and_then(|id| Some((*id, self.queues.get(id)?)));
        match found {
            None => Err(Refusal::NoQueue(name.clone())),
            Some((_, queue)) if queue.owner.is_some_and(|its| its != owner) => {
                Err(Refusal::QueueLocked(name.clone()))
            }
            Some(found) => Ok(found),
        }
    }

    pub(super) fn remove_queue(&mut self, id: QueueId) {
        let Some(queue) = self.queues.remove(&id) else {
            return;
        };
        self.queue_ids.remove(&queue.name);
        self.remove_destination(Destination::Queue(id));
        for consumer in queue.consumers {
            if let Some(Consumer { session, tag, .. }) = self.consumers.remove(&consumer) {
                let Some(session) = self.sessions.get_mut(session) else {
                    continue;
                };
                session.consumers.remove(&tag);
                let (owner, label) = (session.owner, session.label);
                self.cancelled.push(Cancelled {
                    owner,
                    label,
                    consumer_tag: tag,
                });
            }
        }
    }

    /// Puts an entry in its place, where consumers that have looked further look again.
    pub(super) fn put_back(&mut self, id: QueueId, entry: Entry) {
        let Some(queue) = self.queues.get_mut(&id) else {
            return;
        };
        for consumer_id in &queue.consumers {
            if let Some(consumer) = self.consumers.get_mut(consumer_id)
                && entry.place < consumer.looked_to
                && entry.may_go_to(*consumer_id, consumer)
            {
                consumer.looked_to = entry.place;
            }
        }
        queue.ready.insert(entry.place, entry);
        self.wake(id);
    }

    /// Notes that a queue may have something for somebody.
    pub(super) fn wake(&mut self, id: QueueId) {
        if let Some(queue) = self.queues.get_mut(&id)
            && !queue.awake
        {
            queue.awake = true;
            self.awake.push_back(id);
        }
    }
}
