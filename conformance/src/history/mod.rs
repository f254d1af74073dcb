//! What became of every message of an exchange, and whether that is what a broker owes.
//!
//! A history is a list of [`Event`]s, which a protocol's [`Chronicle`](crate::dialect::Chronicle) makes out of the
//! commands that were sent and received. [`Audit`] is a pure fold over it: no clock, no I/O, no protocol. A message is
//! known by its [`Identity`], which travels with it, so that the same audit serves every protocol.
//!
//! - `audit`: the counts and the faults of a history
//! - `tally`: one count, with a handful of examples

mod audit;
mod tally;

use std::fmt;
use std::sync::Arc;

pub use audit::{Audit, COUNTS, FAULTS, SELECTORS, Selection};
pub use tally::Tally;

/// Where a broker keeps messages for its consumers (AMQP: a queue).
pub type Place = Arc<str>;

/// Which message it is: who published it, and as which of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The publisher's name: letters and digits, the first a letter.
    pub publisher: Arc<str>,
    /// Rises with every message of the publisher.
    pub sequence: u64,
}

impl Identity {
    /// The message of that publisher and number.
    pub fn new(publisher: &str, sequence: u64) -> Self {
        Identity {
            publisher: publisher.into(),
            sequence,
        }
    }

    /// What octets that begin with `publisher-sequence` say, such as `a-17` or `a-17 and more`. `None` if they do not.
    pub fn read(octets: &[u8]) -> Option<Identity> {
        let dash = octets.iter().position(|octet| *octet == b'-')?;
        let (publisher, rest) = (&octets[..dash], &octets[dash + 1..]);
        let named = publisher.first()?.is_ascii_lowercase()
            && publisher
                .iter()
                .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit());
        let digits = rest.iter().take_while(|octet| octet.is_ascii_digit());
        let number = &rest[..digits.count()];
        if !named {
            return None;
        }
        let publisher = std::str::from_utf8(publisher).ok()?;
        let sequence = std::str::from_utf8(number).ok()?.parse().ok()?;
        Some(Identity::new(publisher, sequence))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.publisher, self.sequence)
    }
}

/// One thing that happened to a message or to who gets it. Consumers are numbered as they subscribe and deliveries as
/// they come, both from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A client handed a message over.
    Published {
        /// Which.
        message: Identity,
        /// What it carries, in short: two messages that carry the same have the same.
        content: u64,
    },
    /// The broker took the message into its care.
    Accepted {
        /// Which.
        message: Identity,
    },
    /// The broker did not take the message into its care, and may deliver it or not.
    Refused {
        /// Which.
        message: Identity,
    },
    /// The message must not reach anybody: the broker gave it back, or the publisher took it back.
    Withdrawn {
        /// Which.
        message: Identity,
    },
    /// A consumer gets what the place holds from now on.
    Subscribed {
        /// The connection that it belongs to, as the script calls it.
        client: Arc<str>,
        /// Where it gets its messages.
        place: Place,
    },
    /// A message came.
    Delivered {
        /// To whom.
        consumer: usize,
        /// Which; `None` if it is none that anybody published.
        message: Option<Identity>,
        /// What it carries, as for [`Event::Published`].
        content: u64,
        /// Whether the broker says that it was delivered before; `None` where the protocol has no such mark.
        again: Option<bool>,
    },
    /// The consumer said that it is done with a delivery.
    Settled {
        /// Which.
        delivery: usize,
    },
    /// The broker is known to have read that.
    Sure {
        /// Of which delivery.
        delivery: usize,
    },
    /// The consumer asked the broker to deliver the message again.
    GivenBack {
        /// Which delivery.
        delivery: usize,
    },
    /// The consumer is gone: what it did not settle is the broker's again.
    Left {
        /// Which.
        consumer: usize,
    },
}
