//! Reading as little as will do: frames are walked by their heads, and payloads are not looked at beyond
//! their first octets.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;

use bytes::BytesMut;
use mqspec_codec::frame::FRAME_OVERHEAD;

use crate::failure::{Failure, doing};

/// Octets asked for in one read.
const READ: usize = 256 * 1024;
/// Octets before a frame's payload.
const HEAD: usize = 7;
/// How much of a payload is shown at least, if there is as much: enough for `basic.ack`, or a stamp in a body.
const SHOWN: usize = 16;

/// The beginning of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Glimpse<'a> {
    /// The frame's type.
    pub kind: u8,
    /// Octets of the whole payload.
    pub size: usize,
    /// The payload's first octets: 16 at least, if it has as many.
    pub payload: &'a [u8],
}

impl Glimpse<'_> {
    /// Octets of the body that a content header announces.
    pub fn body_size(&self) -> u64 {
        let size = self.payload.get(4..).and_then(<[u8]>::first_chunk);
        u64::from_be_bytes(size.copied().unwrap_or_default())
    }

    /// Class and method of a method frame.
    pub fn ids(&self) -> [u8; 4] {
        self.payload.first_chunk().copied().unwrap_or_default()
    }
}

/// The reading end of a connection.
#[derive(Debug)]
pub struct Inlet {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Octets at the buffer's front that are read and not walked.
    held: usize,
    /// Octets of a frame that has been shown and is still to come.
    skip: usize,
}

impl Inlet {
    /// An inlet that begins with what has been read before.
    pub fn new(stream: TcpStream, input: &[u8]) -> Self {
        let mut buffer = vec![0; READ.max(input.len())];
        buffer.splice(..input.len(), input.iter().copied());
        Self {
            stream,
            buffer,
            held: input.len(),
            skip: 0,
        }
    }

    /// Reads once, and shows each frame that begins in it. `Ok(false)` if nothing came in the socket's time.
    ///
    /// # Errors
    /// If the connection ends, or `show` fails.
    pub fn read(
        &mut self,
        show: impl FnMut(Glimpse<'_>) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let free = self.buffer.get_mut(self.held..).unwrap_or_default();
        let read = match self.stream.read(free) {
            Ok(0) => return Err(Failure::Refused("the end of the connection".to_owned())),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(false);
            }
            Err(error) => return Err(doing("reading")(error)),
        };
        let end = self.held + read;
        let walked = self.walk(end, show)?;
        self.buffer.copy_within(walked..end, 0);
        self.held = end - walked;
        Ok(true)
    }

    fn walk(
        &mut self,
        end: usize,
        mut show: impl FnMut(Glimpse<'_>) -> Result<(), Failure>,
    ) -> Result<usize, Failure> {
        let octets = self.buffer.get(..end).unwrap_or_default();
        let mut at = 0;
        loop {
            let step = self.skip.min(end - at);
            self.skip -= step;
            at += step;
            let Some(rest) = octets.get(at..) else { break };
            let Some(&[kind, _, _, a, b, c, d]) = rest.first_chunk::<HEAD>() else {
                break;
            };
            let size = u32::from_be_bytes([a, b, c, d]) as usize;
            let Some(payload) = rest.get(HEAD..HEAD + size.min(SHOWN)) else {
                break;
            };
            show(Glimpse {
                kind,
                size,
                payload,
            })?;
            self.skip = size + FRAME_OVERHEAD;
        }
        Ok(at)
    }

    /// Whether what has been read ends with a frame.
    pub fn is_between_frames(&self) -> bool {
        self.skip == 0 && self.held == 0
    }

    /// The socket, and what has been read and not been walked.
    pub fn into_parts(self) -> (TcpStream, BytesMut) {
        let held = self.buffer.get(..self.held).unwrap_or_default();
        (self.stream, held.into())
    }

    /// The socket.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }
}
