//! Content headers and their properties, read and made.

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;

use super::{classified, encoded, tables};
use crate::content::{BasicProperties, ContentHeader, Properties};
use crate::error::Fault;

/// Takes `octets` for the payload of a content header frame and for a property list, and makes a
/// content header of them.
///
/// # Panics
///
/// If a header does not come out as it went in; if its flags are not those of the properties that
/// are there; if a part of it is taken for the whole.
pub fn headers(octets: &[u8]) {
    let payload = Bytes::copy_from_slice(octets);
    match ContentHeader::decode(payload.clone()) {
        Ok(header) => whole(&header, &payload),
        Err(error) => classified(error),
    }
    match Properties::from_bytes(payload) {
        Ok(list) => properties(&list),
        Err(error) => classified(error),
    }
    if let Ok(header) = ContentHeader::arbitrary(&mut Unstructured::new(octets)) {
        let payload = encoded(|out| header.encode(out));
        assert_eq!(ContentHeader::decode(payload.clone()).as_ref(), Ok(&header));
        whole(&header, &payload);
    }
}

fn whole(header: &ContentHeader, payload: &Bytes) {
    assert_eq!(encoded(|out| header.encode(out)), payload);
    let there = ContentHeader::parse(payload).map(ContentHeader::into_owned);
    assert_eq!(there.as_ref(), Ok(header));
    properties(&header.properties);
}

/// A list of properties that was taken.
pub(super) fn properties(list: &Properties) {
    let decoded = list.decode();
    let again = Properties::from(&decoded);
    assert_eq!(again.as_bytes(), list.as_bytes());
    assert_eq!(again.decode(), decoded);
    let octets = list.as_bytes();
    let flags = octets.first_chunk().map(|flags| u16::from_be_bytes(*flags));
    assert_eq!(flags.map(u16::count_ones), Some(present(&decoded)));
    for end in [octets.len() / 2, octets.len() - 1] {
        let part = Properties::from_bytes(octets.slice(..end));
        assert!(part.is_err(), "{part:?} is but a part of {list:?}");
    }
    let longer = Properties::from_bytes([octets, &[0][..]].concat().into());
    assert_eq!(
        longer.map_err(|error| error.fault()),
        Err(Fault::HeaderTrailing)
    );
    if let Some(headers) = &decoded.headers {
        tables::table(headers);
    }
}

fn present(properties: &BasicProperties) -> u32 {
    let BasicProperties {
        content_type,
        content_encoding,
        headers,
        delivery_mode,
        priority,
        correlation_id,
        reply_to,
        expiration,
        message_id,
        timestamp,
        r#type,
        user_id,
        app_id,
        cluster_id,
    } = properties;
    let texts = [
        content_type,
        content_encoding,
        correlation_id,
        reply_to,
        expiration,
        message_id,
        r#type,
        user_id,
        app_id,
        cluster_id,
    ];
    let octets = [delivery_mode, priority];
    texts.into_iter().flatten().count() as u32
        + octets.into_iter().flatten().count() as u32
        + u32::from(headers.is_some())
        + u32::from(timestamp.is_some())
}
