//! Queues of which one consumer gets everything.

use mqspec_codec::{basic, channel};

use crate::bench::{Bench, Client, Heard, delivered, name, on_1, table};

/// A queue with that many consumers of one client, each on a channel of its own.
fn with_consumers(channels: u16) -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", &[("x-single-active-consumer", true.into())]);
    for channel in 1..=channels {
        if channel > 1 {
            bench.open_channel(client, channel);
        }
        bench.consume_on(client, channel, "q");
    }
    (bench, client)
}

fn cancel(bench: &mut Bench, client: Client, channel: u16) {
    let consumer_tag = name("q");
    let cancel = basic::Cancel {
        consumer_tag: consumer_tag.clone(),
        no_wait: false,
    };
    bench.say(client, channel, cancel);
    let ok = basic::CancelOk { consumer_tag };
    assert_eq!(bench.hear(client), Heard::Method(channel, ok.into()));
}

#[test]
fn one_consumer_gets_everything_and_all_are_counted() {
    let (mut bench, client) = with_consumers(3);
    for (tag, body) in [(1, "1"), (2, "2"), (3, "3")] {
        bench.put(client, "q", body);
        assert_eq!(bench.delivered(client), delivered(tag, false, body));
    }
    assert_eq!(bench.count(client, "q"), (0, 3));
}

#[test]
fn when_it_is_cancelled_the_next_one_takes_over() {
    let (mut bench, client) = with_consumers(3);
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    cancel(&mut bench, client, 1);
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "2"));
    // What the first one had stays its own.
    bench.ack(client, 1);
    cancel(&mut bench, client, 3);
    bench.put(client, "q", "3");
    assert_eq!(bench.delivered_on(client, 2), delivered(2, false, "3"));
}

#[test]
fn when_its_channel_ends_the_next_one_gets_what_it_had() {
    let (mut bench, client) = with_consumers(2);
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    let closed = bench.ask(client, channel::Close::default());
    assert_eq!(closed, on_1(channel::CloseOk));
    assert_eq!(bench.delivered_on(client, 2), delivered(1, true, "1"));
}

#[test]
fn a_full_window_does_not_let_others_in() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", &[("x-single-active-consumer", true.into())]);
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    bench.open_channel(client, 2);
    bench.consume_on(client, 2, "q");
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    // Whoever fetches is no consumer.
    assert_eq!(bench.fetch(client, "q"), delivered(2, false, "2"));
    bench.put(client, "q", "3");
    cancel(&mut bench, client, 1);
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "3"));
}

#[test]
fn a_more_important_one_waits_and_is_the_next() {
    let (mut bench, client) = with_consumers(2);
    bench.open_channel(client, 3);
    let important = basic::Consume {
        queue: name("q"),
        consumer_tag: name("q"),
        arguments: table(&[("x-priority", 5.into())]),
        ..Default::default()
    };
    bench.say(client, 3, important);
    bench.hear(client);
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    cancel(&mut bench, client, 1);
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered_on(client, 3), delivered(1, false, "2"));
}

#[test]
fn none_of_them_can_be_exclusive() {
    let (mut bench, client) = with_consumers(0);
    let exclusive = basic::Consume {
        queue: name("q"),
        exclusive: true,
        ..Default::default()
    };
    bench.say_1(client, exclusive);
    assert_eq!(bench.refused(client), (403, 60, 20));
}
