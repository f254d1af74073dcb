//! Exchanges that are made up step by step, and what is read off a broker that plays one.

use std::fmt;
use std::time::Duration;

use super::{Datum, Incoming, Outgoing};
use crate::dice::Dice;

/// One step of a generated exchange.
///
/// Names that are made up anew for each broker are written as the notation does: octets that begin with `$` are a
/// variable's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Whose step it is; clients are numbered from 0.
    pub client: usize,
    /// What they do.
    pub act: Act,
}

/// What is done in a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Say something.
    Say {
        /// What.
        message: Outgoing,
        /// Which of the deliveries that are held on the stream it is about: any number, taken modulo their count.
        delivery: Option<usize>,
        /// The variable that the broker's own choice of a name is bound to.
        binds: Option<String>,
    },
    /// Lose the connection. The next step of the client makes a new one.
    Cut,
    /// Let time pass.
    Wait(Duration),
}

/// A delivery that a client holds, as both brokers know it, whoever of the clients got it there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Where it came from.
    pub place: String,
    /// What it carries.
    pub body: Vec<u8>,
}

/// A step made ready for one broker.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    /// Who says it.
    pub client: usize,
    /// What.
    pub message: Outgoing,
}

/// Something that a broker did in answer to a step: everything that two brokers are held against each other by.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What it is about, in a word: `reply`, `delivered`, `queue` and so on.
    pub aspect: &'static str,
    /// Where, such as a connection's stream or a variable that names a queue.
    pub about: String,
    /// What was said, without what each broker may choose.
    pub said: Vec<Said>,
}

/// A command, without what each broker may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its name.
    pub command: String,
    /// Those of its fields that count.
    pub fields: Vec<(String, Datum)>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.command)?;
        for (name, value) in &self.fields {
            write!(f, " {name}={}", value.to_value())?;
        }
        Ok(())
    }
}

/// A breach of what holds for every broker, whatever the other one does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The clause.
    pub clause: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Makes up exchanges of a protocol.
pub trait Generator: Send + Sync {
    /// What exchanges can be about.
    fn themes(&self) -> &'static [&'static str];

    /// An exchange of at most so many steps beside those that set the scene and look at what is left.
    fn exchange(&self, dice: &mut Dice, theme: &str, most: usize) -> Vec<Move>;

    /// A ledger for one broker, where clients log in like this.
    fn ledger(&self, login: &Login) -> Box<dyn Ledger>;

    /// The clause that decides between two answers to a step, if one does: `here` is what a right broker says.
    fn clause(&self, step: &Outgoing, aspect: &str, here: &[Said], there: &[Said]) -> Option<&str>;
}

/// As whom the clients of an exchange log in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The octets of the first authentication answer.
    pub response: Vec<u8>,
    /// The virtual host.
    pub virtual_host: String,
}

/// Keeps the books of one broker that plays generated exchanges: what it named, what each client holds, what has come,
/// and what is still owed. No I/O.
pub trait Ledger: Send + fmt::Debug {
    /// Begins an exchange. Names are made of this word. Connections that are there stay.
    fn begin(&mut self, word: &str);

    /// How a client begins a connection.
    fn connect(&mut self, client: usize) -> Vec<Outgoing>;

    /// Whether a client's connection is there and ready.
    fn is_connected(&self, client: usize) -> bool;

    /// Whether a client's connection is over, or was never there.
    fn is_over(&self, client: usize) -> bool;

    /// What has to be said before a step can be played, such as the opening of its stream.
    fn prepare(&mut self, client: usize, message: &Outgoing) -> Vec<Ready>;

    /// Which delivery a step is about on this side.
    fn choose(&self, client: usize, message: &Outgoing, number: usize) -> Option<Holding>;

    /// The step on this side; `None` where it makes no sense, since what it is about is not there.
    fn ready(&self, step: &Move, chosen: Option<&Holding>) -> Option<Ready>;

    /// What the step acts upon in bulk: both sides must have the same there for their answers to be alike.
    fn bulk(&self, step: &Move, chosen: Option<&Holding>) -> Vec<Holding>;

    /// Takes note of a step that is about to be said.
    fn say(&mut self, ready: &Ready, binds: Option<&str>);

    /// Takes note of a question that is about to be asked.
    fn ask(&mut self, ready: &Ready);

    /// Whether a message is no part of the exchange: it greets, or answers what the ledger itself asked.
    fn is_own(&self, client: usize, message: &Incoming) -> bool;

    /// Takes note of what came, and answers it where a client has to.
    fn hear(&mut self, client: usize, message: Incoming) -> Vec<Outgoing>;

    /// Takes note of the end of a connection, by the broker or by the client.
    fn end(&mut self, client: usize, by_client: bool);

    /// The questions begin from the first one again.
    fn ask_again(&mut self);

    /// What has to be asked next so that everything that follows from a step has come; none when there is nothing more
    /// to ask. A broker without wires has said everything at once.
    fn questions(&mut self, step: &Move, at_once: bool) -> Option<Vec<Ready>>;

    /// What a broker answers to a new client as long as it serves at all, and what leaves nothing behind.
    fn sounding(&self, client: usize) -> Vec<Ready>;

    /// Whether something is owed.
    fn awaits(&self) -> bool;

    /// Nothing more came.
    fn give_up(&mut self);

    /// What was seen since the last time.
    fn seen(&mut self) -> Vec<Seen>;

    /// What was broken since the last time, whatever another broker does.
    fn broken(&mut self) -> Vec<Broken>;

    /// What is to be said so that nothing of the exchange is left: the streams first, then what was made.
    fn clear(&mut self, round: usize) -> Option<Vec<Ready>>;

    /// Whether nothing of the exchange is left, so that the connections can serve the next one.
    fn is_clear(&self) -> bool;

    /// The value as it is on the wire, with what the broker named and what was made up for it as variables again.
    fn symbolic(&self, value: &Datum) -> Datum;
}
