//! What survives the broker, and what a client may rely on.

use mqspec_codec::{
    BasicProperties, Method, basic, channel, confirm, connection, exchange, queue, tx,
};
use reference_broker::Alarm;
use reference_broker::store::{MemoryStore, Store};
use rstest::rstest;

use crate::bench::{
    Bench, Client, Heard, delivered, exchanges, milliseconds, name, on_0, on_1, queues, table, text,
};

fn bench() -> Bench {
    Bench::on(MemoryStore::default())
}

fn durable(queue: &str) -> queue::Declare {
    queue::Declare {
        durable: true,
        ..queues::declare(queue)
    }
}

fn persistent() -> BasicProperties {
    BasicProperties {
        delivery_mode: Some(2),
        ..Default::default()
    }
}

fn put(bench: &mut Bench, client: Client, queue: &str, body: &str) {
    bench.put_with(client, queue, &persistent(), body);
}

/// A durable queue with these persistent messages.
fn filled(bench: &mut Bench, bodies: &[&str]) -> Client {
    let client = bench.open();
    bench.declare(client, durable("q"));
    for body in bodies {
        put(bench, client, "q", body);
    }
    client
}

fn acked(delivery_tag: u64, multiple: bool) -> Heard {
    on_1(basic::Ack {
        delivery_tag,
        multiple,
    })
}

#[test]
fn persistent_messages_come_back_in_their_order() {
    let mut bench = bench();
    let client = filled(&mut bench, &["1", "2"]);
    bench.put(client, "q", "not persistent");
    put(&mut bench, client, "q", "3");
    let mut bench = bench.restarted();
    let client = bench.open();
    for (tag, body) in [(1, "1"), (2, "2"), (3, "3")] {
        assert_eq!(bench.fetch(client, "q"), delivered(tag, false, body));
    }
    assert_eq!(bench.fetch(client, "q"), None);
}

#[test]
fn exchanges_queues_and_bindings_come_back_as_they_were() {
    let mut bench = bench();
    let client = bench.open();
    let declare = |exchange: &str| exchange::Declare {
        exchange: name(exchange),
        r#type: name("topic"),
        durable: true,
        arguments: table(&[("alternate-exchange", text("other"))]),
        ..Default::default()
    };
    let limited = queue::Declare {
        arguments: table(&[("x-max-length", 2.into())]),
        ..durable("limited")
    };
    assert_eq!(bench.ask(client, declare("a")), on_1(exchange::DeclareOk));
    assert_eq!(bench.ask(client, declare("b")), on_1(exchange::DeclareOk));
    bench.declare(client, limited.clone());
    bench.bind(client, "limited", "b", "#.end");
    let bind = exchange::Bind {
        destination: name("b"),
        source: name("a"),
        routing_key: name("#"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, bind), on_1(exchange::BindOk));

    let mut bench = bench.restarted();
    let client = bench.open();
    assert_eq!(bench.ask(client, declare("a")), on_1(exchange::DeclareOk));
    bench.declare(client, limited);
    for body in ["1", "2", "3"] {
        bench.publish_to(client, "a", "the.end", body);
    }
    bench.publish_to(client, "a", "not.at.all", "4");
    assert_eq!(bench.fetch(client, "limited"), delivered(1, false, "2"));
    assert_eq!(bench.fetch(client, "limited"), delivered(2, false, "3"));
    assert_eq!(bench.fetch(client, "limited"), None);
}

/// Everything is bound to everything else of its kind.
#[rstest]
#[case::transient_queue(queues::declare("q"))]
#[case::exclusive_queue(queue::Declare { exclusive: true, ..durable("q") })]
fn what_is_not_to_survive_does_not(#[case] declare: queue::Declare) {
    let mut bench = bench();
    let client = bench.open();
    bench.exchange(client, "transient", "fanout");
    bench.declare(client, durable("stays"));
    bench.bind(client, "stays", "transient", "");
    bench.declare(client, declare);
    bench.bind(client, "q", "amq.fanout", "");
    put(&mut bench, client, "q", "m");

    let mut bench = bench.restarted();
    let client = bench.open();
    assert!(matches!(
        bench.ask(client, queues::passive("q")),
        Heard::Method(1, Method::ChannelClose(_))
    ));
    bench.say_1(client, channel::CloseOk);
    bench.open_channel(client, 1);
    assert_eq!(
        bench.ask(client, queues::passive("stays")),
        queues::ok("stays", 0, 0)
    );
    bench.exchange(client, "transient", "fanout");
    bench.publish_to(client, "transient", "", "m");
    assert_eq!(
        bench.ask(client, queues::passive("stays")),
        queues::ok("stays", 0, 0)
    );
    // Nothing of it is left in the store either.
    assert_eq!(bench.store.as_ref().map(MemoryStore::len), Some(1));
}

