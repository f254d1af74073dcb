//! What a client has sent and nobody has looked at yet, cut into frames where it stands.
//!
//! Octets are not copied, however the reads fall: only the beginning of a command or a header whose rest
//! comes later is put together. Of a body frame each part is handed on as it comes.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use mqspec_codec::frame::{FRAME_END, HEAD};
use mqspec_codec::{DecodeError, Deframer, Fault, FrameKind, ProtocolHeader, RawFrame};

/// Octets of a connection, in their order.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// What is next: the beginning of something that is not complete yet.
    begun: BytesMut,
    /// What follows it, as it was read; none is empty.
    chunks: VecDeque<Bytes>,
    /// The body frame of which a part has been handed on.
    body: Option<Begun>,
}

/// A body frame whose head has come.
#[derive(Debug, Clone, Copy)]
struct Begun {
    channel: u16,
    /// Octets of its payload that have not been handed on.
    missing: usize,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A whole frame, or the last part of a body frame whose other parts were handed on before.
    Frame(RawFrame),
    /// A part of the payload of a body frame on this channel. Its end is not known to be right.
    Part(u16, Bytes),
}

impl Input {
    /// More has come.
    pub(super) fn push(&mut self, octets: Bytes) {
        if !octets.is_empty() {
            self.chunks.push_back(octets);
        }
    }

    /// Whether nothing is there, not even the beginning of a frame.
    pub(super) fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.chunks.is_empty() && self.body.is_none()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the protocol header, or nothing while it is incomplete.
    pub(super) fn protocol_header(&mut self) -> Result<Option<ProtocolHeader>, DecodeError> {
        self.gather(8);
        ProtocolHeader::decode(&mut self.begun)
    }

    /// Takes what comes next, or nothing while more has to come. What is wrong with a frame is found as
    /// soon as [`Deframer`] finds it; the stream cannot be read any further then.
    pub(super) fn next(&mut self, deframer: Deframer) -> Result<Option<Arrival>, DecodeError> {
        if let Some(body) = self.body {
            return self.go_on_with(body);
        }
        if self.begun.is_empty() {
            let Some(chunk) = self.chunks.front_mut() else {
                return Ok(None);
            };
            if let Some((frame, _)) = deframer.split(chunk)? {
                let (kind, channel) = (frame.kind, frame.channel);
                let payload = chunk.slice_ref(frame.payload);
                chunk.advance(payload.len() + HEAD + 1);
                self.drop_empty();
                return Ok(Some(Arrival::Frame(RawFrame {
                    kind,
                    channel,
                    payload,
                })));
            }
        }
        self.gather(HEAD);
        let Some(head) = deframer.head(&self.begun)? else {
            return Ok(None);
        };
        let Ok(length) = usize::try_from(head.length) else {
            return Ok(None);
        };
        if head.kind == FrameKind::Body {
            self.begun.clear();
            return self.go_on_with(Begun {
                channel: head.channel,
                missing: length,
            });
        }
        self.gather(HEAD + length + 1);
        let whole = deframer.next(&mut self.begun)?;
        Ok(whole.map(Arrival::Frame))
    }

    fn go_on_with(&mut self, mut body: Begun) -> Result<Option<Arrival>, DecodeError> {
        self.body = Some(body);
        let Some(chunk) = self.chunks.front_mut() else {
            return Ok(None);
        };
        let octets = chunk.split_to(body.missing.min(chunk.len()));
        body.missing -= octets.len();
        if let (0, Some(&end)) = (body.missing, chunk.first()) {
            if end != FRAME_END {
                return Err(Fault::FrameEnd(end).into());
            }
            chunk.advance(1);
            self.body = None;
            self.drop_empty();
            return Ok(Some(Arrival::Frame(RawFrame {
                kind: FrameKind::Body,
                channel: body.channel,
                payload: octets,
            })));
        }
        self.body = Some(body);
        self.drop_empty();
        Ok(Some(Arrival::Part(body.channel, octets)))
    }

    /// Puts together what is next, up to that many octets of it.
    fn gather(&mut self, length: usize) {
        while self.begun.len() < length
            && let Some(chunk) = self.chunks.front_mut()
        {
            let missing = length - self.begun.len();
            let part = chunk.split_to(missing.min(chunk.len()));
            self.begun.extend_from_slice(&part);
            self.drop_empty();
        }
    }

    fn drop_empty(&mut self) {
        if self.chunks.front().is_some_and(Bytes::is_empty) {
            self.chunks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use mqspec_codec::frame::put_body;

    use super::*;

    /// A body frame between two others, and where its payload is.
    fn stream(payload: &[u8]) -> Bytes {
        let heartbeat = RawFrame {
            kind: FrameKind::Heartbeat,
            channel: 0,
            payload: Bytes::new(),
        };
        let mut octets = BytesMut::new();
        heartbeat.encode(&mut octets);
        put_body(7, payload, 0, &mut octets);
        heartbeat.encode(&mut octets);
        octets.freeze()
    }

    /// The frames in a stream that comes in pieces, with the parts of the body put together, and how many
    /// octets of the body are where they were.
    fn frames(input: &mut Input, pieces: &[Bytes]) -> (Vec<RawFrame>, usize) {
        let mut frames = Vec::new();
        let mut parts = BytesMut::new();
        let mut in_place = 0;
        for piece in pieces {
            input.push(piece.clone());
            while let Some(arrival) = input.next(Deframer::new(0)).expect("frames") {
                let there = piece.as_ptr_range();
                let mut count = |octets: &Bytes| {
                    in_place += if there.contains(&octets.as_ptr()) {
                        octets.len()
                    } else {
                        0
                    };
                };
                match arrival {
                    Arrival::Part(7, octets) => {
                        count(&octets);
                        parts.extend_from_slice(&octets);
                    }
                    Arrival::Part(..) => panic!("another channel"),
                    Arrival::Frame(mut frame) => {
                        count(&frame.payload);
                        parts.extend_from_slice(&frame.payload);
                        frame.payload = parts.split().freeze();
                        frames.push(frame);
                    }
                }
            }
        }
        (frames, in_place)
    }

    #[test]
    fn frames_are_the_same_however_they_are_cut_and_bodies_stay_where_they_are() {
        let payload = b"a body of some length";
        let octets = stream(payload);
        let whole = frames(&mut Input::default(), std::slice::from_ref(&octets));
        assert_eq!((whole.0.len(), whole.1), (3, payload.len()));
        for first in 0..=octets.len() {
            for second in first..=octets.len() {
                let pieces = [
                    octets.slice(..first),
                    octets.slice(first..second),
                    octets.slice(second..),
                ];
                let mut input = Input::default();
                assert_eq!(
                    frames(&mut input, &pieces),
                    whole,
                    "cut at {first} and {second}"
                );
                assert!(input.is_empty());
            }
        }
    }

    #[test]
    fn a_wrong_end_is_found_however_the_frame_is_cut() {
        let octets = b"\x03\0\x01\0\0\0\x02hi\xcd";
        for cut in 0..octets.len() {
            let mut input = Input::default();
            input.push(Bytes::from_static(&octets[..cut]));
            while input
                .next(Deframer::new(0))
                .expect("nothing wrong so far")
                .is_some()
            {}
            input.push(Bytes::from_static(&octets[cut..]));
            let wrong = loop {
                match input.next(Deframer::new(0)) {
                    Ok(Some(Arrival::Part(..))) => {}
                    Ok(other) => panic!("{other:?}"),
                    Err(error) => break error,
                }
            };
            assert_eq!(wrong.fault(), Fault::FrameEnd(0xcd), "cut at {cut}");
        }
    }
}
