//! Queues: declare, purge, delete.

use std::sync::Arc;
use std::time::Duration;

use mqspec_codec::{FieldTable, ShortStr};
use smallvec::SmallVec;

use super::account::Charge;
use super::arguments::Arguments;
use super::binding::Destination;
use super::consumer::{Consumer, ConsumerId};
use super::journal::{Kept, Record};
use super::message::Message;
use super::ready::{Entry, Place, Ready};
use super::session::Owner;
use super::turns::Turns;
use super::virtual_host::Cancelled;
use super::{Refusal, VirtualHost, names};

/// What the names begin with that queues get which were declared without one.
const MADE_UP: &str = "amq.gen-";

/// A queue while it exists. One declared later under the same name has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueId(u64);

impl QueueId {
    /// Before every other.
    pub(super) const FIRST: Self = Self(0);
    /// Behind every other.
    pub(super) const LAST: Self = Self(u64::MAX);
}

/// The queues that entries have been put back into; one may be there more than once.
#[derive(Debug, Default)]
pub(super) struct Back(SmallVec<[QueueId; 4]>);

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
    /// Its record, if it is to survive: what is exclusive goes with its owner.
    pub(super) kept: Option<Kept>,
    pub(super) auto_delete: bool,
    pub(super) arguments: Arguments,
    /// Whom the queue is exclusive to.
    pub(super) owner: Option<Owner>,
    /// Whether it holds replies, so that clients can publish to it and nothing else.
    pub(super) is_for_replies: bool,
    pub(super) ready: Ready,
    pub(super) consumers: Turns,
    pub(super) exclusive_consumer: Option<ConsumerId>,
    /// Whether the queue stands in the list of those that may have something for somebody.
    pub(super) awake: bool,
    /// When somebody last showed that the queue is in use.
    pub(super) last_used: Duration,
    /// When the queue is looked at for what has expired.
    pub(super) deadline: Option<Duration>,
    last_number: u64,
    /// What the queue takes by itself.
    _charge: Charge,
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
    fn difference(&self, declared: &QueueSettings, arguments: &Arguments) -> Option<&'static str> {
        [
            (self.durable == declared.durable, "durable"),
            (self.owner.is_some() == declared.exclusive, "exclusive"),
            (self.auto_delete == declared.auto_delete, "auto-delete"),
            (self.arguments == *arguments, "arguments"),
        ]
        .into_iter()
        .find_map(|(same, attribute)| (!same).then_some(attribute))
    }

    /// The entry of a message that is new to the queue.
    pub(super) fn new_entry(&mut self, message: Arc<Message>, now: Duration) -> Entry {
        self.last_number += 1;
        let place = Place::new(self.rank(message.priority), self.last_number);
        let expiry = self.expiry(&message, now);
        Entry::new(place, message, expiry)
    }

    /// How many kinds of messages are more important. Every queue tells two levels of priority apart,
    /// 0 to 4 and 5 to 9 (`basic.06`); one that is declared with more has as many (PRI-01).
    fn rank(&self, priority: u8) -> u8 {
        match self.arguments.max_priority {
            Some(highest) => highest.saturating_sub(priority),
            None => u8::from(priority < 5),
        }
    }
}

fn made_up(prefix: &str, number: u64) -> ShortStr {
    ShortStr::truncated(&format!("{prefix}{number}"))
}

