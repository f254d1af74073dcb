//! Frames: cut out of a stream, typed, and written (AMQP 0-9-1 §4.2.3).
//!
//! There are two layers, since whether a payload is worth decoding depends on the state of its
//! channel, which is not known here: a [`Deframer`] yields [`RawFrame`]s, whose payload
//! [`RawFrame::decode`] turns into a [`Frame`] when the caller wishes. A [`FrameDecoder`] is both
//! in one step.

use bytes::{Buf, Bytes, BytesMut};

use crate::content::ContentHeader;
use crate::error::{DecodeError, Fault};
use crate::method::{Arguments, Method};
use crate::sink::{Sink, Wire, length};
use crate::storage::{Borrowed, Owned, Storage};

/// The octet that ends every frame.
pub const FRAME_END: u8 = 206;

/// Octets of a frame beside its payload: type, channel, size and frame-end.
pub const FRAME_OVERHEAD: usize = 8;

/// Octets of a frame before its payload.
pub const HEAD: usize = 7;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFrame<P = Bytes> {
    /// The frame's type.
    pub kind: FrameKind,
    /// The channel it belongs to; 0 is the connection itself.
    pub channel: u16,
    /// What is between the frame's head and its end.
    pub payload: P,
}

impl RawFrame {
    /// Decodes the payload, whose buffer the frame shares.
    ///
    /// # Errors
    ///
    /// Those of [`RawFrame::parse`].
    pub fn decode(self) -> Result<Frame, DecodeError> {
        self.read(Method::decode, ContentHeader::decode)
    }
}

impl<'a> RawFrame<&'a [u8]> {
    /// Decodes the payload where it stands.
    ///
    /// # Errors
    ///
    /// What [`Method::parse`] and [`ContentHeader::parse`] refuse, a heartbeat that is not on
    /// channel 0 (FRM-08), and one that carries octets (HB-01).
    #[inline]
    pub fn parse(self) -> Result<Frame<Borrowed<'a>>, DecodeError> {
        self.read(Method::parse, ContentHeader::parse)
    }
}

impl<P: AsRef<[u8]>> RawFrame<P> {
    /// Decodes the payload by what is to be done with a command's and with a content header's.
    #[inline]
    fn read<S: Storage<Octets = P>>(
        self,
        method: impl FnOnce(P) -> Result<Method<S>, DecodeError>,
        header: impl FnOnce(P) -> Result<ContentHeader<S>, DecodeError>,
    ) -> Result<Frame<S>, DecodeError> {
        let Self {
            kind,
            channel,
            payload,
        } = self;
        Ok(match kind {
            FrameKind::Method => Frame::Method {
                channel,
                method: method(payload)?,
            },
            FrameKind::Header => Frame::Header {
                channel,
                header: header(payload)?,
            },
            FrameKind::Body => Frame::Body { channel, payload },
            FrameKind::Heartbeat => {
                check_heartbeat(channel, payload.as_ref())?;
                Frame::Heartbeat
            }
        })
    }

    /// Appends the frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        put_octets(self.kind, self.channel, self.payload.as_ref(), out);
    }
}

fn check_heartbeat(channel: u16, payload: &[u8]) -> Result<(), Fault> {
    if channel != 0 {
        return Err(Fault::HeartbeatChannel(channel));
    }
    if !payload.is_empty() {
        return Err(Fault::HeartbeatPayload);
    }
    Ok(())
}

/// What stands in front of a frame's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The frame's type.
    pub kind: FrameKind,
    /// The channel it belongs to; 0 is the connection itself.
    pub channel: u16,
    /// Octets of the payload.
    pub length: u32,
}

/// A frame at the front of some octets, and the octets after it.
pub type Split<'a> = (RawFrame<&'a [u8]>, &'a [u8]);

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
    /// Those of [`Deframer::split`]; `buf` is left as it was.
    pub fn next(&self, buf: &mut BytesMut) -> Result<Option<RawFrame>, DecodeError> {
        let Some((
            RawFrame {
                kind,
                channel,
                payload,
            },
            _,
        )) = self.split(buf)?
        else {
            return Ok(None);
        };
        let length = payload.len();
        buf.advance(HEAD);
        let payload = buf.split_to(length).freeze();
        buf.advance(1);
        Ok(Some(RawFrame {
            kind,
            channel,
            payload,
        }))
    }

    /// The frame that `octets` begin with and what follows it, or nothing while it is incomplete.
    ///
    /// # Errors
    ///
    /// An unknown type is refused as soon as its octet is there (FRM-04), an excessive size as soon
    /// as the head is there (FRM-05), a wrong frame-end before the payload is handed out (FRM-02,
    /// FRM-03). The stream cannot be read any further then.
    #[inline]
    pub fn split<'a>(&self, octets: &'a [u8]) -> Result<Option<Split<'a>>, DecodeError> {
        let Some(head) = self.head(octets)? else {
            return Ok(None);
        };
        // Where the whole frame cannot be addressed, it cannot have arrived.
        let (Ok(length), Some(rest)) = (usize::try_from(head.length), octets.get(HEAD..)) else {
            return Ok(None);
        };
        let Some((payload, [end, rest @ ..])) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        if *end != FRAME_END {
            return Err(Fault::FrameEnd(*end).into());
        }
        let frame = RawFrame {
            kind: head.kind,
            channel: head.channel,
            payload,
        };
        Ok(Some((frame, rest)))
    }

    /// What the head of the frame says that `octets` begin with, or nothing while that is incomplete.
    ///
    /// # Errors
    ///
    /// An unknown type, as soon as its octet is there (FRM-04), and an excessive size (FRM-05).
    #[inline]
    pub fn head(&self, octets: &[u8]) -> Result<Option<Head>, DecodeError> {
        let Some(&octet) = octets.first() else {
            return Ok(None);
        };
        let kind = FrameKind::from_octet(octet)?;
        let Some(&[_, c0, c1, s0, s1, s2, s3]) = octets.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([s0, s1, s2, s3]);
        let size = u64::from(length) + FRAME_OVERHEAD as u64;
        if self.frame_max != 0 && size > u64::from(self.frame_max) {
            return Err(Fault::FrameTooLarge {
                size,
                frame_max: self.frame_max,
            }
            .into());
        }
        Ok(Some(Head {
            kind,
            channel: u16::from_be_bytes([c0, c1]),
            length,
        }))
    }
}

