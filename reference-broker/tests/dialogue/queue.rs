//! Class queue: declare, bind, and what a name means.

use mqspec_codec::{FieldTable, Method, basic, queue};
use rstest::rstest;

use crate::bench::queues::{bind, declare, delete, ok, passive, unbind};
use crate::bench::{Bench, Heard, delivered, name, on_0, on_1};

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
