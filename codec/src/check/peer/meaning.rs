//! What the other codec is known to make of what it reads, done to ours.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::Properties;
use crate::frame::Frame;
use crate::method::Method;
use crate::types::{FieldArray, FieldTable, FieldValue, ShortStr};

const NO_LARGER: &str = "what was received can be sent";

/// The same frame, its table written anew: every octet but 0 is one `true`.
pub fn respelt(frame: Frame) -> Frame {
    fn table(pairs: &FieldTable) -> FieldTable {
        rebuilt(pairs.iter(), value)
    }
    fn value(old: FieldValue) -> FieldValue {
        match old {
            FieldValue::Table(pairs) => FieldValue::Table(table(&pairs)),
            FieldValue::Array(values) => FieldValue::Array(rebuilt_array(&values, value)),
            old => old,
        }
    }
    with_table(frame, table)
}

/// A change that leaves less than was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rewriting {
    /// Of two pairs with one name the first is dropped.
    LastOfEqualNames,
    /// The pairs of a table are sorted by name.
    SortedNames,
    /// A number with the tag `L` gets the tag `l`.
    LowerCaseLong,
    /// The prefetch-size of `basic.qos` is 0.
    NoPrefetchSize,
    /// The ticket of `access.request-ok` is 1.
    FirstTicket,
}

impl Rewriting {
    /// The frame, rewritten.
    pub fn apply(self, mut frame: Frame) -> Frame {
        match (self, &mut frame) {
            (Self::NoPrefetchSize, Frame::Method { method, .. }) => {
                if let Method::BasicQos(qos) = method {
                    qos.prefetch_size = 0;
                }
                frame
            }
            (Self::FirstTicket, Frame::Method { method, .. }) => {
                if let Method::AccessRequestOk(request_ok) = method {
                    request_ok.ticket = 1;
                }
                frame
            }
            _ => with_table(frame, |pairs| self.table(pairs)),
        }
    }

    fn table(self, pairs: &FieldTable) -> FieldTable {
        let mut all: Vec<(ShortStr, FieldValue)> = pairs.iter().collect();
        match self {
            Self::SortedNames => all.sort_by(|(one, _), (other, _)| one.cmp(other)),
            Self::LastOfEqualNames => {
                let names = all.iter().enumerate();
                let last: BTreeMap<ShortStr, usize> =
                    names.map(|(at, (name, _))| (name.clone(), at)).collect();
                let mut at = 0..;
                all.retain(|(name, _)| last.get(name).copied() == at.next());
            }
            Self::LowerCaseLong | Self::NoPrefetchSize | Self::FirstTicket => {}
        }
        rebuilt(all, |value| self.value(value))
    }

    fn value(self, value: FieldValue) -> FieldValue {
        match value {
            FieldValue::Table(pairs) => FieldValue::Table(self.table(&pairs)),
            FieldValue::Array(values) => {
                FieldValue::Array(rebuilt_array(&values, |value| self.value(value)))
            }
            FieldValue::LongLongIntUpper(number) if self == Self::LowerCaseLong => {
                FieldValue::LongLongInt(number)
            }
            value => value,
        }
    }
}

fn rebuilt(
    pairs: impl IntoIterator<Item = (ShortStr, FieldValue)>,
    change: impl Fn(FieldValue) -> FieldValue,
) -> FieldTable {
    let mut again = FieldTable::new();
    for (name, value) in pairs {
        again.push(&name, change(value)).expect(NO_LARGER);
    }
    again
}

fn rebuilt_array(values: &FieldArray, change: impl Fn(FieldValue) -> FieldValue) -> FieldArray {
    let mut again = FieldArray::new();
    for value in values {
        again.push(change(value)).expect(NO_LARGER);
    }
    again
}

/// The frame with another table in place of the one that it has, if it has one.
fn with_table(mut frame: Frame, change: impl FnOnce(&FieldTable) -> FieldTable) -> Frame {
    match &mut frame {
        Frame::Method { method, .. } => {
            if let Some(pairs) = table_of(method) {
                *pairs = change(pairs);
            }
        }
        Frame::Header { header, .. } => {
            let mut properties = header.properties.decode();
            if let Some(headers) = &mut properties.headers {
                *headers = change(headers);
                header.properties = Properties::from(properties);
            }
        }
        Frame::Body { .. } | Frame::Heartbeat => {}
    }
    frame
}

/// The table among a command's arguments; none has two.
fn table_of(method: &mut Method) -> Option<&mut FieldTable> {
    match method {
        Method::ConnectionStart(start) => Some(&mut start.server_properties),
        Method::ConnectionStartOk(start_ok) => Some(&mut start_ok.client_properties),
        Method::ExchangeDeclare(declare) => Some(&mut declare.arguments),
        Method::ExchangeBind(bind) => Some(&mut bind.arguments),
        Method::ExchangeUnbind(unbind) => Some(&mut unbind.arguments),
        Method::QueueDeclare(declare) => Some(&mut declare.arguments),
        Method::QueueBind(bind) => Some(&mut bind.arguments),
        Method::QueueUnbind(unbind) => Some(&mut unbind.arguments),
        Method::BasicConsume(consume) => Some(&mut consume.arguments),
        _ => None,
    }
}
