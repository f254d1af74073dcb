//! The roles swapped: mqspec plays a broker that behaves in unusual and in illegal ways, and judges the client.
//!
//! Behind the player stands the reference broker's core, which does all that nobody asked it to do otherwise. What a case
//! changes is data: files under `specs/amqp-0-9-1/clients`, described in `docs/clients.md`.
//!
//! - [`case`]: what a case asks of the client, how the broker behaves meanwhile, and what is acceptable
//! - `compile`: a file's lines of the notation, read once
//! - `play`: the core and its connections as a state machine: octets in, octets out, time as an argument
//! - `meddle`: what becomes of one frame
//! - [`session`]: sockets, the clock and the client's program around a case
//! - `answer`: what the program said and how it ended
//! - `judge`: what came, held against what is acceptable
//! - [`report`]: what was found; `tell`: the same for a person; `matrix`: clients side by side
//! - [`known`]: how clients are known to deviate

mod answer;
pub mod case;
mod compile;
mod judge;
pub mod known;
mod matrix;
mod meddle;
mod play;
pub mod report;
pub mod session;
mod tell;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Ended, Said};
pub use case::{CaseError, ClientCase, cases, parse};
pub use judge::judged;
pub use matrix::matrix;
pub use play::{Effect, Play, Record};
pub use report::{ClientReport, Conducted, Found, SCHEMA};
pub use tell::{closing, failure};
