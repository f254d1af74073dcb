//! What can be wrong with octets received, and with values about to be sent.

use std::fmt;

use thiserror::Error;

use crate::method::MethodId;
use crate::reply_code::{COMMAND_INVALID, FRAME_ERROR, NOT_IMPLEMENTED, SYNTAX_ERROR};

/// Octets that are not what the protocol says: what broke, and where.
///
/// The connection that sent them is lost in every case, since its stream cannot be trusted any
/// further: with a `connection.close` that carries [`DecodeError::reply_code`], or without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub struct DecodeError {
    fault: Fault,
    method: MethodId,
    field: Option<&'static str>,
}

impl DecodeError {
    pub(crate) const fn new(fault: Fault) -> Self {
        Self {
            fault,
            method: MethodId::new(0, 0),
            field: None,
        }
    }

    pub(crate) const fn within(mut self, method: MethodId, field: Option<&'static str>) -> Self {
        self.method = method;
        self.field = field;
        self
    }

    /// What broke.
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// The class of the command or content header that could not be decoded; 0 if none was read.
    pub const fn class_id(&self) -> u16 {
        self.method.class_id
    }

    /// The command that could not be decoded; 0 if none was read.
    pub const fn method_id(&self) -> u16 {
        self.method.method_id
    }

    /// The argument or property that could not be decoded, as the command table names it.
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }

    /// The clause that the octets break; an id of `specs/amqp-0-9-1/clauses.toml`.
    pub const fn clause(&self) -> &'static str {
        self.fault.clause()
    }

    /// The reply code that the peer is told, or `None` where the socket is closed without a word.
    pub const fn reply_code(&self) -> Option<u16> {
        self.fault.reply_code()
    }
}

impl From<Fault> for DecodeError {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The fault speaks for itself where it carries the ids.
        if self.method.class_id != 0 && !matches!(self.fault, Fault::UnknownMethod { .. }) {
            match self.method.method_id {
                0 => f.write_str("content header: ")?,
                _ => write!(f, "{}: ", self.method)?,
            }
        }
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{}", self.fault)
    }
}

/// The ways in which octets can fail to be a frame, a command or a content header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The connection does not begin with the literal `AMQP`.
    #[error("not a protocol header")]
    ProtocolHeader,
    /// The first octet of a frame is none of 1, 2, 3 and 8.
    #[error("unknown frame type {0}")]
    UnknownFrameType(u8),
    /// The octet after the payload is not 206.
    #[error("frame ends with octet {0:#04x} in place of 0xce")]
    FrameEnd(u8),
    /// The frame's head announces more than was agreed.
    #[error("frame of {size} octets exceeds the limit of {frame_max}")]
    FrameTooLarge {
        /// Size of the whole frame in octets, its head and end included.
        size: u64,
        /// The limit in octets, counted in the same way.
        frame_max: u32,
    },
    /// A heartbeat on a channel other than 0.
    #[error("heartbeat on channel {0}")]
    HeartbeatChannel(u16),
    /// A heartbeat with a payload.
    #[error("heartbeat with a payload")]
    HeartbeatPayload,
    /// A method frame that ends before its class id and method id do.
    #[error("method frame ends before its class id and method id")]
    MethodTooShort,
    /// No command has these ids.
    #[error("no command has class id {class_id} and method id {method_id}")]
    UnknownMethod {
        /// The class id received.
        class_id: u16,
        /// The method id received.
        method_id: u16,
    },
    /// A method frame that ends inside its arguments.
    #[error("arguments end too early")]
    ArgumentsTruncated,
    /// A method frame that goes on after its last argument.
    #[error("octets follow the last argument")]
    ArgumentsTrailing,
    /// A short string that is not UTF-8.
    #[error("short string is not UTF-8")]
    ShortStrNotUtf8,
    /// A short string that holds a zero octet.
    #[error("short string holds a zero octet")]
    ShortStrZeroOctet,
    /// The length of a table, an array or a value inside one disagrees with what surrounds it.
    #[error("lengths inside the table disagree")]
    TableLength,
    /// A field value whose tag no table of types knows.
    #[error("unknown field value type {:?}", char::from(*.0))]
    UnknownTag(u8),
    /// Tables and arrays nested deeper than [`MAX_DEPTH`](crate::types::MAX_DEPTH).
    #[error("tables nested too deep")]
    TableTooDeep,
    /// A content header of a class that carries no content.
    #[error("content header of class {0}, which carries no content")]
    HeaderClass(u16),
    /// A content header whose weight is not zero.
    #[error("weight is {0}, not 0")]
    HeaderWeight(u16),
    /// Property flags beyond the 14 of class basic: bit 0 (another word follows) or bit 1.
    #[error("property flags {0:#06x} name properties that do not exist")]
    PropertyFlags(u16),
    /// A content header that ends inside its fixed part or inside a property.
    #[error("content header ends too early")]
    HeaderTruncated,
    /// A content header that goes on after its last property.
    #[error("octets follow the last property")]
    HeaderTrailing,
}

