//! The codec of `amqprs`. Its frames are private, so that they are put together here as it does it,
//! out of what it publishes: the serializer `amqp_serde`, the types, and some of the commands.

use std::hint::black_box;

use amqp_serde::types::{AmqpExchangeName, AmqpQueueName, FieldTable, ShortStr};
use amqp_serde::{from_bytes, to_buffer};
use amqprs::{Ack, BasicProperties, Deliver};
use bytes::BytesMut;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const HEAD: usize = 7;

#[derive(Serialize, Deserialize)]
struct FrameHeader {
    frame_type: u8,
    channel: u16,
    payload_size: u32,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
struct MethodHeader {
    class_id: u16,
    method_id: u16,
}

#[derive(Serialize, Deserialize)]
struct Publish {
    ticket: u16,
    exchange: AmqpExchangeName,
    routing_key: ShortStr,
    bits: u8,
}

#[derive(Serialize, Deserialize)]
struct Declare {
    ticket: u16,
    queue: AmqpQueueName,
    bits: u8,
    arguments: FieldTable,
}

#[derive(Serialize, Deserialize)]
struct HeaderStart {
    class: u16,
    weight: u16,
    body_size: u64,
}

#[derive(Serialize)]
struct Header {
    start: HeaderStart,
    properties: BasicProperties,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Payload {
    Publish(MethodHeader, Publish),
    Deliver(MethodHeader, Deliver),
    Ack(MethodHeader, Ack),
    Declare(MethodHeader, Declare),
    Header(Box<Header>),
    Body(Vec<u8>),
}

/// A frame with its type and channel.
pub struct Frame(u8, u16, Payload);

pub fn decode(mut octets: &[u8]) {
    while !octets.is_empty() {
        let (frame, size) = frame(octets);
        black_box(&frame);
        octets = octets.get(size..).unwrap_or_default();
    }
}

pub fn frames(mut octets: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !octets.is_empty() {
        let (frame, size) = frame(octets);
        frames.push(frame);
        octets = octets.get(size..).unwrap_or_default();
    }
    frames
}

/// The size of a payload is known once it is written, and is then put in front. Bodies are not
/// serialized.
pub fn encode(frames: &[Frame], out: &mut BytesMut) {
    out.clear();
    for Frame(frame_type, channel, payload) in frames {
        let head = FrameHeader {
            frame_type: *frame_type,
            channel: *channel,
            payload_size: 0,
        };
        to_buffer(&head, out).expect("a head");
        let start = out.len();
        let size = if let Payload::Body(octets) = payload {
            out.extend_from_slice(octets);
            octets.len()
        } else {
            to_buffer(payload, out).expect("a payload")
        };
        out[start - 4..start].copy_from_slice(&(size as u32).to_be_bytes());
        out.extend_from_slice(&[206]);
    }
}

fn frame(octets: &[u8]) -> (Frame, usize) {
    let FrameHeader {
        frame_type,
        channel,
        payload_size,
    } = read(&octets[..HEAD]);
    let end = HEAD + payload_size as usize;
    assert_eq!(octets[end], 206);
    let payload = &octets[HEAD..end];
    let payload = match frame_type {
        1 => method(payload),
        2 => Payload::Header(Box::new(Header {
            start: read(&payload[..12]),
            properties: read(&payload[12..]),
        })),
        _ => Payload::Body(payload.to_vec()),
    };
    (Frame(frame_type, channel, payload), end + 1)
}

fn method(payload: &[u8]) -> Payload {
    let header: MethodHeader = read(&payload[..4]);
    let arguments = &payload[4..];
    match (header.class_id, header.method_id) {
        (60, 40) => Payload::Publish(header, read(arguments)),
        (60, 60) => Payload::Deliver(header, read(arguments)),
        (60, 80) => Payload::Ack(header, read(arguments)),
        (50, 10) => Payload::Declare(header, read(arguments)),
        other => panic!("no row has the command {other:?}"),
    }
}

fn read<T: DeserializeOwned>(octets: &[u8]) -> T {
    from_bytes(octets).expect("valid octets")
}
