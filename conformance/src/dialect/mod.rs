//! How a protocol's named commands become octets and back.
//!
//! The runner speaks of connections, streams, commands and fields; a dialect gives them their octets. It walks the
//! protocol's table at run time, can write *wrong* octets, and shares no encoding code with the reference broker's
//! codec, so that each is a witness against the other.
//!
//! - [`Dialect`]: what a protocol is, as far as the runner has to know
//! - [`Session`]: one connection's octets, in both directions
//! - [`Chronicle`]: what the commands of an exchange tell about its messages
//! - [`Author`], [`Draft`]: exchanges that nobody wrote, with one attempt at something odd
//! - [`generated`]: exchanges that are made up step by step, and what is read off a broker that plays one
//! - [`Conduct`], [`Overheard`], [`Noted`]: a connection heard from the side, what its client does wrong, and how it is
//!   written down
//! - [`Passed`], [`Judged`]: a recorded exchange, and what its broker did wrong
//! - [`Datum`]: a value of the wire
//! - [`amqp`]: AMQP 0-9-1

pub mod amqp;
mod conduct;
mod datum;
mod draft;
pub mod generated;
mod service;

use std::fmt;

pub use conduct::{Conduct, Cutter, Noted, Overheard, Secrets, Side};
pub use datum::{Datum, condensed};
pub use draft::{Author, Draft, Script};
use mqspec_specs::{Catalogue, Protocol};
pub use service::{Found, Judged, Passed, UNTOLD, World};

use crate::history::Event;
use crate::script::{Stage, Step, Vocabulary};

/// What a script sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// The stream (AMQP: the channel).
    pub stream: u16,
    /// The command's name.
    pub command: String,
    /// Its fields.
    pub fields: Vec<(String, Datum)>,
    /// What is wrong with its octets, or how they are written.
    pub with: Vec<(String, Datum)>,
}

impl Outgoing {
    /// A command with fields and no faults.
    pub fn new(stream: u16, command: &str, fields: Vec<(String, Datum)>) -> Self {
        Outgoing {
            stream,
            command: command.to_owned(),
            fields,
            with: Vec::new(),
        }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&Datum> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
    }

    /// The value behind `with`.
    pub fn with(&self, name: &str) -> Option<&Datum> {
        self.with
            .iter()
            .find(|(option, _)| option == name)
            .map(|(_, value)| value)
    }
}

/// What the broker sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// The stream (AMQP: the channel).
    pub stream: u16,
    /// The command's name.
    pub command: String,
    /// Its fields; an optional property that is not there has no entry.
    pub fields: Vec<(String, Datum)>,
    /// The octets as they came.
    pub octets: Vec<u8>,
    /// What no script has to ask for and every broker has to get right.
    pub breach: Option<Breach>,
}

impl Incoming {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&Datum> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
    }
}

/// A rule that every command a broker sends has to obey, and that one did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The clause.
    pub clause: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Which command an expectation takes from a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want<'a> {
    /// The stream.
    pub stream: u16,
    /// The command's name, which tells whether single frames are wanted.
    pub command: &'a str,
    /// Whether a command is taken without the content that follows it.
    pub without_content: bool,
}

/// A message that cannot be written: the script asks for what the protocol's types do not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EncodeError(pub String);

/// Something that a case made at the broker and that is to be removed after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// The stage of the epilogue that removes it.
    pub stage: &'static str,
    /// Its name.
    pub name: Vec<u8>,
}

/// A request whose reply proves that the broker read everything before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The request.
    pub request: Outgoing,
    /// The stream of the reply.
    pub stream: u16,
    /// The reply's name.
    pub reply: &'static str,
}

/// One connection's octets, in both directions. No I/O: the runner carries the octets.
pub trait Session: Send + fmt::Debug {
    /// The octets of a command, in the pieces in which they are to be written.
    ///
    /// # Errors
    /// A field or option that the protocol's types do not hold.
    fn encode(&mut self, message: &Outgoing) -> Result<Vec<Vec<u8>>, EncodeError>;

    /// Takes octets from the broker.
    fn receive(&mut self, octets: &[u8]);

