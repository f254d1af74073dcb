//! What a client reads: commands and complete contents out of the broker's octets.

use bytes::{Bytes, BytesMut};
use mqspec_codec::{BasicProperties, Frame, FrameDecoder, Method};

/// One thing that a client hears.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heard {
    pub(super) channel: u16,
    pub(super) method: Method,
    /// What came with the command, if a content does.
    pub(super) content: Option<(BasicProperties, Bytes)>,
}

/// Takes the broker's octets apart, and panics where they are none that a broker may send.
#[derive(Debug)]
pub(super) struct Reader {
    buffer: BytesMut,
    decoder: FrameDecoder,
    /// A command whose content is not complete.
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    channel: u16,
    method: Method,
    header: Option<(u64, BasicProperties)>,
    body: BytesMut,
}

impl Begun {
    fn missing(&self) -> Option<u64> {
        let (size, _) = self.header.as_ref()?;
        Some(size - self.body.len() as u64)
    }
}

impl Reader {
    /// A reader that holds frames to the limit that is agreed.
    pub(super) fn new(frame_max: u32) -> Self {
        Self {
            buffer: BytesMut::new(),
            decoder: FrameDecoder::new(frame_max),
            begun: None,
        }
    }

    pub(super) fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Whether the broker has stopped in the middle of something.
    pub(super) fn is_in_the_middle(&self) -> bool {
        !self.buffer.is_empty() || self.begun.is_some()
    }

    /// The next command that is complete. Heartbeats are passed over.
    pub(super) fn next(&mut self) -> Option<Heard> {
        loop {
            let frame = match self.decoder.decode(&mut self.buffer) {
                Ok(frame) => frame?,
                Err(error) => panic!("the broker sent what is no frame: {error}"),
            };
            match frame {
                Frame::Heartbeat => {}
                Frame::Method { channel, method } => {
                    assert!(
                        self.begun.as_ref().is_none_or(|it| it.channel != channel),
                        "{method} in the middle of a content on channel {channel}"
                    );
                    assert!(method.sent_by_server(), "the broker sent {method}");
                    if !method.has_content() {
                        return Some(Heard {
                            channel,
                            method,
                            content: None,
                        });
                    }
                    assert!(self.begun.is_none(), "a content within a content");
                    self.begun = Some(Begun {
                        channel,
                        method,
                        header: None,
                        body: BytesMut::new(),
                    });
                }
                Frame::Header { channel, header } => {
                    let begun = self.begun_on(channel, "a header");
                    assert!(begun.header.is_none(), "a second header");
                    let properties = header.properties.decode();
                    begun.header = Some((header.body_size, properties));
                    if let Some(heard) = self.complete() {
                        return Some(heard);
                    }
                }
                Frame::Body { channel, payload } => {
                    let begun = self.begun_on(channel, "a body");
                    let missing = begun.missing().expect("a body before its header");
                    assert!(
                        payload.len() as u64 <= missing,
                        "a body has more octets than its header says"
                    );
                    begun.body.extend_from_slice(&payload);
                    if let Some(heard) = self.complete() {
                        return Some(heard);
                    }
                }
            }
        }
    }

    fn begun_on(&mut self, channel: u16, what: &str) -> &mut Begun {
        self.begun
            .as_mut()
            .filter(|begun| begun.channel == channel)
            .unwrap_or_else(|| panic!("{what} on channel {channel} where no command announces it"))
    }

    fn complete(&mut self) -> Option<Heard> {
        let begun = self.begun.take_if(|begun| begun.missing() == Some(0))?;
        let (_, properties) = begun.header?;
        Some(Heard {
            channel: begun.channel,
            method: begun.method,
            content: Some((properties, begun.body.freeze())),
        })
    }
}
