//! The reference broker as a program: listens, says where, and serves until SIGINT or SIGTERM.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::Parser;
use reference_broker::server::{Config, Server, StartError};
use reference_broker::{Limits, NameRule};
use tokio::signal::unix::{SignalKind, signal};

/// A small, exact AMQP 0-9-1 broker in memory.
///
/// SIGUSR1 raises the resource alarm, SIGUSR2 clears it: `alarm raised` or `alarm cleared` is printed when that holds for
/// whatever a client sends from then on. SIGINT and SIGTERM end the program, after it has taken leave of its clients.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5672")]
    listen: SocketAddr,
    /// A user who may log in, and the one virtual host that he may open if he may not open all; may be repeated.
    /// Without any there is `guest:guest`.
    #[arg(long = "user", value_name = "NAME:PASSWORD[@VHOST]")]
    users: Vec<User>,
    /// A virtual host that exists; may be repeated. Without any there is `/`.
    #[arg(long = "virtual-host", value_name = "NAME")]
    virtual_hosts: Vec<String>,
    /// How long a peer may take from its first octet to the open connection.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..))]
    handshake_seconds: u64,
    /// How much the broker holds at most, such as queues=1000; may be repeated. The names are those of `limits.rs`.
    #[arg(long = "limit", value_name = "NAME=NUMBER")]
    limits: Vec<Limit>,
    /// The directory where what is durable survives the program; made if it is missing. Without one nothing survives.
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// Accept any text as the name of an exchange or queue, not only the specification's alphabet.
    #[arg(long)]
    any_names: bool,
}

/// Who may log in.
#[derive(Debug, Clone)]
struct User {
    name: String,
    password: String,
    /// The one virtual host that is open to him; otherwise all are.
    only: Option<String>,
}

impl FromStr for User {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text
            .split_once(':')
            .filter(|(name, _)| !name.is_empty())
            .ok_or("a user is written NAME:PASSWORD or NAME:PASSWORD@VHOST")?;
        let (password, only) = match rest.split_once('@') {
            Some((password, host)) => (password, Some(host.to_owned())),
            None => (rest, None),
        };
        Ok(Self {
            name: name.to_owned(),
            password: password.to_owned(),
            only,
        })
    }
}

/// The most of something.
#[derive(Debug, Clone)]
struct Limit {
    name: String,
    most: u32,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, number) = text
            .split_once('=')
            .ok_or("a limit is written NAME=NUMBER")?;
        let most = number
            .parse()
            .map_err(|_| format!("'{number}' is no number below 2^32"))?;
        Limits::default()
            .set(name, most)
            .map_err(|unknown| unknown.to_string())?;
        Ok(Self {
            name: name.to_owned(),
            most,
        })
    }
}

impl Arguments {
    fn config(self) -> Config {
        let mut config = Config {
            listen: self.listen,
            data_dir: self.data_dir,
            ..Config::default()
        };
        let broker = &mut config.broker;
        broker.handshake_timeout = Duration::from_secs(self.handshake_seconds);
        for Limit { name, most } in self.limits {
            // The name was looked at when it was read.
            let _ = broker.limits.set(&name, most);
        }
        if self.any_names {
            broker.names = NameRule::Any;
        }
        if !self.virtual_hosts.is_empty() {
            broker.virtual_hosts = self.virtual_hosts;
        }
        if !self.users.is_empty() {
            broker.users.clear();
        }
        for user in self.users {
            if let Some(host) = user.only {
                broker.restricted.insert(user.name.clone(), vec![host]);
            }
            broker.users.insert(user.name, user.password);
        }
        config
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse().config()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut raise = signal(SignalKind::user_defined1())?;
    let mut clear = signal(SignalKind::user_defined2())?;
    let server = Server::start(config).await?;
    let control = server.control();
    println!("listening on {}", server.address());
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = raise.recv() => {
                control.set_alarm(true);
                println!("alarm raised");
            }
            _ = clear.recv() => {
                control.set_alarm(false);
                println!("alarm cleared");
            }
        }
    }
    server.shutdown().await;
    Ok(())
}
