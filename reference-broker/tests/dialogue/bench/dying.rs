//! Queues whose messages die, and what dead letters say.

use mqspec_codec::{BasicProperties, FieldTable, FieldValue, Method, ShortStr, basic};

use crate::bench::{Bench, Client, Heard, name, text};

/// The arguments of a queue whose dead letters go to another queue.
pub fn dying_to(queue: &str) -> [(&'static str, FieldValue); 2] {
    [
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text(queue)),
    ]
}

pub fn reject(bench: &mut Bench, client: Client, delivery_tag: u64) {
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag,
            requeue: false,
        },
    );
}

/// Fetches a message and rejects it.
pub fn reject_next(bench: &mut Bench, client: Client, queue: &str) {
    let tag = bench.fetch(client, queue).expect("a message").tag;
    reject(bench, client, tag);
}

/// Fetches a message and returns its exchange, its routing key and its properties.
pub fn look(
    bench: &mut Bench,
    client: Client,
    queue: &str,
) -> (ShortStr, ShortStr, BasicProperties) {
    let get = basic::Get {
        queue: name(queue),
        no_ack: true,
    };
    match bench.ask(client, get) {
        Heard::Content(1, Method::BasicGetOk(ok), properties, _) => {
            (ok.exchange, ok.routing_key, *properties)
        }
        other => panic!("no message: {other:?}"),
    }
}

/// Queue, reason and count of every death that a message tells of.
pub fn deaths(headers: &FieldTable) -> Vec<(String, String, i64)> {
    let Some(FieldValue::Array(deaths)) = headers.get("x-death") else {
        panic!("no deaths: {headers:?}")
    };
    let read = |death: FieldValue| {
        let FieldValue::Table(death) = death else {
            panic!("no table: {death:?}")
        };
        let word = |name| {
            death
                .get(name)
                .and_then(|it| it.as_str().map(str::to_owned))
        };
        let count = death.get("count").and_then(|count| count.as_integer());
        (
            word("queue").expect("a queue"),
            word("reason").expect("a reason"),
            count.expect("a count"),
        )
    };
    deaths.iter().map(read).collect()
}

pub fn told(entries: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    let owned = |(queue, reason, count): &(&str, &str, i64)| {
        ((*queue).to_owned(), (*reason).to_owned(), *count)
    };
    entries.iter().map(owned).collect()
}