/// A frame with its payload decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<S: Storage = Owned> {
    /// A command.
    Method {
        /// The channel it belongs to; 0 is the connection itself.
        channel: u16,
        /// The command.
        method: Method<S>,
    },
    /// The header of a content.
    Header {
        /// The channel it belongs to.
        channel: u16,
        /// The header.
        header: ContentHeader<S>,
    },
    /// A piece of a content's body.
    Body {
        /// The channel it belongs to.
        channel: u16,
        /// The piece.
        payload: S::Octets,
    },
    /// A sign of life; always on channel 0.
    Heartbeat,
}

impl Frame<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Frame {
        match self {
            Self::Method { channel, method } => Frame::Method {
                channel,
                method: method.into_owned(),
            },
            Self::Header { channel, header } => Frame::Header {
                channel,
                header: header.into_owned(),
            },
            Self::Body { channel, payload } => Frame::Body {
                channel,
                payload: Bytes::copy_from_slice(payload),
            },
            Self::Heartbeat => Frame::Heartbeat,
        }
    }
}

impl<S: Storage> Frame<S> {
    /// Appends the frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Method { channel, method } => {
                put_frame(FrameKind::Method, *channel, method, out);
            }
            Self::Header { channel, header } => {
                put_frame(FrameKind::Header, *channel, header, out);
            }
            Self::Body { channel, payload } => {
                put_octets(FrameKind::Body, *channel, payload.as_ref(), out);
            }
            Self::Heartbeat => put_octets(FrameKind::Heartbeat, 0, &[], out),
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
#[inline]
pub fn put_method(channel: u16, method: &Method, out: &mut BytesMut) {
    put_frame(FrameKind::Method, channel, method, out);
}

/// Appends the method frame of one command, owned or borrowed, to `out`.
#[inline]
pub fn put_command<A: Arguments>(channel: u16, command: &A, out: &mut BytesMut) {
    put_frame(FrameKind::Method, channel, &Named(command), out);
}

/// Appends a content header frame to `out`. For a borrowed one there is [`Frame::encode`].
#[inline]
pub fn put_header(channel: u16, header: &ContentHeader, out: &mut BytesMut) {
    put_frame(FrameKind::Header, channel, header, out);
}

/// Appends `body` to `out` in as few frames as `frame_max` allows (FRM-06, CNT-16); 0 is no limit.
/// An empty body takes none (CNT-05). At least one octet goes into a frame.
pub fn put_body(channel: u16, body: &[u8], frame_max: u32, out: &mut BytesMut) {
    let room = match usize::try_from(frame_max) {
        Ok(0) | Err(_) => u32::MAX as usize,
        Ok(limit) => limit.saturating_sub(FRAME_OVERHEAD).max(1),
    };
    for piece in body.chunks(room) {
        put_octets(FrameKind::Body, channel, piece, out);
    }
}

/// A command's arguments with its ids in front.
struct Named<'a, A>(&'a A);

impl<A: Arguments> Wire for Named<'_, A> {
    #[inline]
    fn write<O: Sink>(&self, out: &mut O) {
        out.put(const { A::IDS.octets() });
        self.0.write(out);
    }
}

#[inline]
fn put_frame(kind: FrameKind, channel: u16, payload: &impl Wire, out: &mut BytesMut) {
    let size = length(payload);
    out.reserve(size + FRAME_OVERHEAD);
    out.put(head(kind, channel, size));
    payload.write(out);
    out.octet(FRAME_END);
}

/// A payload that is there already, and may be large.
#[inline]
fn put_octets(kind: FrameKind, channel: u16, payload: &[u8], out: &mut BytesMut) {
    out.reserve(payload.len() + FRAME_OVERHEAD);
    out.put(head(kind, channel, payload.len()));
    out.extend_from_slice(payload);
    out.octet(FRAME_END);
}

/// Nobody has a payload beyond 32 bits: every string in it is limited, memory is, and bodies are cut
/// before.
#[inline]
fn head(kind: FrameKind, channel: u16, size: usize) -> [u8; HEAD] {
    let [c0, c1] = channel.to_be_bytes();
    let [s0, s1, s2, s3] = (size as u32).to_be_bytes();
    [kind as u8, c0, c1, s0, s1, s2, s3]
}
