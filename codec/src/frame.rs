//! Frames: cut out of a stream, typed, and written (AMQP 0-9-1 §4.2.3).
//!
//! There are two layers, since whether a payload is worth decoding depends on the state of its
//! channel, which is not known here: a [`Deframer`] yields [`RawFrame`]s, whose payload
//! [`RawFrame::decode`] turns into a [`Frame`] when the caller wishes. A [`FrameDecoder`] is both
//! in one step.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::content::ContentHeader;
use crate::error::{DecodeError, Fault};
use crate::method::Method;

/// The octet that ends every frame.
pub const FRAME_END: u8 = 206;

/// Octets of a frame beside its payload: type, channel, size and frame-end.
pub const FRAME_OVERHEAD: usize = 8;

const HEAD: usize = 7;

/// The type of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FrameKind {
    /// A command.
    Method = 1,
    /// The header of a content.
    Header = 2,
    /// A piece of a content's body.
    Body = 3,
    /// A sign of life.
    Heartbeat = 8,
}

impl FrameKind {
    const fn from_octet(octet: u8) -> Result<Self, Fault> {
        match octet {
            1 => Ok(Self::Method),
            2 => Ok(Self::Header),
            3 => Ok(Self::Body),
            8 => Ok(Self::Heartbeat),
            other => Err(Fault::UnknownFrameType(other)),
        }
    }
}

/// A whole frame whose payload nobody has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFrame {
    /// The frame's type.
    pub kind: FrameKind,
    /// The channel it belongs to; 0 is the connection itself.
    pub channel: u16,
    /// What is between the frame's head and its end.
    pub payload: Bytes,
}

impl RawFrame {
    /// Decodes the payload.
    ///
    /// # Errors
    ///
    /// What [`Method::decode`] and [`ContentHeader::decode`] refuse, a heartbeat that is not on
    /// channel 0 (FRM-08), and one that carries octets (HB-01).
    pub fn decode(self) -> Result<Frame, DecodeError> {
        let Self {
            kind,
            channel,
            payload,
        } = self;
        Ok(match kind {
            FrameKind::Method => Frame::Method {
                channel,
                method: Method::decode(payload)?,
            },
            FrameKind::Header => Frame::Header {
                channel,
                header: ContentHeader::decode(payload)?,
            },
            FrameKind::Body => Frame::Body { channel, payload },
            FrameKind::Heartbeat if channel != 0 => {
                return Err(Fault::HeartbeatChannel(channel).into());
            }
            FrameKind::Heartbeat if !payload.is_empty() => {
                return Err(Fault::HeartbeatPayload.into());
            }
            FrameKind::Heartbeat => Frame::Heartbeat,
        })
    }

    /// Appends the frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        put_frame(self.kind, self.channel, out, |out| {
            out.put_slice(&self.payload);
        });
    }
}

/// Cuts a stream of octets into frames.
#[derive(Debug, Clone, Copy)]
pub struct Deframer {
    frame_max: u32,
}

impl Deframer {
    /// A deframer that refuses frames of more than `frame_max` octets, head and end included; 0 is
    /// no limit. Before `connection.tune-ok` the limit is 4096.
    pub const fn new(frame_max: u32) -> Self {
        Self { frame_max }
    }

    /// Applies the limit agreed in `connection.tune-ok` to the frames that follow.
    pub const fn set_frame_max(&mut self, frame_max: u32) {
        self.frame_max = frame_max;
    }

    /// Takes a frame off the front of `buf`, or nothing while it is incomplete.
    ///
    /// # Errors
    ///
    /// An unknown type is refused as soon as its octet is there (FRM-04), an excessive size as soon
    /// as the head is there (FRM-05), a wrong frame-end before the payload is handed out (FRM-02,
    /// FRM-03). The stream cannot be read any further then; `buf` is left as it was.
    pub fn next(&self, buf: &mut BytesMut) -> Result<Option<RawFrame>, DecodeError> {
        let Some(&octet) = buf.first() else {
            return Ok(None);
        };
        let kind = FrameKind::from_octet(octet)?;
        let Some(&[_, c0, c1, s0, s1, s2, s3]) = buf.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let announced = u32::from_be_bytes([s0, s1, s2, s3]);
        let size = u64::from(announced) + FRAME_OVERHEAD as u64;
        if self.frame_max != 0 && size > u64::from(self.frame_max) {
            return Err(Fault::FrameTooLarge {
                size,
                frame_max: self.frame_max,
            }
            .into());
        }
        // Where the whole frame cannot be addressed, it cannot have arrived.
        let Ok(length) = usize::try_from(announced) else {
            return Ok(None);
        };
        let Some(&end) = buf.get(HEAD..).and_then(|rest| rest.get(length)) else {
            return Ok(None);
        };
        if end != FRAME_END {
            return Err(Fault::FrameEnd(end).into());
        }
        buf.advance(HEAD);
        let payload = buf.split_to(length).freeze();
        buf.advance(1);
        Ok(Some(RawFrame {
            kind,
            channel: u16::from_be_bytes([c0, c1]),
            payload,
        }))
    }
}

