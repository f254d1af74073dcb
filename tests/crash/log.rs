//! What all clients have done and seen, in one order.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use mqspec::history::{Event, Identity};

/// A history that several threads write. Clones are the same history.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    events: Vec<Event>,
    deliveries: usize,
    consumers: usize,
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no thread panics while it writes")
    }

    pub fn note(&self, event: Event) {
        self.lock().events.push(event);
    }

    pub fn published(&self, message: Identity, body: &[u8]) {
        let content = content(body);
        self.note(Event::Published { message, content });
    }

    /// Notes a new consumer, and returns its number.
    pub fn subscribed(&self, queue: &str) -> usize {
        let mut inner = self.lock();
        let number = inner.consumers;
        inner.consumers += 1;
        inner.events.push(Event::Subscribed {
            client: format!("c{number}").into(),
            place: queue.into(),
        });
        number
    }

    /// Notes a delivery, and returns its number.
    pub fn delivered(&self, consumer: usize, body: &[u8], again: bool) -> usize {
        let mut inner = self.lock();
        let number = inner.deliveries;
        inner.deliveries += 1;
        inner.events.push(Event::Delivered {
            consumer,
            message: Identity::read(body),
            content: content(body),
            again: Some(again),
        });
        number
    }

    /// All consumers so far are gone.
    pub fn everybody_left(&self) {
        let mut inner = self.lock();
        let left = (0..inner.consumers).map(|consumer| Event::Left { consumer });
        inner.events.extend(left);
    }

    pub fn history(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// How many settlements the broker is known to have stored.
    pub fn sure(&self) -> u64 {
        let sure = |event: &&Event| matches!(event, Event::Sure { .. });
        self.lock().events.iter().filter(sure).count() as u64
    }
}

fn content(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}
