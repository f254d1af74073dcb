//! How a client opens a connection: all at once, since nothing about it is a question.

use std::sync::OnceLock;

use bytes::BytesMut;
use mqspec_codec::frame::put_method;
use mqspec_codec::{Command, FieldTable, LongStr, MethodId, ProtocolHeader, ShortStr, connection};

use super::client::Client;
use super::sent::Sent;

/// Says everything from the protocol header to `connection.open`.
pub(super) fn handshake(client: &mut Client, small_frames: bool) {
    static OCTETS: [OnceLock<Vec<u8>>; 8] = [const { OnceLock::new() }; 8];
    let (extensions, heartbeats) = (client.has_extensions, client.has_heartbeats);
    let which =
        usize::from(extensions) | usize::from(small_frames) << 1 | usize::from(heartbeats) << 2;
    let octets = OCTETS[which].get_or_init(|| octets(extensions, small_frames, heartbeats));
    client.say_octets(octets);
    let answers = [
        (MethodId::new(0, 0), connection::Start::ID),
        (connection::StartOk::ID, connection::Tune::ID),
        (connection::Open::ID, connection::OpenOk::ID),
    ];
    for (id, answer) in answers {
        client.expect(Sent::new(0, id).answered(answer));
    }
}

fn octets(extensions: bool, small_frames: bool, heartbeats: bool) -> Vec<u8> {
    let mut octets = BytesMut::new();
    ProtocolHeader::AMQP_0_9_1.encode(&mut octets);
    let mut capabilities = FieldTable::new();
    if extensions {
        for name in ["consumer_cancel_notify", "connection.blocked"] {
            capabilities.push(name, true).expect("short names");
        }
    }
    let start_ok = connection::StartOk {
        client_properties: FieldTable::new()
            .with("capabilities", capabilities)
            .expect("a short name"),
        mechanism: ShortStr::from_static("EXTERNAL"),
        response: LongStr::from_static(""),
        locale: ShortStr::from_static("en_US"),
    };
    let tune_ok = connection::TuneOk {
        channel_max: 0,
        frame_max: if small_frames { 4096 } else { 0 },
        heartbeat: u16::from(heartbeats),
    };
    let open = connection::Open {
        virtual_host: ShortStr::from_static("/"),
    };
    for method in [start_ok.into(), tune_ok.into(), open.into()] {
        put_method(0, &method, &mut octets);
    }
    octets.to_vec()
}
