//! Floods: whatever one client does without end, the answer is a refusal or bounded memory, and somebody else is
//! served all the while.

mod raw;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use mqspec_codec::{Method, basic, channel, queue};

use raw::{Client, Heard, Program, name};

const MIB: u64 = 1 << 20;
/// Where nobody floods.
const NEIGHBOURHOOD: &str = "neighbourhood";

/// A client that behaves: whether a message of its own comes back to it shows whether the broker serves anybody. It has
/// a virtual host of its own, since what one holds at most is counted for each.
struct Neighbour(Client);

/// Starts a broker, with options that make a flood reach its limits soon.
fn start(options: &[&str]) -> (Program, Neighbour) {
    let hosts = ["--virtual-host", "/", "--virtual-host", NEIGHBOURHOOD];
    let program = Program::start(&[&hosts, options].concat());
    let neighbour = Neighbour::new(program.address);
    (program, neighbour)
}

impl Neighbour {
    fn new(address: SocketAddr) -> Self {
        let mut client = Client::open_on(address, NEIGHBOURHOOD);
        let declare = queue::Declare {
            queue: name("neighbour"),
            exclusive: true,
            ..Default::default()
        };
        assert!(matches!(
            client.ask(declare),
            Heard::Method(1, Method::QueueDeclareOk(_))
        ));
        Self(client)
    }

    fn is_served(&mut self) {
        self.0.put_publish(1, to("neighbour"), b"there and back");
        let get = basic::Get {
            queue: name("neighbour"),
            no_ack: true,
        };
        let heard = self.0.ask(get);
        assert!(
            matches!(heard, Heard::Method(1, Method::BasicGetOk(_))),
            "{heard:?}"
        );
        assert_eq!(self.0.hear(), Heard::Content(1, "".into()));
        assert_eq!(self.0.hear(), Heard::Content(1, "there and back".into()));
    }
}

fn to(queue: &str) -> basic::Publish {
    basic::Publish {
        routing_key: name(queue),
        ..Default::default()
    }
}

fn declare(queue: &str) -> queue::Declare {
    queue::Declare {
        queue: name(queue),
        ..Default::default()
    }
}

/// A frame with any payload, well-formed or not.
fn frame(kind: u8, channel: u16, payload: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    out.put_u8(kind);
    out.put_u16(channel);
    out.put_u32(payload.len() as u32);
    out.put_slice(payload);
    out.put_u8(206);
    out
}

/// A `queue.declare` frame with those octets as arguments.
fn declare_with(arguments: &[u8]) -> BytesMut {
    let mut payload = BytesMut::new();
    payload.put_slice(&[0, 50, 0, 10, 0, 0, 1, b'q', 0]);
    payload.put_slice(arguments);
    frame(1, 1, &payload)
}

/// Sends these octets over and over, without ever reading, until the broker no longer takes anything, or `most` octets are sent. How many were.
fn pour(client: &mut Client, octets: &[u8], most: usize) -> usize {
    use std::io::Write;
    let time = Some(Duration::from_secs(1));
    client.stream.set_write_timeout(time).expect("a time");
    let mut sent = 0;
    while sent < most {
        let rest = &octets[sent % octets.len()..];
        match client.stream.write(rest) {
            Ok(written) => sent += written,
            Err(_) => return sent,
        }
    }
    sent
}

#[test]
fn more_connections_than_allowed_are_closed_and_the_others_served() {
    let (mut program, mut neighbour) = start(&["--limit", "connections=50"]);
    let connections: Vec<Client> = (0..400).map(|_| Client::connect(program.address)).collect();
    neighbour.is_served();
    let refused = connections
        .into_iter()
        .skip(49)
        .map(|mut client| client.ended());
    assert!(refused.count() >= 300);
    neighbour.is_served();
    assert!(program.is_running());
}

#[test]
fn connections_that_go_at_once_leave_nothing() {
    let (mut program, mut neighbour) = start(&["--limit", "connections=50"]);
    for round in 0..1_000 {
        let mut client = Client::connect(program.address);
        match round % 3 {
            0 => {}
            1 => client.send(b"AMQP"),
            _ => client.send(b"AMQP\x00\x00\x09\x01"),
        }
    }
    neighbour.is_served();
    // As soon as it has taken note of the ends there is room again.
    let mut tries = 0;
    while Client::try_open(program.address).is_err() {
        tries += 1;
        assert!(tries < 10_000, "no room for a new connection");
    }
    assert!(program.is_running());
}

