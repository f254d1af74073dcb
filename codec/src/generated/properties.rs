//! The properties of class basic, in the order of their flags (CNT-10).
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use bytes::{BufMut, BytesMut};

use crate::error::DecodeError;
use crate::reader::Reader;
use crate::types::{FieldTable, ShortStr};

/// The properties of a content of class basic; an absent one is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BasicProperties {
    /// `shortstr`
    pub content_type: Option<ShortStr>,
    /// `shortstr`
    pub content_encoding: Option<ShortStr>,
    /// `table`
    pub headers: Option<FieldTable>,
    /// `octet`
    pub delivery_mode: Option<u8>,
    /// `octet`
    pub priority: Option<u8>,
    /// `shortstr`
    pub correlation_id: Option<ShortStr>,
    /// `shortstr`
    pub reply_to: Option<ShortStr>,
    /// `shortstr`
    pub expiration: Option<ShortStr>,
    /// `shortstr`
    pub message_id: Option<ShortStr>,
    /// `timestamp`
    pub timestamp: Option<u64>,
    /// `shortstr`
    pub r#type: Option<ShortStr>,
    /// `shortstr`
    pub user_id: Option<ShortStr>,
    /// `shortstr`
    pub app_id: Option<ShortStr>,
    /// `shortstr`
    pub cluster_id: Option<ShortStr>,
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

/// Reads the properties that `flags` announce.
pub(crate) fn read(flags: u16, reader: &mut Reader<'_>) -> Result<BasicProperties, DecodeError> {
    let mut properties = BasicProperties::default();
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
    Ok(properties)
}

impl BasicProperties {
    /// Appends the flags and the list of those present.
    pub(crate) fn encode(&self, out: &mut BytesMut) {
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
        out.put_u16(flags);
        if let Some(content_type) = &self.content_type {
            content_type.encode(out);
        }
        if let Some(content_encoding) = &self.content_encoding {
            content_encoding.encode(out);
        }
        if let Some(headers) = &self.headers {
            headers.encode(out);
        }
        if let Some(delivery_mode) = &self.delivery_mode {
            out.put_u8(*delivery_mode);
        }
        if let Some(priority) = &self.priority {
            out.put_u8(*priority);
        }
        if let Some(correlation_id) = &self.correlation_id {
            correlation_id.encode(out);
        }
        if let Some(reply_to) = &self.reply_to {
            reply_to.encode(out);
        }
        if let Some(expiration) = &self.expiration {
            expiration.encode(out);
        }
        if let Some(message_id) = &self.message_id {
            message_id.encode(out);
        }
        if let Some(timestamp) = &self.timestamp {
            out.put_u64(*timestamp);
        }
        if let Some(value) = &self.r#type {
            value.encode(out);
        }
        if let Some(user_id) = &self.user_id {
            user_id.encode(out);
        }
        if let Some(app_id) = &self.app_id {
            app_id.encode(out);
        }
        if let Some(cluster_id) = &self.cluster_id {
            cluster_id.encode(out);
        }
    }
}
