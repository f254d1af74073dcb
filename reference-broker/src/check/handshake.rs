//! How a client opens a connection: all at once, since nothing about it is a question.

use mqspec_codec::{Command, FieldTable, LongStr, MethodId, ProtocolHeader, ShortStr, connection};

use super::client::Client;
use super::sent::Sent;

/// Says everything from the protocol header to `connection.open`.
pub(super) fn handshake(client: &mut Client, small_frames: bool) {
    let mut header = bytes::BytesMut::new();
    ProtocolHeader::AMQP_0_9_1.encode(&mut header);
    client.say_octets(&header);
    let header = Sent::new(0, MethodId::new(0, 0)).answered(connection::Start::ID);
    client.expect(header);
    let mut capabilities = FieldTable::new();
    if client.has_extensions {
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
    let sent = Sent::new(0, connection::StartOk::ID).answered(connection::Tune::ID);
    client.say(&start_ok.into(), &[], sent);
    let tune_ok = connection::TuneOk {
        channel_max: 0,
        frame_max: if small_frames { 4096 } else { 0 },
        heartbeat: u16::from(client.has_heartbeats),
    };
    let sent = Sent::new(0, connection::TuneOk::ID);
    client.say(&tune_ok.into(), &[], sent);
    let open = connection::Open {
        virtual_host: ShortStr::from_static("/"),
    };
    let sent = Sent::new(0, connection::Open::ID).answered(connection::OpenOk::ID);
    client.say(&open.into(), &[], sent);
}