#[test]
fn what_is_deleted_or_settled_stays_away() {
    let mut bench = bench();
    let client = filled(&mut bench, &["acknowledged", "rejected", "taken", "purged"]);
    let declare = exchange::Declare {
        durable: true,
        ..exchanges::declare("e", "fanout")
    };
    assert_eq!(bench.ask(client, declare), on_1(exchange::DeclareOk));
    bench.bind(client, "q", "e", "");
    bench.bind(client, "q", "amq.fanout", "");
    let _ = bench.fetch(client, "q");
    bench.ack(client, 1);
    let _ = bench.fetch(client, "q");
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 2,
            requeue: false,
        },
    );
    bench.ask(
        client,
        basic::Get {
            queue: name("q"),
            no_ack: true,
        },
    );
    bench.ask(
        client,
        queue::Purge {
            queue: name("q"),
            no_wait: false,
        },
    );
    bench.ask(client, queues::unbind("q", "amq.fanout", ""));
    bench.ask(
        client,
        exchange::Delete {
            exchange: name("e"),
            ..Default::default()
        },
    );
    assert_eq!(bench.store.as_ref().map(MemoryStore::len), Some(1));
    bench.ask(client, queues::delete("q"));
    assert_eq!(bench.store.as_ref().map(MemoryStore::len), Some(0));
}

#[test]
fn what_was_delivered_and_not_settled_is_redelivered() {
    let mut bench = bench();
    let client = filled(&mut bench, &["1", "2", "3"]);
    bench.prefetch(client, 2);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    bench.ack(client, 1);
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
    assert_eq!(bench.delivered(client), delivered(3, false, "3"));
    bench.ack(client, 2);
    let mut bench = bench.restarted();
    let client = bench.open();
    assert_eq!(bench.fetch(client, "q"), delivered(1, true, "3"));
    assert_eq!(bench.fetch(client, "q"), None);
}

#[test]
fn a_message_in_several_queues_is_stored_once() {
    let mut bench = bench();
    let client = bench.open();
    for queue in ["a", "b"] {
        bench.declare(client, durable(queue));
        bench.bind(client, queue, "amq.fanout", "");
    }
    bench.queue(client, "transient");
    bench.bind(client, "transient", "amq.fanout", "");
    let before = bench.store.as_ref().map_or(0, MemoryStore::len);
    let publish = basic::Publish {
        exchange: name("amq.fanout"),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &persistent(), b"m");
    // The message, and an entry for each of both queues.
    assert_eq!(bench.store.as_ref().map(MemoryStore::len), Some(before + 3));

    let mut bench = bench.restarted();
    let client = bench.open();
    for (tag, queue) in [(1, "a"), (2, "b")] {
        assert_eq!(bench.fetch(client, queue), delivered(tag, false, "m"));
        bench.ack(client, tag);
    }
    assert_eq!(bench.store.as_ref().map(MemoryStore::len), Some(before));
}

#[test]
fn a_confirmation_waits_until_the_message_is_stored() {
    let mut bench = bench();
    let client = filled(&mut bench, &[]);
    bench.ask(client, confirm::Select { nowait: false });
    bench.storing = false;
    for body in ["1", "2"] {
        put(&mut bench, client, "q", body);
    }
    bench.put(client, "q", "transient, and behind the others");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.store_changes();
    assert_eq!(bench.hear(client), acked(3, true));
    bench.put(client, "q", "transient");
    assert_eq!(bench.hear(client), acked(4, false));
}

#[test]
fn an_answer_waits_until_what_was_done_is_stored_and_holds_up_no_heartbeat() {
    let mut bench = bench();
    let client = bench.tuned(&["connection.blocked"], 0, 0, 10);
    bench.open_channel(client, 1);
    bench.storing = false;
    bench.say_1(client, durable("q"));
    bench.put(client, "q", "m");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.broker.set_alarm(Alarm::Store, true, bench.now);
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionBlocked(_))
    ));
    bench.wait(milliseconds(6000));
    assert_eq!(bench.hear(client), Heard::Heartbeat);
    bench.broker.set_alarm(Alarm::Store, false, bench.now);
    assert_eq!(bench.hear(client), on_0(connection::Unblocked));
    bench.storing = true;
    assert_eq!(bench.hear(client), queues::ok("q", 0, 0));
}

#[test]
fn others_go_on_while_one_waits_for_the_store() {
    let mut bench = bench();
    let client = filled(&mut bench, &[]);
    let other = bench.open();
    bench.consume(other, "q");
    bench.storing = false;
    bench.say_1(client, durable("another"));
    put(&mut bench, client, "q", "m");
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.delivered(other), delivered(1, false, "m"));
    let exclusive = queue::Declare {
        exclusive: true,
        ..queues::declare("own")
    };
    assert_eq!(bench.ask(other, exclusive), queues::ok("own", 0, 0));
}

