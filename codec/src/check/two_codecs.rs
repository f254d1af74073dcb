//! Two codecs are witnesses against each other.

use std::fmt::{Debug, Display};

use bytes::Bytes;

use super::{encoded, frames};
use crate::content::ContentHeader;
use crate::error::{DecodeError, Fault};
use crate::frame::Frame;
use crate::method::Method;

/// Shows `octets` to this codec and to another one as payloads, and the payloads of frames made of
/// them.
///
/// The other codec is given by what it does to the payload of a method frame and of a content
/// header frame: it decodes it and encodes the result, or says why it refuses. It may be more
/// lenient where a script has to see what a broker sent: zero octets in short strings, names in
/// tables that are not UTF-8, deeper nesting.
///
/// # Panics
///
/// If only one codec takes a payload, or if they do not read the same out of it.
pub fn two_codecs<E: Display>(
    octets: &[u8],
    method: fn(&[u8]) -> Result<Vec<u8>, E>,
    header: fn(&[u8]) -> Result<Vec<u8>, E>,
) {
    let both_read = |payload: Bytes| {
        agree(&payload, Method::decode, method);
        agree(&payload, ContentHeader::decode, header);
    };
    both_read(Bytes::copy_from_slice(octets));
    for frame in frames(octets) {
        match frame {
            Frame::Method { method, .. } => both_read(encoded(|out| method.encode(out))),
            Frame::Header { header, .. } => both_read(encoded(|out| header.encode(out))),
            Frame::Body { .. } | Frame::Heartbeat => {}
        }
    }
}

/// Where octets differ, what `Debug` shows is compared, since it shows values: two booleans other
/// than zero are one.
fn agree<T: Debug + PartialEq, E: Display>(
    payload: &Bytes,
    decode: fn(Bytes) -> Result<T, DecodeError>,
    other: fn(&[u8]) -> Result<Vec<u8>, E>,
) {
    match (decode(payload.clone()), other(payload)) {
        (Ok(here), Ok(rewritten)) => {
            let there = decode(rewritten.into());
            if there.as_ref() != Ok(&here) {
                let here = Ok::<_, DecodeError>(here);
                assert_eq!(format!("{there:?}"), format!("{here:?}"));
            }
        }
        (Ok(here), Err(reason)) => panic!("only the other codec refuses {here:?}: {reason}"),
        (Err(error), Ok(_)) => assert!(
            matches!(
                error.fault(),
                Fault::ShortStrZeroOctet | Fault::ShortStrNotUtf8 | Fault::TableTooDeep
            ),
            "only the other codec takes {payload:02x?}: {error}"
        ),
        (Err(_), Err(_)) => {}
    }
}
