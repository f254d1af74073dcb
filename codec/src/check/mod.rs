//! What holds for any octets and for any frame: the assertions of the fuzz targets.
//!
//! Each function panics where its promise is broken. They stand here, and not in the targets, so
//! that the committed seeds go through them in every ordinary test run.
//!
//! - [`decode_any`]: any octets are decoded or refused, in bounds, and refused for a reason
//! - [`splits`]: a stream says the same however it is cut into pieces
//! - [`round_trip`]: what is made, encoded and decoded is what it was
//! - [`headers`], [`tables`]: the same for content headers and for tables, from both ends
//! - [`two_codecs`]: another codec takes the same payloads and reads the same out of them
//! - `peer`: so does the codec of `lapin`, but for the differences in `peer/known.toml`

mod decode;
mod headers;
#[cfg(feature = "peer")]
pub mod peer;
mod round_trip;
mod splits;
mod tables;
mod two_codecs;

use arbitrary::{Arbitrary, Unstructured};
use bytes::{Bytes, BytesMut};

use crate::error::{DecodeError, Fault};
use crate::frame::Frame;
use crate::reply_code::{COMMAND_INVALID, FRAME_ERROR, NOT_IMPLEMENTED, SYNTAX_ERROR};

pub use decode::decode_any;
pub use headers::headers;
pub use round_trip::round_trip;
pub use splits::splits;
pub use tables::tables;
pub use two_codecs::two_codecs;

/// Small enough for a fuzzer to exceed, and the limit that holds before tuning.
const FRAME_MAX: u32 = 4096;

/// The frames that a fuzzer's octets stand for in [`round_trip`].
pub fn frames(octets: &[u8]) -> Vec<Frame> {
    let mut source = Unstructured::new(octets);
    let mut frames = Vec::new();
    while !source.is_empty()
        && let Ok(frame) = Frame::arbitrary(&mut source)
    {
        frames.push(frame);
    }
    frames
}

fn encoded(encode: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut out = BytesMut::new();
    encode(&mut out);
    out.freeze()
}

/// Whoever is refused is told what broke, which clause that breaks, and with which code; only a peer
/// whose frames cannot be found any more is left without a word.
fn classified(error: DecodeError) {
    assert!(!error.clause().is_empty());
    let lost = matches!(
        error.fault(),
        Fault::ProtocolHeader | Fault::UnknownFrameType(_) | Fault::FrameEnd(_)
    );
    match error.reply_code() {
        None => assert!(lost, "{error}: no reply code"),
        Some(FRAME_ERROR | SYNTAX_ERROR | COMMAND_INVALID | NOT_IMPLEMENTED) => assert!(!lost),
        Some(code) => panic!("{error}: {code} is no code of a malformed frame"),
    }
}
