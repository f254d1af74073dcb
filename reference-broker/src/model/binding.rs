//! Bindings: what leads from an exchange to a queue or to another exchange.

use std::collections::BTreeMap;

use mqspec_codec::{FieldTable, ShortStr};

use super::account::Charge;
use super::exchange::{ExchangeType, same_pairs};
use super::headers::Pattern;
use super::journal::{self, Kept, Record};
use super::queue::QueueId;
use super::session::Owner;
use super::{Refusal, VirtualHost, names};

/// Where a binding leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Destination {
    Queue(QueueId),
    Exchange(ShortStr),
}

#[derive(Debug)]
pub(super) struct Binding {
    pub(super) destination: Destination,
    pub(super) arguments: FieldTable,
    /// What the arguments ask of a message, where the exchange is one for headers.
    pub(super) pattern: Pattern,
    /// Its record, if it is to survive: where both ends do.
    kept: Option<Kept>,
    /// What the binding takes.
    _charge: Charge,
}

/// The bindings of one exchange as the source, by binding key.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    by_key: BTreeMap<ShortStr, Vec<Binding>>,
    count: usize,
}

impl Bindings {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn with_key(&self, key: &str) -> &[Binding] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&ShortStr, &Binding)> {
        self.by_key
            .iter()
            .flat_map(|(key, bindings)| bindings.iter().map(move |one| (key, one)))
    }

    /// Notes the record of the binding that was added last under a key.
    pub(super) fn keep_last(&mut self, key: &str, kept: Kept) {
        if let Some(binding) = self.by_key.get_mut(key).and_then(|same| same.last_mut()) {
            binding.kept = Some(kept);
        }
    }

    fn contains(&self, destination: &Destination, key: &str, arguments: &FieldTable) -> bool {
        self.with_key(key)
            .iter()
            .any(|binding| binding.is(destination, arguments))
    }

    fn add(&mut self, key: &ShortStr, binding: Binding) {
        self.by_key.entry(key.clone()).or_default().push(binding);
        self.count += 1;
    }

    /// Removes what the condition says, and tells how many that were.
    fn remove(&mut self, condition: impl Fn(&ShortStr, &Binding) -> bool) -> usize {
        let before = self.count;
        self.by_key.retain(|key, bindings| {
            bindings.retain(|binding| !condition(key, binding));
            !bindings.is_empty()
        });
        self.count = self.by_key.values().map(Vec::len).sum();
        before - self.count
    }
}

impl Binding {
    fn is(&self, destination: &Destination, arguments: &FieldTable) -> bool {
        self.destination == *destination && same_pairs(&self.arguments, arguments)
    }
}

impl VirtualHost {
    /// Binds a queue to an exchange.
    pub(crate) fn bind_queue(
        &mut self,
        owner: Owner,
        queue: &ShortStr,
        exchange: &ShortStr,
        key: &ShortStr,
        arguments: &FieldTable,
    ) -> Result<(), Refusal> {
        let (queue, _) = self.accessible_queue(owner, queue)?;
        let destination = Destination::Queue(queue);
        self.bind(exchange, destination, key, arguments)
    }

    /// Undoes one binding of a queue. That there is none such is no failure.
    pub(crate) fn unbind_queue(
        &mut self,
        owner: Owner,
        queue: &ShortStr,
        exchange: &ShortStr,
        key: &ShortStr,
        arguments: &FieldTable,
    ) -> Result<(), Refusal> {
        let (queue, _) = self.accessible_queue(owner, queue)?;
        let destination = Destination::Queue(queue);
        self.unbind(exchange, &destination, key, arguments)
    }

    /// Binds an exchange to another, or to itself (`exchange.bind.cyclical`).
    pub(crate) fn bind_exchange(
        &mut self,
        destination: &ShortStr,
        source: &ShortStr,
        key: &ShortStr,
        arguments: &FieldTable,
    ) -> Result<(), Refusal> {
        self.exchange(destination)?;
        self.bind(
            source,
            Destination::Exchange(destination.clone()),
            key,
            arguments,
        )
    }

    /// Undoes one binding between exchanges. That there is none such is no failure.
    pub(crate) fn unbind_exchange(
        &mut self,
        destination: &ShortStr,
        source: &ShortStr,
        key: &ShortStr,
        arguments: &FieldTable,
    ) -> Result<(), Refusal> {
        self.exchange(destination)?;
        self.unbind(
            source,
            &Destination::Exchange(destination.clone()),
            key,
            arguments,
        )
    }

