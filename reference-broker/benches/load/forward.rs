//! The relay's inner loop: one read, the heads changed in place, one write to each consumer.
//!
//! A `basic.deliver` says less than a `basic.publish` whose queue has a name of eight octets or more: it is
//! written over it, and the routing key takes what is left. Header and body stay as they are.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use bytes::BytesMut;
use mqspec_codec::frame::{FRAME_OVERHEAD, put_method};
use mqspec_codec::{FrameKind, basic};

use crate::client::{CHANNEL, short};
use crate::failure::{Failure, doing};
use crate::throughput::ids;

/// Octets asked for in one read.
const READ: usize = 256 * 1024;
/// Octets before a frame's payload.
const HEAD: usize = 7;
/// Octets of a header frame up to the end of the body's size.
const SIZED: usize = HEAD + 12;
/// Where a deliver of a consumer with a tag of one octet has its delivery tag, counted from the frame's start.
const TAG: std::ops::Range<usize> = 13..21;
/// Octets of a deliver frame without routing key.
const SHORTEST: usize = 17 + FRAME_OVERHEAD;

/// Whether these octets begin with `basic.publish`.
pub fn is_publish(octets: &[u8]) -> bool {
    let ids = octets.get(HEAD..HEAD + 4);
    octets.first() == Some(&(FrameKind::Method as u8)) && ids == Some(&ids_of_publish())
}

fn ids_of_publish() -> [u8; 4] {
    ids::<basic::Publish>()
}

/// How far a walk over the buffer has come.
struct Walk {
    /// Octets that need not be looked at again.
    seen: usize,
    /// Octets up to the end of the last whole content.
    whole: usize,
    /// Whether another command than `basic.publish` follows those seen.
    ended: bool,
}

/// A publisher's stream on its way to the consumers.
pub struct Forward<'a> {
    publisher: &'a TcpStream,
    sinks: Vec<Arc<TcpStream>>,
    confirms: bool,
    /// The deliver that the last publish became.
    deliver: Vec<u8>,
    /// Publishes seen.
    published: u64,
    /// Publishes whose content has come, and those of them that are confirmed.
    complete: u64,
    confirmed: u64,
    /// Octets that are still to come of the frame that is passed on, and of the body.
    rest: usize,
    body: u64,
}

impl<'a> Forward<'a> {
    pub fn new(publisher: &'a TcpStream, sinks: Vec<Arc<TcpStream>>, confirms: bool) -> Self {
        Self {
            publisher,
            sinks,
            confirms,
            deliver: Vec::new(),
            published: 0,
            complete: 0,
            confirmed: 0,
            rest: 0,
            body: 0,
        }
    }

    /// Passes on what begins with `input`, until another command than `basic.publish` or the end comes. Gives
    /// back what has been read and is no publish.
    pub fn run(mut self, input: &[u8]) -> Result<BytesMut, Failure> {
        let mut buffer = vec![0; READ.max(2 * input.len())];
        buffer.splice(..input.len(), input.iter().copied());
        let mut filled = input.len();
        // Octets at the front that have been looked at, and wait for the end of their content.
        let mut seen = 0;
        loop {
            let octets = buffer.get_mut(..filled).unwrap_or_default();
            let walk = self.rewrite(octets, seen)?;
            // Several consumers may share a connection, where contents must not be cut.
            let passed = if self.sinks.len() > 1 {
                walk.whole
            } else {
                walk.seen
            };
            let (done, rest) = octets.split_at(passed);
            for mut sink in self.sinks.iter().map(AsRef::as_ref) {
                sink.write_all(done).map_err(doing("passing on"))?;
            }
            self.confirm()?;
            if walk.ended {
                return Ok(BytesMut::from(rest));
            }
            buffer.copy_within(passed..filled, 0);
            filled -= passed;
            seen = walk.seen - passed;
            let mut publisher = self.publisher;
            let free = buffer.get_mut(filled..).unwrap_or_default();
            if free.is_empty() {
                return Err(Failure::Unexpected(
                    "a content too large to copy".to_owned(),
                ));
            }
            let read = publisher.read(free).map_err(doing("reading"))?;
            if read == 0 {
                return Ok(BytesMut::new());
            }
            filled += read;
        }
    }

    /// Makes deliveries of publishes, from `start` on.
    fn rewrite(&mut self, octets: &mut [u8], start: usize) -> Result<Walk, Failure> {
        let end = octets.len();
        let mut walk = Walk {
            seen: start,
            whole: 0,
            ended: false,
        };
        loop {
            let at = walk.seen + self.rest.min(end - walk.seen);
            self.rest -= at - walk.seen;
            walk.seen = at;
            if self.rest == 0 && self.complete == self.published {
                walk.whole = at;
            }
            let Some(frame) = octets.get_mut(at..) else {
                break;
            };
            let Some(&[kind, _, _, a, b, c, d]) = frame.first_chunk::<HEAD>() else {
                break;
            };
            let size = u32::from_be_bytes([a, b, c, d]) as usize;
            if kind == FrameKind::Method as u8 {
                let Some(method) = frame.get_mut(..size + FRAME_OVERHEAD) else {
                    break;
                };
                if !is_publish(method) {
                    walk.ended = true;
                    break;
                }
                self.published += 1;
                self.overwrite(method)?;
            } else if kind == FrameKind::Header as u8 {
                let Some(size) = frame.get(SIZED - 8..SIZED) else {
                    break;
                };
                self.body = u64::from_be_bytes(size.first_chunk().copied().unwrap_or_default());
                self.complete += u64::from(self.body == 0);
            } else {
                // A body that fits into this buffer is complete; a larger one is when its last frame begins.
                self.body = self.body.saturating_sub(size as u64);
                self.complete += u64::from(self.body == 0);
            }
            self.rest = size + FRAME_OVERHEAD;
        }
        Ok(walk)
    }

    fn overwrite(&mut self, publish: &mut [u8]) -> Result<(), Failure> {
        if self.deliver.len() != publish.len() {
            self.deliver = deliver(publish.len())?;
        }
        publish.copy_from_slice(&self.deliver);
        if let Some(tag) = publish.get_mut(TAG) {
            tag.copy_from_slice(&self.published.to_be_bytes());
        }
        Ok(())
    }

    fn confirm(&mut self) -> Result<(), Failure> {
        if !self.confirms || self.complete == self.confirmed {
            return Ok(());
        }
        self.confirmed = self.complete;
        let ack = basic::Ack {
            delivery_tag: self.complete,
            multiple: true,
        };
        let mut octets = BytesMut::new();
        put_method(CHANNEL, &ack.into(), &mut octets);
        let mut publisher = self.publisher;
        publisher.write_all(&octets).map_err(doing("confirming"))
    }
}

/// A deliver frame of that many octets.
fn deliver(octets: usize) -> Result<Vec<u8>, Failure> {
    let key = octets.checked_sub(SHORTEST).ok_or_else(|| {
        Failure::Unexpected("a queue's name of less than eight octets".to_owned())
    })?;
    let deliver = basic::Deliver {
        consumer_tag: short("c")?,
        delivery_tag: 0,
        redelivered: false,
        exchange: short("")?,
        routing_key: short(&"r".repeat(key))?,
    };
    let mut out = BytesMut::new();
    put_method(CHANNEL, &deliver.into(), &mut out);
    Ok(out.to_vec())
}
