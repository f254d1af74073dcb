//! The broker as a TCP server: the only room with sockets and clocks.
//!
//! One task (`core`) owns the [`Broker`](crate::Broker). Each connection has a task that reads and a task that
//! writes (`socket`); they and the core speak over channels, so a peer that is slow to read or to
//! write holds up nobody else.

mod core;
mod socket;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use self::core::{Command, Core};

/// Where a server listens, and how its broker behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The broker's own configuration.
    pub broker: crate::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            broker: crate::Config::default(),
        }
    }
}

/// A running server. Dropping it ends it at once; [`Server::shutdown`] takes leave of the clients first.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    control: Control,
    core: JoinHandle<()>,
}

impl Server {
    /// Listens, and serves until shut down or dropped. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let (commands, inbox) = mpsc::unbounded_channel();
        let core = tokio::spawn(Core::new(config.broker, listener, inbox).run());
        Ok(Self {
            address,
            control: Control { commands },
            core,
        })
    }

    /// The address that clients connect to, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle for what an operator does while the server runs.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops listening, closes every connection with `connection-forced` 320, and waits until the
    /// peers have answered or their time is up.
    pub async fn shutdown(mut self) {
        self.control.send(Command::ShutDown);
        // The core ends by itself; that it failed is of no interest to somebody who wants it gone.
        let _ = (&mut self.core).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.core.abort();
    }
}

/// An operator's hand on a running server. Does nothing once the server has gone.
#[derive(Debug, Clone)]
pub struct Control {
    commands: mpsc::UnboundedSender<Command>,
}

impl Control {
    /// Raises or clears the resource alarm. While it is on, connections that publish are told so by
    /// `connection.blocked`, if they declared that capability, and are not read from.
    /// Takes effect before anything that a client sends afterwards.
    pub fn set_alarm(&self, on: bool) {
        self.send(Command::SetAlarm(on));
    }

    fn send(&self, command: Command) {
        // A server that has gone needs no orders.
        let _ = self.commands.send(command);
    }
}
