//! What is made, encoded and decoded is what it was.

use bytes::BytesMut;

use super::{frames, headers};
use crate::frame::{Deframer, Frame, FrameDecoder};

/// Makes frames of `octets` and sends them through both directions.
///
/// # Panics
///
/// If a frame is not decoded as it was encoded, or before its last octet has come; if it reads
/// differently where it stands.
pub fn round_trip(octets: &[u8]) {
    let frames = frames(octets);
    let mut decoder = FrameDecoder::new(0);
    let mut all = BytesMut::new();
    for frame in &frames {
        let mut buf = BytesMut::new();
        frame.encode(&mut buf);
        in_place(frame, &buf);
        let last = buf.split_off(buf.len() - 1);
        assert_eq!(decoder.decode(&mut buf), Ok(None), "before the last octet");
        buf.unsplit(last);
        all.extend_from_slice(&buf);
        assert_eq!(decoder.decode(&mut buf).as_ref(), Ok(&Some(frame.clone())));
        assert!(buf.is_empty(), "octets left behind {frame:?}");
        if let Frame::Header { header, .. } = frame {
            headers::properties(&header.properties);
        }
    }
    for frame in frames {
        assert_eq!(decoder.decode(&mut all), Ok(Some(frame)));
    }
    assert_eq!(decoder.decode(&mut all), Ok(None));
}

fn in_place(frame: &Frame, octets: &[u8]) {
    let split = Deframer::new(0).split(octets).ok().flatten();
    let (raw, rest) = split.expect("a frame that was encoded");
    assert!(rest.is_empty());
    let borrowed = raw.parse().expect("a frame that was encoded");
    // A slice of octets is shown as numbers.
    if !matches!(frame, Frame::Body { .. }) {
        assert_eq!(format!("{borrowed:?}"), format!("{frame:?}"));
    }
    let mut again = BytesMut::new();
    borrowed.encode(&mut again);
    assert_eq!(again, octets);
    assert_eq!(borrowed.into_owned(), *frame);
}
