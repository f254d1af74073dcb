//! Class basic: consumers, and fetching.

use mqspec_codec::{BasicProperties, FieldTable, Method, basic, channel, queue};

use crate::bench::{Bench, Heard, delivered, name, on_1};

fn consume(queue: &str, tag: &str) -> basic::Consume {
    basic::Consume {
        queue: name(queue),
        consumer_tag: name(tag),
        ..Default::default()
    }
}

fn consume_ok(tag: &str) -> Heard {
    on_1(basic::ConsumeOk {
        consumer_tag: name(tag),
    })
}

#[test]
fn consume_ok_precedes_the_first_delivery() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    assert_eq!(bench.ask(client, consume("q", "t")), consume_ok("t"));
    let deliver = basic::Deliver {
        consumer_tag: name("t"),
        delivery_tag: 1,
        redelivered: false,
        exchange: name(""),
        routing_key: name("q"),
    };
    let heard = bench.hear(client);
    let body = b"1".to_vec();
    assert_eq!(
        heard,
        Heard::Content(1, deliver.into(), Box::default(), body)
    );
}

#[test]
fn who_does_not_wait_for_consume_ok_gets_deliveries_all_the_same() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.say_1(
        client,
        basic::Consume {
            no_wait: true,
            ..consume("q", "t")
        },
    );
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
}

#[test]
fn a_message_is_handed_on_as_it_was_published() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", "amq.topic", "a.*");
    bench.consume(client, "q");
    let properties = BasicProperties {
        content_type: Some(name("text/plain")),
        headers: Some(FieldTable::new().with("x", 1_i64).expect("a legal table")),
        priority: Some(3),
        timestamp: Some(u64::MAX),
        reply_to: Some(name(&"r".repeat(255))),
        cluster_id: Some(name("c")),
        ..Default::default()
    };
    let publish = basic::Publish {
        exchange: name("amq.topic"),
        routing_key: name("a.b"),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &properties, &[0, 206, 1, 255]);
    let Heard::Content(1, Method::BasicDeliver(deliver), its, body) = bench.hear(client) else {
        panic!("no delivery");
    };
    assert_eq!(
        (&*deliver.exchange, &*deliver.routing_key),
        ("amq.topic", "a.b")
    );
    assert_eq!((*its, body), (properties, vec![0, 206, 1, 255]));
}

#[test]
fn the_broker_invents_consumer_tags() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    let mut tags = Vec::new();
    // The one in the middle is what the next invention might have been.
    for wanted in ["", "amq.ctag-5", ""] {
        let Heard::Method(1, Method::BasicConsumeOk(ok)) = bench.ask(client, consume("q", wanted))
        else {
            panic!("no consume-ok");
        };
        assert!(ok.consumer_tag.starts_with("amq.ctag-"));
        assert!(!tags.contains(&ok.consumer_tag));
        tags.push(ok.consumer_tag);
    }
    assert_eq!(bench.count(client, "q"), (0, 3));
}

#[test]
fn a_tag_is_used_once_on_a_channel() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    bench.queue(client, "q");
    bench.consume(client, "q");
    bench.consume_on(client, 2, "q");
    bench.say_1(client, consume("q", "q"));
    assert_eq!(bench.ended(client), (530, 60, 20));
}

#[test]
fn a_cancelled_tag_can_be_used_again() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for _ in 0..2 {
        bench.consume(client, "q");
        let cancel = basic::Cancel {
            consumer_tag: name("q"),
            no_wait: false,
        };
        let ok = basic::CancelOk {
            consumer_tag: name("q"),
        };
        assert_eq!(bench.ask(client, cancel), on_1(ok));
    }
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn after_cancel_ok_nothing_is_delivered_and_the_rest_can_be_settled() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.consume(client, "q");
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    let cancel = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: false,
    };
    let ok = basic::CancelOk {
        consumer_tag: name("q"),
    };
    assert_eq!(bench.ask(client, cancel), on_1(ok));
    bench.put(client, "q", "2");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.ack(client, 1);
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn to_cancel_nothing_is_no_failure() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    bench.queue(client, "q");
    bench.consume_on(client, 2, "q");
    let cancel = basic::Cancel {
        consumer_tag: name("q"),
        no_wait: false,
    };
    let ok = basic::CancelOk {
        consumer_tag: name("q"),
    };
    assert_eq!(bench.ask(client, cancel.clone()), on_1(ok.clone()));
    assert_eq!(bench.count(client, "q"), (0, 1));
    bench.say_1(
        client,
        basic::Cancel {
            no_wait: true,
            ..cancel.clone()
        },
    );
    let _ = bench.ask(
        client,
        queue::Delete {
            queue: name("q"),
            ..Default::default()
        },
    );
    bench.say(client, 2, cancel);
    assert_eq!(bench.hear(client), Heard::Method(2, ok.into()));
}

