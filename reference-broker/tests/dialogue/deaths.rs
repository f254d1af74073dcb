//! What a dead letter tells of its deaths.

use std::time::Duration;

use mqspec_codec::{BasicProperties, FieldArray, FieldValue, Method, basic};

use crate::bench::dying::{deaths, dying_to, look, reject_next, told};
use crate::bench::{Bench, Client, Heard, milliseconds, name, table, text};

/// A queue `q` whose dead letters go to `dead`, at ten o'clock.
fn dying() -> (Bench, Client) {
    let mut bench = Bench::new();
    bench.broker.set_epoch(Duration::from_secs(36_000));
    let client = bench.open();
    bench.queue(client, "dead");
    bench.queue_with(client, "q", &dying_to("dead"));
    (bench, client)
}

fn array(values: &[FieldValue]) -> FieldValue {
    let push = |mut array: FieldArray, value: &FieldValue| {
        array.push(value.clone()).expect("a legal value");
        array
    };
    values.iter().fold(FieldArray::new(), push).into()
}

fn death(count: i64, reason: &str, queue: &str, time: u64) -> Vec<(&'static str, FieldValue)> {
    vec![
        ("count", count.into()),
        ("reason", text(reason)),
        ("queue", text(queue)),
        ("time", FieldValue::Timestamp(time)),
        ("exchange", text("")),
        ("routing-keys", array(&[text(queue)])),
    ]
}

#[test]
fn a_rejected_message_tells_its_death() {
    let (mut bench, client) = dying();
    bench.wait(Duration::from_secs(7));
    let properties = BasicProperties {
        content_type: Some(name("text/plain")),
        headers: Some(table(&[("z", 1.into())])),
        priority: Some(3),
        ..Default::default()
    };
    bench.put_with(client, "q", &properties, "m");
    reject_next(&mut bench, client, "q");
    let (exchange, key, dead) = look(&mut bench, client, "dead");
    assert_eq!((exchange, key), (name(""), name("dead")));
    let headers = table(&[
        (
            "x-death",
            array(&[table(&death(1, "rejected", "q", 36_007)).into()]),
        ),
        ("x-first-death-queue", text("q")),
        ("x-first-death-reason", text("rejected")),
        ("x-first-death-exchange", text("")),
        ("z", 1.into()),
    ]);
    let expected = BasicProperties {
        headers: Some(headers),
        ..properties
    };
    assert_eq!(dead, expected);
}

#[test]
fn an_expired_message_loses_its_expiration_and_tells_it() {
    let (mut bench, client) = dying();
    let properties = BasicProperties {
        expiration: Some(name("50")),
        ..Default::default()
    };
    bench.put_with(client, "q", &properties, "m");
    bench.wait(milliseconds(50));
    let (_, _, dead) = look(&mut bench, client, "dead");
    assert_eq!(dead.expiration, None);
    let headers = dead.headers.expect("headers");
    let mut entry = death(1, "expired", "q", 36_000);
    entry.push(("original-expiration", text("50")));
    assert_eq!(headers.get("x-death"), Some(array(&[table(&entry).into()])));
    assert_eq!(headers.get("x-first-death-reason"), Some(text("expired")));
}

#[test]
fn copies_are_told_of_and_go_with_the_key_that_is_replaced() {
    for (key, stays) in [(None, true), (Some("k"), false)] {
        let mut bench = Bench::new();
        let client = bench.open();
        bench.queue(client, "dead");
        bench.bind(client, "dead", "amq.fanout", "");
        let mut arguments = vec![("x-dead-letter-exchange", text("amq.fanout"))];
        arguments.extend(key.map(|key| ("x-dead-letter-routing-key", text(key))));
        bench.queue_with(client, "q", &arguments);
        let copies = array(&[text("c"), 1.into()]);
        let properties = BasicProperties {
            headers: Some(table(&[("CC", copies.clone())])),
            ..Default::default()
        };
        bench.put_with(client, "q", &properties, "m");
        reject_next(&mut bench, client, "q");
        let headers = look(&mut bench, client, "dead").2.headers.expect("headers");
        assert_eq!(headers.get("CC"), stays.then_some(copies));
        let mut entry = death(1, "rejected", "q", 0);
        entry[5].1 = array(&[text("q"), text("c")]);
        assert_eq!(headers.get("x-death"), Some(array(&[table(&entry).into()])));
    }
}

#[test]
fn a_death_that_happens_again_is_counted_and_comes_first() {
    let mut bench = Bench::new();
    let client = bench.open();
    let [exchange, key] = dying_to("work");
    bench.queue_with(
        client,
        "wait",
        &[exchange, key, ("x-message-ttl", 10.into())],
    );
    bench.queue_with(client, "work", &dying_to("wait"));
    bench.put(client, "work", "m");
    for count in 1..=3 {
        reject_next(&mut bench, client, "work");
        bench.wait(milliseconds(10));
        let (tag, headers) = match bench.ask(
            client,
            basic::Get {
                queue: name("work"),
                no_ack: false,
            },
        ) {
            Heard::Content(1, Method::BasicGetOk(ok), properties, _) => {
                (ok.delivery_tag, properties.headers.expect("headers"))
            }
            other => panic!("no message: {other:?}"),
        };
        let entries = [("wait", "expired", count), ("work", "rejected", count)];
        assert_eq!(deaths(&headers), told(&entries));
        assert_eq!(headers.get("x-first-death-queue"), Some(text("work")));
        assert_eq!(headers.get("x-first-death-reason"), Some(text("rejected")));
        bench.say_1(
            client,
            basic::Reject {
                delivery_tag: tag,
                requeue: true,
            },
        );
    }
}

#[test]
fn deaths_that_are_none_are_replaced() {
    let (mut bench, client) = dying();
    let strange = [
        text("nonsense"),
        array(&[text("nonsense"), table(&[]).into()]),
    ];
    for (value, more) in strange.into_iter().zip([0, 2]) {
        let properties = BasicProperties {
            headers: Some(table(&[("x-death", value)])),
            ..Default::default()
        };
        bench.put_with(client, "q", &properties, "m");
        reject_next(&mut bench, client, "q");
        let headers = look(&mut bench, client, "dead").2.headers.expect("headers");
        let Some(FieldValue::Array(deaths)) = headers.get("x-death") else {
            panic!("no deaths: {headers:?}")
        };
        assert_eq!(deaths.iter().count(), 1 + more);
    }
}
