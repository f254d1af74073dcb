//! What the clients do: publish with confirms and in transactions, consume, acknowledge.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};

use fastrand::Rng;
use mqspec::history::{Event, Identity};
use mqspec_codec::{Method, basic, confirm, exchange, queue, tx};

use crate::client::{Client, name};
use crate::log::Log;

/// The queues, and whose messages each has.
pub const ROUTES: [(&str, &[&str]); 3] = [
    ("q-confirmed", &["a", "b"]),
    ("q-both", &["b", "c"]),
    ("q-committed", &["c"]),
];

/// Queues that take what is published to the exchange, besides their own.
const BOUND: [(&str, &str); 4] = [
    ("q-confirmed", "b"),
    ("q-both", "b"),
    ("q-both", "c"),
    ("q-committed", "c"),
];

const EXCHANGE: &str = "x-durable";

/// Makes exchange, queues and bindings, all of them durable.
pub fn prepare(address: SocketAddr) -> io::Result<()> {
    let mut client = Client::open(address)?;
    client.ask(exchange::Declare {
        exchange: name(EXCHANGE),
        r#type: name("direct"),
        durable: true,
        ..Default::default()
    })?;
    for (queue, _) in ROUTES {
        client.ask(queue::Declare {
            queue: name(queue),
            durable: true,
            ..Default::default()
        })?;
    }
    for (queue, key) in BOUND {
        client.ask(queue::Bind {
            queue: name(queue),
            exchange: name(EXCHANGE),
            routing_key: name(key),
            ..Default::default()
        })?;
    }
    Ok(())
}

/// Starts all clients. Each goes on until its connection is cut.
pub fn begin(address: SocketAddr, log: &Log, dice: &mut Rng) -> Vec<JoinHandle<io::Result<()>>> {
    let mut start = |work: fn(Client, Log, Rng) -> io::Result<()>| {
        let (log, dice) = (log.clone(), dice.fork());
        thread::spawn(move || work(Client::open(address)?, log, dice))
    };
    vec![
        start(|client, log, dice| publish(client, log, dice, "a", "", "q-confirmed")),
        start(|client, log, dice| publish(client, log, dice, "b", EXCHANGE, "b")),
        start(commit),
        start(|client, log, dice| consume(client, log, dice, "q-confirmed")),
        start(|client, log, dice| consume(client, log, dice, "q-both")),
        start(|client, log, dice| consume(client, log, dice, "q-committed")),
    ]
}

/// A body that begins with the message's identity.
fn body(message: &Identity, dice: &mut Rng) -> Vec<u8> {
    let length = match dice.u8(..10) {
        0 => dice.usize(..200_000),
        1..4 => dice.usize(..5000),
        _ => dice.usize(..50),
    };
    let mut body = format!("{message} ").into_bytes();
    body.extend((0..length).map(|at| (at % 251) as u8));
    body
}

/// Publishes with confirms, as many at once as the dice say.
fn publish(
    mut client: Client,
    log: Log,
    mut dice: Rng,
    publisher: &str,
    exchange: &str,
    key: &str,
) -> io::Result<()> {
    client.ask(confirm::Select::default())?;
    let mut sequence = 0;
    let mut confirmed = 0;
    loop {
        for _ in 0..dice.u64(1..60) {
            sequence += 1;
            let message = Identity::new(publisher, sequence);
            let body = body(&message, &mut dice);
            log.published(message, &body);
            client.publish(exchange, key, &body);
        }
        // Not always all: the next ones go out while some are unconfirmed.
        let enough = sequence - dice.u64(..20).min(sequence - confirmed);
        client.flush()?;
        while confirmed < enough {
            match client.next()?.0 {
                Method::BasicAck(ack) => {
                    let first = if ack.multiple {
                        confirmed + 1
                    } else {
                        ack.delivery_tag
                    };
                    for number in first..=ack.delivery_tag {
                        let message = Identity::new(publisher, number);
                        log.note(Event::Accepted { message });
                    }
                    confirmed = ack.delivery_tag;
                }
                other => return Err(io::Error::other(format!("no confirmation: {other:?}"))),
            }
        }
    }
}

