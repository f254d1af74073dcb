//! Consumers that come before others.

use mqspec_codec::{FieldValue, basic};

use crate::bench::{Bench, Client, Heard, name, on_1, table, text};

fn consume(tag: &str, priority: FieldValue) -> basic::Consume {
    basic::Consume {
        queue: name("q"),
        consumer_tag: name(tag),
        arguments: table(&[("x-priority", priority)]),
        ..Default::default()
    }
}

/// Starts a consumer that may have so many messages unsettled; 0 is any number.
fn start(bench: &mut Bench, client: Client, tag: &str, priority: i32, prefetch: u16) {
    bench.prefetch(client, prefetch);
    let ok = basic::ConsumeOk {
        consumer_tag: name(tag),
    };
    assert_eq!(bench.ask(client, consume(tag, priority.into())), on_1(ok));
}

/// Who gets the next message.
fn taker(bench: &mut Bench, client: Client) -> Option<String> {
    bench.put(client, "q", "m");
    match bench.hear(client) {
        Heard::Content(1, mqspec_codec::Method::BasicDeliver(deliver), _, _) => {
            Some(deliver.consumer_tag.to_string())
        }
        Heard::Nothing => None,
        other => panic!("no delivery: {other:?}"),
    }
}

fn takers(bench: &mut Bench, client: Client, count: usize) -> Vec<String> {
    (0..count).filter_map(|_| taker(bench, client)).collect()
}

#[test]
fn the_highest_is_served_while_it_takes_more() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    start(&mut bench, client, "low", -1, 2);
    bench.prefetch(client, 1);
    let plain = basic::Consume {
        arguments: Default::default(),
        ..consume("none", 0.into())
    };
    bench.ask(client, plain);
    start(&mut bench, client, "high", 5, 2);
    let order = ["high", "high", "none", "low", "low"];
    assert_eq!(takers(&mut bench, client, 6), order);
    // Deliveries 1 and 2 are those of the highest.
    bench.ack(client, 2);
    assert_eq!(bench.delivered(client).map(|it| it.tag), Some(6));
    assert_eq!(takers(&mut bench, client, 1), Vec::<String>::new());
}

#[test]
fn equals_take_turns() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    start(&mut bench, client, "low", 0, 0);
    start(&mut bench, client, "a", 1, 0);
    start(&mut bench, client, "b", 1, 0);
    assert_eq!(takers(&mut bench, client, 5), ["a", "b", "a", "b", "a"]);
}

#[test]
fn a_priority_is_an_integer() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for bad in [
        text("5"),
        true.into(),
        FieldValue::Void,
        FieldValue::Double(5.0),
    ] {
        bench.say_1(client, consume("t", bad));
        assert_eq!(bench.refused(client), (406, 60, 20));
    }
    for (tag, good) in [("a", (-3).into()), ("b", FieldValue::LongLongInt(i64::MAX))] {
        bench.ask(client, consume(tag, good));
    }
    assert_eq!(bench.count(client, "q"), (0, 2));
}
