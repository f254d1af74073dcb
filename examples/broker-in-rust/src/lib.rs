//! Stands for a broker that is written in Rust: something that a test can start, that listens on a port of its own and
//! that ends with the value that was returned.
//!
//! - `tests/cases.rs`: one test per case, which `cargo test` lists and filters
//! - `tests/report.rs`: all cases as one test
//! - `known.toml`: what this broker is known to do otherwise

use std::io;

use reference_broker::server::{Config, Server};
use tokio::runtime::Runtime;

/// A broker that listens, with the threads that it runs on.
#[derive(Debug)]
pub struct Broker {
    server: Server,
    /// Ends with the broker, and the broker with it.
    _runtime: Runtime,
}

impl Broker {
    /// Starts a broker on a free loopback port.
    ///
    /// # Errors
    /// What the system says if there is no thread or no port.
    pub fn start() -> io::Result<Broker> {
        let runtime = Runtime::new()?;
        let server = runtime
            .block_on(Server::start(Config::default()))
            .map_err(io::Error::other)?;
        Ok(Broker {
            server,
            _runtime: runtime,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@{}", self.server.address())
    }
}
