//! What an operator can tell the programs `reference-broker` and `mqspec serve`: one definition for both.

mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

pub use self::values::{Limit, Listen, User};
use crate::NameRule;
use crate::server::{ClientCertificate, Config, Tls};

/// The options as they were given. What was not given has its default in [`Options::config`].
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// An address to listen on without TLS, or `none`; port 0 takes any free port; may be repeated
    /// [default: 127.0.0.1:5672]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<Vec<Listen>>,
    /// An address to listen on with TLS; may be repeated
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "TLS", requires_all = ["tls_cert", "tls_key"])]
    pub tls_listen: Option<Vec<SocketAddr>>,
    /// The server's certificate, and those that lead to its authority (PEM)
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the server's certificate (PEM)
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub tls_key: Option<PathBuf>,
    /// The authorities that vouch for the certificates of clients (PEM)
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub tls_ca: Option<PathBuf>,
    /// Whether clients show certificates: none, optional or required. One who shows a certificate may log in by SASL
    /// EXTERNAL as the user whom its common name names [default: none]
    #[arg(
        long,
        value_name = "WHETHER",
        help_heading = "TLS",
        hide_possible_values = true
    )]
    pub tls_client_cert: Option<ClientCertificate>,
    /// A user who may log in, and the one virtual host that he may open if he may not open all; may be repeated
    /// [default: guest:guest]
    #[arg(long, value_name = "NAME:PASSWORD[@VHOST]")]
    pub user: Option<Vec<User>>,
    /// A virtual host that exists; may be repeated [default: /]
    #[arg(long, value_name = "NAME")]
    pub virtual_host: Option<Vec<String>>,
    /// How long a peer may take from its first octet to the open connection, and for TLS before that [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub handshake_seconds: Option<u64>,
    /// How much the broker holds at most, such as queues=1000; may be repeated
    #[arg(long, value_name = "NAME=NUMBER")]
    pub limit: Option<Vec<Limit>>,
    /// The directory where what is durable survives the program; made if it is missing. Without one nothing survives
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// Accept any text as the name of an exchange or queue, not only the specification's alphabet
    #[arg(long)]
    pub any_names: bool,
}

impl Options {
    /// What a server is started with.
    pub fn config(&self) -> Config {
        let mut config = Config {
            listen: self.listen(),
            tls: self.tls(),
            data_dir: self.data_dir.clone(),
            ..Config::default()
        };
        let broker = &mut config.broker;
        if let Some(seconds) = self.handshake_seconds {
            broker.handshake_timeout = Duration::from_secs(seconds);
        }
        for limit in self.limit.iter().flatten() {
            limit.set(&mut broker.limits);
        }
        if self.any_names {
            broker.names = NameRule::Any;
        }
        if let Some(hosts) = &self.virtual_host {
            broker.virtual_hosts.clone_from(hosts);
        }
        if let Some(users) = &self.user {
            broker.users.clear();
            for user in users {
                if let Some(host) = &user.only {
                    broker
                        .restricted
                        .insert(user.name.clone(), vec![host.clone()]);
                }
                broker
                    .users
                    .insert(user.name.clone(), user.password.clone());
            }
        }
        config
    }

    fn listen(&self) -> Vec<SocketAddr> {
        match &self.listen {
            None => vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 5672))],
            Some(wanted) => wanted.iter().filter_map(|listen| listen.0).collect(),
        }
    }

    fn tls(&self) -> Option<Tls> {
        Some(Tls {
            listen: self.tls_listen.clone()?,
            certificate: self.tls_cert.clone()?,
            key: self.tls_key.clone()?,
            ca: self.tls_ca.clone(),
            client_certificate: self.tls_client_cert.unwrap_or_default(),
        })
    }
}
