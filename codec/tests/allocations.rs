//! Reading a frame where it stands allocates nothing, and neither does writing one into a buffer that
//! has room for it.

#[path = "../benches/codec/samples.rs"]
mod samples;

use std::hint::black_box;

use allocation_counter::measure;
use bytes::BytesMut;
use mqspec_codec::{Deframer, Frame};
use samples::samples;

#[test]
fn frames_are_read_without_an_allocation() {
    for sample in samples() {
        let mut frames = 0;
        let mut octets = sample.octets.as_slice();
        let counted = measure(|| {
            while let Ok(Some((raw, rest))) = Deframer::new(0).split(octets) {
                octets = rest;
                let frame = raw.parse().expect("a valid frame");
                if let Frame::Header { header, .. } = &frame {
                    let properties = header.properties.decode();
                    for pair in properties.headers.into_iter().flatten() {
                        black_box(pair);
                    }
                    black_box(properties);
                }
                black_box(frame);
                frames += 1;
            }
        });
        assert_eq!(frames, sample.frames, "{}", sample.name);
        assert_eq!(counted.count_total, 0, "{}", sample.name);
    }
}

#[test]
fn frames_are_written_without_an_allocation() {
    for sample in samples() {
        let mut octets = sample.octets.as_slice();
        let mut out = BytesMut::with_capacity(octets.len());
        let counted = measure(|| {
            while let Ok(Some((raw, rest))) = Deframer::new(0).split(octets) {
                octets = rest;
                raw.parse().expect("a valid frame").encode(&mut out);
            }
        });
        assert_eq!(out, sample.octets, "{}", sample.name);
        assert_eq!(counted.count_total, 0, "{}", sample.name);
    }
}
