//! Frames as octets: what is taken, what is refused, and when.

mod support;

use bytes::{Bytes, BytesMut};
use mqspec_codec::frame::{put_body, put_command};
use mqspec_codec::{
    ContentHeader, DecodeError, Deframer, Fault, Frame, FrameDecoder, FrameKind, Method,
    ProtocolHeader, RawFrame, tx,
};
use rstest::rstest;
use support::{Fill, commands, framed, payload};

const FRAME_MAX: u32 = 4096;

fn decode(octets: &[u8]) -> Result<Option<Frame>, DecodeError> {
    FrameDecoder::new(FRAME_MAX).decode(&mut BytesMut::from(octets))
}

fn deframe(octets: &[u8]) -> Result<Option<RawFrame>, DecodeError> {
    Deframer::new(FRAME_MAX).next(&mut BytesMut::from(octets))
}

fn encode(frame: &Frame) -> Vec<u8> {
    let mut out = BytesMut::new();
    frame.encode(&mut out);
    out.to_vec()
}

#[rstest]
#[case::method(
    b"\x01\x00\x07\x00\x00\x00\x04\x00\x5a\x00\x0a\xce",
    Frame::Method { channel: 7, method: Method::TxSelect(tx::Select) }
)]
#[case::header(
    b"\x02\x00\x01\x00\x00\x00\x0e\x00\x3c\x00\x00\0\0\0\0\0\0\0\x05\x00\x00\xce",
    Frame::Header { channel: 1, header: ContentHeader { body_size: 5, ..Default::default() } }
)]
#[case::body(
    b"\x03\xff\xff\x00\x00\x00\x02hi\xce",
    Frame::Body { channel: 65535, payload: Bytes::from_static(b"hi") }
)]
#[case::empty_body(
    b"\x03\x00\x01\x00\x00\x00\x00\xce",
    Frame::Body { channel: 1, payload: Bytes::new() }
)]
#[case::heartbeat(b"\x08\x00\x00\x00\x00\x00\x00\xce", Frame::Heartbeat)]
fn a_frame_is_its_octets(#[case] octets: &[u8], #[case] frame: Frame) {
    assert_eq!(decode(octets), Ok(Some(frame.clone())));
    assert_eq!(encode(&frame), octets);
    let raw = deframe(octets).expect("a frame").expect("a whole one");
    let mut again = BytesMut::new();
    raw.encode(&mut again);
    assert_eq!(again, octets);
}

#[test]
fn the_deframer_does_not_look_into_the_payload() {
    let raw = deframe(&framed(1, 3, b"nonsense"));
    let expected = RawFrame {
        kind: FrameKind::Method,
        channel: 3,
        payload: Bytes::from_static(b"nonsense"),
    };
    assert_eq!(raw, Ok(Some(expected)));
}

#[test]
fn an_unknown_type_is_refused_from_its_octet_on() {
    for kind in (0..=255).filter(|kind| ![1, 2, 3, 8].contains(kind)) {
        let error = decode(&[kind]).expect_err("an unknown type");
        assert_eq!(error.fault(), Fault::UnknownFrameType(kind));
        assert_eq!((error.clause(), error.reply_code()), ("FRM-04", None));
    }
}

#[test]
fn a_size_is_judged_as_soon_as_the_head_is_there() {
    let head = |size: u32| [&[3, 0, 1][..], &size.to_be_bytes()].concat();
    assert_eq!(decode(&head(FRAME_MAX - 8)), Ok(None));
    for size in [FRAME_MAX - 7, u32::MAX] {
        let error = decode(&head(size)).expect_err("a frame too large");
        let size = u64::from(size) + 8;
        assert_eq!(
            error.fault(),
            Fault::FrameTooLarge {
                size,
                frame_max: FRAME_MAX
            }
        );
        assert_eq!((error.clause(), error.reply_code()), ("FRM-05", Some(501)));
    }
}

#[test]
fn without_a_limit_the_largest_announcement_is_waited_for_and_not_allocated() {
    let mut buf = BytesMut::from(&[3, 0, 1, 0xff, 0xff, 0xff, 0xff][..]);
    let before = buf.capacity();
    assert_eq!(FrameDecoder::new(0).decode(&mut buf), Ok(None));
    assert_eq!(buf.capacity(), before);
}

#[test]
fn a_new_limit_holds_for_the_frames_that_follow() {
    let mut decoder = FrameDecoder::new(FRAME_MAX);
    let frame = framed(3, 1, &[0; 5000]);
    assert!(
        decoder
            .decode(&mut BytesMut::from(frame.as_slice()))
            .is_err()
    );
    decoder.set_frame_max(5008);
    assert!(
        decoder
            .decode(&mut BytesMut::from(frame.as_slice()))
            .is_ok()
    );
    decoder.set_frame_max(5007);
    assert!(
        decoder
            .decode(&mut BytesMut::from(frame.as_slice()))
            .is_err()
    );
}

#[rstest]
#[case::method(framed(1, 1, b"\x00\x5a\x00\x0a"))]
#[case::malformed_method(framed(1, 1, b"\xff\xff"))]
#[case::header(framed(2, 1, b"\x00\x3c\x00\x00\0\0\0\0\0\0\0\0\x00\x00"))]
#[case::body(framed(3, 1, b"hi"))]
#[case::heartbeat(framed(8, 0, b""))]
fn a_wrong_end_is_refused_before_the_payload_is_looked_at(#[case] mut octets: Vec<u8>) {
    octets.pop();
    octets.push(0xcd);
    let error = decode(&octets).expect_err("a wrong end");
    assert_eq!(error.fault(), Fault::FrameEnd(0xcd));
    assert_eq!((error.clause(), error.reply_code()), ("FRM-02", None));
}

