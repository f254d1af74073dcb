//! The broker as its clients hear it, in memory: one file for each class and theme.

mod backlog;
mod basic;
mod bench;
mod channel;
mod chaos;
mod closing;
mod confirm;
mod connection;
mod content;
mod delivery;
mod exchange;
mod exchange_end;
mod framing;
mod limits;
mod queue;
mod queue_end;
mod recovering;
mod routing;
mod settling;
mod timing;
mod tx;
