//! The broker as a process, and a client that does what no decent one does: what tests of memory and floods share.

#![allow(
    dead_code,
    reason = "each test that includes this uses the part that it needs"
)]

mod client;
mod program;

pub use client::{Client, Heard, name};
pub use program::Program;
