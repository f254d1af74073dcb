//! Queues that are full.

use mqspec_codec::{BasicProperties, FieldValue, basic, confirm, queue, tx};

use crate::bench::{Bench, Client, Heard, delivered, name, on_1, text};

fn limited(arguments: &[(&str, FieldValue)]) -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", arguments);
    (bench, client)
}

fn rejecting() -> [(&'static str, FieldValue); 2] {
    [
        ("x-max-length", 1.into()),
        ("x-overflow", text("reject-publish")),
    ]
}

fn acked(delivery_tag: u64) -> Heard {
    on_1(basic::Ack {
        delivery_tag,
        multiple: false,
    })
}

fn nacked(delivery_tag: u64) -> Heard {
    on_1(basic::Nack {
        delivery_tag,
        multiple: false,
        requeue: false,
    })
}

#[test]
fn the_first_messages_give_way() {
    let (mut bench, client) = limited(&[("x-max-length", 2.into())]);
    for body in ["1", "2", "3", "4"] {
        bench.put(client, "q", body);
    }
    assert_eq!(bench.fetch_all(client, "q"), ["3", "4"]);
}

#[test]
fn octets_of_bodies_are_counted() {
    let (mut bench, client) = limited(&[("x-max-length-bytes", 5.into())]);
    bench.put(client, "q", "123");
    bench.put(client, "q", "45");
    assert_eq!(bench.count(client, "q"), (2, 0));
    bench.put(client, "q", "6");
    assert_eq!(bench.fetch_all(client, "q"), ["45", "6"]);
    bench.put(client, "q", "1");
    bench.put(client, "q", "more than 5");
    assert_eq!(bench.count(client, "q"), (0, 0));
    // What has left counts no more.
    bench.put(client, "q", "12345");
    assert_eq!(bench.fetch_all(client, "q"), ["12345"]);
}

#[test]
fn only_what_waits_is_counted() {
    let (mut bench, client) = limited(&[("x-max-length", 1.into())]);
    bench.put(client, "q", "1");
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    bench.put(client, "q", "2");
    assert_eq!(bench.count(client, "q"), (1, 0));
    // What comes back is the first, and gives way.
    let reject = basic::Reject {
        delivery_tag: 1,
        requeue: true,
    };
    bench.say_1(client, reject);
    assert_eq!(bench.fetch_all(client, "q"), ["2"]);
}

#[test]
fn a_message_that_is_delivered_at_once_needs_no_room() {
    let (mut bench, client) = limited(&[("x-max-length", 0.into())]);
    bench.put(client, "q", "1");
    assert_eq!(bench.count(client, "q"), (0, 0));
    bench.consume(client, "q");
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered(client), delivered(1, false, "2"));
}

#[test]
fn a_publisher_is_told_that_a_queue_is_full() {
    let (mut bench, client) = limited(&rejecting());
    bench.queue(client, "other");
    bench.bind(client, "q", "amq.fanout", "");
    bench.bind(client, "other", "amq.fanout", "");
    bench.ask(client, confirm::Select { nowait: false });
    for (body, confirmation) in [("1", acked(1)), ("2", nacked(2)), ("3", nacked(3))] {
        bench.publish_to(client, "amq.fanout", "", body);
        assert_eq!(bench.hear(client), confirmation);
    }
    assert_eq!(bench.fetch_all(client, "q"), ["1"]);
    assert_eq!(bench.fetch_all(client, "other"), ["1", "2", "3"]);
    bench.publish_to(client, "amq.fanout", "", "4");
    assert_eq!(bench.hear(client), acked(4));
}

#[test]
fn a_full_queue_is_a_queue_that_was_found() {
    let (mut bench, client) = limited(&rejecting());
    bench.ask(client, confirm::Select { nowait: false });
    bench.put(client, "q", "1");
    assert_eq!(bench.hear(client), acked(1));
    let mandatory = basic::Publish {
        routing_key: name("q"),
        mandatory: true,
        ..Default::default()
    };
    bench.publish(client, 1, mandatory, &BasicProperties::default(), b"2");
    assert_eq!(bench.hear(client), nacked(2));
}

#[test]
fn a_message_is_rejected_whether_or_not_a_consumer_could_have_it() {
    let mut arguments = rejecting();
    arguments[0].1 = 0.into();
    let (mut bench, client) = limited(&arguments);
    bench.consume(client, "q");
    bench.ask(client, confirm::Select { nowait: false });
    bench.put(client, "q", "1");
    assert_eq!(bench.hear(client), nacked(1));
    assert_eq!(bench.hear(client), Heard::Nothing);
}

#[test]
fn what_comes_back_is_not_rejected() {
    let (mut bench, client) = limited(&rejecting());
    bench.put(client, "q", "1");
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    bench.put(client, "q", "2");
    bench.say_1(client, basic::Recover { requeue: true });
    assert_eq!(bench.hear(client), on_1(basic::RecoverOk));
    assert_eq!(bench.fetch_all(client, "q"), ["1", "2"]);
}

#[test]
fn a_commit_that_finds_a_queue_full_does_the_rest_and_says_so() {
    let (mut bench, client) = limited(&rejecting());
    bench.queue(client, "other");
    bench.ask(client, tx::Select);
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    bench.put(client, "other", "3");
    bench.say_1(client, tx::Commit);
    assert_eq!(bench.refused(client), (406, 90, 20));
    assert_eq!(bench.fetch_all(client, "q"), ["1"]);
    assert_eq!(bench.fetch_all(client, "other"), ["3"]);
}

#[test]
fn with_priorities_the_most_important_message_gives_way() {
    let arguments = [("x-max-length", 2.into()), ("x-max-priority", 5.into())];
    let (mut bench, client) = limited(&arguments);
    for priority in [5, 1, 3] {
        let properties = BasicProperties {
            priority: Some(priority),
            ..Default::default()
        };
        bench.put_with(client, "q", &properties, &priority.to_string());
    }
    assert_eq!(bench.fetch_all(client, "q"), ["3", "1"]);
}

#[test]
fn a_purge_makes_room() {
    let (mut bench, client) = limited(&[("x-max-length-bytes", 3.into())]);
    bench.put(client, "q", "123");
    let purge = queue::Purge {
        queue: name("q"),
        no_wait: false,
    };
    bench.ask(client, purge);
    bench.put(client, "q", "123");
    assert_eq!(bench.count(client, "q"), (1, 0));
}
