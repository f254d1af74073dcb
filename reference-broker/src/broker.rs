//! The whole broker as one value.

use std::time::Duration;

use bytes::Bytes;

use crate::Config;

/// One connection, for as long as the broker lives. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

/// What the broker wants done with a connection's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Write these octets.
    Write(Bytes),
    /// Stop reading: the connection is not to be given further octets for now.
    Pause,
    /// Read again.
    Resume,
    /// Write what is still to be written, then close. The last output of a connection.
    Close,
}

/// A broker without sockets and clock.
#[derive(Debug)]
pub struct Broker {
    next: u64,
}

impl Broker {
    /// A broker with the standard exchanges and nothing else.
    pub fn new(_config: Config) -> Self {
        Self { next: 0 }
    }

    /// A peer has connected.
    pub fn connect(&mut self, _now: Duration) -> ConnectionId {
        self.next += 1;
        ConnectionId(self.next)
    }

    /// A peer has sent octets.
    pub fn receive(&mut self, _id: ConnectionId, _octets: Bytes, _now: Duration) {}

    /// The socket has taken that many octets of what was to be written.
    pub fn written(&mut self, _id: ConnectionId, _octets: usize, _now: Duration) {}

    /// A peer has gone, or its socket failed.
    pub fn disconnect(&mut self, _id: ConnectionId, _now: Duration) {}

    /// Time has passed.
    pub fn tick(&mut self, _now: Duration) {}

    /// When [`Broker::tick`] is next of use.
    pub fn next_deadline(&self) -> Option<Duration> {
        None
    }

    /// Raises or clears the resource alarm.
    pub fn set_alarm(&mut self, _on: bool, _now: Duration) {}

    /// Closes every connection with `connection-forced` 320 and takes no further ones.
    pub fn shut_down(&mut self, _now: Duration) {}

    /// The next thing to do to a socket, in order.
    pub fn poll_output(&mut self) -> Option<(ConnectionId, Output)> {
        None
    }

    /// How many connections are still there.
    pub fn connection_count(&self) -> usize {
        0
    }
}
