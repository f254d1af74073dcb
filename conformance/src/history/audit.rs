//! The counts and the faults of a history.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{Event, Identity, Place, Tally};

/// What can be counted while a history goes on.
pub const COUNTS: [&str; 10] = [
    "published",
    "accepted",
    "refused",
    "answered",
    "withdrawn",
    "delivered",
    "deliveries",
    "again",
    "held",
    "settled",
];

/// What must not happen, or is at least not recommended.
pub const FAULTS: [&str; 7] = [
    "lost",
    "duplicated",
    "unmarked",
    "reordered",
    "displaced",
    "altered",
    "unexpected",
];

/// What says which part of a history is looked at: the fields of [`Selection`] as scripts call them.
pub const SELECTORS: [&str; 3] = ["place", "publisher", "consumer"];

/// Which part of a history is looked at. The default is all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// What this place holds; without it each place is looked at by itself, and the counts are sums.
    pub place: Option<String>,
    /// Messages of these publishers; of all if empty.
    pub publishers: Vec<String>,
    /// Deliveries on this connection.
    pub client: Option<String>,
}

impl Selection {
    fn publisher(&self, message: &Identity) -> bool {
        self.publishers.is_empty()
            || self
                .publishers
                .iter()
                .any(|publisher| **publisher == *message.publisher)
    }

    fn place(&self, place: &Place) -> bool {
        self.place.as_ref().is_none_or(|wanted| **wanted == **place)
    }
}

/// What is known of a message apart from its deliveries.
#[derive(Debug, Default)]
struct Message {
    content: u64,
    accepted: bool,
    withdrawn: bool,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The consumer has it.
    Held,
    /// The consumer said that it is done; whether the broker is known to have read that.
    Settled { sure: bool },
    /// It is the broker's to deliver again.
    Back,
    /// The consumer said that it is done and left before the broker is known to have read that.
    InDoubt,
}

#[derive(Debug)]
struct Delivery {
    consumer: usize,
    message: Option<Identity>,
    fate: Fate,
    selected: bool,
}

#[derive(Debug)]
struct Consumer {
    client: Arc<str>,
    place: Place,
    /// The number of the event by which it subscribed.
    began: usize,
    left: bool,
    /// Its deliveries whose fate is not sealed.
    open: BTreeSet<usize>,
    /// The highest number that it was sent of each publisher.
    newest: HashMap<Arc<str>, u64>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The last delivery of each message.
    last: HashMap<Identity, usize>,
    /// The number of the last event by which the place got something back.
    returned: usize,
}

/// A fold over a history: [`Audit::note`] takes one event after the other, and the counts can be read at any time.
///
/// The rules, each of which holds for one place:
/// - *lost*: accepted and not withdrawn, and neither settled nor in a consumer's hands nor in doubt. What a place
///   still holds counts, so that this is for the time when it is empty.
/// - *duplicated*: delivered a second time while the delivery before is held or settled.
/// - *unmarked*: rightly delivered again, but said to be new.
/// - *reordered*: new to a consumer, with a lower number than what the same publisher sent it before.
/// - *displaced*: given back before the consumer began, and delivered to it behind a later one of the same publisher.
/// - *altered*: carries something else than what was published.
/// - *unexpected*: published by nobody, or withdrawn.
#[derive(Debug, Default)]
pub struct Audit {
    selection: Selection,
    events: usize,
    messages: BTreeMap<Identity, Message>,
    consumers: Vec<Consumer>,
    deliveries: Vec<Delivery>,
    places: BTreeMap<Place, Kept>,
    seen: HashSet<(Place, Identity)>,
    done: HashSet<(Place, Identity)>,
    tallies: BTreeMap<&'static str, Tally>,
}

impl Audit {
    /// An audit of an empty history.
    pub fn new(selection: Selection) -> Self {
        Audit {
            selection,
            ..Audit::default()
        }
    }

    /// The audit of a whole history.
    pub fn of(history: &[Event], selection: Selection) -> Self {
        let mut audit = Audit::new(selection);
        history.iter().for_each(|event| audit.note(event));
        audit
    }

    /// How many events were noted.
    pub fn events(&self) -> usize {
        self.events
    }

    /// A count or a fault by its name: one of [`COUNTS`] and [`FAULTS`].
    pub fn tally(&self, name: &str) -> Tally {
        match name {
            "lost" => self.lost(),
            name => self.tallies.get(name).cloned().unwrap_or_default(),
        }
    }

