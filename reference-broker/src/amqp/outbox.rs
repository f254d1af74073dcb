//! Commands and contents as octets, in the order in which they are to be written.

use bytes::{BufMut, Bytes, BytesMut};
use mqspec_codec::frame::{FRAME_END, FRAME_OVERHEAD, put_header, put_method};
use mqspec_codec::{ContentHeader, FrameKind, Method, ProtocolHeader, RawFrame};

use crate::model::{Body, Content};

/// Pieces of a body from this size on are handed on without a copy.
const SHARED: usize = 1024;

/// What is to be written to one client.
#[derive(Debug)]
pub(super) struct Outbox {
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

    /// The socket has taken octets that were handed out.
    pub(super) fn written(&mut self, octets: usize) {
        self.waiting = self.waiting.saturating_sub(octets);
    }

    /// Hands out what there is.
    pub(super) fn take(&mut self) -> Vec<Bytes> {
        self.cut();
        std::mem::take(&mut self.pieces)
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
        self.put(|out| frame.encode(out));
    }

    pub(super) fn method(&mut self, channel: u16, method: &Method) {
        self.put(|out| put_method(channel, method, out));
    }

    /// A command with its content. The body is cut anew for this receiver (CNT-16, FRM-06); an empty
    /// one takes no frame (CNT-05). A header cannot be cut, and is sent whatever its size (FRM-07).
    pub(super) fn content(&mut self, channel: u16, method: &Method, content: &Content) {
        let header = ContentHeader {
            body_size: content.body.octets(),
            properties: content.properties.clone(),
        };
        self.put(|out| {
            put_method(channel, method, out);
            put_header(channel, &header, out);
        });
        self.body(channel, &content.body);
    }

    fn body(&mut self, channel: u16, body: &Body) {
        let room = match self.frame_max {
            0 => u32::MAX as usize,
            most => (most as usize).saturating_sub(FRAME_OVERHEAD).max(1),
        };
        let mut left = body.octets();
        let mut pieces = body.pieces().iter().cloned();
        let mut piece = Bytes::new();
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
                if piece.is_empty() {
                    // A body has as many octets as its pieces.
                    let Some(next) = pieces.next() else { break };
                    piece = next;
                }
                let part = piece.split_to(missing.min(piece.len()));
                missing -= part.len();
                self.share(part);
            }
            self.put(|out| out.put_u8(FRAME_END));
        }
    }

    fn put(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        let before = self.tail.len();
        encode(&mut self.tail);
        self.waiting += self.tail.len() - before;
    }

    fn share(&mut self, octets: Bytes) {
        if octets.len() < SHARED {
            self.put(|out| out.put_slice(&octets));
        } else {
            self.cut();
            self.waiting += octets.len();
            self.pieces.push(octets);
        }
    }

    fn cut(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push(self.tail.split().freeze());
        }
    }
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
        outbox.content(1, &mqspec_codec::basic::GetOk::default().into(), &content);
        let waiting = outbox.waiting();
        let pieces = outbox.take();
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
