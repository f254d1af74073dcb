//! The properties of class basic, in the order of their flags (CNT-10).
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::DecodeError;
use crate::reader::Reader;
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Keep, Owned, Storage};

/// The properties of a content of class basic; an absent one is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct BasicProperties<S: Storage = Owned> {
    /// `shortstr`
    pub content_type: Option<S::ShortStr>,
    /// `shortstr`
    pub content_encoding: Option<S::ShortStr>,
    /// `table`
    pub headers: Option<S::FieldTable>,
    /// `octet`
    pub delivery_mode: Option<u8>,
    /// `octet`
    pub priority: Option<u8>,
    /// `shortstr`
    pub correlation_id: Option<S::ShortStr>,
    /// `shortstr`
    pub reply_to: Option<S::ShortStr>,
    /// `shortstr`
    pub expiration: Option<S::ShortStr>,
    /// `shortstr`
    pub message_id: Option<S::ShortStr>,
    /// `timestamp`
    pub timestamp: Option<u64>,
    /// `shortstr`
    pub r#type: Option<S::ShortStr>,
    /// `shortstr`
    pub user_id: Option<S::ShortStr>,
    /// `shortstr`
    pub app_id: Option<S::ShortStr>,
    /// `shortstr`
    pub cluster_id: Option<S::ShortStr>,
}

/// Holds the properties that `flags` announce to the rules, and keeps none.
pub(crate) fn check(flags: u16, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    if flags & 0x8000 != 0 {
        reader.skip_short_str("content-type")?;
    }
    if flags & 0x4000 != 0 {
        reader.skip_short_str("content-encoding")?;
    }
    if flags & 0x2000 != 0 {
        reader.skip_table("headers")?;
    }
    if flags & 0x1000 != 0 {
        reader.octet("delivery-mode")?;
    }
    if flags & 0x0800 != 0 {
        reader.octet("priority")?;
    }
    if flags & 0x0400 != 0 {
        reader.skip_short_str("correlation-id")?;
    }
    if flags & 0x0200 != 0 {
        reader.skip_short_str("reply-to")?;
    }
    if flags & 0x0100 != 0 {
        reader.skip_short_str("expiration")?;
    }
    if flags & 0x0080 != 0 {
        reader.skip_short_str("message-id")?;
    }
    if flags & 0x0040 != 0 {
        reader.long_long("timestamp")?;
    }
    if flags & 0x0020 != 0 {
        reader.skip_short_str("type")?;
    }
    if flags & 0x0010 != 0 {
        reader.skip_short_str("user-id")?;
    }
    if flags & 0x0008 != 0 {
        reader.skip_short_str("app-id")?;
    }
    if flags & 0x0004 != 0 {
        reader.skip_short_str("cluster-id")?;
    }
    Ok(())
}

/// Puts the properties that `flags` announce into their places.
pub(crate) fn parse<'a>(
    flags: u16,
    reader: &mut Reader<'a>,
    properties: &mut BasicProperties<Borrowed<'a>>,
) -> Result<(), DecodeError> {
    if flags & 0x8000 != 0 {
        properties.content_type = Some(reader.short_str("content-type")?);
    }
    if flags & 0x4000 != 0 {
        properties.content_encoding = Some(reader.short_str("content-encoding")?);
    }
    if flags & 0x2000 != 0 {
        properties.headers = Some(reader.table("headers")?);
    }
    if flags & 0x1000 != 0 {
        properties.delivery_mode = Some(reader.octet("delivery-mode")?);
    }
    if flags & 0x0800 != 0 {
        properties.priority = Some(reader.octet("priority")?);
    }
    if flags & 0x0400 != 0 {
        properties.correlation_id = Some(reader.short_str("correlation-id")?);
    }
    if flags & 0x0200 != 0 {
        properties.reply_to = Some(reader.short_str("reply-to")?);
    }
    if flags & 0x0100 != 0 {
        properties.expiration = Some(reader.short_str("expiration")?);
    }
    if flags & 0x0080 != 0 {
        properties.message_id = Some(reader.short_str("message-id")?);
    }
    if flags & 0x0040 != 0 {
        properties.timestamp = Some(reader.long_long("timestamp")?);
    }
    if flags & 0x0020 != 0 {
        properties.r#type = Some(reader.short_str("type")?);
    }
    if flags & 0x0010 != 0 {
        properties.user_id = Some(reader.short_str("user-id")?);
    }
    if flags & 0x0008 != 0 {
        properties.app_id = Some(reader.short_str("app-id")?);
    }
    if flags & 0x0004 != 0 {
        properties.cluster_id = Some(reader.short_str("cluster-id")?);
    }
    Ok(())
}

