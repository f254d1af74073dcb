//! This codec: frames where they stand, with every check, and every property and pair looked at.

use std::hint::black_box;

use bytes::BytesMut;
use mqspec_codec::{ContentHeader, Deframer, Frame, FrameKind, Method};

use crate::FRAME_MAX;

pub fn decode(mut octets: &[u8]) {
    let deframer = Deframer::new(FRAME_MAX);
    while let Some((raw, rest)) = deframer.split(octets).expect("frames") {
        octets = rest;
        match raw.kind {
            FrameKind::Method => {
                let method = Method::parse(raw.payload);
                assert!(method.is_ok());
                black_box(&method);
            }
            FrameKind::Header => {
                let header = ContentHeader::parse(raw.payload).expect("a valid header");
                let properties = header.properties.decode();
                for pair in properties.headers.into_iter().flatten() {
                    black_box(&pair);
                }
                black_box(&properties);
            }
            FrameKind::Body | FrameKind::Heartbeat => {
                black_box(&raw);
            }
        }
    }
}

/// The same frames, to be kept.
pub fn frames(mut octets: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some((raw, rest)) = Deframer::new(FRAME_MAX).split(octets).expect("frames") {
        octets = rest;
        frames.push(raw.parse().expect("a valid frame").into_owned());
    }
    frames
}

pub fn encode(frames: &[Frame], out: &mut BytesMut) {
    out.clear();
    for frame in frames {
        frame.encode(out);
    }
}
