//! The audit of a history: each fault alone is found and named, and a right broker's history has none.

use std::collections::VecDeque;

use mqspec::history::{Audit, Event, FAULTS, Identity, Selection};
use proptest::prelude::*;

fn message(sequence: u64) -> Identity {
    Identity::new("a", sequence)
}

fn published(sequence: u64) -> [Event; 2] {
    [
        Event::Published {
            message: message(sequence),
            content: sequence,
        },
        Event::Accepted {
            message: message(sequence),
        },
    ]
}

fn subscribed(client: &str) -> Event {
    Event::Subscribed {
        client: client.into(),
        place: "q".into(),
    }
}

fn delivered(consumer: usize, sequence: u64, again: bool) -> Event {
    Event::Delivered {
        consumer,
        message: Some(message(sequence)),
        content: sequence,
        again: Some(again),
    }
}

/// Three messages, and a consumer that is ready.
fn begun() -> Vec<Event> {
    let messages = (1..=3).flat_map(published);
    messages.chain([subscribed("c")]).collect()
}

fn settled(delivery: usize) -> Event {
    Event::Settled { delivery }
}

/// The faults of a history that are not nought, with their examples.
fn faults(history: &[Event]) -> Vec<(&'static str, Vec<String>)> {
    let audit = Audit::of(history, Selection::default());
    let found = FAULTS.iter().map(|fault| (*fault, audit.tally(fault)));
    found
        .filter(|(_, tally)| tally.count() > 0)
        .map(|(fault, tally)| (fault, tally.examples().to_vec()))
        .collect()
}

fn one(fault: &'static str, example: &str) -> Vec<(&'static str, Vec<String>)> {
    vec![(fault, vec![example.to_owned()])]
}

#[test]
fn what_is_delivered_once_in_order_has_no_fault() {
    let mut history = begun();
    history.extend((1..=3).map(|sequence| delivered(0, sequence, false)));
    assert_eq!(faults(&history), []);
    let audit = Audit::of(&history, Selection::default());
    let count = |name| audit.tally(name).count();
    assert_eq!(
        (
            count("accepted"),
            count("delivered"),
            count("held"),
            count("settled")
        ),
        (3, 3, 3, 0)
    );
}

#[test]
fn what_never_comes_is_lost() {
    let mut history = begun();
    history.extend([delivered(0, 1, false), delivered(0, 3, false)]);
    assert_eq!(faults(&history), one("lost", "a-2"));
}

#[test]
fn what_was_only_published_is_not_lost() {
    let mut history = begun();
    history.retain(|event| {
        *event
            != Event::Accepted {
                message: message(2),
            }
    });
    history.extend([delivered(0, 1, false), delivered(0, 3, false)]);
    assert_eq!(faults(&history), []);
}

#[test]
fn what_comes_twice_is_duplicated_whether_marked_or_not() {
    for again in [false, true] {
        let mut history = begun();
        history.extend((1..=3).map(|sequence| delivered(0, sequence, false)));
        history.extend([settled(1), subscribed("d"), delivered(1, 2, again)]);
        assert_eq!(faults(&history), one("duplicated", "a-2 to c, and to d"));
    }
}

#[test]
fn what_a_cut_consumer_held_comes_again_and_is_marked() {
    let mut history = begun();
    history.extend((1..=3).map(|sequence| delivered(0, sequence, false)));
    history.extend([settled(0), Event::Sure { delivery: 0 }]);
    history.extend([Event::Left { consumer: 0 }, subscribed("d")]);
    assert_eq!(
        faults(&history),
        [("lost", vec!["a-2".to_owned(), "a-3".to_owned()])]
    );
    let mut unmarked = history.clone();
    unmarked.extend([delivered(1, 2, false), delivered(1, 3, true)]);
    assert_eq!(faults(&unmarked), one("unmarked", "a-2"));
    let mut settled_before = history.clone();
    settled_before.extend((1..=3).map(|sequence| delivered(1, sequence, true)));
    assert_eq!(
        faults(&settled_before),
        one("duplicated", "a-1 to c, and to d")
    );
    history.extend([delivered(1, 2, true), delivered(1, 3, true)]);
    assert_eq!(faults(&history), []);
}

#[test]
fn what_was_settled_just_before_a_cut_may_come_again_or_not() {
    let mut history = begun();
    history.extend((1..=3).map(|sequence| delivered(0, sequence, false)));
    history.extend((0..3).map(settled));
    history.extend([Event::Left { consumer: 0 }, subscribed("d")]);
    assert_eq!(faults(&history), []);
    history.push(delivered(1, 2, true));
    assert_eq!(faults(&history), []);
}

#[test]
fn what_is_new_and_late_is_reordered() {
    let mut history = begun();
    history.extend([1, 3, 2].map(|sequence| delivered(0, sequence, false)));
    assert_eq!(faults(&history), one("reordered", "a-2 behind a-3"));
}