/// A frame with its payload decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A command.
    Method {
        /// The channel it belongs to; 0 is the connection itself.
        channel: u16,
        /// The command.
        method: Method,
    },
    /// The header of a content.
    Header {
        /// The channel it belongs to.
        channel: u16,
        /// The header.
        header: ContentHeader,
    },
    /// A piece of a content's body.
    Body {
        /// The channel it belongs to.
        channel: u16,
        /// The piece.
        payload: Bytes,
    },
    /// A sign of life; always on channel 0.
    Heartbeat,
}

impl Frame {
    /// Appends the frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Method { channel, method } => put_method(*channel, method, out),
            Self::Header { channel, header } => put_header(*channel, header, out),
            Self::Body { channel, payload } => {
                put_frame(FrameKind::Body, *channel, out, |out| out.put_slice(payload));
            }
            Self::Heartbeat => put_frame(FrameKind::Heartbeat, 0, out, |_| ()),
        }
    }
}

/// Cuts a stream of octets into typed frames: a [`Deframer`] and [`RawFrame::decode`] in one step.
#[derive(Debug, Clone, Copy)]
pub struct FrameDecoder {
    deframer: Deframer,
}

impl FrameDecoder {
    /// A decoder with the limit of [`Deframer::new`].
    pub const fn new(frame_max: u32) -> Self {
        Self {
            deframer: Deframer::new(frame_max),
        }
    }

    /// Applies the limit agreed in `connection.tune-ok` to the frames that follow.
    pub const fn set_frame_max(&mut self, frame_max: u32) {
        self.deframer.set_frame_max(frame_max);
    }

    /// Takes a frame off the front of `buf`, or nothing while it is incomplete.
    ///
    /// # Errors
    ///
    /// What [`Deframer::next`] and [`RawFrame::decode`] refuse.
    pub fn decode(&mut self, buf: &mut BytesMut) -> Result<Option<Frame>, DecodeError> {
        match self.deframer.next(buf)? {
            Some(raw) => raw.decode().map(Some),
            None => Ok(None),
        }
    }
}

/// Appends a method frame to `out`.
pub fn put_method(channel: u16, method: &Method, out: &mut BytesMut) {
    put_frame(FrameKind::Method, channel, out, |out| method.encode(out));
}

/// Appends a content header frame to `out`.
pub fn put_header(channel: u16, header: &ContentHeader, out: &mut BytesMut) {
    put_frame(FrameKind::Header, channel, out, |out| header.encode(out));
}

/// Appends `body` to `out` in as few frames as `frame_max` allows (FRM-06, CNT-16); 0 is no limit.
/// An empty body takes none (CNT-05). At least one octet goes into a frame.
pub fn put_body(channel: u16, body: &[u8], frame_max: u32, out: &mut BytesMut) {
    let room = match usize::try_from(frame_max) {
        Ok(0) | Err(_) => u32::MAX as usize,
        Ok(limit) => limit.saturating_sub(FRAME_OVERHEAD).max(1),
    };
    for piece in body.chunks(room) {
        put_frame(FrameKind::Body, channel, out, |out| out.put_slice(piece));
    }
}

fn put_frame(
    kind: FrameKind,
    channel: u16,
    out: &mut BytesMut,
    payload: impl FnOnce(&mut BytesMut),
) {
    out.put_u8(kind as u8);
    out.put_u16(channel);
    let at = out.len();
    out.put_u32(0);
    let start = out.len();
    payload(out);
    // A payload beyond 32 bits cannot be built: every string in it is limited, and memory is.
    let size = (out.len() - start) as u32;
    if let Some(place) = out.get_mut(at..start) {
        place.copy_from_slice(&size.to_be_bytes());
    }
    out.put_u8(FRAME_END);
}
