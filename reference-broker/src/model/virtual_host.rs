//! Everything that one virtual host holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use mqspec_codec::ShortStr;

use super::Refusal;
use super::account::{Account, Charge};
use super::consumer::{Consumer, ConsumerId};
use super::dead_letter::DeadLetters;
use super::exchange::{Exchange, standard_exchanges};
use super::journal::{Journal, Kept, Record};
use super::queue::{Queue, QueueId};
use super::session::{Owner, Sessions};
use crate::{Limits, NameRule};

/// What anything costs beside its octets: an estimate, so that many small things are not free.
const COST: u64 = 256;

/// A consumer that has lost its queue, and whose it was.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub(crate) owner: Owner,
    pub(crate) label: u16,
    pub(crate) consumer_tag: ShortStr,
}

/// Exchanges, queues and conversations that know nothing of any other virtual host's
/// (`connection.open.virtual-host.separation`).
#[derive(Debug)]
pub(crate) struct VirtualHost {
    pub(super) names: NameRule,
    pub(super) limits: Limits,
    pub(super) exchanges: BTreeMap<ShortStr, Exchange>,
    pub(super) binding_count: usize,
    pub(super) queues: BTreeMap<QueueId, Queue>,
    pub(super) queue_ids: BTreeMap<ShortStr, QueueId>,
    /// Queues that are exclusive to somebody.
    pub(super) exclusive: BTreeSet<(Owner, QueueId)>,
    pub(super) sessions: Sessions,
    pub(super) consumers: BTreeMap<ConsumerId, Consumer>,
    /// Owners who do not keep up with what they are sent.
    pub(super) congested: BTreeSet<Owner>,
    /// Queues that may have something for somebody, in the order in which they are asked.
    pub(super) awake: VecDeque<QueueId>,
    /// Consumers that lost their queue, until somebody tells them.
    pub(super) cancelled: Vec<Cancelled>,
    pub(super) stored: Account,
    /// What time it is, as far as anybody has said.
    pub(super) now: Duration,
    /// The time that was at the beginning, since 1970.
    pub(super) epoch: Duration,
    /// When each queue is to be looked at for what has expired.
    pub(super) deadlines: BTreeSet<(Duration, QueueId)>,
    pub(super) dead_letters: DeadLetters,
    /// Where what is durable is recorded, if it is to survive.
    journal: Option<Journal>,
    last_number: u64,
}

impl VirtualHost {
    /// A virtual host with the standard exchanges and nothing else.
    pub(crate) fn new(names: NameRule, limits: Limits) -> Self {
        Self {
            names,
            limits,
            exchanges: standard_exchanges(),
            binding_count: 0,
            queues: BTreeMap::new(),
            queue_ids: BTreeMap::new(),
            exclusive: BTreeSet::new(),
            sessions: Sessions::default(),
            consumers: BTreeMap::new(),
            congested: BTreeSet::new(),
            awake: VecDeque::new(),
            cancelled: Vec::new(),
            stored: Account::default(),
            now: Duration::ZERO,
            epoch: Duration::ZERO,
            deadlines: BTreeSet::new(),
            dead_letters: DeadLetters::default(),
            journal: None,
            last_number: 0,
        }
    }

    /// Says what time since 1970 it was at the beginning, for those who are told when.
    pub(crate) fn set_epoch(&mut self, epoch: Duration) {
        self.epoch = epoch;
    }

    /// From now on whatever is durable is recorded, so that it can be restored.
    pub(crate) fn set_journal(&mut self, journal: Journal) {
        self.journal = Some(journal);
    }

    /// How far the changes have come that are to be stored; 0 if none are.
    pub(crate) fn position(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::position)
    }

    /// Records what is durable, if that is to survive.
    pub(super) fn keep(&self, record: impl FnOnce() -> Record) -> Option<Kept> {
        self.journal.as_ref().map(|journal| journal.keep(record()))
    }

    /// The consumers that have lost their queue since the last call.
    pub(crate) fn take_cancelled(&mut self) -> Vec<Cancelled> {
        std::mem::take(&mut self.cancelled)
    }

    /// How many octets are held.
    pub(crate) fn octets(&self) -> u64 {
        self.stored.octets()
    }

    /// Counts the octets that the parts of something new are going to take, unless there is no room for more.
    pub(super) fn hold(&self, parts: impl IntoIterator<Item = usize>) -> Result<Charge, Refusal> {
        if self.stored.octets() >= self.limits.stored {
            return Err(Refusal::Full("octets"));
        }
        let octets: usize = parts.into_iter().sum();
        Ok(self.stored.charge(octets as u64 + COST))
    }

    /// A number that was not given out before. All names that the broker invents come from here, so
    /// that the same exchange always reads the same.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number = self.coming_number();
        self.last_number
    }

    /// Makes sure that no number up to this one is given out.
    pub(super) fn skip_numbers(&mut self, last: u64) {
        self.last_number = self.last_number.max(last);
    }

    /// What the next of them is going to be.
    pub(super) fn coming_number(&self) -> u64 {
        self.last_number + 1
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mqspec_codec::{BasicProperties, FieldTable};

    use super::*;
    use crate::model::{ConsumerSettings, Content, ExchangeSettings, QueueSettings};

    fn text(text: &'static str) -> ShortStr {
        ShortStr::from_static(text)
    }

    /// A table whose one pair takes 1 + 1 + 1 octets.
    fn arguments() -> FieldTable {
        FieldTable::new()
            .with("a", mqspec_codec::FieldValue::Void)
            .expect("a legal table")
    }

    #[test]
    fn what_is_held_is_counted_and_given_back() {
        let mut host = VirtualHost::new(NameRule::Specification, Limits::default());
        let owner = Owner(1);
        let session = host.open_session(owner, 1, "guest");
        let mut before = 0;
        let mut grown = |host: &VirtualHost| {
            let now = host.stored.octets();
            now - std::mem::replace(&mut before, now)
        };

        let settings = ExchangeSettings {
            kind: text("direct"),
            arguments: arguments(),
            ..ExchangeSettings::default()
        };
        host.declare_exchange(&text("exchange"), settings)
            .expect("declared");
        assert_eq!(grown(&host), 8 + 3 + COST);
        let settings = QueueSettings {
            arguments: arguments(),
            ..QueueSettings::default()
        };
        host.declare_queue(owner, &text("queue"), settings)
            .expect("declared");
        assert_eq!(grown(&host), 5 + 3 + COST);
        host.bind_queue(
            owner,
            &text("queue"),
            &text("exchange"),
            &text("keys"),
            &arguments(),
        )
        .expect("bound");
        assert_eq!(grown(&host), 4 + 3 + COST);
        let properties = BasicProperties {
            priority: Some(1),
            ..BasicProperties::default()
        };
        let content = Content {
            exchange: text("exchange"),
            routing_key: text("keys"),
            properties: properties.into(),
            body: Bytes::from_static(b"12345").into(),
            ..Content::default()
        };
        host.publish(session, content, false).expect("published");
        // Flags and priority take three octets; a message costs more for each queue that has it.
        assert_eq!(grown(&host), 8 + 4 + 3 + 5 + COST + 128);
        let settings = ConsumerSettings {
            tag: text("tag"),
            ..ConsumerSettings::default()
        };
        host.consume(session, &text("queue"), settings)
            .expect("started");
        assert_eq!(grown(&host), 3 + COST);

        host.delete_queue(owner, &text("queue"), false, false)
            .expect("deleted");
        host.delete_exchange(&text("exchange"), false)
            .expect("deleted");
        assert_eq!(host.stored.octets(), 0);
    }
}
