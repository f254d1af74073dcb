//! The frames that are decoded and encoded: one row of the table each.

use bytes::{Bytes, BytesMut};
use mqspec_codec::{
    BasicProperties, ContentHeader, FieldTable, FieldValue, Frame, LongStr, Method, ShortStr,
    basic, queue,
};

/// One row: its name, and the frames as they travel.
pub struct Sample {
    pub name: &'static str,
    pub octets: Vec<u8>,
    pub frames: usize,
}

/// All rows.
pub fn samples() -> Vec<Sample> {
    vec![
        sample("publish", &[method(publish())]),
        sample("header", &[header()]),
        sample("body", &[body()]),
        sample("deliver", &[method(deliver())]),
        sample("ack", &[method(ack())]),
        sample("declare", &[method(declare())]),
        sample("mixed", &mixed()),
    ]
}

/// What passes through a broker while sixteen messages do.
fn mixed() -> Vec<Frame> {
    let mut frames = vec![method(declare())];
    for _ in 0..16 {
        frames.extend([method(publish()), header(), body()]);
        frames.extend([method(deliver()), header(), body(), method(ack())]);
    }
    frames
}

fn sample(name: &'static str, frames: &[Frame]) -> Sample {
    let mut octets = BytesMut::new();
    for frame in frames {
        frame.encode(&mut octets);
    }
    Sample {
        name,
        octets: octets.to_vec(),
        frames: frames.len(),
    }
}

fn method(command: impl Into<Method>) -> Frame {
    Frame::Method {
        channel: 1,
        method: command.into(),
    }
}

fn publish() -> basic::Publish {
    basic::Publish {
        exchange: text("events"),
        routing_key: text("orders.created.eu"),
        ..Default::default()
    }
}

fn deliver() -> basic::Deliver {
    basic::Deliver {
        consumer_tag: text("ctag-1.orders"),
        delivery_tag: 123_456,
        redelivered: false,
        exchange: text("events"),
        routing_key: text("orders.created.eu"),
    }
}

fn ack() -> basic::Ack {
    basic::Ack {
        delivery_tag: 123_456,
        multiple: false,
    }
}

fn declare() -> queue::Declare {
    queue::Declare {
        queue: text("orders.eu.workers"),
        durable: true,
        arguments: table(&[
            ("x-message-ttl", FieldValue::LongInt(60_000)),
            ("x-max-length", FieldValue::LongInt(100_000)),
            ("x-dead-letter-exchange", long("dead-letters")),
            ("x-queue-type", long("classic")),
        ]),
        ..Default::default()
    }
}

fn header() -> Frame {
    let properties = BasicProperties {
        content_type: Some(text("application/json")),
        headers: Some(table(&[
            ("attempt", FieldValue::LongInt(3)),
            ("trace-id", long("4bf92f3577b34da6a3ce929d0e0e4736")),
            ("sampled", FieldValue::Boolean(true)),
            ("sequence", FieldValue::LongLongInt(1_234_567_890_123)),
            ("ratio", FieldValue::Double(0.25)),
        ])),
        delivery_mode: Some(2),
        correlation_id: Some(text("7f3b2c9e-1d4a-4c55")),
        message_id: Some(text("order-00012345")),
        timestamp: Some(1_700_000_000),
        ..Default::default()
    };
    Frame::Header {
        channel: 1,
        header: ContentHeader {
            body_size: 1024,
            properties: properties.into(),
        },
    }
}

fn body() -> Frame {
    Frame::Body {
        channel: 1,
        payload: Bytes::from(vec![b'x'; 1024]),
    }
}

fn table(pairs: &[(&str, FieldValue)]) -> FieldTable {
    let mut table = FieldTable::new();
    for (name, value) in pairs {
        table.push(name, value.clone()).expect("a pair that fits");
    }
    table
}

fn long(text: &'static str) -> FieldValue {
    FieldValue::LongString(LongStr::from_static(text))
}

fn text(text: &'static str) -> ShortStr {
    ShortStr::from_static(text)
}