    /// The next command of a stream, if it has come whole; or a command that ends the connection.
    fn take(&mut self, want: Want<'_>) -> Option<Incoming>;

    /// The stream of whatever came first and was not taken yet.
    fn first_stream(&self) -> Option<u16>;

    /// How the connection is ended politely: the request and its reply's name. `None` if there is nothing to say,
    /// since the dialogue never got that far or is over.
    fn farewell(&self) -> Option<(Outgoing, &'static str)>;

    /// Whether one side has said that the connection ends, so that its end surprises nobody.
    fn is_over(&self) -> bool;

    /// What came and was never expected. What a broker may send while a connection is being closed is left out.
    fn leftovers(&mut self) -> Vec<Incoming>;

    /// Whether a broker may send that while a connection is being closed.
    fn may_come_last(&self, incoming: &Incoming) -> bool;

    /// A request that tells a broker which ignores a fault from one that hangs. `None` where none can be sent.
    fn probe(&self, stream: u16, expected: &str) -> Option<Probe>;
}

/// Tells what the commands of an exchange say about its messages: who published which, whether the broker took it, who
/// got it, and what became of it. Connections are numbered as the runner does.
pub trait Chronicle: Send + fmt::Debug {
    /// A command was sent on a connection, which the script calls `client`.
    fn sent(&mut self, connection: usize, client: &str, message: &Outgoing) -> Vec<Event>;

    /// A command was read from a connection.
    fn received(&mut self, connection: usize, client: &str, message: &Incoming) -> Vec<Event>;

    /// A connection is no more.
    fn ended(&mut self, connection: usize) -> Vec<Event>;
}

/// What the runner has to know of a protocol.
pub trait Dialect: Send + Sync + fmt::Debug {
    /// Its name, as in `protocol NAME`.
    fn name(&self) -> &'static str;

    /// Its table.
    fn protocol(&self) -> &'static Protocol;

    /// Its clauses.
    fn clauses(&self) -> &'static Catalogue;

    /// What scripts may say.
    fn vocabulary(&self) -> &dyn Vocabulary;

    /// The dialogue that makes a connection ready.
    fn prologue(&self) -> &[Stage];

    /// The steps, by name, that prove the broker alive (`alive`) and remove what a case made.
    fn epilogue(&self, stage: &str) -> &[Step];

    /// The steps that a broker goes through if it has the extension of that name: a question for what its greeting
    /// does not tell. Empty if there is no such extension.
    fn offer(&self, name: &str) -> &[Step];

    /// A new connection's session.
    fn session(&self) -> Box<dyn Session>;

    /// Who makes up exchanges.
    fn author(&self) -> &dyn Author;

    /// Who makes up exchanges step by step.
    fn generator(&self) -> &dyn generated::Generator;

    /// A new exchange's chronicle.
    fn chronicle(&self) -> Box<dyn Chronicle>;

    /// Who listens to a new connection between a client and a broker, and judges the client. `trusted` says whether the
    /// broker is known to be right in what it refuses, so that its refusals count as proof.
    fn conduct(&self, trusted: bool) -> Box<dyn Conduct>;

    /// Who cuts what one side of a new connection sends.
    fn cutter(&self, side: Side) -> Box<dyn Cutter>;

    /// Judges the broker's half of a recorded exchange. Each connection is there from its beginning.
    fn service(&self, exchange: &[Passed], world: World) -> Judged;

    /// How a recording writes what passed by, where it does not write it as it is.
    fn noted(&self, said: &Overheard, secrets: Secrets) -> Noted;

    /// The stream that a command travels on unless a script says otherwise.
    fn stream(&self, command: &str) -> u16;

    /// Whether the command has a field of that name.
    fn has_field(&self, command: &str, field: &str) -> bool;

    /// The octets that a value function such as `shortstr("x")` stands for.
    ///
    /// # Errors
    /// An unknown function, or arguments that it does not take.
    fn call(&self, function: &str, arguments: &[Datum]) -> Result<Vec<u8>, EncodeError>;

    /// The command by which a broker ends a connection, and the answer to it.
    fn closing(&self) -> Option<(&'static str, &'static str)>;

    /// Whether the command answers a request, or refuses one, so that it comes before the replies to later requests.
    fn comes_in_order(&self, command: &str) -> bool;

    /// The field that an acknowledgement settles and the flag that extends it to all before.
    fn cumulative(&self, command: &str) -> Option<(&'static str, &'static str)>;

    /// The fields of a reply that may be behind what was said before, since no clause orders the two: asking again
    /// may tell more.
    fn settling(&self, request: &Outgoing, reply: &str) -> &'static [&'static str];

    /// Whether asking again may bring what is awaited, since no clause says when what was given back elsewhere arrives.
    fn may_come_later(&self, request: &Outgoing, reply: &str, awaited: &str) -> bool;

    /// What a command, sent or received, tells to exist that may outlive its connection.
    fn creation(&self, command: &str, fields: &[(String, Datum)]) -> Option<Creation>;

    /// The fields of a reply in which a broker names what the client left unnamed.
    fn named_by_broker(&self, reply: &str) -> Option<&'static str>;

    /// The octets of the first authentication answer for that user.
    fn response(&self, user: &str, password: &str) -> Vec<u8>;

    /// Whether the broker offers what a case needs, judged by what it said in the dialogue: the name of the need
    /// (such as `capability.basic.nack`) and the variables bound there. `None` if this is not for the dialect to say.
    fn offers(&self, need: &str, variable: &dyn Fn(&str) -> Option<Datum>) -> Option<bool>;
}
