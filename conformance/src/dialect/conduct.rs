//! A connection between a client and a broker, heard from the side.

use std::fmt;
use std::time::Duration;

use super::{Breach, Datum};
use crate::script::Value;

/// An end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The one that connected.
    Client,
    /// The one that was connected to.
    Broker,
}

/// A command that passed by, with its content.
#[derive(Debug, Clone, PartialEq)]
pub struct Overheard {
    /// Who sent it.
    pub side: Side,
    /// The stream (AMQP: the channel).
    pub stream: u16,
    /// The command's name, as scripts write it; `eof` for the end of that side's octets.
    pub command: String,
    /// Its fields; an optional property that is not there has no entry.
    pub fields: Vec<(String, Datum)>,
    /// Its octets as they came, without those of others that came between them.
    pub octets: Vec<u8>,
    /// Where it begins within its side's octets, counted from 0.
    pub offset: u64,
    /// When its first frame was whole.
    pub at: Duration,
    /// What the client did wrong: in this command if it is the client's, else in an earlier one, as the broker's command
    /// proves.
    pub breaches: Vec<Breach>,
}

impl Overheard {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&Datum> {
        let mut fields = self.fields.iter();
        fields.find(|(field, _)| field == name).map(|(_, it)| it)
    }
}

/// Listens to one connection and judges its client's half. No I/O and no clock: times are counted from any moment and
/// never go back. Both halves are to be told in the order in which they passed by.
pub trait Conduct: Send + fmt::Debug {
    /// Octets passed by. The commands that are whole now, in the order in which they became so.
    fn hear(&mut self, side: Side, octets: &[u8], now: Duration) -> Vec<Overheard>;

    /// One side will send nothing more: what was still unfinished, and the `eof`.
    fn ended(&mut self, side: Side, now: Duration) -> Vec<Overheard>;
}

/// Cuts the octets of one direction where frames end, so that somebody between a client and a broker can act on each.
pub trait Cutter: Send + fmt::Debug {
    /// The frames that are whole now, each by itself; what is no frame is `raw`.
    fn cut(&mut self, octets: &[u8]) -> Vec<Overheard>;
}

/// Whether passwords are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// Variables stand for them.
    #[default]
    Masked,
    /// As they are.
    Kept,
}

/// How a recording writes a command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Noted {
    /// Fields that are written otherwise than they came, or not at all.
    pub instead: Vec<(String, Option<Value>)>,
    /// What stands behind the line for a person.
    pub comment: Option<String>,
    /// Whether the notation has no words for it, so that its octets are written.
    pub as_octets: bool,
    /// Whether the content that belongs to it never came.
    pub without_content: bool,
    /// Whether it says nothing, so that it need not be written.
    pub silent: bool,
}
