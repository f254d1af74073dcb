//! The broker as a TCP server: the only room with sockets and clocks.
//!
//! One task (`core`) owns the [`Broker`](crate::Broker). Each connection has a task that reads and a task that
//! writes (`socket`); they and the core speak over channels, so a peer that is slow to read or to
//! write holds up nobody else.

mod core;
mod keeper;
mod socket;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use self::core::{Command, Core};
use self::keeper::Keeper;
use crate::Broker;
use crate::store::{DiskStore, RestoreError, Store, StoreError};

/// Where a server listens, and how its broker behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The broker's own configuration.
    pub broker: crate::Config,
    /// The directory where what is durable survives the server; without one nothing does.
    pub data_dir: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            broker: crate::Config::default(),
            data_dir: None,
        }
    }
}

/// Why a server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
    /// The data directory cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in the data directory cannot be restored.
    #[error("cannot restore what is stored: {0}")]
    Restore(#[from] RestoreError),
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
    /// When the address cannot be listened on, and when the data directory cannot be used.
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
    /// When the address cannot be listened on, and when what is stored cannot be restored.
    pub async fn start_with(
        config: Config,
        store: Option<Box<dyn Store>>,
    ) -> Result<Self, StartError> {
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
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let (commands, inbox) = mpsc::unbounded_channel();
        let core = tokio::spawn(Core::new(broker, keeper, start, listener, inbox).run());
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
