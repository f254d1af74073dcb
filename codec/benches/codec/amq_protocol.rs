//! The codec of `lapin`.

use std::hint::black_box;

use amq_protocol::frame::{AMQPFrame, WriteContext, gen_frame, parse_frame};

pub fn decode(mut octets: &[u8]) {
    while !octets.is_empty() {
        let frame = parse_frame(octets);
        black_box(&frame);
        octets = frame.expect("a valid frame").0;
    }
}

pub fn frames(mut octets: &[u8]) -> Vec<AMQPFrame> {
    let mut frames = Vec::new();
    while !octets.is_empty() {
        let (rest, frame) = parse_frame(octets).expect("a valid frame");
        frames.push(frame);
        octets = rest;
    }
    frames
}

/// Into a buffer that is large enough, which suits it best. Returns how much was written.
pub fn encode(frames: &[AMQPFrame], out: &mut [u8]) -> usize {
    let length = out.len();
    let mut context = WriteContext::from(out);
    for frame in frames {
        context = gen_frame(frame)(context).expect("room for the frame");
    }
    let (rest, _) = context.into_inner();
    length - rest.len()
}
