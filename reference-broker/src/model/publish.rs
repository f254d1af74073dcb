//! The way in: from a session to the queues.

use std::sync::Arc;

use mqspec_codec::{BasicProperties, Borrowed, Properties};

use super::journal::{Carried, Kept, Record};
use super::message::{Content, Message};
use super::queue::QueueId;
use super::ready::Entry;
use super::routing::Routes;
use super::session::{Mode, SessionId};
use super::{Refusal, VirtualHost, extra_keys};

/// What became of a message, as far as its publisher wants to know.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// The message, if it was mandatory and no queue took it (`basic.publish.mandatory.01`).
    pub(crate) returned: Option<Arc<Message>>,
    /// Its number, if the session confirms what is published.
    pub(crate) confirmed: Option<u64>,
    /// Whether a queue that is full did not take it (CFM-02).
    pub(crate) rejected: bool,
    /// How far the store has to come until the message is safe; 0 if nobody said that it is to be.
    pub(crate) safe_at: u64,
}

/// What became of a message on its way to the queues.
#[derive(Debug)]
pub(super) struct Distributed {
    /// The message, if it had to find a queue and found none.
    pub(super) returned: Option<Arc<Message>>,
    /// Whether a queue that is full did not take it.
    pub(super) rejected: bool,
}

impl VirtualHost {
    /// Takes a message over, or holds it until commit.
    pub(crate) fn publish(
        &mut self,
        session_id: SessionId,
        mut content: Content,
        mandatory: bool,
    ) -> Result<Published, Refusal> {
        if self.exchange(&content.exchange)?.internal {
            return Err(Refusal::ExchangeInternal(content.exchange));
        }
        let came = content.properties.clone();
        let properties = came.borrowed().decode();
        self.prepare(session_id, &mut content, &properties)?;
        let charge = self.hold(content.parts())?;
        let session = self.sessions.at(session_id);
        let message = Message::new(content, &properties, session.owner, charge)?;
        let confirmed = match &mut session.mode {
            Mode::Plain => None,
            Mode::Transactional(transaction) => {
                transaction.publish(message, mandatory);
                return Ok(Published::default());
            }
            Mode::Confirming { published } => {
                *published += 1;
                Some(*published)
            }
        };
        // Every queue has the message before this returns, so the confirmation may follow
        // (`confirm.all-queues`), behind the return if there is one (`confirm.unroutable-messages`), and
        // once the message is where it has to be (`confirm.durable`).
        let before = self.position();
        let distributed = self.distribute(message, mandatory);
        let after = self.position();
        Ok(Published {
            returned: distributed.returned,
            confirmed,
            rejected: distributed.rejected,
            safe_at: if after == before { 0 } else { after },
        })
    }

    /// Does what the properties ask of the broker itself. Where they ask nothing they stay as they came (CNT-14).
    fn prepare(
        &mut self,
        session: SessionId,
        content: &mut Content,
        properties: &BasicProperties<Borrowed<'_>>,
    ) -> Result<(), Refusal> {
        let reply_to = self.reply_name(session, properties)?;
        // UID-01
        if let Some(user) = properties.user_id
            && user.as_str() != self.sessions.at(session).user
        {
            return Err(Refusal::UserId(user.into_owned()));
        }
        let mut seen = None;
        if properties.headers.is_some()
            && let Some(headers) = content.properties.decode().headers
        {
            content.extra_keys = extra_keys::read(&headers)?;
            seen = extra_keys::without_blind(&headers);
        }
        if reply_to.is_some() || seen.is_some() {
            let properties = content.properties.decode();
            content.properties = Properties::from(BasicProperties {
                reply_to: reply_to.or(properties.reply_to),
                headers: seen.or(properties.headers),
                ..properties
            });
        }
        Ok(())
    }

    /// From now on publishes are numbered from 1 and confirmed. To ask again changes nothing.
    pub(crate) fn select_confirms(&mut self, session: SessionId) -> Result<(), Refusal> {
        let mode = &mut self.sessions.at(session).mode;
        match mode {
            Mode::Plain => *mode = Mode::Confirming { published: 0 },
            Mode::Confirming { .. } => {}
            Mode::Transactional(_) => return Err(Refusal::Transactional),
        }
        Ok(())
    }

    /// Puts a message into every queue that takes it; gives it back if it has to find one and does
    /// not. A queue that is full has been found.
    pub(super) fn distribute(&mut self, message: Message, mandatory: bool) -> Distributed {
        let queues = self.route(&message.content);
        let to_return = mandatory && queues.is_empty();
        let (message, rejected) = self.hand_to(queues, message);
        Distributed {
            returned: to_return.then_some(message),
            rejected,
        }
    }

    /// Puts a message into these queues, and says whether one of them is too full to take it.
    pub(super) fn hand_to(&mut self, queues: Routes, mut message: Message) -> (Arc<Message>, bool) {
        message.charge_entries(queues.len());
        self.share_record(&queues, &mut message);
        let message = Arc::new(message);
        let mut rejected = false;
        for id in queues {
            if !self.accepts(id, &message) {
                rejected = true;
            } else if let Some(queue) = self.queues.get_mut(&id) {
                let mut entry = queue.new_entry(Arc::clone(&message), self.now);
                entry.kept = self.keep_entry(id, &entry);
                self.put(id, entry);
            }
        }
        (message, rejected)
    }

    /// Records a message once if several durable queues take it; otherwise its one entry carries it.
    fn share_record(&self, queues: &[QueueId], message: &mut Message) {
        let survives = |id: &&QueueId| self.queues.get(id).is_some_and(|it| it.kept.is_some());
        if message.is_persistent && queues.iter().filter(survives).nth(1).is_some() {
            let content = message.content.clone();
            message.kept = self.keep(|| Record::Message(content));
        }
    }

    /// Records that a queue holds a message, if both are to survive.
    fn keep_entry(&self, id: QueueId, entry: &Entry) -> Option<Box<Kept>> {
        let message = &entry.message;
        let queue = self.queues.get(&id)?.kept.as_ref()?.id();
        if !message.is_persistent {
            return None;
        }
        let kept = self.keep(|| Record::Entry {
            queue,
            message: match &message.kept {
                Some(shared) => Carried::Shared(shared.id()),
                None => Carried::Here(message.content.clone()),
            },
            expiry: entry.expiry.map(|after| self.epoch.saturating_add(after)),
        });
        kept.map(Box::new)
    }
}
