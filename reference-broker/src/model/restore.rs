//! How what has survived comes back.

use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

use super::binding::Destination;
use super::journal::{self, Carried, Journal, Kept, Record, RecordId};
use super::message::{Content, Message};
use super::queue::{self, QueueId};
use super::session::Owner;
use super::{Refusal, VirtualHost};

/// What is restored was published on a connection of long ago: no connection has this number.
const NOBODY: Owner = Owner(0);

/// A record as it was stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) id: RecordId,
    pub(crate) record: Record,
    /// Whether the message of an entry has been delivered.
    pub(crate) delivered: bool,
}

/// What has survived does not fit the broker as it is configured now.
#[derive(Debug, Error)]
#[error("record {} cannot be restored: {refusal}", .id.0)]
pub(crate) struct Unrestorable {
    id: RecordId,
    refusal: Refusal,
}

/// What later records refer to by its number.
#[derive(Debug, Default)]
struct Known {
    queues: HashMap<RecordId, QueueId>,
    messages: HashMap<RecordId, Arc<Message>>,
}

impl VirtualHost {
    /// Brings back everything that has survived, in the order of the records' numbers, which is the
    /// order in which it was made. Whatever is durable is recorded from now on. What no client could
    /// reach any more (a message of a deleted queue) is let go of.
    pub(crate) fn restore(
        &mut self,
        records: Vec<Stored>,
        journal: Journal,
    ) -> Result<(), Unrestorable> {
        let mut known = Known::default();
        for Stored {
            id,
            record,
            delivered,
        } in records
        {
            let kept = journal.restored(id, delivered);
            self.restore_record(record, kept, delivered, &mut known)
                .map_err(|refusal| Unrestorable { id, refusal })?;
        }
        self.set_journal(journal);
        Ok(())
    }

    fn restore_record(
        &mut self,
        record: Record,
        kept: Kept,
        delivered: bool,
        known: &mut Known,
    ) -> Result<(), Refusal> {
        match record {
            Record::Exchange { name, settings } => {
                self.declare_exchange(&name, settings)?;
                if let Some(exchange) = self.exchanges.get_mut(&name) {
                    exchange.kept = Some(kept);
                }
            }
            Record::Queue { name, settings } => {
                // No name that the broker has made up before is made up again.
                if let Some(number) = queue::made_up_number(&name) {
                    self.skip_numbers(number);
                }
                let id = self.add_queue(None, "", &name, settings)?;
                known.queues.insert(kept.id(), id);
                if let Some(queue) = self.queues.get_mut(&id) {
                    queue.kept = Some(kept);
                }
            }
            Record::Binding {
                source,
                destination,
                key,
                arguments,
            } => {
                let destination = match destination {
                    journal::Destination::Exchange(name) => Destination::Exchange(name),
                    journal::Destination::Queue(name) => {
                        let id = self.queue_ids.get(&name);
                        Destination::Queue(*id.ok_or(Refusal::NoQueue(name))?)
                    }
                };
                self.bind(&source, destination, &key, &arguments)?;
                if let Some(exchange) = self.exchanges.get_mut(&source) {
                    exchange.bindings.keep_last(&key, kept);
                }
            }
            Record::Message(content) => {
                let id = kept.id();
                let mut message = self.restored_message(content)?;
                message.kept = Some(kept);
                known.messages.insert(id, Arc::new(message));
            }
            Record::Entry {
                queue,
                message,
                expiry,
            } => {
                let message = match message {
                    Carried::Shared(id) => known.messages.get(&id).cloned(),
                    Carried::Here(content) => Some(Arc::new(self.restored_message(content)?)),
                };
                let (now, epoch) = (self.now, self.epoch);
                if let Some(id) = known.queues.get(&queue)
                    && let Some(queue) = self.queues.get_mut(id)
                    && let Some(message) = message
                {
                    let mut entry = queue.new_entry(message, now);
                    entry.redelivered = delivered;
                    entry.expiry = expiry.map(|time| time.saturating_sub(epoch));
                    entry.kept = Some(Box::new(kept));
                    self.put(*id, entry);
                }
            }
        }
        Ok(())
    }

    fn restored_message(&self, content: Content) -> Result<Message, Refusal> {
        let charge = self.hold(content.parts())?;
        let properties = content.properties.decode();
        let mut message = Message::new(content, &properties, NOBODY, charge)?;
        message.charge_entries(1);
        Ok(message)
    }
}
