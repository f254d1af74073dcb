//! Who is delivered what, in which order, and how much at once.

use mqspec_codec::{BasicProperties, basic, channel};
use reference_broker::{Config, Limits};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, delivered, name, on_1};

fn prioritised(bench: &mut Bench, client: Client, priority: Option<u8>, body: &str) {
    let publish = basic::Publish {
        routing_key: name("q"),
        ..Default::default()
    };
    let properties = BasicProperties {
        priority,
        ..Default::default()
    };
    bench.publish(client, 1, publish, &properties, body.as_bytes());
}

#[test]
fn messages_keep_their_order() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for number in 0..20 {
        bench.put(client, "q", &number.to_string());
    }
    bench.consume(client, "q");
    for number in 0..20 {
        let expected = delivered(number + 1, false, &number.to_string());
        assert_eq!(bench.delivered(client), expected);
    }
}

#[test]
fn high_priorities_come_before_low_ones() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for (priority, body) in [
        (None, "a"),
        (Some(4), "b"),
        (Some(5), "c"),
        (Some(0), "d"),
        (Some(9), "e"),
    ] {
        prioritised(&mut bench, client, priority, body);
    }
    bench.consume(client, "q");
    let mut bodies = String::new();
    while let Some(delivery) = bench.delivered(client) {
        bodies.push_str(&delivery.body);
    }
    assert_eq!(bodies, "ceabd");
}

#[test]
fn a_high_priority_overtakes_what_a_consumer_has_passed_over() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    for (priority, body) in [(0, "a"), (0, "b"), (9, "c")] {
        prioritised(&mut bench, client, Some(priority), body);
    }
    assert_eq!(bench.delivered(client), delivered(1, false, "a"));
    bench.ack(client, 1);
    assert_eq!(bench.delivered(client), delivered(2, false, "c"));
    bench.ack(client, 2);
    assert_eq!(bench.delivered(client), delivered(3, false, "b"));
}

#[test]
fn consumers_take_turns() {
    let mut bench = Bench::new();
    let clients = [bench.open(), bench.open(), bench.open()];
    let [first, ..] = clients;
    bench.queue(first, "q");
    for client in clients {
        bench.consume(client, "q");
    }
    for number in 0..6 {
        bench.put(first, "q", &number.to_string());
    }
    for (turn, client) in clients.into_iter().enumerate() {
        for round in 0..2 {
            let body = (turn + 3 * round).to_string();
            assert_eq!(
                bench.delivered(client),
                delivered(round as u64 + 1, false, &body)
            );
        }
    }
}

#[test]
fn the_window_is_never_exceeded() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for number in 1..=5 {
        bench.put(client, "q", &number.to_string());
    }
    bench.prefetch(client, 2);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 2);
    assert_eq!(bench.delivered(client), delivered(3, false, "3"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: false,
        },
    );
    assert_eq!(bench.delivered(client), delivered(4, false, "4"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    // Fetching neither takes room nor needs any.
    assert_eq!(bench.fetch(client, "q"), delivered(5, false, "5"));
    bench.put(client, "q", "6");
    bench.ack(client, 5);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 3);
    assert_eq!(bench.delivered(client), delivered(6, false, "6"));
}

#[test]
fn a_window_counts_for_consumers_that_are_started_later() {
    let mut bench = Bench::new();
    let client = bench.open();
    for queue in ["q", "r"] {
        bench.queue(client, queue);
    }
    bench.consume(client, "q");
    bench.prefetch(client, 1);
    bench.consume(client, "r");
    for queue in ["q", "q", "r", "r"] {
        bench.put(client, queue, queue);
    }
    assert_eq!(bench.delivered(client), delivered(1, false, "q"));
    assert_eq!(bench.delivered(client), delivered(2, false, "q"));
    assert_eq!(bench.delivered(client), delivered(3, false, "r"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 1);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 3);
    assert_eq!(bench.delivered(client), delivered(4, false, "r"));
}

