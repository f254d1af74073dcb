#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! | module | subject |
//! |---|---|
//! | [`server`] | sockets and clocks: the broker as a program |
//! | [`broker`] | the whole broker as one value: octets in, octets out, time as an argument |
//! | `amqp` | one connection's dialogue: commands in, commands out |
//! | [`store`] | what survives the broker |
//! | `model` | what a broker is: exchanges, queues, messages, consumers, transactions |
//! | [`config`], [`limits`], [`users`] | what an operator decides |
//! | [`program`], [`options`] | what `reference-broker` and `mqspec serve` have in common |
//!
//! Arrows point one way: `server` uses `broker`, which uses `amqp`, which uses `model`.

mod alarm;
mod amqp;
pub mod broker;
#[cfg(feature = "fuzzing")]
pub mod check;
pub mod config;
pub mod limits;
mod model;
pub mod options;
mod peer;
pub mod program;
pub mod server;
pub mod store;
pub mod users;

pub use alarm::Alarm;
pub use broker::{Broker, ConnectionId, Output};
pub use config::{Config, Mechanism, NameRule};
pub use limits::Limits;
pub use peer::Peer;
