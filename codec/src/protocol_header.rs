//! The eight octets that open a connection (AMQP 0-9-1 §4.2.2).

use std::fmt;

use bytes::{Buf, BufMut, BytesMut};

use crate::error::{DecodeError, Fault};

const LITERAL: [u8; 4] = *b"AMQP";

/// What follows the literal `AMQP`: protocol id, major, minor and revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProtocolHeader {
    /// The four octets after the literal, in the order of the wire.
    pub version: [u8; 4],
}

impl ProtocolHeader {
    /// The header of AMQP 0-9-1.
    pub const AMQP_0_9_1: Self = Self {
        version: [0, 0, 9, 1],
    };

    /// Takes a header off the front of `buf`, or nothing while it is incomplete.
    ///
    /// # Errors
    ///
    /// [`Fault::ProtocolHeader`] from the first octet on that differs from the literal. The answer
    /// is the header of the version spoken here, and the end of the connection.
    pub fn decode(buf: &mut BytesMut) -> Result<Option<Self>, DecodeError> {
        if buf.iter().zip(LITERAL).any(|(octet, want)| *octet != want) {
            return Err(Fault::ProtocolHeader.into());
        }
        let Some(octets) = buf.first_chunk::<8>() else {
            return Ok(None);
        };
        let [_, _, _, _, version @ ..] = *octets;
        buf.advance(octets.len());
        Ok(Some(Self { version }))
    }

    /// Appends the header to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&LITERAL);
        out.put_slice(&self.version);
    }
}

impl fmt::Display for ProtocolHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [id, major, minor, revision] = self.version;
        write!(f, "AMQP {id}-{major}-{minor}-{revision}")
    }
}
