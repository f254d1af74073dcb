//! Commands and contents as octets, in the order in which they are to be written.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use mqspec_codec::frame::{FRAME_END, FRAME_OVERHEAD, put_command, put_method};
use mqspec_codec::method::Arguments;
use mqspec_codec::{Borrowed, ContentHeader, Frame, FrameKind, Method, ProtocolHeader, RawFrame};

use crate::model::{Body, Content};

/// Pieces of a body from this size on are handed on without a copy: shorter ones are sooner copied than
/// shared and written apart.
const SHARED: usize = 4096;

/// What is to be written to one client.
#[derive(Debug)]
pub(super) struct Outbox {
    /// Whole frames that overtake whatever waits for the store.
    urgent: BytesMut,
    /// Whole frames that wait until the store has come to a position, and what they wait for.
    held: VecDeque<(u64, Vec<Bytes>)>,
    /// What everything from here on waits for.
    held_until: u64,
    /// How far the store has come, as far as is known here.
    stored: u64,
    /// Shared pieces, and what stood before each.
    pieces: Vec<Bytes>,
    /// What follows the last of the pieces.
    tail: BytesMut,
    frame_max: u32,
    /// Octets that are not written yet: those here and those handed out.
    waiting: usize,
}

impl Outbox {
    /// An outbox whose frames have at most `frame_max` octets; 0 is no limit.
    pub(super) fn new(frame_max: u32) -> Self {
        Self {
            urgent: BytesMut::new(),
            held: VecDeque::new(),
            held_until: 0,
            stored: 0,
            pieces: Vec::new(),
            tail: BytesMut::new(),
            frame_max,
            waiting: 0,
        }
    }

    /// Applies what was agreed in tune-ok.
    pub(super) fn set_frame_max(&mut self, frame_max: u32) {
        self.frame_max = frame_max;
    }

    /// How many octets the socket has not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether everything is handed out.
    pub(super) fn is_empty(&self) -> bool {
        let none_waits = self.held.is_empty() && self.urgent.is_empty();
        none_waits && self.pieces.is_empty() && self.tail.is_empty()
    }

    /// The socket has taken octets that were handed out.
    pub(super) fn written(&mut self, octets: usize) {
        self.waiting = self.waiting.saturating_sub(octets);
    }

    /// What follows tells the client that something is safe, and so waits until the store has come to
    /// that position.
    pub(super) fn hold_until(&mut self, position: u64) {
        if position > self.held_until {
            self.set_apart();
            self.held_until = position;
        }
    }

    /// Hands out what there is and need not wait, as far as the store has come.
    pub(super) fn take(&mut self, stored: u64) -> Vec<Bytes> {
        self.stored = stored;
        let safe = self.held.partition_point(|(until, _)| *until <= stored);
        let mut taken: Vec<Bytes> = self.held.drain(..safe).flat_map(|it| it.1).collect();
        if !self.urgent.is_empty() {
            taken.push(self.urgent.split().freeze());
        }
        if !self.waits() {
            self.cut();
            taken.append(&mut self.pieces);
        }
        taken
    }

    /// Says nothing of what waits for the store.
    pub(super) fn forget(&mut self) {
        if self.waits() {
            self.held.clear();
            self.pieces.clear();
            self.tail.clear();
        }
    }

    /// Whether the latest part waits for the store.
    fn waits(&self) -> bool {
        self.held_until > self.stored
    }

    /// Closes the part that waits for one position.
    fn set_apart(&mut self) {
        self.cut();
        if !self.pieces.is_empty() {
            let pieces = std::mem::take(&mut self.pieces);
            self.held.push_back((self.held_until, pieces));
        }
    }

    pub(super) fn protocol_header(&mut self) {
        self.put(|out| ProtocolHeader::AMQP_0_9_1.encode(out));
    }

    pub(super) fn heartbeat(&mut self) {
        let frame = RawFrame {
            kind: FrameKind::Heartbeat,
            channel: 0,
            payload: Bytes::new(),
        };
        self.put_urgent(|out| frame.encode(out));
    }

