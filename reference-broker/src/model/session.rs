//! One conversation with the model: its windows, its consumers, and what it has not yet settled.

use std::collections::BTreeMap;

use mqspec_codec::ShortStr;
use smallvec::SmallVec;

use super::consumer::ConsumerId;
use super::queue::{Back, QueueId};
use super::ready::Entry;
use super::transaction::Transaction;
use super::window::{Outstanding, Window};
use super::{Refusal, VirtualHost};

/// What exclusive queues belong to, and what `no-local` means: a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner(pub(crate) u64);

/// A session while it is open. Never used again afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SessionId(pub(super) u64);

#[derive(Debug)]
pub(super) struct Session {
    pub(super) owner: Owner,
    pub(super) label: u16,
    /// Whose name its messages may carry (UID-01).
    pub(super) user: String,
    /// Whether the client wants deliveries at present (`channel.flow`).
    pub(super) active: bool,
    pub(super) mode: Mode,
    pub(super) consumers: BTreeMap<ShortStr, ConsumerId>,
    /// What each consumer starts with from now on.
    pub(super) consumer_window: Window,
    /// What all consumers share.
    pub(super) window: Window,
    pub(super) outstanding: Outstanding,
    /// What was delivered and not yet settled, by delivery tag.
    pub(super) unsettled: BTreeMap<u64, Unsettled>,
    /// Where the replies go that it waits for; there is no such queue any more when it no longer does.
    pub(super) replies: Option<QueueId>,
    last_tag: u64,
}

/// What becomes of what the session publishes and settles.
#[derive(Debug, Default)]
pub(super) enum Mode {
    /// It takes effect at once.
    #[default]
    Plain,
    /// It is held until commit.
    Transactional(Transaction),
    /// It takes effect at once, and publishes are numbered and acknowledged.
    Confirming {
        /// How many have been published since.
        published: u64,
    },
}

/// A delivery that may still come back.
#[derive(Debug)]
pub(super) struct Unsettled {
    pub(super) queue: QueueId,
    /// Whom it was delivered to; nobody if it was fetched.
    pub(super) consumer: Option<ConsumerId>,
    pub(super) entry: Entry,
}

/// Deliveries by rising tags; most often there is one.
pub(super) type Deliveries = SmallVec<[(u64, Unsettled); 1]>;

impl Session {
    fn new(owner: Owner, label: u16, user: &str) -> Self {
        Self {
            owner,
            label,
            user: user.to_owned(),
            active: true,
            mode: Mode::Plain,
            consumers: BTreeMap::new(),
            consumer_window: Window::default(),
            window: Window::default(),
            outstanding: Outstanding::default(),
            unsettled: BTreeMap::new(),
            replies: None,
            last_tag: 0,
        }
    }

    /// The tag of the next delivery: from 1, rising by one (DOC-18, `domain.delivery-tag.non-zero`).
    pub(super) fn next_tag(&mut self) -> u64 {
        self.last_tag += 1;
        self.last_tag
    }

    #[cfg(any(feature = "fuzzing", test))]
    pub(super) fn last_tag(&self) -> u64 {
        self.last_tag
    }

    /// Takes the deliveries that a tag means out of the unsettled ones: one, or with `multiple` all
    /// up to it; 0 with `multiple` means all there are (DOC-12).
    pub(super) fn take_unsettled(
        &mut self,
        tag: u64,
        multiple: bool,
    ) -> Result<Deliveries, Refusal> {
        if tag == 0 && multiple {
            return Ok(std::mem::take(&mut self.unsettled).into_iter().collect());
        }
        // The tag itself has to be outstanding, with `multiple` too (`basic.ack.multiple.exists`).
        let Some(delivery) = self.unsettled.remove(&tag) else {
            return Err(Refusal::NoDelivery(tag));
        };
        let mut taken = Deliveries::new();
        if multiple {
            let later = self.unsettled.split_off(&tag);
            taken.extend(std::mem::replace(&mut self.unsettled, later));
        }
        taken.push((tag, delivery));
        Ok(taken)
    }
}