    pub(super) fn bind(
        &mut self,
        source: &ShortStr,
        destination: Destination,
        key: &ShortStr,
        arguments: &FieldTable,
    ) -> Result<(), Refusal> {
        names::check_fields(self.names, arguments)?;
        let exchange = self.exchange(source)?;
        let pattern = match exchange.kind {
            ExchangeType::Headers => Pattern::new(arguments)?,
            _ => Pattern::default(),
        };
        // The same again changes nothing (`queue.bind.duplicates`, `exchange.bind.duplicates`).
        if exchange.bindings.contains(&destination, key, arguments) {
            return Ok(());
        }
        if self.binding_count >= self.limits.bindings {
            return Err(Refusal::Full("bindings"));
        }
        let charge = self.hold([key.len(), arguments.as_bytes().len()])?;
        let arguments = arguments.detached();
        let ends = exchange
            .durable
            .then(|| self.durable(&destination))
            .flatten();
        let record = |destination| Record::Binding {
            source: source.clone(),
            destination,
            key: key.clone(),
            arguments: arguments.clone(),
        };
        let binding = Binding {
            kept: ends.and_then(|end| self.keep(|| record(end))),
            destination,
            arguments,
            pattern,
            _charge: charge,
        };
        if let Some(exchange) = self.exchanges.get_mut(source) {
            exchange.bindings.add(key, binding);
            self.binding_count += 1;
        }
        Ok(())
    }

    /// What a record calls a destination, if that survives.
    fn durable(&self, destination: &Destination) -> Option<journal::Destination> {
        match destination {
            Destination::Queue(id) => {
                let queue = self.queues.get(id).filter(|queue| queue.kept.is_some())?;
                Some(journal::Destination::Queue(queue.name.clone()))
            }
            Destination::Exchange(name) => {
                let durable = self.exchanges.get(name).is_some_and(|it| it.durable);
                durable.then(|| journal::Destination::Exchange(name.clone()))
            }
        }
    }

    fn unbind(
        &mut self,
        source: &ShortStr,
        destination: &Destination,
        key: &ShortStr,
        arguments: &FieldTable,
    ) -> Result<(), Refusal> {
        self.exchange(source)?;
        let spent = self.remove_bindings(source, |its_key, binding| {
            its_key == key && binding.is(destination, arguments)
        });
        if spent {
            self.remove_destination(Destination::Exchange(source.clone()));
        }
        Ok(())
    }

    /// Removes an exchange, or what remains of a queue: every binding that leads there (EXT-07), and
    /// every exchange that deletes itself for want of bindings.
    pub(super) fn remove_destination(&mut self, destination: Destination) {
        // A list and no recursion: clients can make long chains.
        let mut gone = vec![destination];
        while let Some(destination) = gone.pop() {
            if let Destination::Exchange(name) = &destination
                && let Some(exchange) = self.exchanges.remove(name)
            {
                self.binding_count -= exchange.bindings.len();
            }
            let leads_there = |binding: &Binding| binding.destination == destination;
            let sources: Vec<ShortStr> = self
                .exchanges
                .iter()
                .filter(|(_, exchange)| exchange.bindings.iter().any(|(_, one)| leads_there(one)))
                .map(|(name, _)| name.clone())
                .collect();
            for source in sources {
                if self.remove_bindings(&source, |_, binding| leads_there(binding)) {
                    gone.push(Destination::Exchange(source));
                }
            }
        }
    }

    /// Removes bindings of one exchange, and says whether it goes with them: one that deletes itself
    /// does so after its last binding, and never before it had any
    /// (`exchange.declare.auto-delete.amq-exchange-02`).
    fn remove_bindings(
        &mut self,
        source: &ShortStr,
        condition: impl Fn(&ShortStr, &Binding) -> bool,
    ) -> bool {
        let Some(exchange) = self.exchanges.get_mut(source) else {
            return false;
        };
        let removed = exchange.bindings.remove(condition);
        self.binding_count -= removed;
        removed > 0 && exchange.auto_delete && exchange.bindings.is_empty()
    }
}
