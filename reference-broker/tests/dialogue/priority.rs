//! Queues that tell more than two levels of priority apart.

use mqspec_codec::{BasicProperties, basic};

use crate::bench::{Bench, Client, delivered};

fn put(bench: &mut Bench, client: Client, priority: Option<u8>, body: &str) {
    let properties = BasicProperties {
        priority,
        ..Default::default()
    };
    bench.put_with(client, "q", &properties, body);
}

fn with_priorities(highest: i32) -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", &[("x-max-priority", highest.into())]);
    (bench, client)
}

#[test]
fn the_most_important_come_first_and_equals_in_their_order() {
    let (mut bench, client) = with_priorities(5);
    let messages = [
        (None, "none"),
        (Some(0), "0"),
        (Some(3), "3a"),
        (Some(5), "5"),
        (Some(9), "9"),
        (Some(255), "255"),
        (Some(4), "4"),
        (Some(3), "3b"),
    ];
    for (priority, body) in messages {
        put(&mut bench, client, priority, body);
    }
    let order = ["5", "9", "255", "4", "3a", "3b", "none", "0"];
    assert_eq!(bench.fetch_all(client, "q"), order);
}

#[test]
fn all_256_priorities_can_be_told_apart() {
    let (mut bench, client) = with_priorities(255);
    for priority in (0..=255).rev().step_by(2).chain((0..255).step_by(2)) {
        put(&mut bench, client, Some(priority), &priority.to_string());
    }
    bench.consume(client, "q");
    for (tag, priority) in (1..).zip((0..=255).rev()) {
        assert_eq!(
            bench.delivered(client),
            delivered(tag, false, &u8::to_string(&priority))
        );
    }
}

#[test]
fn with_one_level_the_order_is_that_of_arrival() {
    let (mut bench, client) = with_priorities(0);
    for (priority, body) in [(None, "1"), (Some(0), "2"), (Some(9), "3")] {
        put(&mut bench, client, priority, body);
    }
    assert_eq!(bench.fetch_all(client, "q"), ["1", "2", "3"]);
}

#[test]
fn what_comes_back_comes_back_to_its_place() {
    let (mut bench, client) = with_priorities(5);
    put(&mut bench, client, Some(1), "1");
    put(&mut bench, client, Some(3), "3a");
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "3a"));
    put(&mut bench, client, Some(3), "3b");
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(bench.fetch_all(client, "q"), ["3a", "3b", "1"]);
}
