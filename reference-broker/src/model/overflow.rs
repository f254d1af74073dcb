//! What happens when a queue is full (MAX-01 to MAX-07). Only messages that wait count.

use std::sync::Arc;

use super::VirtualHost;
use super::arguments::Overflow;
use super::dead_letter::Reason;
use super::message::Message;
use super::queue::{Queue, QueueId};

impl Queue {
    /// Whether so many more messages and octets are more than may wait.
    fn overflows(&self, messages: u64, octets: u64) -> bool {
        let over = |most: Option<u64>, waiting: u64, more: u64| {
            most.is_some_and(|most| waiting.saturating_add(more) > most)
        };
        over(self.arguments.max_length, self.ready.len() as u64, messages)
            || over(self.arguments.max_octets, self.ready.octets(), octets)
    }

    /// Whether it holds as many messages as the operator lets wait, and drops none of them by itself.
    fn is_capped(&self, most: u64) -> bool {
        let drops = self.arguments.overflow() == Overflow::DropHead
            && self.arguments.max_length.is_some_and(|own| own <= most);
        !drops && self.ready.len() as u64 >= most
    }
}

impl VirtualHost {
    /// Whether a queue takes a message, full or not. A consumer that could have it at once makes no
    /// difference.
    pub(super) fn accepts(&mut self, id: QueueId, message: &Arc<Message>) -> bool {
        let Some(queue) = self.queues.get(&id) else {
            return true;
        };
        if queue.is_capped(self.limits.queue_length) {
            return false;
        }
        let overflow = queue.arguments.overflow();
        if overflow == Overflow::DropHead || !queue.overflows(1, message.octets()) {
            return true;
        }
        if overflow == Overflow::RejectPublishDeadLetter {
            self.bury(id, Arc::clone(message), None, Reason::MaxLen);
        }
        false
    }

    /// Drops messages from the head until those that are left may wait.
    pub(super) fn trim(&mut self, id: QueueId) {
        while let Some(queue) = self.queues.get_mut(&id)
            && queue.arguments.overflow() == Overflow::DropHead
            && queue.overflows(0, 0)
            && let Some(entry) = queue.ready.pop_first()
        {
            self.bury(id, entry.message, entry.kept, Reason::MaxLen);
        }
    }
}
