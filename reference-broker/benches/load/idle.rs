//! What costs something though nothing is sent: connections, and a start.

use std::time::{Duration, Instant};

use crate::address::Address;
use crate::client::Client;
use crate::failure::Failure;
use crate::process::Process;
use crate::target::Started;

/// How many connections are opened.
pub const CONNECTIONS: usize = 1_000;
/// How often the reference broker is started.
const STARTS: usize = 21;

/// What the connections took.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// To open all of them, one after the other.
    pub opened_in: Duration,
    /// Octets of memory for each, if the broker's process is known.
    pub memory: Option<f64>,
}

/// Opens connections, each up to `connection.open-ok`, and closes them.
pub fn connections(address: &Address, process: Option<Process>) -> Result<Connections, Failure> {
    let before = process.and_then(Process::memory);
    let start = Instant::now();
    let clients = (0..CONNECTIONS)
        .map(|_| Client::connect(address))
        .collect::<Result<Vec<_>, _>>()?;
    let opened_in = start.elapsed();
    let after = process.and_then(Process::memory);
    for client in clients {
        client.close()?;
    }
    let grown = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    Ok(Connections {
        opened_in,
        memory: grown.map(|octets| octets as f64 / CONNECTIONS as f64),
    })
}

/// From the start of the reference broker's process until it says where it listens: the median.
pub fn start(start: fn() -> Result<Started, Failure>) -> Result<Duration, Failure> {
    let mut times = (0..STARTS)
        .map(|_| start().map(|started| started.took))
        .collect::<Result<Vec<_>, _>>()?;
    times.sort();
    Ok(times.get(STARTS / 2).copied().unwrap_or_default())
}
