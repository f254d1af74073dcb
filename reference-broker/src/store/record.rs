//! What is known of one durable thing, as octets.
//!
//! A record is a [`Form`] as `postcard` writes it, and behind it the octets of a message's body, if it
//! carries one.

use std::time::Duration;

use bytes::Bytes;
use mqspec_codec::{DecodeError, FieldTable, Properties, ShortStr, ValueError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{RestoreError, StoredRecord};
use crate::model::{
    Body, Carried, Content, Destination, ExchangeSettings, QueueSettings, Record, RecordId, Stored,
};

/// What is wrong with a record.
#[derive(Debug, Error)]
#[error("it is damaged ({0})")]
pub struct Damaged(String);

#[derive(Debug, Serialize, Deserialize)]
struct Form<'a> {
    virtual_host: &'a str,
    /// Whether it is of a message that had been delivered by then.
    delivered: bool,
    #[serde(borrow)]
    thing: Thing<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Thing<'a> {
    Exchange {
        name: &'a str,
        kind: &'a str,
        auto_delete: bool,
        internal: bool,
        arguments: &'a [u8],
    },
    Queue {
        name: &'a str,
        auto_delete: bool,
        arguments: &'a [u8],
    },
    BindingToQueue(#[serde(borrow)] Binding<'a>),
    BindingToExchange(#[serde(borrow)] Binding<'a>),
    /// The body follows.
    Message(#[serde(borrow)] Message<'a>),
    /// The body follows.
    Entry {
        entry: Entry,
        #[serde(borrow)]
        message: Message<'a>,
    },
    SharingEntry {
        entry: Entry,
        message: u64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Binding<'a> {
    source: &'a str,
    destination: &'a str,
    key: &'a str,
    arguments: &'a [u8],
}

#[derive(Debug, Serialize, Deserialize)]
struct Message<'a> {
    exchange: &'a str,
    routing_key: &'a str,
    properties: &'a [u8],
    extra_keys: Vec<&'a str>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    queue: u64,
    /// Milliseconds since 1970.
    expiry: Option<u64>,
}

/// A record's octets in pieces; those of a body are shared.
pub(super) fn write(host: &str, record: &Record, delivered: bool) -> Vec<Bytes> {
    let form = Form {
        virtual_host: host,
        delivered,
        thing: thing(record),
    };
    // Nothing here is of a kind that cannot be written.
    let head = postcard::to_stdvec(&form).expect("strings and numbers can be written");
    let mut pieces = vec![Bytes::from(head)];
    if let Record::Message(content)
    | Record::Entry {
        message: Carried::Here(content),
        ..
    } = record
    {
        pieces.extend(content.body.pieces().iter().cloned());
    }
    pieces
}

fn thing(record: &Record) -> Thing<'_> {
    match record {
        Record::Exchange { name, settings } => Thing::Exchange {
            name,
            kind: &settings.kind,
            auto_delete: settings.auto_delete,
            internal: settings.internal,
            arguments: settings.arguments.as_bytes(),
        },
        Record::Queue { name, settings } => Thing::Queue {
            name,
            auto_delete: settings.auto_delete,
            arguments: settings.arguments.as_bytes(),
        },
        Record::Binding {
            source,
            destination,
            key,
            arguments,
        } => {
            let binding = |destination| Binding {
                source,
                destination,
                key,
                arguments: arguments.as_bytes(),
            };
            match destination {
                Destination::Queue(name) => Thing::BindingToQueue(binding(name)),
                Destination::Exchange(name) => Thing::BindingToExchange(binding(name)),
            }
        }
        Record::Message(content) => Thing::Message(message(content)),
        Record::Entry {
            queue,
            message: carried,
            expiry,
        } => {
            let entry = Entry {
                queue: queue.0,
                expiry: expiry.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            };
            match carried {
                Carried::Here(content) => Thing::Entry {
                    entry,
                    message: message(content),
                },
                Carried::Shared(id) => Thing::SharingEntry {
                    entry,
                    message: id.0,
                },
            }
        }
    }
}

fn message(content: &Content) -> Message<'_> {
    Message {
        exchange: &content.exchange,
        routing_key: &content.routing_key,
        properties: content.properties.as_bytes(),
        extra_keys: content.extra_keys.iter().map(String::as_str).collect(),
    }
}

impl StoredRecord {
    /// Reads the record, and tells whose it is.
    pub(crate) fn read(self) -> Result<(String, Stored), RestoreError> {
        let Self {
            id,
            octets,
            delivered,
        } = self;
        let damaged = |damage| RestoreError::Damaged { id, damage };
        let (host, record, from_the_first) = read(&octets).map_err(damaged)?;
        let stored = Stored {
            id,
            record,
            delivered: delivered || from_the_first,
        };
        Ok((host, stored))
    }
}

/// Whose a record is, what it says, and whether its message had been delivered when it was stored.
fn read(octets: &Bytes) -> Result<(String, Record, bool), Damaged> {
    let (form, rest) = postcard::take_from_bytes::<Form<'_>>(octets)?;
    let body = || Body::from(octets.slice_ref(rest));
    let record = match form.thing {
        Thing::Exchange {
            name,
            kind,
            auto_delete,
            internal,
            arguments,
        } => Record::Exchange {
            name: ShortStr::new(name)?,
            settings: ExchangeSettings {
                kind: ShortStr::new(kind)?,
                durable: true,
                auto_delete,
                internal,
                arguments: table(arguments)?,
            },
        },
        Thing::Queue {
            name,
            auto_delete,
            arguments,
        } => Record::Queue {
            name: ShortStr::new(name)?,
            settings: QueueSettings {
                durable: true,
                exclusive: false,
                auto_delete,
                arguments: table(arguments)?,
            },
        },
        Thing::BindingToQueue(binding) => binding.read(Destination::Queue)?,
        Thing::BindingToExchange(binding) => binding.read(Destination::Exchange)?,
        Thing::Message(message) => Record::Message(message.read(body())?),
        Thing::Entry { entry, message } => entry.read(Carried::Here(message.read(body())?)),
        Thing::SharingEntry { entry, message } => entry.read(Carried::Shared(RecordId(message))),
    };
    Ok((form.virtual_host.to_owned(), record, form.delivered))
}

fn table(octets: &[u8]) -> Result<FieldTable, DecodeError> {
    FieldTable::from_bytes(Bytes::copy_from_slice(octets))
}

impl Binding<'_> {
    fn read(self, leads_to: fn(ShortStr) -> Destination) -> Result<Record, Damaged> {
        Ok(Record::Binding {
            source: ShortStr::new(self.source)?,
            destination: leads_to(ShortStr::new(self.destination)?),
            key: ShortStr::new(self.key)?,
            arguments: table(self.arguments)?,
        })
    }
}

impl Message<'_> {
    fn read(self, body: Body) -> Result<Content, Damaged> {
        Ok(Content {
            exchange: ShortStr::new(self.exchange)?,
            routing_key: ShortStr::new(self.routing_key)?,
            properties: Properties::from_bytes(Bytes::copy_from_slice(self.properties))?,
            body,
            extra_keys: self.extra_keys.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl Entry {
    fn read(self, message: Carried) -> Record {
        Record::Entry {
            queue: RecordId(self.queue),
            message,
            expiry: self.expiry.map(Duration::from_millis),
        }
    }
}

impl From<postcard::Error> for Damaged {
    fn from(error: postcard::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<DecodeError> for Damaged {
    fn from(error: DecodeError) -> Self {
        Self(error.to_string())
    }
}

impl From<ValueError> for Damaged {
    fn from(error: ValueError) -> Self {
        Self(error.to_string())
    }
}
