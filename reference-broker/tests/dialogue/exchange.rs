//! Class exchange: what may be declared and used.

use mqspec_codec::{BasicProperties, FieldTable, LongStr, basic, exchange, queue};
use reference_broker::{Config, NameRule};
use rstest::rstest;

use crate::bench::exchanges::{bind, declare, passive, unbind};
use crate::bench::{Bench, name, on_1};

#[rstest]
#[case("amq.direct", "direct")]
#[case("amq.fanout", "fanout")]
#[case("amq.topic", "topic")]
#[case("amq.match", "headers")]
#[case("amq.headers", "headers")]
fn the_standard_exchanges_are_there(#[case] exchange: &str, #[case] kind: &str) {
    let mut bench = Bench::new();
    let client = bench.open();
    assert_eq!(
        bench.ask(client, passive(exchange)),
        on_1(exchange::DeclareOk)
    );
    let same = exchange::Declare {
        durable: true,
        ..declare(exchange, kind)
    };
    assert_eq!(bench.ask(client, same), on_1(exchange::DeclareOk));
    bench.say_1(client, declare(exchange, kind));
    assert_eq!(bench.refused(client), (406, 40, 10));
    bench.say_1(
        client,
        exchange::Delete {
            exchange: name(exchange),
            ..Default::default()
        },
    );
    assert_eq!(bench.refused(client), (403, 40, 20));
}

#[rstest]
#[case("direct")]
#[case("fanout")]
#[case("topic")]
#[case("headers")]
fn all_standard_types_can_be_declared_durable_or_not(#[case] kind: &str) {
    let mut bench = Bench::new();
    let client = bench.open();
    for durable in [true, false] {
        let declare = exchange::Declare {
            durable,
            ..declare(&format!("{kind}.{durable}"), kind)
        };
        assert_eq!(
            bench.ask(client, declare.clone()),
            on_1(exchange::DeclareOk)
        );
        assert_eq!(bench.ask(client, declare), on_1(exchange::DeclareOk));
    }
}

#[test]
fn an_unknown_type_ends_the_connection() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, declare("e", "x-none"));
    assert_eq!(bench.ended(client), (503, 40, 10));
}

#[test]
fn a_declaration_has_to_be_equal_in_all_but_auto_delete() {
    let mut bench = Bench::new();
    let client = bench.open();
    let arguments = |pairs: &[(&str, i32)]| {
        pairs
            .iter()
            .fold(FieldTable::new(), |table, (name, value)| {
                table.with(name, *value).expect("a legal table")
            })
    };
    let first = exchange::Declare {
        arguments: arguments(&[("a", 1), ("b", 2)]),
        ..declare("e", "direct")
    };
    let other_order = exchange::Declare {
        arguments: arguments(&[("b", 2), ("a", 1)]),
        ..first.clone()
    };
    let auto_delete = exchange::Declare {
        auto_delete: true,
        ..first.clone()
    };
    for same in [&first, &first, &other_order, &auto_delete] {
        assert_eq!(bench.ask(client, same.clone()), on_1(exchange::DeclareOk));
    }
    for different in [
        exchange::Declare {
            r#type: name("fanout"),
            ..first.clone()
        },
        exchange::Declare {
            durable: true,
            ..first.clone()
        },
        exchange::Declare {
            internal: true,
            ..first.clone()
        },
        exchange::Declare {
            arguments: arguments(&[("a", 1)]),
            ..first.clone()
        },
        exchange::Declare {
            arguments: arguments(&[("a", 1), ("b", 3)]),
            ..first.clone()
        },
    ] {
        bench.say_1(client, different);
        assert_eq!(bench.refused(client), (406, 40, 10));
    }
    // A passive declaration looks at the name alone.
    let passive = exchange::Declare {
        durable: true,
        internal: true,
        ..passive("e")
    };
    assert_eq!(bench.ask(client, passive), on_1(exchange::DeclareOk));
}

#[rstest]
#[case("amq.new", 403)]
#[case("", 403)]
#[case("with space", 406)]
#[case("ümlaut", 406)]
#[case("a/b", 406)]
#[case("a@b", 406)]
fn some_names_cannot_be_declared(#[case] exchange: &str, #[case] code: u16) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, declare(exchange, "direct"));
    assert_eq!(bench.refused(client), (code, 40, 10));
}