#[test]
fn the_order_is_that_of_each_publisher_at_each_consumer() {
    let mut history = begun();
    history.extend([subscribed("d"), delivered(1, 3, false)]);
    history.extend([1, 2].map(|sequence| delivered(0, sequence, false)));
    assert_eq!(faults(&history), []);
}

#[test]
fn what_was_given_back_before_a_consumer_began_has_its_old_place() {
    let mut history = begun();
    history.extend((1..=3).map(|sequence| delivered(0, sequence, false)));
    history.extend([Event::Left { consumer: 0 }, subscribed("d")]);
    history.extend([1, 3, 2].map(|sequence| delivered(1, sequence, true)));
    assert_eq!(faults(&history), one("displaced", "a-2 behind a-3"));
}

#[test]
fn what_is_given_back_later_has_no_place() {
    let mut history = begun();
    history.extend((1..=3).map(|sequence| delivered(0, sequence, false)));
    history.extend([Event::GivenBack { delivery: 1 }, delivered(0, 2, true)]);
    assert_eq!(faults(&history), []);
}

#[test]
fn what_says_something_else_is_altered() {
    let mut history = begun();
    history.extend([delivered(0, 1, false), delivered(0, 3, false)]);
    history.insert(
        8,
        Event::Delivered {
            consumer: 0,
            message: Some(message(2)),
            content: 7,
            again: Some(false),
        },
    );
    assert_eq!(faults(&history), one("altered", "a-2"));
}

#[test]
fn what_nobody_published_is_unexpected() {
    let mut history = begun();
    history.extend((1..=4).map(|sequence| delivered(0, sequence, false)));
    assert_eq!(
        faults(&history),
        one("unexpected", "a-4, which nobody published")
    );
}

#[test]
fn what_was_withdrawn_is_unexpected_and_not_lost() {
    let mut history = begun();
    history.push(Event::Withdrawn {
        message: message(3),
    });
    history.extend([delivered(0, 1, false), delivered(0, 2, false)]);
    assert_eq!(faults(&history), []);
    history.push(delivered(0, 3, false));
    assert_eq!(
        faults(&history),
        one("unexpected", "a-3, which was withdrawn")
    );
}

#[test]
fn a_selection_looks_at_a_part() {
    let mut history = begun();
    history.push(Event::Subscribed {
        client: "d".into(),
        place: "other".into(),
    });
    history.extend([1, 2, 3].map(|sequence| delivered(0, sequence, false)));
    history.push(delivered(1, 2, false));
    let lost = |place: &str| {
        let selection = Selection {
            place: Some(place.to_owned()),
            ..Selection::default()
        };
        Audit::of(&history, selection).tally("lost").count()
    };
    assert_eq!((lost("q"), lost("other"), lost("neither")), (0, 2, 3));
    let of_d = Selection {
        client: Some("d".to_owned()),
        ..Selection::default()
    };
    assert_eq!(Audit::of(&history, of_d).tally("delivered").count(), 1);
}

#[test]
fn a_handful_of_examples_is_kept() {
    let history: Vec<Event> = (1..=1000).flat_map(published).collect();
    let lost = Audit::of(&history, Selection::default()).tally("lost");
    assert_eq!((lost.count(), lost.examples().len()), (1000, 5));
}

#[test]
fn identities_are_read_off_the_front_of_octets() {
    let read = |octets: &[u8]| Identity::read(octets).map(|message| message.to_string());
    assert_eq!(read(b"a-17 \xff\0"), Some("a-17".to_owned()));
    assert_eq!(read(b"p2-0"), Some("p2-0".to_owned()));
    for none in [
        &b""[..],
        b"a",
        b"a-",
        b"-1",
        b"2p-1",
        b"A-1",
        b"a 1-2",
        b"\xff-1",
    ] {
        assert_eq!(read(none), None, "{none:?}");
    }
}

/// What a right broker does with one queue, driven by chance.
#[derive(Debug, Clone)]
enum Move {
    Publish,
    Subscribe,
    /// The next message to one of the consumers.
    Deliver(prop::sample::Index),
    Settle(prop::sample::Index),
    Fence(prop::sample::Index),
    GiveBack(prop::sample::Index),
    /// A consumer is cut off; what it settled and the broker never read comes back.
    Cut(prop::sample::Index),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let index = any::<prop::sample::Index>;
    let one = prop_oneof![
        4 => Just(Move::Publish),
        1 => Just(Move::Subscribe),
        6 => index().prop_map(Move::Deliver),
        3 => index().prop_map(Move::Settle),
        1 => index().prop_map(Move::Fence),
        1 => index().prop_map(Move::GiveBack),
        1 => index().prop_map(Move::Cut),
    ];
    proptest::collection::vec(one, 1..120)
}

#[derive(Default)]
struct Honest {
    history: Vec<Event>,
    /// Sequence, and whether it was delivered before; in order of the sequence.
    queue: VecDeque<(u64, bool)>,
    published: u64,
    consumers: usize,
    alive: Vec<usize>,
    /// Number, consumer, sequence; held, or settled with the broker not known to have read it.
    held: Vec<(usize, usize, u64)>,
    unsure: Vec<(usize, usize, u64)>,
    deliveries: usize,
}

