//! A small, exact AMQP 0-9-1 broker in memory.
//!
//! | module | subject |
//! |---|---|
//! | [`server`] | sockets and clocks: the broker as a program |
//! | [`broker`] | the whole broker as one value: octets in, octets out, time as an argument |
//! | `amqp` | one connection's dialogue: commands in, commands out |
//! | [`store`] | what survives the broker |
//! | `model` | what a broker is: exchanges, queues, messages, consumers, transactions |
//! | [`config`], [`limits`] | what an operator decides |
//! | [`options`] | the same as the programs' options |
//!
//! Arrows point one way: `server` uses `broker`, which uses `amqp`, which uses `model`.

mod amqp;
pub mod broker;
pub mod config;
pub mod limits;
mod model;
pub mod options;
mod peer;
pub mod server;
pub mod store;

pub use broker::{Alarm, Broker, ConnectionId, Output};
pub use config::{Config, Mechanism, NameRule};
pub use limits::Limits;
pub use peer::Peer;