/// The same properties, to be kept.
pub(crate) fn keep(properties: BasicProperties<Borrowed<'_>>, keep: &impl Keep) -> BasicProperties {
    BasicProperties {
        content_type: properties.content_type.map(|text| text.into_owned()),
        content_encoding: properties.content_encoding.map(|text| text.into_owned()),
        headers: properties.headers.map(|table| table.keep(keep)),
        delivery_mode: properties.delivery_mode,
        priority: properties.priority,
        correlation_id: properties.correlation_id.map(|text| text.into_owned()),
        reply_to: properties.reply_to.map(|text| text.into_owned()),
        expiration: properties.expiration.map(|text| text.into_owned()),
        message_id: properties.message_id.map(|text| text.into_owned()),
        timestamp: properties.timestamp,
        r#type: properties.r#type.map(|text| text.into_owned()),
        user_id: properties.user_id.map(|text| text.into_owned()),
        app_id: properties.app_id.map(|text| text.into_owned()),
        cluster_id: properties.cluster_id.map(|text| text.into_owned()),
    }
}

impl<S: Storage> Wire for BasicProperties<S> {
    fn write<O: Sink>(&self, out: &mut O) {
        let mut flags = 0;
        if self.content_type.is_some() {
            flags |= 0x8000;
        }
        if self.content_encoding.is_some() {
            flags |= 0x4000;
        }
        if self.headers.is_some() {
            flags |= 0x2000;
        }
        if self.delivery_mode.is_some() {
            flags |= 0x1000;
        }
        if self.priority.is_some() {
            flags |= 0x0800;
        }
        if self.correlation_id.is_some() {
            flags |= 0x0400;
        }
        if self.reply_to.is_some() {
            flags |= 0x0200;
        }
        if self.expiration.is_some() {
            flags |= 0x0100;
        }
        if self.message_id.is_some() {
            flags |= 0x0080;
        }
        if self.timestamp.is_some() {
            flags |= 0x0040;
        }
        if self.r#type.is_some() {
            flags |= 0x0020;
        }
        if self.user_id.is_some() {
            flags |= 0x0010;
        }
        if self.app_id.is_some() {
            flags |= 0x0008;
        }
        if self.cluster_id.is_some() {
            flags |= 0x0004;
        }
        out.short(flags);
        if let Some(content_type) = &self.content_type {
            out.short_str(content_type);
        }
        if let Some(content_encoding) = &self.content_encoding {
            out.short_str(content_encoding);
        }
        if let Some(headers) = &self.headers {
            out.long_str(headers);
        }
        if let Some(delivery_mode) = &self.delivery_mode {
            out.octet(*delivery_mode);
        }
        if let Some(priority) = &self.priority {
            out.octet(*priority);
        }
        if let Some(correlation_id) = &self.correlation_id {
            out.short_str(correlation_id);
        }
        if let Some(reply_to) = &self.reply_to {
            out.short_str(reply_to);
        }
        if let Some(expiration) = &self.expiration {
            out.short_str(expiration);
        }
        if let Some(message_id) = &self.message_id {
            out.short_str(message_id);
        }
        if let Some(timestamp) = &self.timestamp {
            out.long_long(*timestamp);
        }
        if let Some(value) = &self.r#type {
            out.short_str(value);
        }
        if let Some(user_id) = &self.user_id {
            out.short_str(user_id);
        }
        if let Some(app_id) = &self.app_id {
            out.short_str(app_id);
        }
        if let Some(cluster_id) = &self.cluster_id {
            out.short_str(cluster_id);
        }
    }
}