#[test]
fn half_a_frame_and_then_nothing_is_the_end() {
    let (program, mut neighbour) = start(&["--handshake-seconds", "1"]);
    let beginnings: [&[u8]; 4] = [
        b"",
        b"AMQP",
        b"AMQP\x00\x00\x09\x01",
        b"AMQP\x00\x00\x09\x01\x01\x00\x00",
    ];
    let mut clients = beginnings.map(|beginning| {
        let mut client = Client::connect(program.address);
        client.send(beginning);
        client
    });
    for client in &mut clients {
        assert_eq!(client.ended(), None);
    }
    neighbour.is_served();
}

#[test]
fn half_a_command_or_half_a_body_and_then_nothing_is_the_end_as_well() {
    let (program, mut neighbour) = start(&["--frame-seconds", "1"]);
    let mut body = BytesMut::new();
    body.put_slice(&frame(2, 1, &[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0]));
    body.put_slice(&[3, 0, 1, 0, 0, 0, 9, b'x']);
    let mut in_a_command = Client::open(program.address);
    in_a_command.send(&[1, 0, 1, 0, 0]);
    let mut in_a_body = Client::open(program.address);
    in_a_body.put(1, to("anywhere"));
    in_a_body.send(&body);
    assert_eq!(in_a_command.ended(), None);
    assert_eq!(in_a_body.ended(), None);
    neighbour.is_served();
}

#[test]
fn lengths_that_nothing_can_have_are_refused_before_anything_is_held() {
    let (program, mut neighbour) = start(&[]);
    let before = program.memory();
    // A frame; a body; a table; a long string in it.
    let huge_frame = [1, 0, 1, 0xff, 0xff, 0xff, 0xff];
    let mut client = Client::open(program.address);
    client.send(&huge_frame);
    assert_eq!(client.ended(), Some(501));

    let mut client = Client::open(program.address);
    client.put(1, to("neighbour"));
    client.send(&frame(
        2,
        1,
        &[0, 60, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0],
    ));
    let refused = client.hear();
    assert!(
        matches!(&refused, Heard::Method(1, Method::ChannelClose(close)) if close.reply_code == 311),
        "{refused:?}"
    );

    for arguments in [
        &[0xff, 0xff, 0xff, 0xff][..],
        &[0, 0, 0, 8, 1, b'a', b'S', 0xff, 0xff, 0xff, 0xff, b'x'],
    ] {
        let mut client = Client::open(program.address);
        client.send(&declare_with(arguments));
        assert!(matches!(client.ended(), Some(501 | 502)));
    }
    neighbour.is_served();
    assert!(program.memory() < before + 8 * MIB);
}

