//! What may not be said, and ends a connection.

use bytes::BytesMut;
use mqspec_codec::frame::{put_body, put_header, put_method};
use mqspec_codec::{ContentHeader, FrameKind, Method, RawFrame, ShortStr, basic, channel};

use super::channel::Phase;
use super::client::Client;
use super::operation::Fault;

/// Says it on a channel, which is opened if it has to be.
pub(super) fn commit(client: &mut Client, number: u16, fault: Fault) {
    let phase = client.channel(number).phase;
    match fault {
        Fault::ClosedChannel if phase != Phase::Free => return,
        Fault::ClosedChannel => {}
        _ if phase == Phase::Free => client.open(number),
        _ if phase == Phase::Closing => return,
        _ => {}
    }
    // A channel that the broker may be closing hears nothing any more.
    if !client.is_certain(number) {
        return;
    }
    let mut octets = BytesMut::new();
    let mut say = |channel, method: Method| put_method(channel, &method, &mut octets);
    let publish = |immediate| basic::Publish {
        routing_key: ShortStr::from_static("nowhere"),
        immediate,
        ..Default::default()
    };
    let header = ContentHeader {
        body_size: 1,
        properties: mqspec_codec::BasicProperties::default().into(),
    };
    match fault {
        Fault::FrameType => octets.extend_from_slice(b"\x05\0\x01\0\0\0\0\xce"),
        Fault::FrameEnd => octets.extend_from_slice(b"\x01\0\x01\0\0\0\x04\0\x14\0\x0a\xcd"),
        Fault::FrameSize => octets.extend_from_slice(b"\x01\0\x01\x7f\0\0\0"),
        Fault::HeaderWithoutPublish => put_header(number, &header, &mut octets),
        Fault::BodyWithoutPublish => put_body(number, b"x", 0, &mut octets),
        Fault::PublishWithoutHeader => {
            say(number, publish(false).into());
            say(number, basic::Qos::default().into());
        }
        Fault::BodyTooLong => {
            say(number, publish(false).into());
            put_header(number, &header, &mut octets);
            put_body(number, b"xx", 0, &mut octets);
        }
        Fault::ClosedChannel => say(number, basic::Qos::default().into()),
        Fault::HeartbeatOnChannel => RawFrame {
            kind: FrameKind::Heartbeat,
            channel: number,
            payload: b"",
        }
        .encode(&mut octets),
        Fault::UnknownCommand => RawFrame {
            kind: FrameKind::Method,
            channel: number,
            payload: b"\x00\x3c\x00\xc8",
        }
        .encode(&mut octets),
        Fault::BrokersCommand => say(number, basic::QosOk.into()),
        Fault::Immediate => {
            say(number, publish(true).into());
            put_header(number, &header, &mut octets);
            put_body(number, b"x", 0, &mut octets);
        }
        Fault::OpenTwice => say(number, channel::Open.into()),
    }
    client.say_octets(&octets);
    client.is_at_fault = true;
}
