//! What a broker is, apart from how one speaks to it: exchanges, queues, messages, consumers,
//! unsettled deliveries, transactions. No frames, no sockets, no clock.
//!
//! | file | subject |
//! |---|---|
//! | `virtual_hosts`, `virtual_host` | [`VirtualHost`]: everything below, under one roof |
//! | `names` | which names may be given |
//! | `exchange`, `binding` | declare, delete, bind, unbind |
//! | `routing`, `topic`, `headers` | from an exchange and a message to the queues that take it |
//! | `message`, `account` | what travels, and how many octets of it are held |
//! | `queue`, `arguments` | declare, purge, delete; what a queue is asked to do beyond |
//! | `ready` | the messages that wait, and their order |
//! | `session`, `window` | one conversation: its windows and what it has not settled |
//! | `consumer`, `turns` | consume, cancel; whose turn it is |
//! | `publish`, `delivery`, `settle` | the way of a message: in, out, and done with |
//! | `extra_keys`, `reply_to` | what a message may ask of the broker: copies, and replies to its publisher |
//! | `expiry`, `overflow`, `dead_letter` | messages that may not wait, and what becomes of them |
//! | `transaction` | what is held until commit |
//! | `journal`, `restore` | what survives the broker, and how it comes back |
//! | `refusal` | why something is not done |
//!
//! A *session* is what speaks to the model in sequence: a channel in AMQP, a connection elsewhere.
//! An [`Owner`] is what exclusive queues belong to: a connection. Both are opaque numbers here.
//!
//! Every operation is a method of [`VirtualHost`] that changes the state and answers. Deliveries are
//! not part of any answer: after each operation a front end asks for [`VirtualHost::next_delivery`]
//! until there is none. So an answer always precedes the deliveries it causes (SYN-01, SYN-03).
//!
//! Time is what [`VirtualHost::advance`] says it is. A front end says so before every operation, and
//! when [`VirtualHost::next_deadline`] has come: nothing that has expired is met by an operation.
//!
//! Names, tables and properties are the codec's value types: immutable octets that are cheap to
//! hand on unchanged (CNT-14). Nothing here writes or reads a frame.

mod account;
mod arguments;
#[cfg(any(feature = "fuzzing", test))]
mod audit;
mod binding;
mod consumer;
mod dead_letter;
mod delivery;
mod exchange;
mod expiry;
mod extra_keys;
mod headers;
mod journal;
mod message;
mod names;
mod overflow;
mod publish;
mod queue;
mod ready;
mod refusal;
mod reply_to;
mod restore;
mod routing;
mod session;
mod settle;
mod topic;
mod transaction;
mod turns;
mod virtual_host;
mod virtual_hosts;
mod window;

pub(crate) use consumer::ConsumerSettings;
pub(crate) use delivery::Delivery;
pub(crate) use exchange::ExchangeSettings;
pub use journal::RecordId;
pub(crate) use journal::{Carried, Change, Changes, Destination, Journal, Record, lock};
pub(crate) use message::{Body, Content, Message};
pub(crate) use queue::QueueSettings;
pub(crate) use refusal::Refusal;
pub(crate) use reply_to::PSEUDO_QUEUE;
pub(crate) use restore::{Stored, Unrestorable};
pub(crate) use session::{Owner, SessionId};
pub(crate) use settle::Outcome;
pub(crate) use virtual_host::{Cancelled, VirtualHost};
pub(crate) use virtual_hosts::{HostId, VirtualHosts};
pub(crate) use window::Window;