impl Honest {
    fn back(&mut self, sequence: u64) {
        self.queue.push_back((sequence, true));
        self.queue.make_contiguous().sort_unstable();
    }

    fn play(&mut self, next: &Move) {
        match next {
            Move::Publish => {
                self.published += 1;
                self.history.extend(published(self.published));
                self.queue.push_back((self.published, false));
            }
            Move::Subscribe => {
                self.history.push(subscribed("c"));
                self.alive.push(self.consumers);
                self.consumers += 1;
            }
            Move::Deliver(index) if !self.alive.is_empty() => {
                if let Some((sequence, again)) = self.queue.pop_front() {
                    let consumer = *index.get(&self.alive);
                    self.history.push(delivered(consumer, sequence, again));
                    self.held.push((self.deliveries, consumer, sequence));
                    self.deliveries += 1;
                }
            }
            Move::Settle(index) if !self.held.is_empty() => {
                let held = self.held.remove(index.index(self.held.len()));
                self.history.push(settled(held.0));
                self.unsure.push(held);
            }
            Move::Fence(index) if !self.unsure.is_empty() => {
                let (delivery, ..) = self.unsure.remove(index.index(self.unsure.len()));
                self.history.push(Event::Sure { delivery });
            }
            Move::GiveBack(index) if !self.held.is_empty() => {
                let (delivery, _, sequence) = self.held.remove(index.index(self.held.len()));
                self.history.push(Event::GivenBack { delivery });
                self.back(sequence);
            }
            Move::Cut(index) if !self.alive.is_empty() => {
                let consumer = self.alive.remove(index.index(self.alive.len()));
                self.history.push(Event::Left { consumer });
                let of_it = |(_, other, _): &(usize, usize, u64)| *other == consumer;
                let (mut back, held) = self.held.iter().partition(|held| of_it(held));
                let (unread, unsure): (Vec<_>, Vec<_>) =
                    self.unsure.iter().partition(|held| of_it(held));
                Vec::extend(&mut back, unread);
                (self.held, self.unsure) = (held, unsure);
                for (_, _, sequence) in back {
                    self.back(sequence);
                }
            }
            _ => {}
        }
    }

    /// Delivers all that is left to one more consumer.
    fn drain(&mut self) {
        self.play(&Move::Subscribe);
        let last = self.consumers - 1;
        while let Some((sequence, again)) = self.queue.pop_front() {
            self.history.push(delivered(last, sequence, again));
            self.deliveries += 1;
        }
    }
}

fn honest(moves: &[Move]) -> Honest {
    let mut broker = Honest::default();
    moves.iter().for_each(|next| broker.play(next));
    broker.drain();
    broker
}

proptest! {
    #[test]
    fn a_right_broker_has_no_fault(moves in moves()) {
        prop_assert_eq!(faults(&honest(&moves).history), []);
    }

    #[test]
    fn a_delivery_that_is_left_out_is_lost_or_was_in_doubt(moves in moves(), index: prop::sample::Index) {
        let mut history = honest(&moves).history;
        // The last delivery of a message that never came before is the only one that it has.
        let only = |event: &Event| matches!(event, Event::Delivered { again: Some(false), .. });
        let last = history.iter().rposition(|event| matches!(event, Event::Subscribed { .. })).unwrap_or(0);
        let tail: Vec<usize> = (last..history.len()).filter(|place| only(&history[*place])).collect();
        prop_assume!(!tail.is_empty());
        history.remove(*index.get(&tail));
        let found = faults(&history);
        prop_assert_eq!(found.len(), 1, "{:?}", found);
        prop_assert_eq!(found[0].0, "lost");
    }

    #[test]
    fn a_delivery_that_comes_twice_is_duplicated(moves in moves(), index: prop::sample::Index) {
        let mut history = honest(&moves).history;
        let last = history.iter().rposition(|event| matches!(event, Event::Subscribed { .. })).unwrap_or(0);
        prop_assume!(last + 1 < history.len());
        let tail: Vec<Event> = history[last + 1..].to_vec();
        history.push(index.get(&tail).clone());
        let found = faults(&history);
        prop_assert!(found.iter().any(|(fault, _)| *fault == "duplicated"), "{:?}", found);
    }

    #[test]
    fn new_messages_that_change_places_are_reordered(moves in moves(), index: prop::sample::Index) {
        let mut history = honest(&moves).history;
        let last = history.iter().rposition(|event| matches!(event, Event::Subscribed { .. })).unwrap_or(0);
        let new = |event: &Event| matches!(event, Event::Delivered { again: Some(false), .. });
        let pairs: Vec<usize> = (last..history.len().saturating_sub(1))
            .filter(|place| new(&history[*place]) && new(&history[*place + 1]))
            .collect();
        prop_assume!(!pairs.is_empty());
        let place = *index.get(&pairs);
        history.swap(place, place + 1);
        let found = faults(&history);
        prop_assert_eq!(found.len(), 1, "{:?}", found);
        prop_assert_eq!(found[0].0, "reordered");
    }
}
