//! A stream says the same however it is cut into pieces.

use bytes::{Bytes, BytesMut};

use super::{FRAME_MAX, encoded, frames};
use crate::error::DecodeError;
use crate::frame::{Deframer, FRAME_OVERHEAD, Frame, FrameDecoder, HEAD};

/// How many octets tell the sizes of the pieces, which come round again.
const SIZES: usize = 4;

/// Frames of the rest of the octets, in place of the rest itself.
const MADE: u8 = 1;

/// No limit for a frame.
const UNLIMITED: u8 = 2;

/// Sends a stream through a decoder in pieces. The first octet of `octets` says what the stream is,
/// the next four how many octets each piece has beside its first, and the others are the stream.
///
/// # Panics
///
/// If the frames or the error differ from those of the stream as a whole; if a whole frame is waited
/// for to be more; if what is incomplete or refused is taken off the buffer.
pub fn splits(octets: &[u8]) {
    let Some((&[mode, ref sizes @ ..], stream)) = octets.split_first_chunk::<{ SIZES + 1 }>()
    else {
        return;
    };
    let stream = if mode & MADE == 0 {
        Bytes::copy_from_slice(stream)
    } else {
        encoded(|out| frames(stream).iter().for_each(|frame| frame.encode(out)))
    };
    let limit = if mode & UNLIMITED == 0 { FRAME_MAX } else { 0 };

    let mut whole = Vec::new();
    let whole_end = drain(&mut BytesMut::from(&stream[..]), limit, &mut whole);

    let (mut pieces, mut end) = (Vec::new(), Ok(()));
    let (mut rest, mut buf) = (&stream[..], BytesMut::new());
    for size in sizes.iter().cycle() {
        let (piece, after) = rest.split_at((usize::from(*size) + 1).min(rest.len()));
        if piece.is_empty() || end.is_err() {
            break;
        }
        rest = after;
        buf.extend_from_slice(piece);
        end = drain(&mut buf, limit, &mut pieces);
    }
    assert_eq!(
        (pieces, end),
        (whole, whole_end),
        "in pieces, and as a whole"
    );
}

/// Takes frames until there are no more, or until the stream is broken.
fn drain(buf: &mut BytesMut, limit: u32, frames: &mut Vec<Frame>) -> Result<(), DecodeError> {
    let deframer = Deframer::new(limit);
    let mut decoder = FrameDecoder::new(limit);
    loop {
        let before = buf.len();
        let head = deframer.head(buf)?;
        match decoder.decode(buf) {
            Ok(Some(frame)) => {
                let length = head.expect("a frame has a head").length as usize;
                assert_eq!(buf.len() + length + FRAME_OVERHEAD, before);
                frames.push(frame);
            }
            Ok(None) => {
                assert_eq!(buf.len(), before, "octets gone without a frame");
                let wanted = head.map_or(HEAD, |head| head.length as usize + FRAME_OVERHEAD);
                assert!(before < wanted, "a whole frame is waited for to be more");
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
}
