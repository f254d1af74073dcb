//! Class queue.

use mqspec_codec::{FieldTable, Method, basic, channel, queue};
use rstest::rstest;

use crate::bench::{Bench, Heard, delivered, name, on_0, on_1};

fn declare(queue: &str) -> queue::Declare {
    queue::Declare {
        queue: name(queue),
        ..Default::default()
    }
}

fn passive(queue: &str) -> queue::Declare {
    queue::Declare {
        passive: true,
        ..declare(queue)
    }
}

fn delete(queue: &str) -> queue::Delete {
    queue::Delete {
        queue: name(queue),
        ..Default::default()
    }
}

fn bind(queue: &str, exchange: &str, key: &str) -> queue::Bind {
    queue::Bind {
        queue: name(queue),
        exchange: name(exchange),
        routing_key: name(key),
        ..Default::default()
    }
}

fn unbind(queue: &str, exchange: &str, key: &str) -> queue::Unbind {
    queue::Unbind {
        queue: name(queue),
        exchange: name(exchange),
        routing_key: name(key),
        ..Default::default()
    }
}

fn ok(queue: &str, message_count: u32, consumer_count: u32) -> Heard {
    on_1(queue::DeclareOk {
        queue: name(queue),
        message_count,
        consumer_count,
    })
}

#[test]
fn declare_ok_tells_name_messages_and_consumers() {
    let mut bench = Bench::new();
    let client = bench.open();
    assert_eq!(bench.ask(client, declare("q")), ok("q", 0, 0));
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert!(bench.fetch(client, "q").is_some());
    assert_eq!(bench.ask(client, declare("q")), ok("q", 1, 0));
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    assert!(bench.delivered(client).is_some());
    assert_eq!(bench.ask(client, passive("q")), ok("q", 0, 1));
}

#[test]
fn the_broker_invents_names_that_are_used_nowhere() {
    let mut bench = Bench::new();
    let client = bench.open();
    let first = bench.declare(client, declare(""));
    let second = bench.declare(client, declare(""));
    assert!(first.starts_with("amq.gen-") && second.starts_with("amq.gen-"));
    assert_ne!(first, second);
    assert_eq!(bench.ask(client, declare(&first)), ok(&first, 0, 0));
    assert_eq!(
        bench.ask(client, delete(&first)),
        on_1(queue::DeleteOk { message_count: 0 })
    );
}

#[test]
fn the_same_exchange_always_reads_the_same() {
    let mut names = Vec::new();
    for _ in 0..2 {
        let mut bench = Bench::new();
        let client = bench.open();
        names.push(bench.declare(client, declare("")));
    }
    assert_eq!(names.first(), names.last());
}

#[rstest]
#[case("amq.new", 403)]
#[case("with space", 406)]
#[case("a/b", 406)]
fn some_names_cannot_be_declared(#[case] queue: &str, #[case] code: u16) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, declare(queue));
    assert_eq!(bench.refused(client), (code, 50, 10));
}

#[test]
fn names_are_long_and_of_the_whole_alphabet() {
    let mut bench = Bench::new();
    let client = bench.open();
    for queue in ["aZ09-_.:", &"q".repeat(255)] {
        bench.queue(client, queue);
        bench.put(client, queue, "1");
        assert_eq!(bench.count(client, queue), (1, 0));
    }
}

#[test]
fn a_declaration_has_to_be_equal_in_everything() {
    let mut bench = Bench::new();
    let client = bench.open();
    let arguments = FieldTable::new().with("a", 1).expect("a legal table");
    let first = queue::Declare {
        arguments,
        ..declare("q")
    };
    bench.declare(client, first.clone());
    assert_eq!(bench.ask(client, first.clone()), ok("q", 0, 0));
    for different in [
        queue::Declare {
            durable: true,
            ..first.clone()
        },
        queue::Declare {
            exclusive: true,
            ..first.clone()
        },
        queue::Declare {
            auto_delete: true,
            ..first.clone()
        },
        declare("q"),
    ] {
        bench.say_1(client, different);
        assert_eq!(bench.refused(client), (406, 50, 10));
    }
    let passive = queue::Declare {
        durable: true,
        exclusive: true,
        ..passive("q")
    };
    assert_eq!(bench.ask(client, passive), ok("q", 0, 0));
}

#[test]
fn a_missing_queue_is_not_found() {
    let mut bench = Bench::new();
    let client = bench.open();
    let cases: [(Method, (u16, u16)); 9] = [
        (passive("none").into(), (50, 10)),
        (
            queue::Declare {
                no_wait: true,
                ..passive("none")
            }
            .into(),
            (50, 10),
        ),
        (bind("none", "amq.direct", "").into(), (50, 20)),
        (
            queue::Bind {
                no_wait: true,
                ..bind("none", "amq.direct", "")
            }
            .into(),
            (50, 20),
        ),
        (unbind("none", "amq.direct", "").into(), (50, 50)),
        (
            queue::Purge {
                queue: name("none"),
                no_wait: false,
            }
            .into(),
            (50, 30),
        ),
        (delete("none").into(), (50, 40)),
        (
            basic::Consume {
                queue: name("none"),
                ..Default::default()
            }
            .into(),
            (60, 20),
        ),
        (
            basic::Get {
                queue: name("none"),
                no_ack: true,
            }
            .into(),
            (60, 70),
        ),
    ];
    for (method, (class_id, method_id)) in cases {
        bench.say_1(client, method);
        assert_eq!(bench.refused(client), (404, class_id, method_id));
    }
}