impl VirtualHost {
    /// Begins a conversation. The label means nothing here; it stands on what the session is sent.
    pub(crate) fn open_session(&mut self, owner: Owner, label: u16, user: &str) -> SessionId {
        let id = SessionId(self.next_number());
        self.sessions.insert(id, Session::new(owner, label, user));
        id
    }

    /// Ends a conversation: what it had not committed is forgotten, its consumers are gone, and what
    /// it had not settled is back in its queues (CHN-01, DOC-23).
    pub(crate) fn close_session(&mut self, id: SessionId) {
        self.forget_transaction(id);
        let Some(mut session) = self.sessions.remove(id) else {
            return;
        };
        for consumer in std::mem::take(&mut session.consumers).into_values() {
            self.remove_consumer(consumer);
        }
        let mut back = Back::default();
        for Unsettled { queue, entry, .. } in session.unsettled.into_values().rev() {
            self.put_back(queue, entry.returned(), &mut back);
        }
        self.trim_all(back);
    }

    /// Sets what all consumers of the session share.
    pub(crate) fn limit_session(&mut self, id: SessionId, window: Window) {
        self.sessions.at(id).window = window;
        self.wake_session(id);
    }

    /// Sets what each consumer that the session starts from now on may have outstanding.
    pub(crate) fn limit_consumers(&mut self, id: SessionId, window: Window) {
        self.sessions.at(id).consumer_window = window;
    }

    /// Lets the session have deliveries, or not (CHN-07). Fetching is not affected (CHN-08).
    pub(crate) fn set_active(&mut self, id: SessionId, active: bool) {
        self.sessions.at(id).active = active;
        self.wake_session(id);
    }

    /// Holds back every delivery to an owner who does not keep up, or lets them go on.
    pub(crate) fn set_congested(&mut self, owner: Owner, congested: bool) {
        if congested {
            self.congested.insert(owner);
        } else if self.congested.remove(&owner) {
            for id in self.sessions.of(owner) {
                self.wake_session(id);
            }
        }
    }

    /// Takes leave of an owner whose sessions are closed: deletes the queues exclusive to it (CON-15).
    pub(crate) fn release(&mut self, owner: Owner) {
        self.congested.remove(&owner);
        let theirs = (owner, QueueId::FIRST)..=(owner, QueueId::LAST);
        while let Some((_, id)) = self.exclusive.range(theirs.clone()).next() {
            self.remove_queue(*id);
        }
    }

    pub(super) fn wake_session(&mut self, id: SessionId) {
        let consumers: Vec<ConsumerId> = self.sessions.at(id).consumers.values().copied().collect();
        for consumer in consumers {
            self.wake_consumer(consumer);
        }
    }
}

/// The sessions that are open.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<SessionId, Session>);

impl Sessions {
    fn insert(&mut self, id: SessionId, session: Session) {
        self.0.insert(id, session);
    }

    fn remove(&mut self, id: SessionId) -> Option<Session> {
        self.0.remove(&id)
    }

    fn of(&self, owner: Owner) -> Vec<SessionId> {
        self.0
            .iter()
            .filter(|(_, session)| session.owner == owner)
            .map(|(id, _)| *id)
            .collect()
    }

    #[cfg(any(feature = "fuzzing", test))]
    pub(super) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.0.values()
    }

    #[cfg(any(feature = "fuzzing", test))]
    pub(super) fn get(&self, id: SessionId) -> Option<&Session> {
        self.0.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.0.get_mut(&id)
    }

    /// # Panics
    /// If the session is not open. Front ends name no other: an id comes from
    /// [`VirtualHost::open_session`] and is let go of with [`VirtualHost::close_session`].
    pub(super) fn at(&mut self, id: SessionId) -> &mut Session {
        self.0
            .get_mut(&id)
            .expect("a session is spoken for only while it is open")
    }
}