/// Publishes in transactions, of which some are rolled back.
fn commit(mut client: Client, log: Log, mut dice: Rng) -> io::Result<()> {
    client.ask(tx::Select)?;
    let mut sequence = 0;
    loop {
        let mut messages = Vec::new();
        for _ in 0..dice.u64(1..20) {
            sequence += 1;
            let message = Identity::new("c", sequence);
            let body = body(&message, &mut dice);
            log.published(message.clone(), &body);
            client.publish(EXCHANGE, "c", &body);
            messages.push(message);
        }
        if dice.u8(..5) == 0 {
            for message in messages {
                log.note(Event::Withdrawn { message });
            }
            client.ask(tx::Rollback)?;
        } else {
            client.ask(tx::Commit)?;
            for message in messages {
                log.note(Event::Accepted { message });
            }
        }
    }
}

/// What a consumer has not settled, and what it has settled without knowing that it is stored.
#[derive(Default)]
struct Hands {
    held: VecDeque<(u64, usize)>,
    settled: Vec<usize>,
}

impl Hands {
    fn take(&mut self, log: &Log, consumer: usize, heard: (Method, Vec<u8>)) -> io::Result<()> {
        let (Method::BasicDeliver(deliver), body) = heard else {
            return Err(io::Error::other(format!("no delivery: {:?}", heard.0)));
        };
        let delivery = log.delivered(consumer, &body, deliver.redelivered);
        self.held.push_back((deliver.delivery_tag, delivery));
        Ok(())
    }
}

/// Acknowledges some of what it gets, and asks now and then for an answer, which says that all of it is stored.
fn consume(mut client: Client, log: Log, mut dice: Rng, queue: &str) -> io::Result<()> {
    client.ask(basic::Qos {
        prefetch_count: dice.u16(1..200),
        ..Default::default()
    })?;
    let consumer = log.subscribed(queue);
    client.ask(basic::Consume {
        queue: name(queue),
        ..Default::default()
    })?;
    let mut hands = Hands::default();
    loop {
        let heard = client.next()?;
        hands.take(&log, consumer, heard)?;
        if hands.held.len() > 3 || dice.bool() {
            let count = if dice.bool() { 1 } else { hands.held.len() };
            let settled: Vec<_> = hands.held.drain(..count).collect();
            for (_, delivery) in &settled {
                log.note(Event::Settled {
                    delivery: *delivery,
                });
                hands.settled.push(*delivery);
            }
            if let Some((delivery_tag, _)) = settled.last() {
                client.say(basic::Ack {
                    delivery_tag: *delivery_tag,
                    multiple: count > 1,
                });
            }
        }
        if dice.u8(..30) == 0 {
            client.say(queue::Declare {
                queue: name(queue),
                passive: true,
                ..Default::default()
            });
            let settled = std::mem::take(&mut hands.settled);
            loop {
                match client.next()? {
                    (Method::QueueDeclareOk(_), _) => break,
                    heard => hands.take(&log, consumer, heard)?,
                }
            }
            for delivery in settled {
                log.note(Event::Sure { delivery });
            }
        }
    }
}

/// Takes out everything that the queues have, and tells how much that was.
pub fn drain(address: SocketAddr, log: &Log) -> io::Result<u64> {
    let mut client = Client::open(address)?;
    let mut count = 0;
    for (queue, _) in ROUTES {
        let consumer = log.subscribed(queue);
        loop {
            let get = basic::Get {
                queue: name(queue),
                no_ack: true,
            };
            match client.ask(get)? {
                (Method::BasicGetOk(ok), body) => {
                    let delivery = log.delivered(consumer, &body, ok.redelivered);
                    log.note(Event::Settled { delivery });
                    count += 1;
                }
                (Method::BasicGetEmpty(_), _) => break,
                (other, _) => return Err(io::Error::other(format!("no answer: {other:?}"))),
            }
        }
    }
    Ok(count)
}
