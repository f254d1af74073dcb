//! The command table in Rust.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

pub mod access;
pub mod basic;
pub mod channel;
pub mod confirm;
pub mod connection;
pub mod exchange;
pub mod methods;
pub mod properties;
pub mod queue;
pub mod reply_code;
pub mod tx;
mod wire;
