//! The headers CC and BCC: further routing keys.

use mqspec_codec::{BasicProperties, FieldArray, FieldTable, FieldValue, Method, basic, tx};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, delivered, name, on_1, table, text};

fn keys(keys: &[&str]) -> FieldValue {
    let mut array = FieldArray::new();
    for key in keys {
        array.push(name(key)).expect("a legal array");
    }
    array.into()
}

fn publish(bench: &mut Bench, client: Client, exchange: &str, key: &str, headers: FieldTable) {
    let publish = basic::Publish {
        exchange: name(exchange),
        routing_key: name(key),
        mandatory: true,
        ..Default::default()
    };
    let properties = BasicProperties {
        headers: Some(headers),
        priority: Some(3),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &properties, b"m");
}

/// The properties of the message that a queue has first.
fn fetched(bench: &mut Bench, client: Client, queue: &str) -> BasicProperties {
    let get = basic::Get {
        queue: name(queue),
        no_ack: true,
    };
    match bench.ask(client, get) {
        Heard::Content(1, Method::BasicGetOk(_), properties, _) => *properties,
        other => panic!("no message: {other:?}"),
    }
}

#[test]
fn each_key_leads_on_and_each_queue_gets_one_copy() {
    let mut bench = Bench::new();
    let client = bench.open();
    for queue in ["a", "b", "c", "d"] {
        bench.queue(client, queue);
    }
    let headers = table(&[("CC", keys(&["b", "a", "b"])), ("BCC", keys(&["c", "a"]))]);
    publish(&mut bench, client, "", "a", headers);
    let counts = ["a", "b", "c", "d"].map(|queue| bench.count(client, queue).0);
    assert_eq!(counts, [1, 1, 1, 0]);
}

#[test]
fn bcc_is_seen_by_nobody_and_all_else_by_everybody() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "a");
    bench.queue(client, "b");
    let other = ("other", FieldValue::Void);
    let sent = table(&[("CC", keys(&["b"])), ("BCC", keys(&["b"])), other.clone()]);
    publish(&mut bench, client, "", "a", sent);
    let seen = table(&[("CC", keys(&["b"])), other]);
    for queue in ["a", "b"] {
        let properties = fetched(&mut bench, client, queue);
        assert_eq!(properties.headers.as_ref(), Some(&seen));
        assert_eq!(properties.priority, Some(3));
    }
    // Not even the publisher gets it back.
    let sent = table(&[("BCC", keys(&["nobody"]))]);
    publish(&mut bench, client, "", "nobody", sent);
    match bench.hear(client) {
        Heard::Content(1, Method::BasicReturn(_), properties, _) => {
            assert_eq!(properties.headers, Some(FieldTable::new()));
        }
        other => panic!("no return: {other:?}"),
    }
}

#[test]
fn one_queue_is_enough_for_a_mandatory_message() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "a");
    publish(
        &mut bench,
        client,
        "",
        "nobody",
        table(&[("BCC", keys(&["a"]))]),
    );
    assert_eq!(bench.fetch(client, "a"), delivered(1, false, "m"));
}

#[rstest]
#[case::direct("direct", "k", "k", 1)]
#[case::topic("topic", "*.stock.#", "usd.stock.db", 1)]
#[case::other_case("direct", "k", "K", 0)]
fn keys_are_matched_like_the_routing_key(
    #[case] kind: &str,
    #[case] pattern: &str,
    #[case] key: &str,
    #[case] copies: u32,
) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "x", kind);
    bench.queue(client, "q");
    bench.bind(client, "q", "x", pattern);
    publish(
        &mut bench,
        client,
        "x",
        "nobody",
        table(&[("CC", keys(&[key]))]),
    );
    if copies == 0 {
        assert!(matches!(
            bench.hear(client),
            Heard::Content(1, Method::BasicReturn(_), _, _)
        ));
    }
    assert_eq!(bench.count(client, "q"), (copies, 0));
}

#[test]
fn a_key_may_be_longer_than_a_short_string_and_what_is_no_string_is_no_key() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", "amq.topic", "*.#");
    let mut array = FieldArray::new();
    array.push(FieldValue::Void).expect("a legal array");
    let sent = table(&[("CC", array.clone().into())]);
    publish(&mut bench, client, "amq.topic", "", sent);
    assert!(matches!(
        bench.hear(client),
        Heard::Content(1, Method::BasicReturn(_), _, _)
    ));
    let long = mqspec_codec::LongStr::new(vec![b'k'; 300]).expect("a long string");
    array.push(long).expect("a legal array");
    publish(
        &mut bench,
        client,
        "amq.topic",
        "",
        table(&[("CC", array.into())]),
    );
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[rstest]
fn anything_but_an_array_is_refused(
    #[values("CC", "BCC")] header: &'static str,
    #[values(FieldValue::Void, name("q").into())] value: FieldValue,
) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    publish(&mut bench, client, "", "q", table(&[(header, value)]));
    assert_eq!(bench.refused(client), (406, 60, 40));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn keys_in_lower_case_are_headers_like_any_other() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    publish(
        &mut bench,
        client,
        "",
        "q",
        table(&[("cc", FieldValue::Void)]),
    );
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn in_a_transaction_copies_wait_for_the_commit() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "a");
    bench.queue(client, "b");
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    publish(&mut bench, client, "", "a", table(&[("BCC", keys(&["b"]))]));
    assert_eq!(bench.count(client, "b"), (0, 0));
    assert_eq!(bench.ask(client, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.count(client, "a"), (1, 0));
    assert_eq!(bench.count(client, "b"), (1, 0));
}

/// All keys are alike, also those that nobody sees; a queue that gives its dead letters a key of its own
/// puts that in the place of all (seen with RabbitMQ 3.10.8).
#[rstest]
#[case::by_their_own_keys(&[], [1, 1, 0])]
#[case::by_the_queues_key(&[("x-dead-letter-routing-key", text("other"))], [0, 0, 1])]
fn dead_letters_go_on(#[case] further: &[(&str, FieldValue)], #[case] copies: [u32; 3]) {
    let mut bench = Bench::new();
    let client = bench.open();
    for queue in ["open", "blind", "other"] {
        bench.queue(client, queue);
        bench.bind(client, queue, "amq.direct", queue);
    }
    let mut arguments = vec![("x-dead-letter-exchange", text("amq.direct"))];
    arguments.extend_from_slice(further);
    bench.queue_with(client, "q", &arguments);
    let sent = table(&[("CC", keys(&["open"])), ("BCC", keys(&["blind"]))]);
    // The default exchange has copies for the other queues as well.
    publish(&mut bench, client, "", "q", sent);
    for queue in ["open", "blind"] {
        let _ = bench.fetch(client, queue);
    }
    let tag = bench.fetch(client, "q").expect("a message").tag;
    let reject = basic::Reject {
        delivery_tag: tag,
        requeue: false,
    };
    bench.say_1(client, reject);
    let counts = ["open", "blind", "other"].map(|queue| bench.count(client, queue).0);
    assert_eq!(counts, copies);
}
