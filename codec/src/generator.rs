//! Frames for the fuzz target of somebody else's parser.

use arbitrary::{Arbitrary, Result, Unstructured};
use bytes::{Bytes, BytesMut};

use crate::error::DecodeError;
use crate::frame::{FRAME_OVERHEAD, Frame, FrameDecoder};

/// The octets of one frame, mostly a legal one, and what they mean.
///
/// Any parser's fuzz target has three lines with it:
///
/// ```
/// # mod their_parser { pub fn decode(octets: &[u8]) -> Result<(), ()> { if octets.is_empty() { Err(()) } else { Ok(()) } } }
/// # macro_rules! fuzz_target { (|$frame:ident: $kind:ty| $body:block) => {
/// #     fn target(data: &[u8]) {
/// #         use arbitrary::Arbitrary;
/// #         let Ok($frame) = <$kind>::arbitrary(&mut arbitrary::Unstructured::new(data)) else { return };
/// #         $body
/// #     }
/// # } }
/// use mqspec_codec::FrameGenerator;
///
/// fuzz_target!(|frame: FrameGenerator| {
///     let theirs = their_parser::decode(frame.octets());
///     assert!(theirs.is_ok() || frame.meaning().is_err(), "a legal frame is refused: {frame:02x?}");
/// });
/// # target(&[7; 100]);
/// ```
///
/// The crate is `mqspec-codec` with the feature `fuzzing`; `fuzz_target` is `libfuzzer_sys`'s.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameGenerator {
    octets: Bytes,
}

impl FrameGenerator {
    /// The octets, which a decoder is to be given.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// What they mean: a frame, or `None` if they are the beginning of one.
    ///
    /// # Errors
    /// They are no frame: the error tells why, and the clause that says so.
    pub fn meaning(&self) -> std::result::Result<Option<Frame>, DecodeError> {
        FrameDecoder::new(0).decode(&mut BytesMut::from(&self.octets[..]))
    }
}

/// One in four frames has an octet changed, left out or put in; its size is made to fit in most of these.
impl<'a> Arbitrary<'a> for FrameGenerator {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let broken = u.ratio(1, 4)?;
        let frame: Frame = u.arbitrary()?;
        let mut out = BytesMut::new();
        frame.encode(&mut out);
        let mut octets = Vec::from(out);
        if broken {
            spoil(&mut octets, u)?;
        }
        Ok(Self {
            octets: octets.into(),
        })
    }
}

fn spoil(octets: &mut Vec<u8>, u: &mut Unstructured<'_>) -> Result<()> {
    let at = u.choose_index(octets.len())?;
    match u.int_in_range(0..=2)? {
        0 => octets[at] = u.arbitrary()?,
        1 => drop(octets.remove(at)),
        _ => octets.insert(at, u.arbitrary()?),
    }
    let head = FRAME_OVERHEAD - 1;
    if u.ratio(3, 4)? && octets.len() > head {
        let size = (octets.len() - FRAME_OVERHEAD) as u32;
        octets[3..head].copy_from_slice(&size.to_be_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_frames_are_legal_and_some_are_not() {
        let mut state = 1_u64;
        let mut legal = 0;
        for _ in 0..1000 {
            let data: Vec<u8> = (0..200)
                .map(|_| {
                    state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                    state.to_be_bytes()[0]
                })
                .collect();
            let frame =
                FrameGenerator::arbitrary(&mut Unstructured::new(&data)).expect("enough octets");
            legal += usize::from(matches!(frame.meaning(), Ok(Some(_))));
        }
        assert!((700..980).contains(&legal), "{legal} of 1000 are legal");
    }
}
