//! The least that anybody can do: to cut frames out of the stream and not to look into them.

use std::hint::black_box;

pub fn decode(mut octets: &[u8]) {
    while let Some((&[kind, c0, c1, s0, s1, s2, s3], rest)) = octets.split_first_chunk::<7>() {
        let size = u32::from_be_bytes([s0, s1, s2, s3]) as usize;
        let (payload, rest) = rest.split_at(size);
        let (end, rest) = rest.split_first().expect("a frame-end");
        assert_eq!(*end, 206);
        black_box((kind, u16::from_be_bytes([c0, c1]), payload));
        octets = rest;
    }
}
