//! The broker as a TCP server: the only room with sockets and clocks.
//!
//! One task (`core`) owns the [`Broker`]. Each address has a task that lets peers in (`door`, with
//! `tls`), each connection one that reads and writes (`socket`); they and the core speak over channels, so a peer
//! that is slow to read or to write holds up nobody else. Passwords are looked at by a thread of their own (`verifier`).
//!
//! In a test, a broker takes a line to start and another to stop:
//!
//! ```
//! use reference_broker::server::{Config, Server};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! use tokio::net::TcpStream;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start(Config::default()).await?;
//! let mut client = TcpStream::connect(server.address()).await?;
//! client.write_all(b"AMQP\x00\x00\x09\x01").await?;
//! // The answer is `connection.start`: a method frame.
//! assert_eq!(client.read_u8().await?, 1);
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod buffers;
mod core;
mod door;
mod keeper;
mod socket;
mod tls;
mod verifier;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;
use tracing::info;

use self::core::{Command, Core};
use self::door::Door;
use self::keeper::Keeper;
pub use self::tls::{ClientCertificate, Tls, TlsError};
use crate::Broker;
use crate::store::{DiskStore, RestoreError, Store, StoreError};

/// Where a server listens, and how its broker behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The addresses to listen on without TLS; port 0 takes any free port.
    pub listen: Vec<SocketAddr>,
    /// Where and how TLS is spoken, if it is.
    pub tls: Option<Tls>,
    /// The broker's own configuration.
    pub broker: crate::Config,
    /// The directory where what is durable survives the server; without one nothing does.
    pub data_dir: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
            tls: None,
            broker: crate::Config::default(),
            data_dir: None,
        }
    }
}

/// Why a server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("{address} cannot be listened on: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// No address is named.
    #[error("there is no address to listen on: name one with --listen or --tls-listen")]
    NoAddress,
    /// There is no TLS to be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The data directory cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in the data directory cannot be restored.
    #[error("cannot restore what is stored: {0}")]
    Restore(#[from] RestoreError),
    /// The system refuses something else.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// A running server. Dropping it ends it at once; [`Server::shutdown`] takes leave of the clients first.
#[derive(Debug)]
pub struct Server {
    /// Those without TLS come first.
    addresses: Vec<SocketAddr>,
    control: Control,
    core: JoinHandle<()>,
}

impl Server {
    /// Listens, and serves until shut down or dropped. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// When an address cannot be listened on, and when a certificate or the data directory cannot be used.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        match config.data_dir.clone() {
            None => Self::start_with(config, None).await,
            Some(directory) => {
                let open = move || DiskStore::open(&directory);
                let store = spawn_blocking(open).await.map_err(io::Error::other)??;
                Self::start_with(config, Some(Box::new(store))).await
            }
        }
    }

    /// The same with a store that the caller has; the data directory is not looked at.
    ///
    /// # Errors
    /// When an address cannot be listened on, and when a certificate cannot be used or what is stored not be restored.
    pub async fn start_with(
        config: Config,
        store: Option<Box<dyn Store>>,
    ) -> Result<Self, StartError> {
        let tls = config.tls.as_ref().map(Tls::acceptor).transpose()?;
        let wanted = config.listen.iter().map(|address| (*address, None));
        let mut wanted: Vec<_> = wanted.collect();
        for address in config.tls.iter().flat_map(|tls| &tls.listen) {
            wanted.push((*address, tls.clone()));
        }
        if wanted.is_empty() {
            return Err(StartError::NoAddress);
        }
        let (patience, most) = (
            config.broker.handshake_timeout,
            config.broker.limits.connections,
        );
        let mut broker = Broker::new(config.broker);
        let start = Instant::now();
        // A clock that stands before 1970 has not been set.
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        broker.set_epoch(epoch.unwrap_or_default());
        let keeper = match store {
            None => None,
            Some(mut store) => {
                let load = move || store.load().map(|records| (store, records));
                let (store, records) = spawn_blocking(load).await.map_err(io::Error::other)??;
                broker.restore(records)?;
                Some(Keeper::new(store))
            }
        };
        let (mut doors, mut addresses) = (Vec::new(), Vec::new());
        for (address, tls) in wanted {
            let refused = |cause| StartError::Listen { address, cause };
            let door = Door::open(address, tls, patience, most).await;
            let door = door.map_err(refused)?;
            let taken = door.address().map_err(refused)?;
            info!(address = %taken, tls = door.speaks_tls(), "listening");
            addresses.push(taken);
            doors.push(door);
        }
        let (commands, inbox) = mpsc::unbounded_channel();
        let core = tokio::spawn(Core::new(broker, keeper, start, doors, inbox).run());
        Ok(Self {
            addresses,
            control: Control { commands },
            core,
        })
    }

    /// The address that clients connect to, with the port that was taken: the first of [`Server::addresses`].
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses with the ports that were taken: those without TLS and then those with it, in the order in
    /// which they were asked for.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A handle for what an operator does while the server runs.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Waits until the server has ended by itself, which it does by a mistake of its own alone. Dropping the
    /// future changes nothing.
    pub async fn failed(&mut self) {
        // Why is of no use to the caller, and has been written by whatever panicked.
        let _ = (&mut self.core).await;
    }

    /// Stops listening, closes every connection with `connection-forced` 320, and waits until the
    /// peers have answered or their time is up.
    pub async fn shutdown(mut self) {
        info!("stopping");
        self.control.send(Command::ShutDown);
        // The core ends by itself; that it failed is of no interest to somebody who wants it gone.
        let _ = (&mut self.core).await;
        info!("stopped");
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
