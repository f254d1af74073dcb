//! Class queue: whose a queue is, and how it or what it holds comes to an end.

use mqspec_codec::{Method, basic, channel, queue};

use crate::bench::queues::{bind, declare, delete, ok, passive, unbind};
use crate::bench::{Bench, Heard, delivered, name, on_1, with_messages};

#[test]
fn another_connections_exclusive_queue_is_locked() {
    let mut bench = Bench::new();
    let (owner, other) = (bench.open(), bench.open());
    let exclusive = queue::Declare {
        exclusive: true,
        ..declare("q")
    };
    bench.declare(owner, exclusive.clone());
    assert_eq!(bench.ask(owner, exclusive.clone()), ok("q", 0, 0));
    let cases: [(Method, (u16, u16)); 10] = [
        (exclusive.into(), (50, 10)),
        (declare("q").into(), (50, 10)),
        (
            queue::Declare {
                durable: true,
                ..declare("q")
            }
            .into(),
            (50, 10),
        ),
        (passive("q").into(), (50, 10)),
        (bind("q", "amq.direct", "").into(), (50, 20)),
        (unbind("q", "amq.direct", "").into(), (50, 50)),
        (
            queue::Purge {
                queue: name("q"),
                no_wait: false,
            }
            .into(),
            (50, 30),
        ),
        (delete("q").into(), (50, 40)),
        (
            basic::Consume {
                queue: name("q"),
                ..Default::default()
            }
            .into(),
            (60, 20),
        ),
        (
            basic::Get {
                queue: name("q"),
                no_ack: true,
            }
            .into(),
            (60, 70),
        ),
    ];
    for (method, (class_id, method_id)) in cases {
        bench.say_1(other, method);
        assert_eq!(bench.refused(other), (405, class_id, method_id));
    }
    bench.say_1(owner, declare("q"));
    assert_eq!(bench.refused(owner), (406, 50, 10));
    // Publishing is no access to the queue.
    bench.put(other, "q", "1");
    assert_eq!(bench.fetch(owner, "q"), delivered(1, false, "1"));
}

#[test]
fn an_auto_delete_queue_goes_with_its_last_consumer() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    let auto_delete = || queue::Declare {
        auto_delete: true,
        ..declare("q")
    };
    bench.declare(a, auto_delete());
    assert_eq!(bench.fetch(a, "q"), None);
    assert_eq!(bench.count(a, "q"), (0, 0));
    bench.consume(a, "q");
    bench.consume(b, "q");
    let cancel = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: false,
    };
    assert_eq!(
        bench.ask(a, cancel),
        on_1(basic::CancelOk {
            consumer_tag: name("q")
        })
    );
    assert_eq!(bench.count(a, "q"), (0, 1));
    assert_eq!(
        bench.ask(b, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    bench.say_1(a, passive("q"));
    assert_eq!(bench.refused(a).0, 404);

    bench.declare(a, auto_delete());
    let c = bench.open();
    bench.consume(c, "q");
    bench.cut(c);
    bench.say_1(a, passive("q"));
    assert_eq!(bench.refused(a).0, 404);
}

#[test]
fn purge_drops_what_is_ready_and_nothing_else() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
    }
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    let purged = bench.ask(
        client,
        queue::Purge {
            queue: name("q"),
            no_wait: false,
        },
    );
    assert_eq!(purged, on_1(queue::PurgeOk { message_count: 2 }));
    assert_eq!(bench.count(client, "q"), (0, 0));
    assert_eq!(
        bench.ask(client, basic::Recover { requeue: true }),
        on_1(basic::RecoverOk)
    );
    assert_eq!(bench.fetch(client, "q"), delivered(2, true, "1"));
}

