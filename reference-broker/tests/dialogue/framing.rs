//! Frames that are not what they should be.

use mqspec_codec::{connection, queue};
use rstest::rstest;

use crate::bench::{Bench, Heard, name, on_0, on_1};

#[test]
fn a_wrong_frame_end_is_met_with_silence_and_nothing_is_done() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    // queue.delete of `q`
    bench.send_octets(
        client,
        &[1, 0, 1, 0, 0, 0, 9, 0, 50, 0, 40, 0, 0, 1, b'q', 0, 205],
    );
    assert_eq!(bench.hear(client), Heard::End);
    let other = bench.open();
    assert_eq!(bench.count(other, "q"), (0, 0));
}

#[rstest]
#[case(0)]
#[case(4)]
#[case(7)]
#[case(9)]
#[case(255)]
fn an_unknown_frame_type_is_met_with_silence(#[case] kind: u8) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.send_octets(client, &[kind, 0, 0, 0, 0, 0, 0, 206]);
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn a_frame_above_the_limit_is_a_frame_error() {
    for size in [4089_u32, u32::MAX] {
        let mut bench = Bench::new();
        let client = bench.tuned(&[], 0, 4096, 0);
        let mut head = vec![1, 0, 0];
        head.extend_from_slice(&size.to_be_bytes());
        bench.send_octets(client, &head);
        let Heard::Method(0, mqspec_codec::Method::ConnectionClose(close)) = bench.hear(client)
        else {
            panic!("no connection.close");
        };
        assert_eq!(
            (close.reply_code, close.class_id, close.method_id),
            (501, 0, 0)
        );
        assert_eq!(bench.hear(client), Heard::End);
    }
}

#[test]
fn a_frame_of_just_the_limit_is_taken() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 0, 4096, 0);
    bench.open_channel(client, 1);
    bench.queue(client, "q");
    let body = "x".repeat(4096 - 8);
    bench.put(client, "q", &body);
    assert_eq!(bench.fetch(client, "q").map(|it| it.body), Some(body));
}

#[test]
fn before_tuning_the_limit_is_the_smallest_one() {
    for (payload, ends) in [(4088_u32, false), (4089, true), (u32::MAX, true)] {
        let mut bench = Bench::new();
        let client = bench.greet();
        let mut head = vec![1, 0, 0];
        head.extend_from_slice(&payload.to_be_bytes());
        bench.send_octets(client, &head);
        let expected = if ends { Heard::End } else { Heard::Nothing };
        assert_eq!(bench.hear(client), expected);
    }
}

#[test]
fn heartbeats_are_taken_at_any_time() {
    let heartbeat = [8, 0, 0, 0, 0, 0, 0, 206];
    let mut bench = Bench::new();
    for client in [bench.greet(), bench.log_in(&[]), bench.open()] {
        bench.send_octets(client, &heartbeat);
        assert_eq!(bench.hear(client), Heard::Nothing);
    }
}

#[rstest]
#[case::on_a_channel(&[8, 0, 1, 0, 0, 0, 0, 206], 503)]
#[case::with_a_payload(&[8, 0, 0, 0, 0, 0, 1, 0, 206], 501)]
fn a_heartbeat_is_empty_and_on_channel_0(#[case] frame: &[u8], #[case] code: u16) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.send_octets(client, frame);
    assert_eq!(bench.ended(client), (code, 0, 0));
}

#[rstest]
#[case::unknown_class(&[0, 99, 0, 10], (540, 99, 10))]
#[case::unknown_method(&[0, 50, 0, 99], (540, 50, 99))]
#[case::no_ids(&[0, 50, 0], (501, 0, 0))]
#[case::truncated(&[0, 50, 0, 10, 0, 0, 1], (501, 50, 10))]
#[case::octets_left(&[0, 90, 0, 10, 0], (501, 90, 10))]
#[case::not_utf8(&[0, 50, 0, 30, 0, 0, 1, 0xff, 0], (502, 50, 30))]
#[case::zero_octet(&[0, 50, 0, 30, 0, 0, 1, 0, 0], (502, 50, 30))]
#[case::table(&[0, 50, 0, 10, 0, 0, 0, 0, 0, 0, 0, 3, 1, b'a', b'?'], (502, 50, 10))]
fn a_malformed_command_ends_the_connection(
    #[case] payload: &[u8],
    #[case] expected: (u16, u16, u16),
) {
    for channel in [0, 1] {
        let mut bench = Bench::new();
        let client = bench.open();
        let mut frame = vec![1, 0, channel];
        frame.extend_from_slice(&(payload.len() as u32).to_be_bytes());
        frame.extend_from_slice(payload);
        frame.push(206);
        bench.send_octets(client, &frame);
        assert_eq!(bench.ended(client), expected);
    }
}

#[test]
fn reserved_fields_are_ignored() {
    let mut bench = Bench::new();
    let client = bench.open();
    // queue.declare with a ticket, and every bit above no-wait set.
    let payload = [0, 50, 0, 10, 0xab, 0xcd, 1, b'q', 0b1110_0000, 0, 0, 0, 0];
    let mut frame = vec![1, 0, 1, 0, 0, 0, payload.len() as u8];
    frame.extend_from_slice(&payload);
    frame.push(206);
    bench.send_octets(client, &frame);
    let ok = queue::DeclareOk {
        queue: name("q"),
        message_count: 0,
        consumer_count: 0,
    };
    assert_eq!(bench.hear(client), on_1(ok));
}

#[test]
fn many_frames_may_come_at_once() {
    let mut bench = Bench::new();
    let client = bench.open();
    let heartbeats: Vec<u8> = [8, 0, 0, 0, 0, 0, 0, 206].repeat(1000);
    bench.send_octets(client, &heartbeats);
    bench.say(client, 0, connection::Close::default());
    assert_eq!(bench.hear(client), on_0(connection::CloseOk));
}

#[test]
fn nothing_is_looked_at_after_the_end() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    // connection.close, and queue.delete of `q` behind it.
    let close = [1, 0, 0, 0, 0, 0, 11, 0, 10, 0, 50, 0, 0, 0, 0, 0, 0, 0, 206];
    let delete = [1, 0, 1, 0, 0, 0, 9, 0, 50, 0, 40, 0, 0, 1, b'q', 0, 206];
    bench.send_octets(client, &[close.as_slice(), &delete].concat());
    assert_eq!(bench.hear(client), on_0(connection::CloseOk));
    assert_eq!(bench.hear(client), Heard::End);
    bench.send_octets(client, &delete);
    let other = bench.open();
    assert_eq!(bench.count(other, "q"), (0, 0));
}