#[test]
fn names_are_long_and_of_the_whole_alphabet() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "aZ09-_.:", "direct");
    bench.exchange(client, &"e".repeat(255), "direct");
    assert_eq!(
        bench.ask(client, passive(&"e".repeat(255))),
        on_1(exchange::DeclareOk)
    );
}

#[test]
fn the_operator_may_allow_any_name() {
    let config = Config {
        names: NameRule::Any,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let client = bench.open();
    bench.exchange(client, "a@b c", "direct");
    bench.queue(client, "worker@host");
    bench.say_1(client, declare("amq.new", "direct"));
    assert_eq!(bench.refused(client).0, 403);
}

#[test]
fn a_missing_exchange_is_not_found() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.say_1(client, passive("none"));
    assert_eq!(bench.refused(client), (404, 40, 10));
    bench.say_1(
        client,
        exchange::Declare {
            no_wait: true,
            ..passive("none")
        },
    );
    assert_eq!(bench.refused(client), (404, 40, 10));
    bench.say_1(
        client,
        exchange::Delete {
            exchange: name("none"),
            ..Default::default()
        },
    );
    assert_eq!(bench.refused(client), (404, 40, 20));
    bench.say_1(client, bind("none", "amq.direct", ""));
    assert_eq!(bench.refused(client), (404, 40, 30));
    bench.say_1(client, bind("amq.direct", "none", ""));
    assert_eq!(bench.refused(client), (404, 40, 30));
    bench.say_1(client, unbind("none", "amq.direct", ""));
    assert_eq!(bench.refused(client), (404, 40, 40));
    bench.say_1(client, unbind("amq.direct", "none", ""));
    assert_eq!(bench.refused(client), (404, 40, 40));
    bench.publish_to(client, "none", "", "");
    assert_eq!(bench.refused(client), (404, 60, 40));
}

#[test]
fn the_default_exchange_is_not_deleted() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, exchange::Delete::default());
    assert_eq!(bench.refused(client), (403, 40, 20));
    bench.say_1(
        client,
        exchange::Declare {
            passive: true,
            ..Default::default()
        },
    );
    assert_eq!(bench.refused(client), (403, 40, 10));
}

#[test]
fn nobody_publishes_to_an_internal_exchange() {
    let mut bench = Bench::new();
    let client = bench.open();
    let internal = exchange::Declare {
        internal: true,
        ..declare("inner", "fanout")
    };
    assert_eq!(bench.ask(client, internal), on_1(exchange::DeclareOk));
    bench.publish_to(client, "inner", "", "1");
    assert_eq!(bench.refused(client), (403, 60, 40));
    bench.queue(client, "q");
    bench.bind(client, "q", "inner", "");
    assert_eq!(
        bench.ask(client, bind("inner", "amq.fanout", "")),
        on_1(exchange::BindOk)
    );
    bench.publish_to(client, "amq.fanout", "", "2");
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn an_alternate_exchange_has_to_be_a_name() {
    let mut bench = Bench::new();
    let client = bench.open();
    let arguments = FieldTable::new()
        .with("alternate-exchange", 7)
        .expect("a legal table");
    bench.say_1(
        client,
        exchange::Declare {
            arguments,
            ..declare("e", "direct")
        },
    );
    assert_eq!(bench.refused(client), (406, 40, 10));
    let long = LongStr::new(vec![b'x'; 256]).expect("a long string");
    let arguments = FieldTable::new()
        .with("alternate-exchange", long)
        .expect("a legal table");
    bench.say_1(
        client,
        exchange::Declare {
            arguments,
            ..declare("e", "direct")
        },
    );
    assert_eq!(bench.refused(client), (406, 40, 10));
}

#[test]
fn a_bad_headers_mode_is_refused() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    let arguments = FieldTable::new()
        .with("x-match", LongStr::from_static("some"))
        .expect("a legal table");
    let with = |exchange: &str| queue::Bind {
        queue: name("q"),
        exchange: name(exchange),
        arguments: arguments.clone(),
        ..Default::default()
    };
    bench.say_1(client, with("amq.headers"));
    assert_eq!(bench.refused(client), (406, 50, 20));
    // Other exchanges have no use for it.
    assert_eq!(bench.ask(client, with("amq.direct")), on_1(queue::BindOk));
}

#[test]
fn immediate_is_not_offered() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    let publish = basic::Publish {
        routing_key: name("q"),
        immediate: true,
        ..Default::default()
    };
    bench.publish(client, 1, publish, &BasicProperties::default(), b"");
    assert_eq!(bench.ended(client), (540, 60, 40));
}
