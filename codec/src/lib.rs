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
//! - [`reply_code`]: the reply codes by name;
//! - [`error`]: what was wrong with the octets, the clause it breaks and the reply it earns.
//!
//! Two rules hold throughout. Strings, tables and bodies are slices of the buffer that was read
//! into ([`bytes::Bytes`]): decoding a frame allocates nothing. And a length is never believed
//! before the octets that it announces are there.

mod cursor;
mod generated;
mod reader;

#[cfg(feature = "arbitrary")]
mod arbitrary;
#[cfg(feature = "fuzzing")]
pub mod check;
pub mod content;
pub mod error;
pub mod frame;
pub mod method;
pub mod protocol_header;
pub mod types;

pub use content::{BasicProperties, ContentHeader, Properties};
pub use error::{DecodeError, Fault, ValueError};
pub use frame::{Deframer, Frame, FrameDecoder, FrameKind, RawFrame};
pub use generated::{access, basic, channel, confirm, connection, exchange, queue, reply_code, tx};
pub use method::{Command, Method, MethodId};
pub use protocol_header::ProtocolHeader;
pub use types::{FieldArray, FieldTable, FieldValue, LongStr, ShortStr};
