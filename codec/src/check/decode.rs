//! Any octets are decoded or refused.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};

use super::{FRAME_MAX, classified, encoded};
use crate::content::{ContentHeader, PropertiesRef};
use crate::error::DecodeError;
use crate::frame::{Deframer, FRAME_OVERHEAD, Frame, FrameDecoder};
use crate::method::Method;
use crate::protocol_header::ProtocolHeader;
use crate::storage::Borrowed;
use crate::types::{FieldArrayRef, FieldTableRef, FieldValue};

/// Octets that a kept frame may allocate beside twice its own: what counts the references to a buffer.
const BESIDE: usize = 64;

/// Decodes `octets` as a stream, and as the payload of a method frame and of a content header frame.
///
/// `measure` runs what it is given and tells how many octets were allocated meanwhile: to count them
/// is the allocator's part, and which one there is the program decides.
///
/// # Panics
///
/// If a frame is taken without being consumed; if reading in place allocates at all, or a kept frame
/// more than twice what it was read from; if what is borrowed differs from what is owned, or is
/// refused for another reason; if a refusal has no clause or a code of its own making; if what was
/// decoded is not decoded again from what it encodes to.
pub fn decode_any(octets: &[u8], measure: impl Fn(&mut dyn FnMut()) -> u64) {
    let allocated = measure(&mut || {
        frames_in_place(octets);
        payload_in_place(octets);
    });
    assert_eq!(
        allocated, 0,
        "octets allocated to read {octets:02x?} in place"
    );
    let mut buf = BytesMut::from(octets);
    protocol_header(octets, &mut buf);
    kept(octets, buf, measure);
    if let Ok(method) = Method::parse(octets) {
        let again = encoded(|out| method.encode(out));
        let owned = method.into_owned();
        assert_eq!(
            Method::decode(Bytes::copy_from_slice(octets)).as_ref(),
            Ok(&owned)
        );
        assert_eq!(Method::decode(again), Ok(owned));
    }
    if let Ok(header) = ContentHeader::parse(octets) {
        assert_eq!(encoded(|out| header.encode(out)), octets);
    }
}

/// Leaves `buf` as it is, unless it begins with a protocol header.
fn protocol_header(octets: &[u8], buf: &mut BytesMut) {
    match ProtocolHeader::decode(buf) {
        Ok(Some(header)) => {
            let again = encoded(|out| header.encode(out));
            assert_eq!(octets, [&again, buf.as_ref()].concat());
            *buf = BytesMut::from(octets);
        }
        Ok(None) => {}
        Err(error) => classified(error),
    }
}

fn frames_in_place(octets: &[u8]) {
    let deframer = Deframer::new(FRAME_MAX);
    let mut rest = octets;
    loop {
        match deframer.split(rest) {
            Ok(Some((raw, after))) => {
                let taken = raw.payload.len() + FRAME_OVERHEAD;
                assert_eq!(after.len() + taken, rest.len(), "a frame for nothing");
                assert!(taken <= FRAME_MAX as usize, "a frame beyond the limit");
                rest = after;
                match raw.parse() {
                    Ok(Frame::Header { header, .. }) => properties(header.properties),
                    Ok(frame) => {
                        black_box(frame);
                    }
                    Err(error) => classified(error),
                }
            }
            Ok(None) => break,
            Err(error) => {
                classified(error);
                break;
            }
        }
    }
}

fn payload_in_place(octets: &[u8]) {
    fn read<T>(result: Result<T, DecodeError>, look: impl FnOnce(T)) {
        match result {
            Ok(value) => look(value),
            Err(error) => classified(error),
        }
    }
    read(Method::parse(octets), |method| {
        black_box(method);
    });
    read(ContentHeader::parse(octets), |header| {
        properties(header.properties)
    });
}

fn properties(list: PropertiesRef<'_>) {
    let properties = list.decode();
    properties.headers.into_iter().for_each(pairs);
    black_box(properties);
}

fn pairs(table: FieldTableRef<'_>) {
    for (name, value) in table.iter() {
        black_box(name);
        inside(value);
    }
}

fn values(array: FieldArrayRef<'_>) {
    array.iter().for_each(inside);
}

fn inside(value: FieldValue<Borrowed<'_>>) {
    match value {
        FieldValue::Table(table) => pairs(table),
        FieldValue::Array(array) => values(array),
        value => {
            black_box(value);
        }
    }
}

/// The stream once more, to be kept.
fn kept(octets: &[u8], mut buf: BytesMut, measure: impl Fn(&mut dyn FnMut()) -> u64) {
    let deframer = Deframer::new(FRAME_MAX);
    let mut decoder = FrameDecoder::new(FRAME_MAX);
    let mut rest = octets;
    loop {
        let split = deframer.split(rest);
        let before = buf.len();
        let mut frame = Ok(None);
        let allocated = measure(&mut || frame = decoder.decode(&mut buf));
        let taken = before - buf.len();
        let room = if taken == 0 { 0 } else { 2 * taken + BESIDE };
        assert!(
            usize::try_from(allocated).is_ok_and(|allocated| allocated <= room),
            "{allocated} octets allocated for {taken}: {frame:?}"
        );
        let there = match split {
            Ok(Some((raw, after))) => {
                rest = after;
                raw.parse().map(Frame::into_owned).map(Some)
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        assert_eq!(frame, there, "kept, and where it stands");
        let Ok(Some(frame)) = frame else {
            return;
        };
        assert_eq!(buf, rest);
        let mut again = BytesMut::from(encoded(|out| frame.encode(out)));
        // The reserved arguments of a command, and the bits beyond its last, are not kept.
        if !matches!(frame, Frame::Method { .. }) {
            assert_eq!(again, octets[octets.len() - before..][..taken]);
        }
        assert_eq!(FrameDecoder::new(0).decode(&mut again), Ok(Some(frame)));
    }
}
