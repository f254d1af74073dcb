//! Contents: header and body, in and out.

use bytes::BytesMut;
use mqspec_codec::frame::{put_header, put_method};
use mqspec_codec::{
    BasicProperties, ContentHeader, FieldTable, FrameDecoder, Method, basic, queue,
};
use reference_broker::{Config, Limits};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, name, on_1};

/// What a frame holds: its type and its payload.
type Frame<'a> = (u8, &'a [u8]);

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;

/// A header that announces a body of one octet.
const ONE_OCTET: &[u8] = b"\0\x3c\0\0\0\0\0\0\0\0\0\x01\0\0";
const ONE: &[u8] = b"1";
/// Ids of `basic.get` and of `channel.close`.
const GET: &[u8] = &[0, 60, 0, 70];
const CLOSE: &[u8] = &[0, 20, 0, 40];

fn send_frames(bench: &mut Bench, client: Client, channel: u16, frames: &[Frame<'_>]) {
    let mut octets = Vec::new();
    for (kind, payload) in frames {
        octets.push(*kind);
        octets.extend_from_slice(&channel.to_be_bytes());
        octets.extend_from_slice(&(payload.len() as u32).to_be_bytes());
        octets.extend_from_slice(payload);
        octets.push(206);
    }
    bench.send_octets(client, &octets);
}

fn header(body_size: u64) -> Vec<u8> {
    let mut payload = vec![0, 60, 0, 0];
    payload.extend_from_slice(&body_size.to_be_bytes());
    payload.extend_from_slice(&[0, 0]);
    payload
}

fn publish_q() -> basic::Publish {
    basic::Publish {
        routing_key: name("q"),
        ..Default::default()
    }
}

fn begun() -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.say_1(client, publish_q());
    (bench, client)
}

fn body(bench: &mut Bench, client: Client) -> Vec<u8> {
    match bench.ask(
        client,
        basic::Get {
            queue: name("q"),
            no_ack: true,
        },
    ) {
        Heard::Content(1, Method::BasicGetOk(_), _, body) => body,
        other => panic!("no message: {other:?}"),
    }
}

#[test]
fn an_empty_body_takes_no_frame() {
    let (mut bench, client) = begun();
    send_frames(&mut bench, client, 1, &[(HEADER, &header(0))]);
    assert_eq!(body(&mut bench, client), b"");
    bench.say_1(client, publish_q());
    send_frames(&mut bench, client, 1, &[(HEADER, &header(0)), (BODY, b"")]);
    assert_eq!(bench.ended(client), (505, 0, 0));
}

#[test]
fn a_body_may_come_in_any_pieces() {
    let (mut bench, client) = begun();
    let large = vec![7; 5000];
    let frames: [Frame<'_>; 6] = [
        (BODY, b"a"),
        (BODY, b""),
        (BODY, b"bc"),
        (BODY, &large),
        (BODY, b"d"),
        (BODY, b"e"),
    ];
    send_frames(&mut bench, client, 1, &[(HEADER, &header(5005))]);
    for frame in frames {
        send_frames(&mut bench, client, 1, &[frame]);
    }
    let expected = [b"abc", large.as_slice(), b"de"].concat();
    assert_eq!(body(&mut bench, client), expected);
}

#[test]
fn contents_of_several_channels_may_interleave() {
    let (mut bench, client) = begun();
    bench.open_channel(client, 2);
    send_frames(&mut bench, client, 1, &[(HEADER, &header(2)), (BODY, b"1")]);
    bench.say(client, 2, publish_q());
    send_frames(&mut bench, client, 2, &[(HEADER, &header(1)), (BODY, b"2")]);
    bench.say(
        client,
        2,
        queue::Declare {
            queue: name("q"),
            ..Default::default()
        },
    );
    let ok = queue::DeclareOk {
        queue: name("q"),
        message_count: 1,
        consumer_count: 0,
    };
    assert_eq!(bench.hear(client), Heard::Method(2, ok.into()));
    bench.send_octets(client, &[8, 0, 0, 0, 0, 0, 0, 206]);
    send_frames(&mut bench, client, 1, &[(BODY, b"1")]);
    assert_eq!(body(&mut bench, client), b"2");
    assert_eq!(body(&mut bench, client), b"11");
}

