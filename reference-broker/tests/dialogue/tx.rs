//! Class tx.

use mqspec_codec::{BasicProperties, Method, basic, channel, tx};

use crate::bench::{Bench, Client, Heard, delivered, name, on_1};

fn transactional(bench: &mut Bench) -> Client {
    let client = bench.open();
    bench.queue(client, "q");
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    client
}

#[test]
fn what_is_published_is_there_at_commit() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert_eq!(bench.count(client, "q"), (0, 0));
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.count(client, "q"), (2, 0));
    // The next transaction has begun.
    bench.put(client, "q", "3");
    assert_eq!(bench.count(client, "q"), (2, 0));
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    assert_eq!(bench.fetch(client, "q"), delivered(2, false, "2"));
    assert_eq!(bench.fetch(client, "q"), delivered(3, false, "3"));
}

#[test]
fn what_is_published_is_gone_at_rollback() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    assert_eq!(bench.ask(client, tx::Rollback), on_1(tx::RollbackOk));
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn deliveries_follow_commit_ok() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.consume(client, "q");
    bench.put(client, "q", "1");
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
}

#[test]
fn an_acknowledgement_counts_from_commit_on() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
    }
    bench.prefetch(client, 1);
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    bench.ack(client, 1);
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
}

#[test]
fn rollback_leaves_unsettled_what_was_settled() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    let _ = bench.ask(client, tx::Commit);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
    bench.say_1(
        client,
        basic::Ack {
            delivery_tag: 1,
            multiple: false,
        },
    );
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 2,
            multiple: false,
            requeue: true,
        },
    );
    assert_eq!(bench.ask(client, tx::Rollback), on_1(tx::RollbackOk));
    // Nothing is delivered again by that alone, and everything can be settled again.
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say_1(
        client,
        basic::Ack {
            delivery_tag: 2,
            multiple: true,
        },
    );
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(
        bench.ask(client, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    bench.open_channel(client, 1);
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn rejects_wait_for_commit() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    let _ = bench.ask(client, tx::Commit);
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(bench.count(client, "q"), (0, 0));
    let _ = bench.ask(client, tx::Commit);
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn an_unknown_tag_is_refused_at_once() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.ack(client, 1);
    assert_eq!(bench.refused(client), (406, 60, 80));

    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    let _ = bench.ask(client, tx::Commit);
    assert!(bench.fetch(client, "q").is_some());
    bench.ack(client, 1);
    bench.ack(client, 1);
    assert_eq!(bench.refused(client), (406, 60, 80));
}

#[test]
fn closing_the_channel_rolls_back() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    let _ = bench.ask(client, tx::Commit);
    assert!(bench.fetch(client, "q").is_some());
    bench.ack(client, 1);
    bench.put(client, "q", "2");
    assert_eq!(
        bench.ask(client, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    bench.open_channel(client, 1);
    assert_eq!(bench.count(client, "q"), (1, 0));
    assert_eq!(bench.fetch(client, "q"), delivered(1, true, "1"));
}

#[test]
fn an_absent_exchange_is_refused_at_once() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.publish_to(client, "none", "", "1");
    assert_eq!(bench.refused(client), (404, 60, 40));
}

#[test]
fn returns_come_before_commit_ok() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    let mandatory = basic::Publish {
        routing_key: name("nobody"),
        mandatory: true,
        ..Default::default()
    };
    bench.publish(client, 1, mandatory, &BasicProperties::default(), b"1");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say_1(client, tx::Commit);
    assert!(matches!(
        bench.hear(client),
        Heard::Content(1, Method::BasicReturn(_), _, _)
    ));
    assert_eq!(bench.hear(client), on_1(tx::CommitOk));
}

#[test]
fn a_transaction_has_to_be_asked_for() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, tx::Commit);
    assert_eq!(bench.refused(client), (406, 90, 20));
    bench.say_1(client, tx::Rollback);
    assert_eq!(bench.refused(client), (406, 90, 30));
}

#[test]
fn to_select_again_changes_nothing() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.put(client, "q", "1");
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn to_acknowledge_nothing_is_nothing_to_commit() {
    let mut bench = Bench::new();
    let client = transactional(&mut bench);
    bench.say_1(
        client,
        basic::Ack {
            delivery_tag: 0,
            multiple: true,
        },
    );
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
}
