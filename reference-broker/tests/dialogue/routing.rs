//! From an exchange to the queues that take a message.

use mqspec_codec::{BasicProperties, FieldTable, LongStr, ShortStr, basic, exchange, queue};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, delivered, name, on_1};

fn link(bench: &mut Bench, client: Client, destination: &str, source: &str, key: &str) {
    let bind = exchange::Bind {
        destination: name(destination),
        source: name(source),
        routing_key: name(key),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, bind), on_1(exchange::BindOk));
}

fn takes(bench: &mut Bench, client: Client, exchange: &str, key: &str, queue: &str) -> bool {
    bench.publish_to(client, exchange, key, "");
    match bench.ask(
        client,
        queue::Purge {
            queue: name(queue),
            no_wait: false,
        },
    ) {
        Heard::Method(1, mqspec_codec::Method::QueuePurgeOk(ok)) => ok.message_count > 0,
        other => panic!("not purged: {other:?}"),
    }
}

#[test]
fn every_queue_is_reached_by_its_name() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.queue(client, "r");
    bench.put(client, "q", "1");
    assert_eq!(
        (bench.count(client, "q").0, bench.count(client, "r").0),
        (1, 0)
    );
}

#[test]
fn the_default_exchange_takes_further_bindings() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", "", "k");
    assert!(takes(&mut bench, client, "", "k", "q"));
    assert!(takes(&mut bench, client, "", "q", "q"));
    let unbind = |key| queue::Unbind {
        queue: name("q"),
        routing_key: name(key),
        ..Default::default()
    };
    for key in ["k", "q"] {
        assert_eq!(bench.ask(client, unbind(key)), on_1(queue::UnbindOk));
    }
    assert!(!takes(&mut bench, client, "", "k", "q"));
    assert!(takes(&mut bench, client, "", "q", "q"));
    link(&mut bench, client, "", "amq.topic", "#");
    assert!(takes(&mut bench, client, "amq.topic", "q", "q"));
    link(&mut bench, client, "amq.fanout", "", "f");
    bench.bind(client, "q", "amq.fanout", "");
    assert!(takes(&mut bench, client, "", "f", "q"));
}

#[rstest]
#[case("amq.direct", "a.b", "a.b", true)]
#[case("amq.direct", "a.b", "a", false)]
#[case("amq.direct", "*", "a", false)]
#[case("amq.direct", "", "", true)]
#[case("amq.fanout", "a", "b", true)]
#[case("amq.topic", "a.*", "a.b", true)]
#[case("amq.topic", "a.*", "a.b.c", false)]
#[case("amq.topic", "#", "", true)]
#[case("amq.headers", "a", "b", true)]
fn each_type_has_its_way(
    #[case] exchange: &str,
    #[case] binding_key: &str,
    #[case] routing_key: &str,
    #[case] matches: bool,
) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", exchange, binding_key);
    assert_eq!(
        takes(&mut bench, client, exchange, routing_key, "q"),
        matches
    );
}

#[test]
fn headers_are_matched_against_the_arguments() {
    let mut bench = Bench::new();
    let client = bench.open();
    let table = |value: &'static str| {
        FieldTable::new()
            .with("colour", ShortStr::from_static(value))
            .expect("a legal table")
    };
    for colour in ["red", "blue"] {
        bench.queue(client, colour);
        bench.bind_with(
            client,
            colour,
            "amq.match",
            "",
            table(if colour == "red" { "red" } else { "blue" }),
        );
    }
    let publish = basic::Publish {
        exchange: name("amq.match"),
        ..Default::default()
    };
    let properties = BasicProperties {
        headers: Some(table("red")),
        ..Default::default()
    };
    bench.publish(client, 1, publish.clone(), &properties, b"");
    assert_eq!(
        (bench.count(client, "red").0, bench.count(client, "blue").0),
        (1, 0)
    );
    bench.publish(client, 1, publish, &BasicProperties::default(), b"");
    assert_eq!(
        (bench.count(client, "red").0, bench.count(client, "blue").0),
        (1, 0)
    );
}

#[test]
fn bindings_that_differ_in_their_arguments_are_two() {
    let mut bench = Bench::new();
    let client = bench.open();
    let table = |value: &'static str| {
        FieldTable::new()
            .with("x-match", LongStr::from_static(value))
            .expect("a legal table")
    };
    bench.queue(client, "q");
    bench.bind_with(client, "q", "amq.match", "", table("all"));
    bench.bind_with(client, "q", "amq.match", "", table("any"));
    let unbind = queue::Unbind {
        queue: name("q"),
        exchange: name("amq.match"),
        arguments: table("any"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, unbind.clone()), on_1(queue::UnbindOk));
    assert!(takes(&mut bench, client, "amq.match", "", "q"));
    assert_eq!(
        bench.ask(
            client,
            queue::Unbind {
                arguments: table("all"),
                ..unbind
            }
        ),
        on_1(queue::UnbindOk)
    );
    assert!(!takes(&mut bench, client, "amq.match", "", "q"));
}

