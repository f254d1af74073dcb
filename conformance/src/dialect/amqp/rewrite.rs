//! Payloads decoded and encoded again, so that another codec can be held against this one.

use super::super::{Datum, Outgoing};
use super::decode::{self, Decoded};
use super::encode::{self, FRAME_OVERHEAD};

/// Decodes the payload of a method frame and encodes what it says.
///
/// # Errors
/// What is wrong with the payload.
pub fn rewrite_method(payload: &[u8]) -> Result<Vec<u8>, String> {
    let decoded = decode::method(mqspec_specs::amqp_0_9_1(), payload);
    rewrite(decoded)
}

/// Decodes the payload of a content header frame and encodes what it says.
///
/// # Errors
/// What is wrong with the payload.
pub fn rewrite_header(payload: &[u8]) -> Result<Vec<u8>, String> {
    let mut decoded = decode::header(mqspec_specs::amqp_0_9_1(), payload);
    // The flags are to follow from the properties once more.
    decoded.fields.retain(|(name, _)| name != "flags");
    rewrite(decoded)
}

fn rewrite(decoded: Decoded) -> Result<Vec<u8>, String> {
    if let Some(breach) = decoded.breach {
        return Err(breach.what);
    }
    let mut message = Outgoing::new(1, &decoded.name, decoded.fields);
    message
        .with
        .push(("content".to_owned(), Datum::text("none")));
    let protocol = mqspec_specs::amqp_0_9_1();
    let pieces = encode::encode(protocol, &message, 0).map_err(|error| error.to_string())?;
    // One frame: type, channel and size, the payload, the end octet.
    let mut frame = pieces.concat();
    frame.pop();
    Ok(frame.split_off(FRAME_OVERHEAD - 1))
}