#[test]
fn delete_tells_how_many_messages_were_ready() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for body in ["1", "2", "3"] {
        bench.put(client, "q", body);
    }
    assert!(bench.fetch(client, "q").is_some());
    assert_eq!(
        bench.ask(client, delete("q")),
        on_1(queue::DeleteOk { message_count: 2 })
    );
    // What was delivered can still be settled, though it has nowhere to return to.
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    bench.queue(client, "q");
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn delete_may_depend_on_consumers_and_messages() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    let if_unused = || queue::Delete {
        if_unused: true,
        ..delete("q")
    };
    let if_empty = || queue::Delete {
        if_empty: true,
        ..delete("q")
    };
    bench.put(client, "q", "1");
    bench.say_1(client, if_empty());
    assert_eq!(bench.refused(client), (406, 50, 40));
    assert_eq!(bench.count(client, "q"), (1, 0));
    assert!(bench.fetch(client, "q").is_some());
    bench.ack(client, 1);
    bench.consume(client, "q");
    bench.say_1(client, if_unused());
    assert_eq!(bench.refused(client), (406, 50, 40));
    assert_eq!(bench.count(client, "q"), (0, 0));
    assert_eq!(
        bench.ask(client, if_unused()),
        on_1(queue::DeleteOk { message_count: 0 })
    );
    bench.queue(client, "q");
    assert_eq!(
        bench.ask(client, if_empty()),
        on_1(queue::DeleteOk { message_count: 0 })
    );
}

#[test]
fn deleting_a_queue_removes_its_bindings() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", "amq.fanout", "");
    let _ = bench.ask(client, delete("q"));
    bench.queue(client, "q");
    bench.publish_to(client, "amq.fanout", "", "1");
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn consumers_of_a_deleted_queue_are_told_if_they_understand() {
    let mut bench = Bench::new();
    let (knows, does_not) = (bench.open_with(&["consumer_cancel_notify"]), bench.open());
    bench.queue(knows, "q");
    bench.consume(knows, "q");
    bench.consume(does_not, "q");
    let answer = bench.ask(does_not, delete("q"));
    assert_eq!(answer, on_1(queue::DeleteOk { message_count: 0 }));
    let cancel = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: true,
    };
    assert_eq!(bench.hear(knows), on_1(cancel));
    assert_eq!(bench.hear(does_not), Heard::Nothing);
    // An answer is not asked for, and does no harm. The tag is free again.
    bench.say_1(
        knows,
        basic::CancelOk {
            consumer_tag: name("q"),
        },
    );
    bench.queue(knows, "q");
    bench.consume(knows, "q");
}

#[test]
fn who_deletes_the_queue_of_their_own_consumers_is_told_on_each_channel() {
    let (mut bench, publisher) = with_messages(0);
    let client = bench.open_with(&["consumer_cancel_notify"]);
    bench.open_channel(client, 2);
    bench.consume_on(client, 2, "q");
    bench.consume(client, "q");
    bench.put(publisher, "q", "1");
    bench.say_1(client, delete("q"));
    // What was delivered before is heard before.
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "1"));
    assert_eq!(
        bench.hear(client),
        on_1(queue::DeleteOk { message_count: 0 })
    );
    let cancel = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: true,
    };
    let mut told = [bench.hear(client), bench.hear(client)];
    told.sort_by_key(|heard| matches!(heard, Heard::Method(2, _)));
    let expected = [1, 2].map(|channel| Heard::Method(channel, cancel.clone().into()));
    assert_eq!(told, expected);
    assert_eq!(bench.hear(publisher), Heard::Nothing);
    // It can still be settled, and the client's own cancel crosses the broker's.
    let ack = basic::Ack {
        delivery_tag: 1,
        multiple: false,
    };
    bench.say(client, 2, ack);
    let crossing = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: false,
    };
    bench.say(client, 2, crossing);
    let ok = basic::CancelOk {
        consumer_tag: name("q"),
    };
    assert_eq!(bench.hear(client), Heard::Method(2, ok.into()));
}

#[test]
fn who_cancels_the_last_consumer_is_not_told_that_the_queue_went_with_it() {
    let mut bench = Bench::new();
    let client = bench.open_with(&["consumer_cancel_notify"]);
    let goes_by_itself = queue::Declare {
        auto_delete: true,
        ..declare("q")
    };
    bench.declare(client, goes_by_itself);
    bench.consume(client, "q");
    let cancel = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: true,
    };
    assert_eq!(bench.ask(client, cancel), Heard::Nothing);
    bench.say_1(client, passive("q"));
    assert_eq!(bench.refused(client), (404, 50, 10));
}