#[rstest]
#[case::method_after_publish(&[(METHOD, GET)])]
#[case::body_before_header(&[(BODY, ONE)])]
#[case::two_headers(&[(HEADER, ONE_OCTET), (HEADER, ONE_OCTET)])]
#[case::method_inside_the_body(&[(HEADER, ONE_OCTET), (METHOD, CLOSE)])]
fn nothing_comes_between(#[case] frames: &[Frame<'static>]) {
    let (mut bench, client) = begun();
    send_frames(&mut bench, client, 1, frames);
    assert_eq!(bench.ended(client), (505, 60, 40));
}

#[rstest]
#[case::header((HEADER, ONE_OCTET))]
#[case::body((BODY, ONE))]
fn no_content_without_its_command(#[case] frame: Frame<'static>) {
    let mut bench = Bench::new();
    let client = bench.open();
    send_frames(&mut bench, client, 1, &[frame]);
    assert_eq!(bench.ended(client), (505, 0, 0));
}

#[rstest]
#[case::header((HEADER, ONE_OCTET))]
#[case::body((BODY, ONE))]
fn no_content_on_channel_0(#[case] frame: Frame<'static>) {
    let mut bench = Bench::new();
    let client = bench.open();
    send_frames(&mut bench, client, 0, &[frame]);
    assert_eq!(bench.ended(client), (504, 0, 0));
}

#[rstest]
#[case::other_class(&[0, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]
#[case::weight(&[0, 60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]
#[case::flag_bit_0(&[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0])]
#[case::flag_bit_1(&[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])]
#[case::property_missing(&[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0])]
#[case::octets_left(&[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])]
#[case::short(&[0, 60, 0, 0, 0, 0])]
fn a_malformed_header_is_a_frame_error(#[case] payload: &[u8]) {
    let (mut bench, client) = begun();
    send_frames(&mut bench, client, 1, &[(HEADER, payload)]);
    let (code, class_id, _) = bench.ended(client);
    assert_eq!(code, 501);
    assert!(class_id == 60 || class_id == 50);
}