#[test]
fn tables_that_are_too_deep_are_refused_and_wide_ones_counted() {
    let (mut program, mut neighbour) = start(&["--limit", "stored=2097152"]);
    let before = program.memory();
    let levels = 18_000;
    let mut deep = BytesMut::new();
    for within in (0..levels).rev() {
        // A table whose only entry is the next one: name, type and length are seven octets.
        deep.put_u32(7 * within);
        deep.put_slice(if within > 0 { &[1, b't', b'F'] } else { &[] });
    }
    let mut client = Client::open(program.address);
    client.send(&declare_with(&deep));
    assert!(matches!(client.ended(), Some(501 | 502)));

    // As many entries as fit into a frame, and such a table for each of many queues.
    let mut wide = BytesMut::new();
    let entries = 40_000;
    wide.put_u32(entries * 3);
    for _ in 0..entries {
        wide.put_slice(&[1, b'k', b'V']);
    }
    let mut client = Client::open(program.address);
    let mut code = None;
    for index in 0..200 {
        let mut payload = BytesMut::new();
        let queue = format!("wide-{index:04}");
        payload.put_slice(&[0, 50, 0, 10, 0, 0, queue.len() as u8]);
        payload.put_slice(queue.as_bytes());
        payload.put_u8(0);
        payload.put_slice(&wide);
        client.send(&frame(1, 1, &payload));
        match client.hear() {
            Heard::Method(1, Method::QueueDeclareOk(_)) => {}
            Heard::Method(0, Method::ConnectionClose(close)) => {
                code = Some(close.reply_code);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(code, Some(506), "200 tables of 120 KB are held in 2 MiB");
    neighbour.is_served();
    assert!(program.memory() < before + 64 * MIB, "{}", program.memory());
    assert!(program.is_running());
}

#[test]
fn channels_are_limited_by_what_was_agreed() {
    let (program, mut neighbour) = start(&[]);
    let mut client = Client::open(program.address);
    for number in 2..=u16::MAX {
        if client.put(number, channel::Open) > 16 * 1024 {
            client.flush();
        }
    }
    client.flush();
    // Channel 2048 is one too many.
    assert_eq!(client.ended(), Some(504));
    neighbour.is_served();
}

#[test]
fn channels_opened_and_closed_without_end_cost_nothing() {
    let (program, mut neighbour) = start(&[]);
    let before = program.memory();
    let mut client = Client::open(program.address);
    let mut octets = BytesMut::new();
    for number in 2..500 {
        mqspec_codec::frame::put_method(number, &channel::Open.into(), &mut octets);
        mqspec_codec::frame::put_method(number, &channel::Close::default().into(), &mut octets);
    }
    pour(&mut client, &octets, 64 << 20);
    neighbour.is_served();
    assert!(program.memory() < before + 64 * MIB, "{}", program.memory());
}

#[test]
fn declares_without_end_are_refused() {
    let (program, mut neighbour) = start(&["--limit", "queues=1000"]);
    let mut client = Client::open(program.address);
    for index in 0..5_000 {
        if client.put(1, declare(&format!("q-{index}"))) > 16 * 1024 {
            client.flush();
        }
    }
    client.flush();
    assert_eq!(client.ended(), Some(506));
    neighbour.is_served();
}

#[test]
fn questions_without_end_whose_answers_nobody_reads_are_not_listened_to() {
    let (program, mut neighbour) = start(&["--limit", "unread-replies=1048576"]);
    let before = program.memory();
    let mut client = Client::open(program.address);
    let mut octets = BytesMut::new();
    for _ in 0..1_000 {
        mqspec_codec::frame::put_method(1, &declare("one").into(), &mut octets);
    }
    let most = 256 << 20;
    let sent = pour(&mut client, &octets, most);
    assert!(sent < most, "all of it was taken");
    neighbour.is_served();
    assert!(program.memory() < before + 64 * MIB, "{}", program.memory());
}

#[test]
fn a_consumer_that_never_reads_has_bounded_memory() {
    let (program, mut neighbour) = start(&["--limit", "stored=8388608"]);
    let mut consumer = Client::open(program.address);
    consumer.ask(declare("deaf"));
    let consume = basic::Consume {
        queue: name("deaf"),
        no_ack: true,
        ..Default::default()
    };
    consumer.ask(consume);
    let mut publisher = Client::open(program.address);
    let mut sent = 0;
    let before = program.memory();
    while sent < 128 {
        publisher.put_publish(1, to("deaf"), &vec![0; 1 << 20]);
        publisher.flush();
        sent += 1;
        if sent % 16 == 0 {
            neighbour.is_served();
        }
    }
    assert_eq!(publisher.ended(), Some(506));
    neighbour.is_served();
    assert!(program.memory() < before + 64 * MIB, "{}", program.memory());
}

#[test]
fn messages_that_nobody_fetches_stop_their_publisher_until_there_is_room() {
    let (program, mut neighbour) = start(&["--limit", "high-water=8388608"]);
    let before = program.memory();
    let mut publisher = Client::open(program.address);
    publisher.ask(declare("full"));
    let octets = {
        publisher.put_publish(1, to("full"), &vec![0; 100_000]);
        publisher.take_output()
    };
    let most = 256 << 20;
    let sent = pour(&mut publisher, &octets, most);
    assert!(sent < most, "all of it was taken");
    assert!(program.memory() < before + 64 * MIB, "{}", program.memory());
    // Nobody may publish, but whoever does something else is served, and what is fetched makes room.
    let mut consumer = Client::open(program.address);
    let purge = queue::Purge {
        queue: name("full"),
        no_wait: false,
    };
    let heard = consumer.ask(purge);
    assert!(
        matches!(heard, Heard::Method(1, Method::QueuePurgeOk(_))),
        "{heard:?}"
    );
    drop(publisher);
    consumer.ask(queue::Delete {
        queue: name("full"),
        ..Default::default()
    });
    neighbour.is_served();
}

#[test]
fn noise_ends_the_connection_that_it_came_on() {
    let (mut program, mut neighbour) = start(&[]);
    let mut state = 1_u64;
    for round in 0..300 {
        let mut client = if round % 2 == 0 {
            Client::connect(program.address)
        } else {
            Client::open(program.address)
        };
        let mut octets = Vec::with_capacity(4096);
        for _ in 0..4096 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            octets.push((state >> 56) as u8);
        }
        client.send(&octets);
        client.read_to_end();
    }
    neighbour.is_served();
    assert!(program.is_running());
}