    /// A command of the connection's own that nothing is to delay.
    pub(super) fn urgent(&mut self, method: &Method) {
        self.put_urgent(|out| put_method(0, method, out));
    }

    pub(super) fn method(&mut self, channel: u16, method: &Method) {
        self.put(|out| put_method(channel, method, out));
    }

    /// A command with its content. The body is cut anew for this receiver (CNT-16, FRM-06); an empty
    /// one takes no frame (CNT-05). A header cannot be cut, and is sent whatever its size (FRM-07).
    pub(super) fn content(&mut self, channel: u16, command: &impl Arguments, content: &Content) {
        let header: Frame<Borrowed<'_>> = Frame::Header {
            channel,
            header: ContentHeader {
                body_size: content.body.octets(),
                properties: content.properties.borrowed(),
            },
        };
        self.put(|out| {
            put_command(channel, command, out);
            header.encode(out);
        });
        self.body(channel, &content.body);
    }

    fn body(&mut self, channel: u16, body: &Body) {
        let room = match self.frame_max {
            0 => u32::MAX as usize,
            most => (most as usize).saturating_sub(FRAME_OVERHEAD).max(1),
        };
        let mut left = body.octets();
        let mut pieces = body.pieces().iter();
        // What is left of the piece at hand begins here.
        let (mut piece, mut from) = (&Bytes::new(), 0);
        while left > 0 {
            let size = usize::try_from(left).map_or(room, |left| left.min(room));
            left -= size as u64;
            self.put(|out| {
                out.put_u8(FrameKind::Body as u8);
                out.put_u16(channel);
                // No frame has more room than 32 bits can say.
                out.put_u32(size as u32);
            });
            let mut missing = size;
            while missing > 0 {
                if from == piece.len() {
                    // A body has as many octets as its pieces.
                    let Some(next) = pieces.next() else { break };
                    (piece, from) = (next, 0);
                }
                let count = missing.min(piece.len() - from);
                self.share(piece, from..from + count);
                from += count;
                missing -= count;
            }
            self.put(|out| out.put_u8(FRAME_END));
        }
    }

    fn put(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        append(&mut self.tail, &mut self.waiting, encode);
    }

    fn put_urgent(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        let overtaking = match self.waits() {
            true => &mut self.urgent,
            false => &mut self.tail,
        };
        append(overtaking, &mut self.waiting, encode);
    }

    fn share(&mut self, octets: &Bytes, part: Range<usize>) {
        if part.len() < SHARED {
            self.put(|out| out.put_slice(octets.get(part).unwrap_or_default()));
        } else {
            self.cut();
            self.waiting += part.len();
            self.pieces.push(octets.slice(part));
        }
    }

    fn cut(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push(self.tail.split().freeze());
        }
    }
}

/// Puts octets behind those that are there, and counts them.
fn append(out: &mut BytesMut, count: &mut usize, encode: impl FnOnce(&mut BytesMut)) {
    let before = out.len();
    encode(out);
    *count += out.len() - before;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the octets of a content's body are, piece by piece.
    fn pieces(body: &Bytes) -> Vec<Bytes> {
        let mut outbox = Outbox::new(0);
        let content = Content {
            body: body.clone().into(),
            ..Content::default()
        };
        let command: mqspec_codec::basic::GetOk = Default::default();
        outbox.content(1, &command, &content);
        let waiting = outbox.waiting();
        let pieces = outbox.take(0);
        assert_eq!(pieces.iter().map(Bytes::len).sum::<usize>(), waiting);
        pieces
    }

    #[test]
    fn large_bodies_are_shared_and_small_ones_copied() {
        let large = Bytes::from(vec![7; SHARED]);
        let [_, shared, end] = &*pieces(&large) else {
            panic!("not in three pieces")
        };
        assert_eq!(shared.as_ptr(), large.as_ptr());
        assert_eq!(**end, [FRAME_END]);
        assert_eq!(pieces(&large.slice(1..)).len(), 1);
    }
}
