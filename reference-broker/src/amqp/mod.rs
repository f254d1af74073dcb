//! One connection's dialogue in AMQP 0-9-1: octets of a client in, octets for it out.
//!
//! | file | subject |
//! |---|---|
//! | `dialogue` | [`Dialogue`]: the states of a connection, and whose turn it is |
//! | `input` | what has come, cut into frames where it stands |
//! | `frames` | from one frame to the command or content that it belongs to |
//! | `commands` | from a command to the function that carries it out |
//! | `connection`, `channel`, `exchange`, `queue`, `basic`, `tx`, `confirm`, `access` | the commands, one file for each class |
//! | `content` | a content's header and body put together |
//! | `context` | what a command on a channel sees and changes |
//! | `authentication` | the security mechanisms |
//! | `exception` | what ends a channel or a connection, and what the client is told |
//! | `outbox` | commands and contents as octets |
//! | `log` | what an operator may want to know |
//! | `timers` | when to speak and when to give up |
//!
//! A command's function is named after it, takes its arguments as the specification lists them, and
//! either answers or returns an [`Exception`](exception::Exception). What the command means for
//! exchanges and queues is the business of [`model`](crate::model).

mod access;
mod authentication;
mod basic;
mod channel;
mod commands;
mod confirm;
mod connection;
mod content;
mod context;
mod dialogue;
mod exception;
mod exchange;
mod frames;
mod input;
mod log;
mod outbox;
mod queue;
mod timers;
mod tx;

pub(crate) use dialogue::{Dialogue, Environment};
