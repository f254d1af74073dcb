//! What an application and a broker say to each other, written down and judged.
//!
//! - `proxy`: sockets between clients and a broker; what passes by becomes [`Happening`]s
//! - `scribe`: happenings as steps of the notation
//! - `book`: a recording's file, written as it goes on
//! - `recording`: an exchange that was recorded, as commands; `read`: out of the notation;
//!   `capture`: out of a capture file
//! - `verdict`: where the broker, or the client, first broke a clause; `tell`: for a person

mod book;
mod capture;
mod proxy;
mod read;
mod recording;
mod scribe;
mod tell;
mod verdict;

use std::net::SocketAddr;
use std::time::Duration;

pub use book::{Book, Sum};
pub use capture::{CaptureError, capture, is_capture};
pub use proxy::{Proxy, ProxyError};
pub use read::{ReadError, read};
pub use recording::{Ear, Party, Recording};
pub use scribe::{Scribe, name};
pub use tell::{Teller, report, told};
pub use verdict::{Verdict, judge};

use crate::dialect::Side;

/// Something that happened to a connection. Connections are numbered as they are made, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Which connection.
    pub connection: usize,
    /// When, counted from the beginning of the recording.
    pub at: Duration,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A client connected, from there.
    Opened(SocketAddr),
    /// The broker could not be reached, for that reason; the client's connection was closed.
    Unreachable(String),
    /// One side sent octets.
    Said(Side, Vec<u8>),
    /// One side said that it sends nothing more.
    Finished(Side),
    /// One side's socket failed, as when its program died.
    Reset(Side),
    /// Both halves are over.
    Over,
}