#[test]
fn however_many_ways_lead_to_a_queue_it_takes_one_copy() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "one", "fanout");
    bench.exchange(client, "two", "fanout");
    bench.queue(client, "q");
    for source in ["one", "two"] {
        link(&mut bench, client, source, "amq.topic", "#");
        bench.bind(client, "q", source, "");
        bench.bind(client, "q", source, "again");
    }
    bench.bind(client, "q", "amq.topic", "*");
    bench.bind(client, "q", "amq.topic", "k");
    bench.publish_to(client, "amq.topic", "k", "1");
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn cycles_of_exchanges_end() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "one", "fanout");
    bench.exchange(client, "two", "fanout");
    link(&mut bench, client, "one", "one", "");
    link(&mut bench, client, "one", "two", "");
    link(&mut bench, client, "two", "one", "");
    bench.queue(client, "q");
    bench.bind(client, "q", "two", "");
    bench.publish_to(client, "one", "", "1");
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn each_exchange_on_the_way_looks_at_the_same_key() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "next", "direct");
    link(&mut bench, client, "next", "amq.topic", "a.#");
    bench.queue(client, "q");
    bench.bind(client, "q", "next", "a.b");
    assert!(takes(&mut bench, client, "amq.topic", "a.b", "q"));
    assert!(!takes(&mut bench, client, "amq.topic", "a.c", "q"));
    assert!(!takes(&mut bench, client, "amq.topic", "b", "q"));
}

fn with_alternate(bench: &mut Bench, client: Client, exchange: &str, alternate: &'static str) {
    let declare = exchange::Declare {
        exchange: name(exchange),
        r#type: name("direct"),
        arguments: FieldTable::new()
            .with("alternate-exchange", ShortStr::from_static(alternate))
            .expect("a legal table"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, declare), on_1(exchange::DeclareOk));
}

#[test]
fn the_alternate_takes_what_nothing_matches() {
    let mut bench = Bench::new();
    let client = bench.open();
    with_alternate(&mut bench, client, "e", "amq.fanout");
    for queue in ["q", "rest"] {
        bench.queue(client, queue);
    }
    bench.bind(client, "q", "e", "k");
    bench.bind(client, "rest", "amq.fanout", "");
    bench.publish_to(client, "e", "k", "1");
    assert_eq!(
        (bench.count(client, "q").0, bench.count(client, "rest").0),
        (1, 0)
    );
    bench.publish_to(client, "e", "other", "2");
    assert_eq!(
        (bench.count(client, "q").0, bench.count(client, "rest").0),
        (1, 1)
    );
    let mandatory = basic::Publish {
        exchange: name("e"),
        routing_key: name("other"),
        mandatory: true,
        ..Default::default()
    };
    bench.publish(client, 1, mandatory, &BasicProperties::default(), b"3");
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.fetch(client, "rest"), delivered(1, false, "2"));
}

#[test]
fn alternates_may_be_missing_or_go_round_in_circles() {
    let mut bench = Bench::new();
    let client = bench.open();
    with_alternate(&mut bench, client, "lost", "nowhere");
    with_alternate(&mut bench, client, "one", "two");
    with_alternate(&mut bench, client, "two", "one");
    for exchange in ["lost", "one"] {
        let mandatory = basic::Publish {
            exchange: name(exchange),
            mandatory: true,
            ..Default::default()
        };
        bench.publish(client, 1, mandatory, &BasicProperties::default(), b"");
        assert!(matches!(
            bench.hear(client),
            Heard::Content(1, mqspec_codec::Method::BasicReturn(_), _, _)
        ));
    }
}

#[test]
fn what_finds_no_queue_is_dropped_or_returned() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.publish_to(client, "amq.direct", "nobody", "1");
    assert_eq!(bench.hear(client), Heard::Nothing);
    let mandatory = basic::Publish {
        exchange: name("amq.direct"),
        routing_key: name("nobody"),
        mandatory: true,
        ..Default::default()
    };
    let properties = BasicProperties {
        message_id: Some(name("7")),
        ..Default::default()
    };
    bench.publish(client, 1, mandatory.clone(), &properties, b"2");
    let returned = basic::Return {
        reply_code: 312,
        reply_text: name("NO_ROUTE"),
        exchange: name("amq.direct"),
        routing_key: name("nobody"),
    };
    assert_eq!(
        bench.hear(client),
        Heard::Content(1, returned.into(), properties.clone().into(), b"2".to_vec())
    );
    bench.queue(client, "q");
    bench.bind(client, "q", "amq.direct", "nobody");
    bench.publish(client, 1, mandatory, &properties, b"3");
    assert_eq!(bench.hear(client), Heard::Nothing);
}
