//! The way in: from a session to the queues.

use std::sync::Arc;

use super::message::{Content, Message};
use super::session::{Mode, SessionId};
use super::{Refusal, VirtualHost};

/// What became of a message, as far as its publisher wants to know.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// The message, if it was mandatory and no queue took it (`basic.publish.mandatory.01`).
    pub(crate) returned: Option<Arc<Message>>,
    /// Its number, if the session confirms what is published.
    pub(crate) confirmed: Option<u64>,
}

impl VirtualHost {
    /// Takes a message over, or holds it until commit.
    pub(crate) fn publish(
        &mut self,
        session_id: SessionId,
        content: Content,
        mandatory: bool,
    ) -> Result<Published, Refusal> {
        if self.exchange(&content.exchange)?.internal {
            return Err(Refusal::ExchangeInternal(content.exchange));
        }
        let charge = self.hold(content.cost())?;
        let session = self.sessions.at(session_id);
        let message = Message::new(content, session.owner, charge);
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
        // Every queue has the message before this returns, so the confirmation may follow at once
        // (`confirm.all-queues`), behind the return if there is one (`confirm.unroutable-messages`).
        let returned = self.distribute(message, mandatory);
        Ok(Published {
            returned,
            confirmed,
        })
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
    /// not.
    pub(super) fn distribute(
        &mut self,
        mut message: Message,
        mandatory: bool,
    ) -> Option<Arc<Message>> {
        let queues = self.route(&message.content);
        message.charge_entries(queues.len());
        let message = Arc::new(message);
        for id in &queues {
            if let Some(queue) = self.queues.get_mut(id) {
                let entry = queue.new_entry(Arc::clone(&message));
                self.put_back(*id, entry);
            }
        }
        (mandatory && queues.is_empty()).then_some(message)
    }
}