#[test]
fn an_exclusive_consumer_is_alone() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    let exclusive = |tag| basic::Consume {
        exclusive: true,
        ..consume("q", tag)
    };
    assert_eq!(bench.ask(a, exclusive("t")), consume_ok("t"));
    bench.say_1(b, consume("q", "t"));
    assert_eq!(bench.refused(b), (403, 60, 20));
    bench.say_1(b, exclusive("t"));
    assert_eq!(bench.refused(b), (403, 60, 20));
    bench.say_1(
        a,
        basic::Cancel {
            consumer_tag: name("t"),
            no_wait: true,
        },
    );
    assert_eq!(bench.ask(b, consume("q", "t")), consume_ok("t"));
    bench.say_1(a, exclusive("t"));
    assert_eq!(bench.refused(a), (403, 60, 20));
    assert_eq!(bench.ask(a, consume("q", "t")), consume_ok("t"));
}

#[test]
fn an_exclusive_consumer_makes_room_when_its_channel_closes() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    let exclusive = basic::Consume {
        exclusive: true,
        ..consume("q", "t")
    };
    assert_eq!(bench.ask(a, exclusive), consume_ok("t"));
    assert_eq!(
        bench.ask(a, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    assert_eq!(bench.ask(b, consume("q", "t")), consume_ok("t"));
}

#[test]
fn a_consumer_may_refuse_its_own_connections_messages() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    let no_local = basic::Consume {
        no_local: true,
        ..consume("q", "t")
    };
    assert_eq!(bench.ask(a, no_local), consume_ok("t"));
    bench.put(a, "q", "own");
    bench.put(b, "q", "other's");
    assert_eq!(bench.delivered(a), delivered(1, false, "other's"));
    bench.put(b, "q", "another's");
    assert_eq!(bench.delivered(a), delivered(2, false, "another's"));
    assert_eq!(bench.hear(a), Heard::Nothing);
    bench.consume(b, "q");
    assert_eq!(bench.delivered(b), delivered(1, false, "own"));
}

#[test]
fn get_tells_how_many_messages_are_left() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.bind(client, "q", "amq.direct", "k");
    assert_eq!(bench.fetch(client, "q"), None);
    bench.publish_to(client, "amq.direct", "k", "1");
    bench.put(client, "q", "2");
    let get = basic::Get {
        queue: name("q"),
        no_ack: false,
    };
    let ok = basic::GetOk {
        delivery_tag: 1,
        redelivered: false,
        exchange: name("amq.direct"),
        routing_key: name("k"),
        message_count: 1,
    };
    assert_eq!(
        bench.ask(client, get),
        Heard::Content(1, ok.into(), Box::default(), b"1".to_vec())
    );
}

#[test]
fn fetched_without_acknowledgement_is_gone() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    let get = basic::Get {
        queue: name("q"),
        no_ack: true,
    };
    assert!(matches!(
        bench.ask(client, get),
        Heard::Content(1, Method::BasicGetOk(_), _, _)
    ));
    bench.ack(client, 1);
    assert_eq!(bench.refused(client), (406, 60, 80));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn fetches_and_deliveries_share_one_sequence_of_tags() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    for queue in ["q", "r"] {
        bench.queue(client, queue);
    }
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    bench.say_1(
        client,
        basic::Consume {
            no_ack: true,
            ..consume("r", "r")
        },
    );
    assert_eq!(bench.hear(client), consume_ok("r"));
    bench.put(client, "r", "a");
    assert_eq!(bench.delivered(client), delivered(2, false, "a"));
    assert_eq!(bench.fetch(client, "q"), delivered(3, false, "2"));
    bench.consume_on(client, 2, "q");
    bench.put(client, "q", "3");
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "3"));
}

#[test]
fn a_message_goes_to_one_consumer() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    bench.consume(a, "q");
    bench.consume(b, "q");
    bench.put(a, "q", "1");
    assert_eq!(bench.delivered(a), delivered(1, false, "1"));
    assert_eq!(bench.hear(b), Heard::Nothing);
}