    /// Takes the next event.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::Published { message, content } => self.published(message, *content),
            Event::Accepted { message } => self.accepted(message),
            Event::Refused { message } => {
                self.count("refused", message);
                self.count("answered", message);
            }
            Event::Withdrawn { message } => {
                self.count("withdrawn", message);
                self.messages.entry(message.clone()).or_default().withdrawn = true;
            }
            Event::Subscribed { client, place } => self.subscribed(client, place),
            Event::Delivered {
                consumer,
                message,
                content,
                again,
            } => self.delivered(*consumer, message.as_ref(), *content, *again),
            Event::Settled { delivery } => self.settled(*delivery),
            Event::Sure { delivery } => self.sure(*delivery),
            Event::GivenBack { delivery } => self.given_back(*delivery),
            Event::Left { consumer } => self.left(*consumer),
        }
        self.events += 1;
    }

    fn add(&mut self, name: &'static str, example: impl FnOnce() -> String) {
        self.tallies.entry(name).or_default().add(example);
    }

    fn count(&mut self, name: &'static str, message: &Identity) {
        if self.selection.publisher(message) {
            self.add(name, || message.to_string());
        }
    }

    fn published(&mut self, message: &Identity, content: u64) {
        self.count("published", message);
        self.messages.entry(message.clone()).or_default().content = content;
    }

    fn accepted(&mut self, message: &Identity) {
        let known = self.messages.entry(message.clone()).or_default();
        if !std::mem::replace(&mut known.accepted, true) {
            self.count("accepted", message);
            self.count("answered", message);
        }
    }

    fn subscribed(&mut self, client: &Arc<str>, place: &Place) {
        self.places.entry(place.clone()).or_default();
        self.consumers.push(Consumer {
            client: client.clone(),
            place: place.clone(),
            began: self.events,
            left: false,
            open: BTreeSet::new(),
            newest: HashMap::new(),
        });
    }

    fn delivered(
        &mut self,
        number: usize,
        message: Option<&Identity>,
        content: u64,
        again: Option<bool>,
    ) {
        let delivery = self.deliveries.len();
        let Some(consumer) = self.consumers.get_mut(number) else {
            return self.add("unexpected", || "a delivery to nobody".to_owned());
        };
        let (place, client) = (consumer.place.clone(), consumer.client.clone());
        let fate = match consumer.left {
            true => Fate::Back,
            false => Fate::Held,
        };
        consumer.open.insert(delivery);
        let selected = self.selection.place(&place)
            && message.is_none_or(|message| self.selection.publisher(message))
            && (self.selection.client.as_deref()).is_none_or(|wanted| *wanted == *client);
        self.deliveries.push(Delivery {
            consumer: number,
            message: message.cloned(),
            fate,
            selected,
        });
        let Some(message) = message else {
            if selected {
                self.add("unexpected", || {
                    "a message that nobody published".to_owned()
                });
            }
            return;
        };
        let kept = self.places.entry(place.clone()).or_default();
        let before = kept.last.insert(message.clone(), delivery);
        let before = before.and_then(|before| self.deliveries.get(before));
        let order = self.order(number, message, before.is_some() || again == Some(true));
        let duplicated =
            before.filter(|before| matches!(before.fate, Fate::Held | Fate::Settled { .. }));
        let duplicated = duplicated.map(|before| before.consumer);
        let unmarked = before.is_some() && duplicated.is_none() && again == Some(false);
        self.step_forward(number, message, order);
        if !selected {
            return;
        }
        self.add("deliveries", || message.to_string());
        if fate == Fate::Held {
            self.add("held", || message.to_string());
        }
        if again == Some(true) {
            self.add("again", || message.to_string());
        }
        if self.seen.insert((place, message.clone())) {
            self.add("delivered", || message.to_string());
        }
        if let Some(other) = duplicated {
            let other = self.consumers[other].client.clone();
            self.add("duplicated", || match (&*other, &*client) {
                ("", _) => message.to_string(),
                (other, client) if other == client => format!("{message} to {client} twice"),
                (other, client) => format!("{message} to {other}, and to {client}"),
            });
        }
        if unmarked {
            self.add("unmarked", || message.to_string());
        }
        if let Order::Behind { fault, newest } = order {
            self.add(fault, || {
                format!("{message} behind {}-{newest}", message.publisher)
            });
        }
        match self.messages.get(message) {
            None => self.add("unexpected", || {
                format!("{message}, which nobody published")
            }),
            Some(known) if known.withdrawn => {
                self.add("unexpected", || format!("{message}, which was withdrawn"))
            }
            Some(known) if known.content != content => self.add("altered", || message.to_string()),
            Some(_) => {}
        }
    }

    /// Where a message stands among those of its publisher that the consumer got.
    fn order(&self, number: usize, message: &Identity, repeated: bool) -> Order {
        let consumer = &self.consumers[number];
        let returned = self
            .places
            .get(&consumer.place)
            .map_or(0, |kept| kept.returned);
        // What comes back while the consumer is at work has no place in the order any more.
        if repeated && consumer.began < returned {
            return Order::Free;
        }
        match consumer.newest.get(&message.publisher) {
            Some(newest) if *newest > message.sequence => Order::Behind {
                fault: if repeated { "displaced" } else { "reordered" },
                newest: *newest,
            },
            _ => Order::Next,
        }
    }

    fn step_forward(&mut self, number: usize, message: &Identity, order: Order) {
        if order == Order::Next {
            let newest = &mut self.consumers[number].newest;
            newest.insert(message.publisher.clone(), message.sequence);
        }
    }

    /// Seals the fate of a delivery, or changes it.
    fn decide(&mut self, number: usize, fate: Fate) {
        let Some(delivery) = self.deliveries.get_mut(number) else {
            return;
        };
        if delivery.fate == Fate::Held && delivery.selected && delivery.message.is_some() {
            self.tallies.entry("held").or_default().take_back();
        }
        delivery.fate = fate;
        if matches!(
            fate,
            Fate::Back | Fate::InDoubt | Fate::Settled { sure: true }
        ) {
            self.consumers[delivery.consumer].open.remove(&number);
        }
        if matches!(fate, Fate::Back | Fate::InDoubt) {
            let place = &self.consumers[delivery.consumer].place;
            if let Some(kept) = self.places.get_mut(place) {
                kept.returned = self.events;
            }
        }
    }

    fn fate(&self, delivery: usize) -> Option<Fate> {
        Some(self.deliveries.get(delivery)?.fate)
    }

    fn settled(&mut self, number: usize) {
        if self.fate(number) != Some(Fate::Held) {
            return;
        }
        self.decide(number, Fate::Settled { sure: false });
        let delivery = &self.deliveries[number];
        let place = self.consumers[delivery.consumer].place.clone();
        if let (Some(message), true) = (delivery.message.clone(), delivery.selected)
            && self.done.insert((place, message.clone()))
        {
            self.add("settled", || message.to_string());
        }
    }

    fn sure(&mut self, number: usize) {
        if self.fate(number) == Some(Fate::Settled { sure: false }) {
            self.decide(number, Fate::Settled { sure: true });
        }
    }

    fn given_back(&mut self, number: usize) {
        if self.fate(number) == Some(Fate::Held) {
            self.decide(number, Fate::Back);
        }
    }

    fn left(&mut self, number: usize) {
        let Some(consumer) = self.consumers.get_mut(number) else {
            return;
        };
        consumer.left = true;
        // What was on its way to the consumer and never read comes back as well.
        if let Some(kept) = self.places.get_mut(&consumer.place) {
            kept.returned = self.events;
        }
        for delivery in std::mem::take(&mut consumer.open) {
            match self.fate(delivery) {
                Some(Fate::Held) => self.decide(delivery, Fate::Back),
                Some(Fate::Settled { sure: false }) => self.decide(delivery, Fate::InDoubt),
                _ => {}
            }
        }
    }

    fn lost(&self) -> Tally {
        let mut tally = Tally::default();
        let owed = |(identity, message): &(&Identity, &Message)| {
            message.accepted && !message.withdrawn && self.selection.publisher(identity)
        };
        let places: Vec<Option<&Kept>> = match &self.selection.place {
            Some(wanted) => vec![self.places.get(wanted.as_str())],
            None if self.places.is_empty() => vec![None],
            None => self.places.values().map(Some).collect(),
        };
        for kept in places {
            for (identity, _) in self.messages.iter().filter(owed) {
                let last = kept.and_then(|kept| kept.last.get(identity));
                let fate = last.and_then(|last| self.fate(*last));
                if matches!(fate, None | Some(Fate::Back)) {
                    tally.add(|| identity.to_string());
                }
            }
        }
        tally
    }
}

/// Where a message stands among those of its publisher that a consumer got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Behind none that is newer.
    Next,
    /// Nothing says where it belongs.
    Free,
    /// Behind a newer one.
    Behind { fault: &'static str, newest: u64 },
}
