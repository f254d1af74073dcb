//! The frames of AMQP 0-9-1, typed and without copies.
//!
//! Octets go in, commands come out, and the other way round; sockets, clocks and the state of a
//! connection are somebody else's. Read it from the outside in:
//!
//! - [`protocol_header`]: the eight octets that open a connection;
//! - [`frame`]: [`Deframer`] cuts the stream into [`RawFrame`]s and looks at nothing but the frame's
//!   head and end; [`FrameDecoder`] goes on to typed [`Frame`]s; writing is there too;
//! - [`method`]: [`Method`], one variant for each command of the table, and what the table says
//!   about it;
//! - [`connection`], [`channel`], [`exchange`], [`queue`], [`basic`], [`tx`], [`confirm`],
//!   [`access`]: one struct for each command, generated from `specs/amqp-0-9-1/protocol.json`;
//! - [`content`]: [`ContentHeader`] and its [`Properties`], which keep the octets they came in;
//! - [`types`]: short and long strings, field tables and their values;
//! - [`storage`]: whether the strings and tables of a decoded frame are its own or borrowed;
//! - [`reply_code`]: the reply codes by name;
//! - [`error`]: what was wrong with the octets, the clause it breaks and the reply it earns.
//!
//! Each thing can be decoded in two ways. `parse` leaves the octets where they are: strings, tables
//! and bodies are slices of what was read, and nothing is allocated or counted. `decode` yields
//! values to keep, which share the buffer ([`bytes::Bytes`]) or, if they are short, stand in
//! themselves. Both make the same checks, since the second is the first and a conversion. And a
//! length is never believed before the octets that it announces are there.
//!
//! ```
//! use mqspec_codec::{Deframer, Method};
//!
//! let octets = b"\x01\0\x01\0\0\0\x0f\0\x3c\0\x28\0\0\x04logs\x02up\0\xce";
//! let Ok(Some((frame, rest))) = Deframer::new(4096).split(octets) else { panic!("no frame") };
//! let Ok(Method::BasicPublish(publish)) = Method::parse(frame.payload) else { panic!("no publish") };
//! assert_eq!((frame.channel, publish.exchange.as_str(), publish.routing_key.as_str()), (1, "logs", "up"));
//! assert!(rest.is_empty());
//! ```

mod cursor;
mod generated;
mod reader;
mod sink;

#[cfg(feature = "arbitrary")]
mod arbitrary;
#[cfg(feature = "fuzzing")]
pub mod check;
pub mod content;
pub mod error;
pub mod frame;
#[cfg(feature = "fuzzing")]
mod generator;
pub mod method;
pub mod protocol_header;
pub mod storage;
pub mod types;

pub use content::{BasicProperties, ContentHeader, Properties, PropertiesRef};
pub use error::{DecodeError, Fault, ValueError};
pub use frame::{Deframer, Frame, FrameDecoder, FrameKind, RawFrame};
pub use generated::{access, basic, channel, confirm, connection, exchange, queue, reply_code, tx};
#[cfg(feature = "fuzzing")]
pub use generator::FrameGenerator;
pub use method::{Command, Method, MethodId};
pub use protocol_header::ProtocolHeader;
pub use storage::{Borrowed, Owned, Storage};
pub use types::{
    FieldArray, FieldArrayRef, FieldTable, FieldTableRef, FieldValue, LongStr, LongStrRef,
    ShortStr, ShortStrRef,
};