#[test]
fn an_empty_name_means_nothing_before_a_declaration() {
    let mut bench = Bench::new();
    let client = bench.open();
    let cases: [(Method, (u16, u16)); 7] = [
        (passive("").into(), (50, 10)),
        (bind("", "amq.direct", "k").into(), (50, 20)),
        (unbind("", "amq.direct", "k").into(), (50, 50)),
        (queue::Purge::default().into(), (50, 30)),
        (delete("").into(), (50, 40)),
        (basic::Consume::default().into(), (60, 20)),
        (basic::Get::default().into(), (60, 70)),
    ];
    for (method, (class_id, method_id)) in cases {
        bench.say_1(client, method);
        assert_eq!(bench.refused(client), (404, class_id, method_id));
    }
}

#[test]
fn an_empty_name_means_the_queue_declared_last_on_the_channel() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "first");
    bench.queue(client, "q");
    assert_eq!(bench.ask(client, passive("")), ok("q", 0, 0));
    assert_eq!(
        bench.ask(client, bind("", "amq.direct", "k")),
        on_1(queue::BindOk)
    );
    bench.publish_to(client, "amq.direct", "k", "1");
    assert_eq!(bench.fetch(client, ""), delivered(1, false, "1"));
    assert_eq!(
        bench.ask(client, unbind("", "amq.direct", "k")),
        on_1(queue::UnbindOk)
    );
    bench.publish_to(client, "amq.direct", "k", "2");
    let purged = bench.ask(client, queue::Purge::default());
    assert_eq!(purged, on_1(queue::PurgeOk { message_count: 0 }));
    assert_eq!(bench.ask(client, passive("first")), ok("first", 0, 0));
    assert_eq!(
        bench.ask(client, delete("")),
        on_1(queue::DeleteOk { message_count: 0 })
    );
    bench.say_1(client, delete(""));
    assert_eq!(bench.refused(client).0, 404);
    assert_eq!(bench.ask(client, passive("q")), ok("q", 1, 0));
    bench.open_channel(client, 2);
    bench.say(client, 2, queue::Purge::default());
    assert!(matches!(
        bench.hear(client),
        Heard::Method(2, Method::ChannelClose(_))
    ));
}

#[test]
fn with_queue_and_key_left_empty_the_key_is_the_name() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    assert_eq!(
        bench.ask(client, bind("", "amq.direct", "")),
        on_1(queue::BindOk)
    );
    bench.publish_to(client, "amq.direct", "q", "1");
    bench.publish_to(client, "amq.direct", "", "2");
    assert_eq!(bench.count(client, "q"), (1, 0));
    assert_eq!(
        bench.ask(client, unbind("", "amq.direct", "")),
        on_1(queue::UnbindOk)
    );
    assert_eq!(
        bench.ask(client, bind("q", "amq.direct", "")),
        on_1(queue::BindOk)
    );
    bench.publish_to(client, "amq.direct", "q", "3");
    bench.publish_to(client, "amq.direct", "", "4");
    assert_eq!(bench.count(client, "q"), (2, 0));
}

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
fn success_is_not_told_to_those_who_do_not_wait() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(
        client,
        queue::Declare {
            no_wait: true,
            ..declare("q")
        },
    );
    bench.say_1(
        client,
        queue::Bind {
            no_wait: true,
            ..bind("q", "amq.fanout", "")
        },
    );
    bench.publish_to(client, "amq.fanout", "", "1");
    bench.say_1(
        client,
        queue::Purge {
            queue: name("q"),
            no_wait: true,
        },
    );
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.count(client, "q"), (0, 0));
    bench.say_1(
        client,
        queue::Delete {
            no_wait: true,
            ..delete("q")
        },
    );
    bench.say_1(client, passive("q"));
    assert_eq!(bench.refused(client).0, 404);
}

#[test]
fn unbinding_what_is_not_bound_changes_nothing() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", "amq.fanout", "k");
    assert_eq!(
        bench.ask(client, unbind("q", "amq.fanout", "other")),
        on_1(queue::UnbindOk)
    );
    bench.publish_to(client, "amq.fanout", "", "1");
    assert_eq!(bench.count(client, "q"), (1, 0));
    assert_eq!(
        bench.ask(client, unbind("q", "amq.fanout", "k")),
        on_1(queue::UnbindOk)
    );
    bench.publish_to(client, "amq.fanout", "", "2");
    assert_eq!(bench.count(client, "q"), (1, 0));
    bench.say_1(client, unbind("q", "none", "k"));
    assert_eq!(bench.refused(client), (404, 50, 50));
}

#[test]
fn a_durable_queue_may_be_bound_to_a_transient_exchange() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "e", "direct");
    bench.declare(
        client,
        queue::Declare {
            durable: true,
            ..declare("q")
        },
    );
    bench.bind(client, "q", "e", "k");
    bench.publish_to(client, "e", "k", "1");
    assert_eq!(bench.count(client, "q"), (1, 0));
    bench.say(client, 0, mqspec_codec::connection::Close::default());
    assert_eq!(bench.hear(client), on_0(mqspec_codec::connection::CloseOk));
}
