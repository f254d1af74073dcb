//! The broker as its clients hear it, in memory: one file for each class and theme.

mod basic;
mod bench;
mod channel;
mod confirm;
mod connection;
mod content;
mod delivery;
mod exchange;
mod framing;
mod limits;
mod queue;
mod routing;
mod settling;
mod timing;
mod tx;
