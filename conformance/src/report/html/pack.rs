//! Data as a page can hold it: JSON, compressed, in letters that mean nothing to a reader of HTML.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::PageError;

/// The value as JSON, in gzip's format, in base64.
pub(super) fn packed(value: &impl Serialize) -> Result<String, PageError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&serde_json::to_vec(value)?)?;
    Ok(STANDARD.encode(encoder.finish()?))
}
