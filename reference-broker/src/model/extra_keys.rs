//! Further routing keys of a message, which its publisher puts into the headers (SEL-01 to SEL-04;
//! <https://www.rabbitmq.com/docs/sender-selected>).

use mqspec_codec::{FieldTable, FieldValue};

use super::Refusal;

/// Keys that everybody may see.
pub(super) const OPEN: &str = "CC";
/// Keys that nobody who is delivered the message gets to see.
const BLIND: &str = "BCC";

/// The keys that the headers name, in their order. Of the values only strings are keys: any octets, and
/// any number of them.
///
/// # Errors
/// If one of the two headers is anything but an array.
pub(super) fn read(headers: &FieldTable) -> Result<Vec<String>, Refusal> {
    let mut keys = Vec::new();
    for name in [OPEN, BLIND] {
        match headers.get(name) {
            None => {}
            Some(FieldValue::Array(values)) => {
                keys.extend(values.iter().filter_map(|value| match value {
                    FieldValue::LongString(key) => {
                        Some(String::from_utf8_lossy(key.as_bytes()).into_owned())
                    }
                    _ => None,
                }));
            }
            Some(_) => return Err(Refusal::ExtraKeys(name)),
        }
    }
    Ok(keys)
}

/// The headers as they are handed on, if that is not as they came.
pub(super) fn without_blind(headers: &FieldTable) -> Option<FieldTable> {
    headers.get(BLIND)?;
    let seen = headers
        .iter()
        .filter(|(name, _)| name.as_str() != BLIND)
        .try_fold(FieldTable::new(), |seen, (name, value)| {
            seen.with(&name, value)
        });
    // A part of a legal table is one.
    seen.ok()
}