#[rstest]
#[case::payload(framed(8, 0, b"x"), Fault::HeartbeatPayload, "HB-01", 501)]
#[case::channel(framed(8, 1, b""), Fault::HeartbeatChannel(1), "FRM-08", 503)]
fn a_heartbeat_is_empty_and_on_channel_zero(
    #[case] octets: Vec<u8>,
    #[case] fault: Fault,
    #[case] clause: &str,
    #[case] code: u16,
) {
    let error = decode(&octets).expect_err("an invalid heartbeat");
    assert_eq!(error.fault(), fault);
    assert_eq!((error.clause(), error.reply_code()), (clause, Some(code)));
}

/// A frame of every command, a header, a body and a heartbeat.
fn frames() -> Vec<Vec<u8>> {
    let methods = commands();
    let methods = methods
        .iter()
        .map(|command| framed(1, 1, &payload(command, Fill::Values)));
    let header = b"\x00\x3c\x00\x00\0\0\0\0\0\0\0\x02\x80\x00\x01t";
    methods
        .chain([framed(2, 1, header), framed(3, 1, b"hi"), framed(8, 0, b"")])
        .collect()
}

#[test]
fn every_prefix_of_a_frame_is_incomplete() {
    for octets in frames() {
        for end in 0..octets.len() {
            let mut buf = BytesMut::from(&octets[..end]);
            assert_eq!(FrameDecoder::new(FRAME_MAX).decode(&mut buf), Ok(None));
            assert_eq!(
                buf,
                octets[..end],
                "nothing is taken of an incomplete frame"
            );
        }
    }
}

#[test]
fn a_stream_split_anywhere_is_the_same_as_in_one_piece() {
    let stream = frames().concat();
    let take_all = |decoder: &mut FrameDecoder, buf: &mut BytesMut| {
        let mut frames = Vec::new();
        while let Some(frame) = decoder.decode(buf).expect("well-formed frames") {
            frames.push(frame);
        }
        frames
    };
    let whole = take_all(
        &mut FrameDecoder::new(FRAME_MAX),
        &mut BytesMut::from(stream.as_slice()),
    );
    assert_eq!(whole.len(), frames().len());
    for split in 0..stream.len() {
        let mut decoder = FrameDecoder::new(FRAME_MAX);
        let mut buf = BytesMut::from(&stream[..split]);
        let mut split_up = take_all(&mut decoder, &mut buf);
        buf.extend_from_slice(&stream[split..]);
        split_up.extend(take_all(&mut decoder, &mut buf));
        assert!(split_up == whole, "split at {split}");
    }
}

#[rstest]
#[case::as_few_frames_as_possible(10, &["ab", "cd", "e"])]
#[case::one_is_enough(4096, &["abcde"])]
#[case::no_limit(0, &["abcde"])]
#[case::at_least_one_octet(8, &["a", "b", "c", "d", "e"])]
fn a_body_is_cut_to_the_receivers_frame_max(#[case] frame_max: u32, #[case] pieces: &[&str]) {
    let mut out = BytesMut::new();
    put_body(2, b"abcde", frame_max, &mut out);
    let expected: Vec<_> = pieces
        .iter()
        .map(|piece| framed(3, 2, piece.as_bytes()))
        .collect();
    assert_eq!(out, expected.concat());
}

#[test]
fn an_empty_body_takes_no_frame() {
    let mut out = BytesMut::new();
    put_body(2, b"", 4096, &mut out);
    assert!(out.is_empty());
}

#[test]
fn frames_are_appended_to_what_is_there() {
    let mut out = BytesMut::from(&b"before"[..]);
    put_command(1, &tx::Select, &mut out);
    assert_eq!(
        out,
        [b"before", framed(1, 1, b"\x00\x5a\x00\x0a").as_slice()].concat()
    );
}

#[test]
fn a_protocol_header_is_eight_octets() {
    let mut buf = BytesMut::from(&b"AMQP\x00\x00\x09\x01rest"[..]);
    assert_eq!(
        ProtocolHeader::decode(&mut buf),
        Ok(Some(ProtocolHeader::AMQP_0_9_1))
    );
    assert_eq!(buf, b"rest"[..]);
    let mut out = BytesMut::new();
    ProtocolHeader::AMQP_0_9_1.encode(&mut out);
    assert_eq!(out, b"AMQP\x00\x00\x09\x01"[..]);
    assert_eq!(ProtocolHeader::AMQP_0_9_1.to_string(), "AMQP 0-0-9-1");
}

#[test]
fn another_version_is_a_protocol_header_too() {
    let mut buf = BytesMut::from(&b"AMQP\x03\x01\x00\x00"[..]);
    let header = ProtocolHeader {
        version: [3, 1, 0, 0],
    };
    assert_eq!(ProtocolHeader::decode(&mut buf), Ok(Some(header)));
}

#[test]
fn a_protocol_header_is_waited_for_as_long_as_it_may_still_be_one() {
    for end in 0..8 {
        let mut buf = BytesMut::from(&b"AMQP\x00\x00\x09\x01"[..end]);
        assert_eq!(ProtocolHeader::decode(&mut buf), Ok(None));
        assert_eq!(buf.len(), end);
    }
    for octets in [&b"G"[..], b"AMQ ", b"\x01\x00\x00", b"amqp\x00\x00\x09\x01"] {
        let error = ProtocolHeader::decode(&mut BytesMut::from(octets)).expect_err("not AMQP");
        assert_eq!(error.fault(), Fault::ProtocolHeader);
        assert_eq!(error.clause(), "connection.start.protocol-name");
        assert_eq!(error.reply_code(), None);
    }
}