#[test]
fn more_octets_than_announced_are_a_frame_error() {
    let (mut bench, client) = begun();
    let frames: [Frame<'_>; 3] = [(HEADER, &header(3)), (BODY, b"12"), (BODY, b"34")];
    send_frames(&mut bench, client, 1, &frames);
    assert_eq!(bench.ended(client), (501, 60, 40));
    let other = bench.open();
    assert_eq!(bench.count(other, "q"), (0, 0));
}

#[rstest]
#[case(u64::MAX)]
#[case(1 << 63)]
#[case((128 << 20) + 1)]
fn a_body_above_the_limit_is_refused_before_it_comes(#[case] size: u64) {
    let (mut bench, client) = begun();
    send_frames(
        &mut bench,
        client,
        1,
        &[(HEADER, &header(size)), (BODY, b"1")],
    );
    assert_eq!(bench.refused(client), (311, 60, 40));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn a_body_of_just_the_limit_is_taken() {
    let limits = Limits {
        content: 4,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "1234");
    assert_eq!(body(&mut bench, client), b"1234");
    bench.put(client, "q", "12345");
    assert_eq!(bench.refused(client), (311, 60, 40));
}

#[test]
fn unfinished_contents_are_limited_together() {
    let limits = Limits {
        assembly: 10,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let client = bench.open();
    bench.open_channel(client, 2);
    for channel in [1, 2] {
        bench.say(client, channel, publish_q());
    }
    send_frames(&mut bench, client, 1, &[(HEADER, &header(5))]);
    send_frames(
        &mut bench,
        client,
        2,
        &[(HEADER, &header(5)), (BODY, b"12345")],
    );
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say(client, 2, publish_q());
    send_frames(&mut bench, client, 2, &[(HEADER, &header(6))]);
    assert_eq!(bench.ended(client), (506, 60, 40));
}

#[test]
fn contents_are_cut_anew_for_each_receiver() {
    let mut bench = Bench::new();
    let (large, small) = (bench.open(), bench.tuned(&[], 0, 4096, 0));
    bench.open_channel(small, 1);
    bench.queue(large, "q");
    bench.bind(large, "q", "amq.fanout", "");
    bench.queue(large, "r");
    bench.bind(large, "r", "amq.fanout", "");
    bench.consume(large, "q");
    bench.consume(small, "r");
    let sent: Vec<u8> = (0..20_000_u32).map(|number| number as u8).collect();
    let publish = basic::Publish {
        exchange: name("amq.fanout"),
        ..Default::default()
    };
    bench.publish(large, 1, publish, &BasicProperties::default(), &sent);
    bench.carry();
    for (client, frame_max, bodies) in [(large, 131_072, 1), (small, 4096, 5)] {
        let mut octets = bench.ends[&client].octets.clone();
        let mut decoder = FrameDecoder::new(frame_max);
        let mut received = Vec::new();
        let mut frames = 0;
        while let Some(frame) = decoder
            .decode(&mut octets)
            .expect("frames within the limit")
        {
            if let mqspec_codec::Frame::Body { payload, .. } = frame {
                received.extend_from_slice(&payload);
                frames += 1;
            }
        }
        assert_eq!((received, frames), (sent.clone(), bodies));
    }
}

#[test]
fn small_frames_are_put_together_for_the_receiver() {
    let (mut bench, client) = begun();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let announced = header(300);
    frames.push((HEADER, &announced));
    frames.extend(std::iter::repeat_n((BODY, b"x" as &[u8]), 300));
    send_frames(&mut bench, client, 1, &frames);
    bench.consume(client, "q");
    bench.carry();
    let mut octets: BytesMut = bench.ends[&client].octets.clone();
    let mut decoder = FrameDecoder::new(0);
    let mut count = 0;
    while decoder.decode(&mut octets).expect("legal frames").is_some() {
        count += 1;
    }
    // Method, header and one body frame.
    assert_eq!(count, 3);
}

#[test]
fn a_header_that_no_frame_of_the_receiver_holds_is_sent_all_the_same() {
    let mut bench = Bench::new();
    let (large, small) = (bench.open(), bench.tuned(&[], 0, 4096, 0));
    bench.open_channel(small, 1);
    bench.queue(large, "q");
    bench.consume(small, "q");
    let text = mqspec_codec::LongStr::new(vec![b'x'; 5000]).expect("a long string");
    let headers = FieldTable::new().with("long", text).expect("a legal table");
    let properties = BasicProperties {
        headers: Some(headers),
        ..Default::default()
    };
    bench.publish(large, 1, publish_q(), &properties, b"1");
    assert!(matches!(bench.hear(small), Heard::Content(1, _, its, _) if *its == properties));
}

#[test]
fn the_same_octets_mean_the_same_however_they_are_cut() {
    let mut octets = BytesMut::new();
    put_method(
        1,
        &basic::Consume {
            queue: name("q"),
            consumer_tag: name("t"),
            ..Default::default()
        }
        .into(),
        &mut octets,
    );
    for _ in 0..3 {
        put_method(1, &publish_q().into(), &mut octets);
        let properties = mqspec_codec::Properties::default();
        put_header(
            1,
            &ContentHeader {
                body_size: 3,
                properties,
            },
            &mut octets,
        );
        octets.extend_from_slice(&[3, 0, 1, 0, 0, 0, 3, b'a', b'b', b'c', 206]);
        put_method(
            1,
            &basic::Get {
                queue: name("q"),
                no_ack: true,
            }
            .into(),
            &mut octets,
        );
    }
    let mut answers = Vec::new();
    for size in [octets.len(), 1, 7] {
        let mut bench = Bench::new();
        let client = bench.open();
        bench.queue(client, "q");
        for piece in octets.chunks(size) {
            bench.send_octets(client, piece);
        }
        bench.carry();
        answers.push(bench.ends[&client].octets.clone());
    }
    assert_eq!(answers.first(), answers.get(1));
    assert_eq!(answers.first(), answers.get(2));
}

#[test]
fn a_content_that_was_begun_ends_with_its_channel() {
    let (mut bench, client) = begun();
    bench.open_channel(client, 2);
    send_frames(&mut bench, client, 1, &[(HEADER, &header(5)), (BODY, b"1")]);
    // An exception on one channel leaves the content of another alone.
    bench.say(
        client,
        2,
        basic::Ack {
            delivery_tag: 1,
            multiple: false,
        },
    );
    assert!(matches!(
        bench.hear(client),
        Heard::Method(2, Method::ChannelClose(_))
    ));
    send_frames(&mut bench, client, 1, &[(BODY, b"2345")]);
    assert_eq!(body(&mut bench, client), b"12345");
    assert_eq!(bench.ask(client, basic::Qos::default()), on_1(basic::QosOk));
}
