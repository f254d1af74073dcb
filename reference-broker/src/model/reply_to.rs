//! Replies without a queue of one's own (RPY-01 to RPY-06;
//! <https://www.rabbitmq.com/docs/direct-reply-to>).
//!
//! A session that consumes [`PSEUDO_QUEUE`] may publish with this name in `reply-to`. Who gets such a message finds
//! another name there, and whatever is published to it by way of the default exchange reaches the session.
//!
//! That other name is the name of a queue like any other, but that nobody can do anything with it beyond publishing to it and
//! seeing whether it is there. It goes with its one consumer, and so with the session.

use mqspec_codec::{BasicProperties, Borrowed, ShortStr};

use super::consumer::ConsumerSettings;
use super::queue::{QueueId, QueueSettings, QueueStatus};
use super::session::SessionId;
use super::{Refusal, VirtualHost};

/// What is consumed, and put into `reply-to`.
pub(crate) const PSEUDO_QUEUE: &str = "amq.rabbitmq.reply-to";

/// What the names that others see begin with.
const PREFIX: &str = "amq.rabbitmq.reply-to.";

impl VirtualHost {
    /// Lets a session have replies. It may wait for them once, and cannot acknowledge them (RPY-02).
    /// Exclusive it is anyhow.
    pub(super) fn consume_replies(
        &mut self,
        session: SessionId,
        settings: ConsumerSettings,
    ) -> Result<ShortStr, Refusal> {
        if !settings.no_ack {
            return Err(Refusal::Replies("are not acknowledged"));
        }
        if self.reply_queue(session).is_some() {
            return Err(Refusal::Replies("have a consumer on this channel already"));
        }
        self.check_tag(session, &settings.tag)?;
        let queue_settings = QueueSettings {
            auto_delete: true,
            ..QueueSettings::default()
        };
        let id = self.add_queue(None, PREFIX, &ShortStr::default(), queue_settings)?;
        let settings = ConsumerSettings {
            tag: settings.tag,
            no_ack: true,
            ..ConsumerSettings::default()
        };
        let tag = match self.consume_from(session, id, settings) {
            Ok(tag) => tag,
            Err(refusal) => {
                self.remove_queue(id);
                return Err(refusal);
            }
        };
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.is_for_replies = true;
        }
        self.sessions.at(session).replies = Some(id);
        Ok(tag)
    }

    /// The name that leads to the publisher, if it is to take the place of the one that everybody uses
    /// (RPY-01, RPY-03).
    pub(super) fn reply_name(
        &mut self,
        session: SessionId,
        properties: &BasicProperties<Borrowed<'_>>,
    ) -> Result<Option<ShortStr>, Refusal> {
        if properties.reply_to.as_deref() != Some(PSEUDO_QUEUE) {
            return Ok(None);
        }
        let name = self
            .reply_queue(session)
            .and_then(|id| Some(self.queues.get(&id)?.name.clone()))
            .ok_or(Refusal::Replies("have no consumer on this channel"))?;
        Ok(Some(name))
    }

    /// What is told to those who declare a name that stands for replies: nothing is declared by that, but they learn
    /// whether somebody waits for them (RPY-05).
    pub(super) fn reply_status(&self, name: &ShortStr) -> Option<Result<QueueStatus, Refusal>> {
        let exists = match name.strip_prefix(PREFIX) {
            Some(_) => self.queue_ids.contains_key(name),
            None if name.as_str() == PSEUDO_QUEUE => true,
            None => return None,
        };
        let status = QueueStatus {
            name: name.clone(),
            messages: 0,
            consumers: 1,
        };
        Some(
            exists
                .then_some(status)
                .ok_or_else(|| Refusal::NoQueue(name.clone())),
        )
    }

    /// Where replies to a session go, as long as it has a consumer for them.
    fn reply_queue(&mut self, session: SessionId) -> Option<QueueId> {
        let id = self.sessions.at(session).replies?;
        self.queues.contains_key(&id).then_some(id)
    }
}