impl Fault {
    /// The clause that is broken; an id of `specs/amqp-0-9-1/clauses.toml`.
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::ProtocolHeader => "connection.start.protocol-name",
            Self::UnknownFrameType(_) => "FRM-04",
            Self::FrameEnd(_) => "FRM-02",
            Self::FrameTooLarge { .. } => "FRM-05",
            Self::HeartbeatChannel(_) => "FRM-08",
            Self::HeartbeatPayload => "HB-01",
            Self::MethodTooShort => "FRM-15",
            Self::UnknownMethod { .. } => "MTH-01",
            Self::ArgumentsTruncated | Self::ArgumentsTrailing => "MTH-02",
            Self::ShortStrNotUtf8 | Self::ShortStrZeroOctet => "DAT-02",
            Self::TableLength => "DAT-15",
            Self::UnknownTag(_) => "DAT-14",
            Self::TableTooDeep => "DAT-16",
            Self::HeaderClass(_) => "CNT-03",
            Self::HeaderWeight(_) => "CNT-04",
            Self::PropertyFlags(_) => "CNT-11",
            Self::HeaderTruncated | Self::HeaderTrailing => "CNT-12",
        }
    }

    /// The reply code that the peer is told, or `None` where the socket is closed without a word.
    ///
    /// Where the clause leaves the code open (CNT-04, DAT-14, DAT-16) it is the one of the nearest
    /// clause that names one.
    pub const fn reply_code(&self) -> Option<u16> {
        match self {
            Self::ProtocolHeader | Self::UnknownFrameType(_) | Self::FrameEnd(_) => None,
            Self::FrameTooLarge { .. }
            | Self::HeartbeatPayload
            | Self::MethodTooShort
            | Self::ArgumentsTruncated
            | Self::ArgumentsTrailing
            | Self::HeaderClass(_)
            | Self::HeaderWeight(_)
            | Self::PropertyFlags(_)
            | Self::HeaderTruncated
            | Self::HeaderTrailing => Some(FRAME_ERROR),
            Self::ShortStrNotUtf8
            | Self::ShortStrZeroOctet
            | Self::TableLength
            | Self::UnknownTag(_)
            | Self::TableTooDeep => Some(SYNTAX_ERROR),
            Self::HeartbeatChannel(_) => Some(COMMAND_INVALID),
            Self::UnknownMethod { .. } => Some(NOT_IMPLEMENTED),
        }
    }
}

/// A value that the protocol has no octets for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ValueError {
    /// A short string of more than 255 octets.
    #[error("{0} octets do not fit into a short string, which holds at most 255")]
    ShortStrTooLong(usize),
    /// A short string with a zero octet in it (DAT-02).
    #[error("a short string cannot hold a zero octet")]
    ShortStrZeroOctet,
    /// A short string that is not UTF-8 (DAT-02).
    #[error("a short string is UTF-8")]
    ShortStrNotUtf8,
    /// A long string, table or array whose length does not fit into 32 bits.
    #[error("the value is longer than a 32-bit length can say")]
    TooLong,
    /// Tables and arrays nested deeper than [`MAX_DEPTH`](crate::types::MAX_DEPTH).
    #[error("tables nested too deep")]
    TooDeep,
}
