//! The property `user-id`: a message says truly who published it, or does not say so.

use mqspec_codec::{BasicProperties, basic, tx};

use crate::bench::{Bench, Client, delivered, name, on_1};

fn publish(bench: &mut Bench, client: Client, exchange: &str, user: &str) {
    let publish = basic::Publish {
        exchange: name(exchange),
        routing_key: name("q"),
        ..Default::default()
    };
    let properties = BasicProperties {
        user_id: Some(name(user)),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &properties, b"m");
}

#[test]
fn ones_own_name_is_accepted_and_no_other() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for user in ["other", "", "Guest"] {
        publish(&mut bench, client, "", user);
        assert_eq!(bench.refused(client), (406, 60, 40));
    }
    publish(&mut bench, client, "", "guest");
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "m"));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn a_missing_exchange_is_told_first() {
    let mut bench = Bench::new();
    let client = bench.open();
    publish(&mut bench, client, "missing", "other");
    assert_eq!(bench.refused(client), (404, 60, 40));
}

#[test]
fn in_a_transaction_it_is_told_at_once() {
    let mut bench = Bench::new();
    let client = bench.open();
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    publish(&mut bench, client, "", "other");
    assert_eq!(bench.refused(client), (406, 60, 40));
}
