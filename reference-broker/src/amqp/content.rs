//! A content's header and body put together (§4.2.6).

use bytes::{Bytes, BytesMut};
use mqspec_codec::{Borrowed, ContentHeader, FrameKind, RawFrame, basic, reply_code};

use super::channel::{Channel, State};
use super::exception::{Exception, unexpected_frame};
use crate::model::Content;

/// Pieces of a body below this size are copied together, so that a short message does not keep a
/// whole read buffer in memory.
const SHARED: usize = 4096;

/// A content that has begun with its command and is not complete.
#[derive(Debug)]
pub(super) struct Assembly {
    publication: Publication,
    /// Octets of the body that the header announces. Nothing before the header has come.
    body_size: Option<u64>,
    /// Copied pieces that follow those in the content's body.
    tail: BytesMut,
    /// Whether more octets came than were announced.
    excessive: bool,
}

/// What a `basic.publish` says, with its content.
#[derive(Debug)]
pub(super) struct Publication {
    pub(super) content: Content,
    pub(super) mandatory: bool,
    pub(super) immediate: bool,
}

impl Assembly {
    pub(super) fn new(publish: &basic::Publish<Borrowed<'_>>) -> Self {
        let content = Content {
            exchange: publish.exchange.into_owned(),
            routing_key: publish.routing_key.into_owned(),
            ..Content::default()
        };
        Self {
            publication: Publication {
                content,
                mandatory: publish.mandatory,
                immediate: publish.immediate,
            },
            body_size: None,
            tail: BytesMut::new(),
            excessive: false,
        }
    }

    /// How many octets have been collected.
    pub(super) fn octets(&self) -> u64 {
        self.publication.content.body.octets() + self.tail.len() as u64
    }

    /// Takes the next frame of the content. Header and body frames follow the command in this order
    /// and nothing comes between them on the channel (CNT-01, CNT-02, CNT-08).
    pub(super) fn take(&mut self, frame: RawFrame, limit: u64) -> Result<(), Exception> {
        match (frame.kind, self.body_size) {
            (FrameKind::Header, None) => self.take_header(frame.payload, limit),
            (FrameKind::Body, Some(_)) => self.take_body(frame.payload),
            (_, None) => Err(unexpected_frame("a content header has to follow")),
            (_, Some(_)) => Err(unexpected_frame("the content's body has to follow")),
        }
    }

    /// Whether all octets that the header announces are there. An empty body is complete with the
    /// header (CNT-05).
    pub(super) fn is_complete(&self) -> bool {
        self.body_size == Some(self.octets())
    }

    /// The command and its content.
    pub(super) fn finish(mut self) -> Publication {
        self.keep_tail();
        self.publication
    }

    /// The announced size is held against the limit and used for nothing else (CNT-19).
    fn take_header(&mut self, payload: Bytes, limit: u64) -> Result<(), Exception> {
        let header = ContentHeader::parse(&payload)?;
        if header.body_size > limit {
            let text = format!("a body has at most {limit} octets");
            return Err(Exception::new(reply_code::CONTENT_TOO_LARGE, text));
        }
        self.body_size = Some(header.body_size);
        self.publication.content.properties = header.properties.into_owned();
        Ok(())
    }

    /// Any number of frames of any size, empty ones too (CNT-06), but not more octets than were
    /// announced (CNT-07).
    fn take_body(&mut self, payload: Bytes) -> Result<(), Exception> {
        self.take_part(payload);
        if self.excessive {
            let text = "the body has more octets than its header announced";
            return Err(Exception::new(reply_code::FRAME_ERROR, text));
        }
        Ok(())
    }

    /// Takes a part of a body frame that has not come to its end.
    pub(super) fn take_part(&mut self, octets: Bytes) {
        let Some(body_size) = self.body_size else {
            return;
        };
        let missing = body_size - self.octets();
        if self.excessive || octets.len() as u64 > missing {
            self.excessive = true;
        } else if octets.len() >= SHARED {
            self.keep_tail();
            self.publication.content.body.push(octets);
        } else if self.tail.is_empty() && octets.len() as u64 == missing {
            let copy = Bytes::copy_from_slice(&octets);
            self.publication.content.body.push(copy);
        } else {
            self.tail.extend_from_slice(&octets);
        }
    }

    fn keep_tail(&mut self) {
        let tail = std::mem::take(&mut self.tail).freeze();
        self.publication.content.body.push(tail);
    }
}

/// Holds what the unfinished contents of all channels announce against a limit.
pub(super) fn check_announced<'a>(
    channels: impl Iterator<Item = &'a State>,
    limit: u64,
) -> Result<(), Exception> {
    let announced = channels.fold(0_u64, |sum, state| match state {
        State::Open(Channel {
            content: Some(assembly),
            ..
        }) => sum.saturating_add(assembly.body_size.unwrap_or_default()),
        _ => sum,
    });
    if announced > limit {
        let text = format!("unfinished contents have at most {limit} octets together");
        return Err(Exception::new(reply_code::RESOURCE_ERROR, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Body;

    fn assemble(pieces: &[Bytes]) -> Body {
        let mut assembly = Assembly::new(&basic::Publish::default());
        assembly.body_size = Some(pieces.iter().map(|piece| piece.len() as u64).sum());
        for piece in pieces {
            let frame = RawFrame {
                kind: FrameKind::Body,
                channel: 1,
                payload: piece.clone(),
            };
            assembly.take(frame, u64::MAX).expect("what was announced");
        }
        assert!(assembly.is_complete());
        assembly.finish().content.body
    }

    #[test]
    fn small_pieces_are_put_together_and_leave_the_read_buffer() {
        let buffer = Bytes::from(vec![7; 2 * SHARED]);
        let body = assemble(&[buffer.slice(..SHARED - 1), buffer.slice(..1)]);
        let [piece] = body.pieces() else {
            panic!("{} pieces", body.pieces().len())
        };
        assert_eq!(piece.len(), SHARED);
        assert_ne!(piece.as_ptr(), buffer.as_ptr());
    }

    #[test]
    fn large_pieces_are_not_copied() {
        let buffer = Bytes::from(vec![7; 2 * SHARED]);
        let body = assemble(&[buffer.slice(..SHARED), buffer.slice(..1), buffer.clone()]);
        let lengths: Vec<usize> = body.pieces().iter().map(Bytes::len).collect();
        assert_eq!(lengths, [SHARED, 1, 2 * SHARED]);
        let [first, small, last] = body.pieces() else {
            panic!("three pieces")
        };
        assert_eq!(first.as_ptr(), buffer.as_ptr());
        assert_ne!(small.as_ptr(), buffer.as_ptr());
        assert_eq!(last.as_ptr(), buffer.as_ptr());
    }
}
