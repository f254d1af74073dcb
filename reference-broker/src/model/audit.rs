//! Whether the parts of a virtual host agree, for tests. Each thing is said in two places at most, and both say the same.

use super::VirtualHost;
use super::binding::Destination;
use super::ready::Place;
use super::session::{Mode, Owner, Session};
use super::window::Outstanding;

impl VirtualHost {
    /// # Panics
    /// If they do not. To be called when there is nothing to deliver.
    pub(crate) fn audit(&self) {
        self.audit_queues();
        self.audit_sessions();
        self.audit_consumers();
        self.audit_exchanges();
        self.audit_places();
        assert!(self.cancelled.is_empty(), "somebody has not been told");
    }

    /// Whoever has anything here.
    pub(crate) fn owners(&self) -> impl Iterator<Item = Owner> {
        let exclusive = self.exclusive.iter().map(|(owner, _)| *owner);
        let listening = self.sessions.iter().map(|it| it.owner);
        exclusive
            .chain(listening)
            .chain(self.congested.iter().copied())
    }

    fn audit_queues(&self) {
        assert_eq!(self.queues.len(), self.queue_ids.len(), "queues by name");
        for (id, queue) in &self.queues {
            let name = queue.name.as_str();
            assert_eq!(self.queue_ids.get(&queue.name), Some(id), "queue '{name}'");
            queue.ready.audit();
            queue.consumers.audit();
            for consumer in queue.consumers.iter() {
                let its = self.consumers.get(&consumer).map(|it| it.queue);
                assert_eq!(its, Some(*id), "a consumer of queue '{name}'");
            }
            if let Some(exclusive) = queue.exclusive_consumer {
                let mut consumers = queue.consumers.iter();
                assert_eq!(consumers.next(), Some(exclusive), "of queue '{name}'");
                assert_eq!(consumers.next(), None, "of queue '{name}'");
            }
            if let Some(owner) = queue.owner {
                assert!(self.exclusive.contains(&(owner, *id)), "queue '{name}'");
            }
            if let Some(deadline) = queue.deadline {
                assert!(self.deadlines.contains(&(deadline, *id)), "queue '{name}'");
            }
            assert_eq!(
                queue.awake,
                self.awake.contains(id),
                "whether queue '{name}' is awake"
            );
            // What waits for a time has it noted, and not too late.
            if let Some(next) = queue.next_expiry() {
                assert!(
                    queue.deadline.is_some_and(|deadline| deadline <= next),
                    "queue '{name}' is looked at too late"
                );
            }
        }
        let exclusive = self.queues.values().filter(|it| it.owner.is_some());
        assert_eq!(self.exclusive.len(), exclusive.count(), "exclusive queues");
        let due = self.queues.values().filter(|it| it.deadline.is_some());
        assert_eq!(self.deadlines.len(), due.count(), "deadlines of queues");
    }

    fn audit_sessions(&self) {
        for session in self.sessions.iter() {
            let mut outstanding = Outstanding::default();
            for delivery in session.all_unsettled() {
                if delivery.consumer.is_some() {
                    outstanding.add(delivery.entry.message.octets());
                }
            }
            assert_eq!(session.outstanding, outstanding, "outstanding in a session");
            for tag in session.unsettled.keys() {
                assert!((1..=session.last_tag()).contains(tag), "a tag never given");
            }
            for (tag, consumer) in &session.consumers {
                let its = self.consumers.get(consumer).map(|it| &it.tag);
                assert_eq!(its, Some(tag), "a consumer of a session");
            }
        }
    }

    fn audit_consumers(&self) {
        let listed: usize = self.queues.values().map(|it| it.consumers.len()).sum();
        assert_eq!(self.consumers.len(), listed, "consumers of queues");
        let listed: usize = self.sessions.iter().map(|it| it.consumers.len()).sum();
        assert_eq!(self.consumers.len(), listed, "consumers of sessions");
        for (id, consumer) in &self.consumers {
            let Some(session) = self.sessions.get(consumer.session) else {
                panic!("a consumer whose session has gone");
            };
            let mut outstanding = Outstanding::default();
            for delivery in session.all_unsettled() {
                if delivery.consumer == Some(*id) {
                    outstanding.add(delivery.entry.message.octets());
                }
            }
            assert_eq!(
                consumer.outstanding, outstanding,
                "outstanding of a consumer"
            );
            let Some(queue) = self.queues.get(&consumer.queue) else {
                panic!("a consumer whose queue has gone");
            };
            let mut before = queue.ready.from(Place::FIRST);
            let missed = before
                .by_ref()
                .take_while(|entry| entry.place < consumer.looked_to)
                .find(|entry| entry.may_go_to(*id, consumer));
            assert!(missed.is_none(), "a consumer has looked past a message");
        }
    }

    fn audit_exchanges(&self) {
        let mut count = 0;
        for exchange in self.exchanges.values() {
            for (_, binding) in exchange.bindings.iter() {
                count += 1;
                let leads_somewhere = match &binding.destination {
                    Destination::Queue(id) => self.queues.contains_key(id),
                    Destination::Exchange(name) => self.exchanges.contains_key(name),
                };
                assert!(leads_somewhere, "a binding leads nowhere");
            }
        }
        assert_eq!(self.binding_count, count, "bindings");
    }

    /// No place of a queue is taken twice: by what waits there or by what was delivered and may come back.
    fn audit_places(&self) {
        let mut delivered = Vec::new();
        for delivery in self.sessions.iter().flat_map(Session::all_unsettled) {
            delivered.push((delivery.queue, delivery.entry.place));
            if let Some(queue) = self.queues.get(&delivery.queue) {
                let waits = queue.ready.from(delivery.entry.place).next();
                assert!(
                    waits.is_none_or(|entry| entry.place != delivery.entry.place),
                    "a message waits in '{}' and is delivered",
                    queue.name
                );
            }
        }
        delivered.sort_unstable();
        assert!(
            delivered.windows(2).all(|two| two[0] != two[1]),
            "a message is delivered twice"
        );
    }
}

impl Session {
    /// What is not settled, and what is settled in a transaction that is not over.
    fn all_unsettled(&self) -> impl Iterator<Item = &super::session::Unsettled> {
        let held = match &self.mode {
            Mode::Transactional(transaction) => Some(transaction.settled()),
            _ => None,
        };
        self.unsettled.values().chain(held.into_iter().flatten())
    }
}
