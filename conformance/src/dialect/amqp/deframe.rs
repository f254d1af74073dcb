//! A broker's octets, cut into frames.

use super::super::Breach;
use super::encode::FRAME_OVERHEAD;

pub(super) const METHOD: u8 = 1;
pub(super) const HEADER: u8 = 2;
pub(super) const BODY: u8 = 3;
pub(super) const HEARTBEAT: u8 = 8;
const FRAME_END: u8 = 0xCE;
/// The smallest limit that both peers must bear, which rules until tuning is over.
const FRAME_MIN_SIZE: usize = 4096;
/// A body frame that announces more than this is taken for garbage, so that no broker makes the suite wait for it.
pub(super) const SANE_SIZE: usize = 256 << 20;
/// The one octet that can begin a protocol header and no frame.
pub(super) const HEADER_START: u8 = b'A';

/// One frame, or the protocol header, as it came.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) kind: u8,
    pub(super) channel: u16,
    pub(super) payload: Vec<u8>,
    pub(super) octets: Vec<u8>,
    pub(super) breach: Option<Breach>,
}

/// Octets that came, up to the first that are no frame.
#[derive(Debug)]
pub(super) struct Deframer {
    buffer: Vec<u8>,
    /// The agreed limit; 0 for none.
    pub(super) frame_max: usize,
    /// Whether octets came that cannot be cut into frames.
    pub(super) broken: bool,
}

impl Default for Deframer {
    fn default() -> Self {
        Deframer {
            buffer: Vec::new(),
            frame_max: FRAME_MIN_SIZE,
            broken: false,
        }
    }
}

impl Deframer {
    pub(super) fn extend(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Cuts the next frame off the buffer.
    pub(super) fn next(&mut self) -> Option<Raw> {
        let first = *self.buffer.first()?;
        if self.broken {
            return None;
        }
        if first == HEADER_START {
            let octets: Vec<u8> = self.buffer.get(..8)?.to_vec();
            self.buffer.drain(..8);
            let breach = (!octets.starts_with(b"AMQP")).then(|| Breach {
                clause: "HDR-02",
                what: "these octets begin neither a frame nor a protocol header".to_owned(),
            });
            return Some(Raw {
                kind: HEADER_START,
                channel: 0,
                payload: octets.clone(),
                octets,
                breach,
            });
        }
        if ![METHOD, HEADER, BODY, HEARTBEAT].contains(&first) {
            return Some(self.garbage("FRM-04", format!("{first} is no frame type")));
        }
        let head = self.buffer.get(..7)?;
        let channel = u16::from_be_bytes([head[1], head[2]]);
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
        if size > SANE_SIZE {
            return Some(self.garbage("FRM-06", format!("a frame announces {size} octets")));
        }
        if self.buffer.len() < size + FRAME_OVERHEAD {
            return None;
        }
        let octets: Vec<u8> = self.buffer.drain(..size + FRAME_OVERHEAD).collect();
        let end = octets[octets.len() - 1];
        let breach = if end != FRAME_END {
            Some(("FRM-01", format!("a frame ends in {end:#04x}, not in 0xCE")))
        } else if first == BODY && self.frame_max != 0 && octets.len() > self.frame_max {
            let limit = self.frame_max;
            Some((
                "FRM-06",
                format!(
                    "a frame of {} octets exceeds the agreed {limit}",
                    octets.len()
                ),
            ))
        } else if first == HEARTBEAT && (channel != 0 || size != 0) {
            Some((
                "HB-01",
                "a heartbeat is not empty or not on channel 0".to_owned(),
            ))
        } else if [HEADER, BODY].contains(&first) && channel == 0 {
            Some(("FRM-10", "content travels on channel 0".to_owned()))
        } else {
            None
        };
        let breach = breach.map(|(clause, what)| Breach { clause, what });
        let payload = octets[7..7 + size].to_vec();
        Some(Raw {
            kind: first,
            channel,
            payload,
            octets,
            breach,
        })
    }

    /// Octets that cannot be cut into frames: no more is read from this connection.
    fn garbage(&mut self, clause: &'static str, what: String) -> Raw {
        self.broken = true;
        let octets = std::mem::take(&mut self.buffer);
        Raw {
            kind: 0,
            channel: 0,
            payload: Vec::new(),
            octets,
            breach: Some(Breach { clause, what }),
        }
    }
}