#[test]
fn a_global_window_is_shared_by_the_channels_consumers() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    for queue in ["q", "r", "s"] {
        bench.queue(client, queue);
    }
    bench.consume(client, "q");
    let qos = basic::Qos {
        prefetch_count: 2,
        global: true,
        ..Default::default()
    };
    assert_eq!(bench.ask(client, qos), on_1(basic::QosOk));
    bench.consume(client, "r");
    bench.consume_on(client, 2, "s");
    for queue in ["q", "r", "r", "s"] {
        bench.put(client, queue, queue);
    }
    assert_eq!(bench.delivered(client), delivered(1, false, "q"));
    assert_eq!(bench.delivered(client), delivered(2, false, "r"));
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "s"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 1);
    assert_eq!(bench.delivered(client), delivered(3, false, "r"));
    for _ in 0..3 {
        bench.put(client, "q", "q");
    }
    assert_eq!(bench.hear(client), Heard::Nothing);
    let wider = basic::Qos {
        prefetch_count: 3,
        global: true,
        ..Default::default()
    };
    assert_eq!(bench.ask(client, wider), on_1(basic::QosOk));
    assert_eq!(bench.delivered(client), delivered(4, false, "q"));
    assert_eq!(bench.hear(client), Heard::Nothing);
}

#[test]
fn a_cancelled_consumers_deliveries_still_take_room_on_the_channel() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    let qos = basic::Qos {
        prefetch_count: 1,
        global: true,
        ..Default::default()
    };
    assert_eq!(bench.ask(client, qos), on_1(basic::QosOk));
    bench.consume(client, "q");
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    bench.say_1(
        client,
        basic::Cancel {
            consumer_tag: name("q"),
            no_wait: true,
        },
    );
    bench.consume(client, "q");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 1);
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
}

#[rstest]
#[case(false)]
#[case(true)]
fn a_window_in_octets_is_kept(#[case] global: bool) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    let qos = basic::Qos {
        prefetch_size: 10,
        global,
        ..Default::default()
    };
    assert_eq!(bench.ask(client, qos), on_1(basic::QosOk));
    bench.consume(client, "q");
    for body in [
        "12345",
        "67890",
        "x",
        "a message of more than ten octets",
        "y",
    ] {
        bench.put(client, "q", body);
    }
    assert_eq!(bench.delivered(client), delivered(1, false, "12345"));
    assert_eq!(bench.delivered(client), delivered(2, false, "67890"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 1);
    assert_eq!(bench.delivered(client), delivered(3, false, "x"));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 2);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 3);
    let large = delivered(4, false, "a message of more than ten octets");
    assert_eq!(bench.delivered(client), large);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 4);
    assert_eq!(bench.delivered(client), delivered(5, false, "y"));
}

#[test]
fn without_acknowledgements_there_is_no_window() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.prefetch(client, 1);
    let qos = basic::Qos {
        prefetch_count: 1,
        global: true,
        ..Default::default()
    };
    assert_eq!(bench.ask(client, qos), on_1(basic::QosOk));
    let consume = basic::Consume {
        queue: name("q"),
        consumer_tag: name("t"),
        no_ack: true,
        ..Default::default()
    };
    let _ = bench.ask(client, consume);
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
    }
    for (tag, body) in [(1, "1"), (2, "2"), (3, "3")] {
        assert_eq!(bench.delivered(client), delivered(tag, false, body));
    }
    bench.ack(client, 3);
    assert_eq!(bench.refused(client), (406, 60, 80));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn a_consumer_with_a_full_window_does_not_hold_up_others() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    bench.prefetch(a, 1);
    bench.consume(a, "q");
    bench.consume(b, "q");
    for body in ["1", "2", "3", "4"] {
        bench.put(a, "q", body);
    }
    assert_eq!(bench.delivered(a), delivered(1, false, "1"));
    for (tag, body) in [(1, "2"), (2, "3"), (3, "4")] {
        assert_eq!(bench.delivered(b), delivered(tag, false, body));
    }
}

#[test]
fn queues_take_turns() {
    let limits = Limits {
        backlog: 1000,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let client = bench.open();
    for queue in ["q", "r"] {
        bench.queue(client, queue);
        for _ in 0..3 {
            bench.put(client, queue, queue);
        }
    }
    let _ = bench.ask(client, channel::Flow { active: false });
    bench.consume(client, "q");
    bench.consume(client, "r");
    bench.say_1(client, channel::Flow { active: true });
    assert_eq!(bench.hear(client), on_1(channel::FlowOk { active: true }));
    for (tag, body) in [(1, "q"), (2, "r"), (3, "q"), (4, "r"), (5, "q"), (6, "r")] {
        assert_eq!(bench.delivered(client), delivered(tag, false, body));
    }
}
