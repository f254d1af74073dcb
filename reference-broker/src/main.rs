//! The reference broker as a program: listens, says where, and serves until SIGINT or SIGTERM.

use std::io;
use std::net::SocketAddr;

use clap::Parser;
use reference_broker::NameRule;
use reference_broker::server::{Config, Server};
use tokio::signal::unix::{SignalKind, signal};

/// A small, exact AMQP 0-9-1 broker in memory.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5672")]
    listen: SocketAddr,
    /// Accept any text as the name of an exchange or queue, not only the specification's alphabet.
    #[arg(long)]
    any_names: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut config = Config {
        listen: arguments.listen,
        ..Config::default()
    };
    if arguments.any_names {
        config.broker.names = NameRule::Any;
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let server = Server::start(config).await?;
    println!("listening on {}", server.address());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    server.shutdown().await;
    Ok(())
}