#[test]
fn what_is_settled_before_it_is_stored_is_never_stored() {
    let mut bench = bench();
    let client = filled(&mut bench, &[]);
    bench.ask(client, confirm::Select { nowait: false });
    bench.consume(client, "q");
    bench.storing = false;
    put(&mut bench, client, "q", "m");
    assert_eq!(bench.delivered(client), delivered(1, false, "m"));
    bench.ack(client, 1);
    assert_eq!(bench.store_changes(), 0);
    assert_eq!(bench.hear(client), acked(1, false));
}

#[test]
fn a_transaction_survives_as_a_whole() {
    let mut bench = bench();
    let client = filled(&mut bench, &["old"]);
    bench.ask(client, tx::Select);
    let _ = bench.fetch(client, "q");
    put(&mut bench, client, "q", "new 1");
    put(&mut bench, client, "q", "new 2");
    bench.ack(client, 1);
    bench.storing = false;
    bench.say_1(client, tx::Commit);
    assert_eq!(bench.hear(client), Heard::Nothing);
    let batch = bench.broker.take_changes().expect("changes");
    assert_eq!((batch.put.len(), batch.removed.len()), (2, 1));
    bench.broker.stored(batch.position, bench.now);
    assert_eq!(bench.hear(client), on_1(tx::CommitOk));
}

#[test]
fn a_message_on_its_way_from_one_queue_to_another_is_always_in_the_store() {
    let mut bench = bench();
    let client = bench.open();
    let dying = queue::Declare {
        arguments: table(&[
            ("x-dead-letter-exchange", text("")),
            ("x-dead-letter-routing-key", text("q")),
        ]),
        ..durable("dying")
    };
    bench.declare(client, dying);
    filled(&mut bench, &[]);
    put(&mut bench, client, "dying", "m");
    let _ = bench.fetch(client, "dying");
    bench.storing = false;
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: false,
        },
    );
    let batch = bench.broker.take_changes().expect("changes");
    assert_eq!((batch.put.len(), batch.removed.len()), (1, 1));
}

#[test]
fn who_leaves_is_told_when_everything_is_safe() {
    let mut bench = bench();
    let client = filled(&mut bench, &[]);
    bench.ask(client, confirm::Select { nowait: false });
    bench.storing = false;
    put(&mut bench, client, "q", "m");
    bench.say(client, 0, connection::Close::default());
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.storing = true;
    assert_eq!(bench.hear(client), acked(1, false));
    assert_eq!(bench.hear(client), on_0(connection::CloseOk));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn who_is_silent_for_too_long_is_told_nothing_that_is_not_safe() {
    let mut bench = bench();
    let client = bench.tuned(&[], 0, 0, 10);
    bench.open_channel(client, 1);
    bench.ask(client, durable("q"));
    bench.ask(client, confirm::Select { nowait: false });
    bench.storing = false;
    put(&mut bench, client, "q", "m");
    bench.say_1(client, durable("another"));
    bench.wait(milliseconds(20_000));
    while bench.hear(client) == Heard::Heartbeat {}
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn who_sends_what_is_no_frame_is_told_what_is_safe_before_the_end() {
    let mut bench = bench();
    let client = filled(&mut bench, &[]);
    bench.ask(client, confirm::Select { nowait: false });
    bench.storing = false;
    put(&mut bench, client, "q", "m");
    let too_long = [1, 0, 1, 0xff, 0xff, 0xff, 0xff];
    bench.send_octets(client, &too_long);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.storing = true;
    assert_eq!(bench.hear(client), acked(1, false));
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionClose(_))
    ));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn what_expires_does_so_in_the_time_that_it_was_given() {
    let mut bench = bench();
    let client = filled(&mut bench, &[]);
    let properties = BasicProperties {
        expiration: Some(name("1000")),
        ..persistent()
    };
    bench.put_with(client, "q", &properties, "m");
    bench.wait(milliseconds(400));
    let mut store = bench.store.take().expect("a store");
    let mut bench = Bench::new();
    bench.broker.set_epoch(milliseconds(400));
    let records = store.load().expect("memory is always there");
    bench.broker.restore(records).expect("legal records");
    bench.store = Some(store);
    // Whether or not somebody comes by then.
    assert_eq!(bench.broker.next_deadline(), Some(milliseconds(600)));
    let client = bench.open();
    bench.wait(milliseconds(599));
    assert_eq!(bench.count(client, "q"), (1, 0));
    bench.wait(milliseconds(1));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn a_name_that_was_made_up_is_not_made_up_again() {
    let mut bench = bench();
    let client = bench.open();
    let names: Vec<_> = (0..3).map(|_| bench.declare(client, durable(""))).collect();
    let mut bench = bench.restarted();
    let client = bench.open();
    for _ in 0..5 {
        let name = bench.declare(client, durable(""));
        assert!(!names.contains(&name), "{name} is there already");
    }
    for name in names {
        assert_eq!(
            bench.ask(client, queues::passive(&name)),
            queues::ok(&name, 0, 0)
        );
    }
}