/// The number in a name that was made up for a queue.
pub(super) fn made_up_number(name: &str) -> Option<u64> {
    name.strip_prefix(MADE_UP)?.parse().ok()
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
        if let Some(status) = self.reply_status(name) {
            return status;
        }
        if self.queue_ids.contains_key(name) {
            // Whose it is matters before what it is.
            let (id, queue) = self.accessible_queue(owner, name)?;
            let arguments = Arguments::read(&settings.arguments)?;
            if let Some(attribute) = queue.difference(&settings, &arguments) {
                return Err(Refusal::QueueDiffers(name.clone(), attribute));
            }
            let status = queue.status();
            self.use_queue(id);
            return Ok(status);
        }
        names::check_free(name)?;
        let owner = settings.exclusive.then_some(owner);
        let id = self.add_queue(owner, MADE_UP, name, settings)?;
        let queue = self.queues.get(&id);
        queue
            .map(Queue::status)
            .ok_or_else(|| Refusal::NoQueue(name.clone()))
    }

    /// Whether there is a queue of that name, whosever it is.
    pub(crate) fn has_queue(&self, name: &ShortStr) -> bool {
        self.queue_ids.contains_key(name)
    }

    /// The name of the next queue that is declared without one.
    pub(crate) fn next_queue_name(&self) -> ShortStr {
        made_up(MADE_UP, self.coming_number())
    }

    /// Makes a queue. Without a name it gets one that begins with the prefix and that no other queue has.
    pub(super) fn add_queue(
        &mut self,
        owner: Option<Owner>,
        prefix: &str,
        name: &ShortStr,
        settings: QueueSettings,
    ) -> Result<QueueId, Refusal> {
        let arguments = Arguments::read(&settings.arguments)?;
        if self.queues.len() >= self.limits.queues {
            return Err(Refusal::Full("queues"));
        }
        let charge = self.hold([name.len(), settings.arguments.as_bytes().len()])?;
        let number = self.next_number();
        let id = QueueId(number);
        let name = if name.is_empty() {
            made_up(prefix, number)
        } else {
            name.clone()
        };
        let record = || Record::Queue {
            name: name.clone(),
            settings: settings.clone(),
        };
        let survives = settings.durable && owner.is_none();
        let queue = Queue {
            kept: survives.then(|| self.keep(record)).flatten(),
            name,
            durable: settings.durable,
            auto_delete: settings.auto_delete,
            consumers: Turns::new(arguments.single_active_consumer()),
            arguments,
            owner,
            is_for_replies: false,
            ready: Ready::default(),
            exclusive_consumer: None,
            awake: false,
            last_used: self.now,
            deadline: None,
            last_number: 0,
            _charge: charge,
        };
        if let Some(owner) = queue.owner {
            self.exclusive.insert((owner, id));
        }
        self.queue_ids.insert(queue.name.clone(), id);
        self.queues.insert(id, queue);
        self.schedule(id);
        Ok(id)
    }

    /// Says what a queue holds, and looks at nothing but its name (DOC-06).
    pub(crate) fn find_queue(
        &mut self,
        owner: Owner,
        name: &ShortStr,
    ) -> Result<QueueStatus, Refusal> {
        names::check(self.names, name)?;
        if let Some(status) = self.reply_status(name) {
            return status;
        }
        let (id, queue) = self.accessible_queue(owner, name)?;
        let status = queue.status();
        self.use_queue(id);
        Ok(status)
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
            Some((_, queue)) if queue.is_for_replies => Err(Refusal::NoQueue(name.clone())),
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
        if let Some(owner) = queue.owner {
            self.exclusive.remove(&(owner, id));
        }
        if let Some(deadline) = queue.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        self.remove_destination(Destination::Queue(id));
        for consumer in queue.consumers.iter() {
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
    pub(super) fn put(&mut self, id: QueueId, entry: Entry) {
        let Some(queue) = self.queues.get_mut(&id) else {
            return;
        };
        for consumer_id in queue.consumers.iter() {
            if let Some(consumer) = self.consumers.get_mut(&consumer_id)
                && entry.place < consumer.looked_to
                && entry.may_go_to(consumer_id, consumer)
            {
                consumer.looked_to = entry.place;
            }
        }
        queue.ready.insert(entry);
        self.wake(id);
    }

    /// The same for an entry that has been delivered; [`VirtualHost::trim_all`] follows the last of them.
    pub(super) fn put_back(&mut self, id: QueueId, entry: Entry, back: &mut Back) {
        self.put(id, entry);
        if back.0.last() != Some(&id) {
            back.0.push(id);
        }
    }

    /// A queue that has become full while entries were away does not wait for somebody to make room.
    pub(super) fn trim_all(&mut self, back: Back) {
        for id in back.0 {
            self.trim(id);
        }
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
