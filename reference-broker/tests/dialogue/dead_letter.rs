//! Where messages go that a queue throws away.

use mqspec_codec::{BasicProperties, basic, exchange, queue, tx};

use crate::bench::dying::{deaths, dying_to, look, reject, reject_next, told};
use crate::bench::{Bench, Client, Heard, delivered, milliseconds, name, on_1, queues, text};

/// A queue `q` whose dead letters go to `dead`.
fn dying() -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "dead");
    bench.queue_with(client, "q", &dying_to("dead"));
    (bench, client)
}

#[test]
fn what_expires_reaches_a_consumer_of_dead_letters_by_itself() {
    let (mut bench, client) = dying();
    bench.consume(client, "dead");
    let properties = BasicProperties {
        expiration: Some(name("50")),
        ..Default::default()
    };
    bench.put_with(client, "q", &properties, "m");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.wait(milliseconds(50));
    assert_eq!(bench.delivered(client), delivered(1, false, "m"));
}

#[test]
fn what_gives_way_in_a_full_queue_is_a_dead_letter() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "dead");
    let [exchange, key] = dying_to("dead");
    bench.queue_with(client, "q", &[exchange, key, ("x-max-length", 1.into())]);
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
    }
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "3"));
    let (_, _, dead) = look(&mut bench, client, "dead");
    let headers = dead.headers.expect("headers");
    assert_eq!(deaths(&headers), told(&[("q", "maxlen", 1)]));
    assert_eq!(bench.fetch(client, "dead"), delivered(3, false, "2"));
}

#[test]
fn what_a_full_queue_rejects_is_a_dead_letter_if_it_says_so() {
    for (overflow, expected) in [
        ("reject-publish", vec![]),
        ("reject-publish-dlx", vec!["2"]),
    ] {
        let mut bench = Bench::new();
        let client = bench.open();
        bench.queue(client, "dead");
        let [exchange, key] = dying_to("dead");
        let limits = [("x-max-length", 1.into()), ("x-overflow", text(overflow))];
        bench.queue_with(client, "q", &[[exchange, key], limits].concat());
        bench.put(client, "q", "1");
        bench.put(client, "q", "2");
        assert_eq!(bench.fetch_all(client, "dead"), expected);
        assert_eq!(bench.fetch_all(client, "q"), ["1"]);
    }
}

#[test]
fn without_a_key_of_its_own_a_dead_letter_keeps_the_one_it_had() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "x", "direct");
    bench.queue(client, "dead");
    bench.bind(client, "dead", "x", "k");
    bench.queue_with(client, "q", &[("x-dead-letter-exchange", text("x"))]);
    bench.bind(client, "q", "amq.direct", "k");
    bench.bind(client, "q", "amq.direct", "other");
    bench.publish_to(client, "amq.direct", "other", "lost");
    bench.publish_to(client, "amq.direct", "k", "kept");
    reject_next(&mut bench, client, "q");
    reject_next(&mut bench, client, "q");
    let (exchange, key, _) = look(&mut bench, client, "dead");
    assert_eq!((exchange, key), (name("x"), name("k")));
    assert_eq!(bench.count(client, "dead"), (0, 0));
}

#[test]
fn what_nobody_rejects_does_not_go_round_for_ever() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    let queues = [("a", "b"), ("b", "c"), ("c", "a")];
    for (queue, next) in queues {
        let [exchange, key] = dying_to(next);
        bench.queue_with(
            client,
            queue,
            &[exchange, key, ("x-message-ttl", 10.into())],
        );
    }
    bench.put(client, "a", "m");
    for (queue, _) in queues {
        assert_eq!(bench.count(client, queue), (1, 0));
        bench.wait(milliseconds(10));
    }
    for (queue, _) in queues {
        assert_eq!(bench.count(client, queue), (0, 0));
    }
    assert_eq!(bench.until_deadline(), None);
}

#[test]
fn what_somebody_rejects_may_come_back_to_where_it_was() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", &dying_to("q"));
    bench.put(client, "q", "m");
    for _ in 0..3 {
        reject_next(&mut bench, client, "q");
    }
    let headers = look(&mut bench, client, "q").2.headers.expect("headers");
    assert_eq!(deaths(&headers), told(&[("q", "rejected", 3)]));
}

#[test]
fn several_are_rejected_in_their_order() {
    let (mut bench, client) = dying();
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
        bench.fetch(client, "q");
    }
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 3,
            multiple: true,
            requeue: false,
        },
    );
    assert_eq!(bench.fetch_all(client, "dead"), ["1", "2", "3"]);
}

#[test]
fn what_a_transaction_rejects_dies_at_commit() {
    let (mut bench, client) = dying();
    bench.put(client, "q", "m");
    bench.ask(client, tx::Select);
    reject_next(&mut bench, client, "q");
    assert_eq!(bench.count(client, "dead"), (0, 0));
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.count(client, "dead"), (1, 0));
}

#[test]
fn what_is_acknowledged_purged_or_deleted_is_no_dead_letter() {
    let (mut bench, client) = dying();
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
    }
    let tag = bench.fetch(client, "q").expect("a message").tag;
    bench.ack(client, tag);
    let purge = queue::Purge {
        queue: name("q"),
        no_wait: false,
    };
    bench.ask(client, purge);
    bench.put(client, "q", "4");
    let tag = bench.fetch(client, "q").expect("a message").tag;
    bench.put(client, "q", "5");
    bench.ask(client, queues::delete("q"));
    // Its queue is gone, and with it what it said of dead letters.
    reject(&mut bench, client, tag);
    assert_eq!(bench.count(client, "dead"), (0, 0));
}

#[test]
fn dead_letters_may_go_to_an_internal_exchange_and_nowhere_to_a_missing_one() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", &[("x-dead-letter-exchange", text("x"))]);
    bench.put(client, "q", "1");
    reject_next(&mut bench, client, "q");
    bench.ask(
        client,
        exchange::Declare {
            exchange: name("x"),
            r#type: name("fanout"),
            internal: true,
            ..Default::default()
        },
    );
    bench.queue(client, "dead");
    bench.bind(client, "dead", "x", "");
    bench.put(client, "q", "2");
    reject_next(&mut bench, client, "q");
    assert_eq!(bench.fetch_all(client, "dead"), ["2"]);
}

#[test]
fn dead_letters_that_multiply_do_not_keep_others_waiting() {
    let mut bench = Bench::new();
    let client = bench.open();
    // Each way through these queues is a letter of its own: some two thousand of them.
    for number in 0..7 {
        let queue = format!("q{number}");
        let arguments = [
            ("x-max-length", 0.into()),
            ("x-dead-letter-exchange", text("amq.fanout")),
        ];
        bench.queue_with(client, &queue, &arguments);
        bench.bind(client, &queue, "amq.fanout", "");
    }
    bench.put(client, "q0", "m");
    assert_eq!(bench.count(client, "q0"), (0, 0));
    let mut rounds = 0;
    while bench.until_deadline() == Some(milliseconds(0)) {
        bench.wait(milliseconds(0));
        rounds += 1;
    }
    assert!(rounds > 1, "only {rounds} rounds");
}
