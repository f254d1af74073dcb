//! The arguments of a queue: which are legal, and when two declarations are the same.

use mqspec_codec::{FieldValue, queue};

use crate::bench::{Bench, Client, Heard, name, queues, table, text};

type Arguments<'a> = [(&'a str, FieldValue)];

fn declare(queue: &str, arguments: &Arguments<'_>) -> queue::Declare {
    queue::Declare {
        arguments: table(arguments),
        ..queues::declare(queue)
    }
}

/// Whether a queue that is there is also what these arguments ask for.
fn is_same(bench: &mut Bench, client: Client, queue: &str, arguments: &Arguments<'_>) -> bool {
    bench.say_1(client, declare(queue, arguments));
    match bench.hear(client) {
        Heard::Method(1, mqspec_codec::Method::QueueDeclareOk(_)) => true,
        Heard::Method(1, mqspec_codec::Method::ChannelClose(close)) => {
            assert_eq!(close.reply_code, 406);
            bench.say_1(client, mqspec_codec::channel::CloseOk);
            bench.open_channel(client, 1);
            false
        }
        other => panic!("neither declare-ok nor channel.close: {other:?}"),
    }
}

#[test]
fn what_means_nothing_is_refused_and_makes_no_queue() {
    let mut bench = Bench::new();
    let client = bench.open();
    let refused: [&Arguments<'_>; 11] = [
        &[("x-message-ttl", (-1).into())],
        &[("x-message-ttl", text("1000"))],
        &[("x-expires", 0.into())],
        &[("x-max-length", (-1).into())],
        &[("x-max-length-bytes", true.into())],
        &[("x-overflow", text("drop-tail"))],
        &[("x-max-priority", 256.into())],
        &[("x-dead-letter-exchange", 1.into())],
        &[("x-dead-letter-routing-key", text("k"))],
        &[("x-single-active-consumer", text("true"))],
        &[("x-queue-type", text("quorum"))],
    ];
    for arguments in refused {
        bench.say_1(client, declare("q", arguments));
        assert_eq!(bench.refused(client), (406, 50, 10), "{arguments:?}");
        bench.say_1(client, queues::passive("q"));
        assert_eq!(bench.refused(client).0, 404, "{arguments:?}");
    }
}

#[test]
fn a_queue_is_the_same_only_with_the_same_arguments() {
    let pairs: [(&str, FieldValue, FieldValue); 9] = [
        ("x-message-ttl", 1000.into(), 1001.into()),
        ("x-expires", 1000.into(), 1001.into()),
        ("x-max-length", 10.into(), 11.into()),
        ("x-max-length-bytes", 10.into(), 11.into()),
        ("x-overflow", text("drop-head"), text("reject-publish")),
        ("x-max-priority", 10.into(), 9.into()),
        ("x-dead-letter-exchange", text("a"), text("b")),
        ("x-single-active-consumer", true.into(), false.into()),
        ("x-of-somebody", text("a"), text("b")),
    ];
    for (argument, value, other) in pairs {
        let mut bench = Bench::new();
        let client = bench.open();
        let with = |value: &FieldValue| vec![(argument, value.clone())];
        bench.queue_with(client, "with", &with(&value));
        bench.queue(client, "without");
        assert!(is_same(&mut bench, client, "with", &with(&value)));
        assert!(!is_same(&mut bench, client, "with", &with(&other)));
        assert!(!is_same(&mut bench, client, "with", &[]), "{argument}");
        assert!(!is_same(&mut bench, client, "without", &with(&value)));
    }
}

#[test]
fn a_dead_letter_routing_key_is_part_of_the_queue() {
    let mut bench = Bench::new();
    let client = bench.open();
    let exchange = ("x-dead-letter-exchange", text(""));
    let key = |key| ("x-dead-letter-routing-key", text(key));
    bench.queue_with(client, "q", &[exchange.clone(), key("a")]);
    assert!(is_same(
        &mut bench,
        client,
        "q",
        &[key("a"), exchange.clone()]
    ));
    assert!(!is_same(
        &mut bench,
        client,
        "q",
        &[exchange.clone(), key("b")]
    ));
    assert!(!is_same(&mut bench, client, "q", &[exchange]));
}

#[test]
fn every_queue_is_classic_whether_it_says_so_or_not() {
    let mut bench = Bench::new();
    let client = bench.open();
    let classic = [("x-queue-type", text("classic"))];
    bench.queue_with(client, "said", &classic);
    bench.queue(client, "unsaid");
    assert!(is_same(&mut bench, client, "said", &[]));
    assert!(is_same(&mut bench, client, "unsaid", &classic));
}

#[test]
fn the_type_of_an_integer_does_not_matter() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue_with(client, "q", &[("x-max-length", 5.into())]);
    for five in [FieldValue::ShortShortUint(5), FieldValue::LongLongInt(5)] {
        assert!(is_same(&mut bench, client, "q", &[("x-max-length", five)]));
    }
}

#[test]
fn whose_a_queue_is_matters_before_what_it_is() {
    let mut bench = Bench::new();
    let (owner, other) = (bench.open(), bench.open());
    let exclusive = queue::Declare {
        exclusive: true,
        ..queues::declare("q")
    };
    bench.declare(owner, exclusive);
    bench.say_1(other, declare("q", &[("x-expires", 0.into())]));
    assert_eq!(bench.refused(other).0, 405);
    assert_eq!(bench.count(owner, &name("q")), (0, 0));
}
