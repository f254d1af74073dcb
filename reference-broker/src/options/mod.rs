//! What an operator can tell the programs `reference-broker` and `mqspec serve`: one definition for both.
//!
//! Every option is a flag, and has a key of the same name in a TOML file (`--config`). A flag wins.
//!
//! - `values`: the values of options that are more than a word or a number
//! - `login`: users and what they may do
//! - `file`: the configuration file

mod file;
mod login;
mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};

pub use self::file::OptionsError;
pub use self::login::{Grant, Login};
pub use self::values::{Limit, Listen, LogFormat, LogLevel};
use crate::NameRule;
use crate::server::{ClientCertificate, Config, Tls};

/// The options as they were given. What was not given has its default in [`Options::effective`].
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// A TOML file with options under these same names; what is given as a flag wins
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Print all options as such a file, and do nothing else; no password is shown, only hashes
    #[arg(long)]
    #[serde(skip)]
    pub print_config: bool,
    /// An address to listen on without TLS, or `none`; port 0 takes any free port; may be repeated
    /// [default: 127.0.0.1:5672]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<Vec<Listen>>,
    /// The directory where what is durable survives the program; made if it is missing. Without one nothing survives
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// Accept any text as the name of an exchange or queue, not only the specification's alphabet
    #[arg(long)]
    pub any_names: bool,
    /// How long a peer may take from its first octet to the open connection, and for TLS before that [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub handshake_seconds: Option<u64>,
    /// How long a peer may be silent in the middle of a frame [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub frame_seconds: Option<u64>,
    /// What is written to standard error: error, warn, info or debug [default: warn]
    #[arg(long, value_name = "LEVEL", hide_possible_values = true)]
    pub log: Option<LogLevel>,
    /// How it is written: text or json [default: text]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub log_format: Option<LogFormat>,
    /// An address to listen on with TLS; may be repeated
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "TLS")]
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
    /// Whether clients show certificates: none, optional or required. Who shows one may log in by SASL EXTERNAL as
    /// the user whom its common name names [default: none]
    #[arg(
        long,
        value_name = "WHETHER",
        help_heading = "TLS",
        hide_possible_values = true
    )]
    pub tls_client_cert: Option<ClientCertificate>,
    /// A virtual host that exists; may be repeated [default: /]
    #[arg(long, value_name = "NAME", help_heading = "Users")]
    pub virtual_host: Option<Vec<String>>,
    /// A user who may come from this machine only, or `none`; may be repeated [default: guest]
    #[arg(long, value_name = "NAME", help_heading = "Users")]
    pub loopback_user: Option<Vec<String>>,
    /// What a user may do in a virtual host, and nothing in any other that is not named for him: regular expressions
    /// for the names that he may configure, write to and read from, which are searched for anywhere in a name unless
    /// they begin with ^ and end with $; may be repeated
    #[arg(long, num_args = 5, value_names = ["USER", "VHOST", "CONFIGURE", "WRITE", "READ"], help_heading = "Users")]
    #[serde(skip)]
    pub permission: Option<Vec<String>>,
    /// How many connections a user may have open at once, where that is not what the limit user-connections says for
    /// everybody; may be repeated
    #[arg(long, num_args = 2, value_names = ["USER", "NUMBER"], help_heading = "Users")]
    #[serde(skip)]
    pub connections: Option<Vec<String>>,
    /// A user who may log in, and the one virtual host that he may open if he may not open all; may be repeated.
    /// PASSWORD, which the list of processes shows, may be a hash that `reference-broker hash-password` made
    /// [default: guest:guest]
    #[arg(long, value_name = "NAME:PASSWORD[@VHOST]", help_heading = "Users")]
    pub user: Option<Vec<Login>>,
    /// How much the broker holds at most; may be repeated. NAME is one of connections, user-connections, exchanges,
    /// queues, bindings, consumers, queue-length, content, assembly, high-water, stored, backlog and unread-replies
    #[arg(long, value_name = "NAME=NUMBER")]
    #[serde(with = "values::table")]
    pub limit: Option<Vec<Limit>>,
}

impl Options {
    /// These options, behind them those of the file that they name, and behind that the defaults.
    ///
    /// # Errors
    /// If the file cannot be read, or options contradict each other.
    pub fn effective(mut self) -> Result<Self, OptionsError> {
        if let Some(path) = self.config.take() {
            self = self.over(file::read(&path)?);
        }
        self.grant()?;
        self.bound()?;
        let default = Config::default().broker;
        let mut limits = default.limits;
        for limit in self.limit.iter().flatten() {
            limit.set(&mut limits);
        }
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 5672));
        let options = Self {
            listen: self.listen.or(Some(vec![Listen(Some(local))])),
            handshake_seconds: self
                .handshake_seconds
                .or(Some(default.handshake_timeout.as_secs())),
            frame_seconds: self.frame_seconds.or(Some(default.frame_timeout.as_secs())),
            log: self.log.or_else(|| Some(LogLevel::default())),
            log_format: self.log_format.or_else(|| Some(LogFormat::default())),
            tls_client_cert: self
                .tls_client_cert
                .or_else(|| Some(ClientCertificate::default())),
            virtual_host: self.virtual_host.or(Some(default.virtual_hosts)),
            loopback_user: match self.loopback_user {
                None => Some(default.loopback_users),
                Some(users) => Some(users.into_iter().filter(|user| user != "none").collect()),
            },
            user: self.user.or_else(|| Some(login::of(&default.users))),
            limit: Some(Limit::all(&limits)),
            ..self
        };
        options.check()?;
        Ok(options)
    }

    /// What a server is started with. The options are [`Options::effective`] ones.
    pub fn server(&self) -> Config {
        let mut config = Config {
            listen: self
                .listen
                .iter()
                .flatten()
                .filter_map(|listen| listen.0)
                .collect(),
            tls: self.tls(),
            data_dir: self.data_dir.clone(),
            ..Config::default()
        };
        let broker = &mut config.broker;
        if let Some(seconds) = self.handshake_seconds {
            broker.handshake_timeout = Duration::from_secs(seconds);
        }
        if let Some(seconds) = self.frame_seconds {
            broker.frame_timeout = Duration::from_secs(seconds);
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
        if let Some(users) = &self.loopback_user {
            broker.loopback_users.clone_from(users);
        }
        if let Some(users) = &self.user {
            broker.users = users.iter().map(Login::user).collect();
        }
        config
    }

    /// The options as a configuration file.
    pub fn to_toml(&self) -> String {
        // Nothing in it can be written in no other way than as TOML.
        toml::to_string(self).unwrap_or_default()
    }

    /// These options, and what others say where they say nothing.
    fn over(self, others: Self) -> Self {
        let mut limits = others.limit.unwrap_or_default();
        limits.extend(self.limit.unwrap_or_default());
        Self {
            config: None,
            print_config: self.print_config,
            listen: self.listen.or(others.listen),
            data_dir: self.data_dir.or(others.data_dir),
            any_names: self.any_names || others.any_names,
            handshake_seconds: self.handshake_seconds.or(others.handshake_seconds),
            frame_seconds: self.frame_seconds.or(others.frame_seconds),
            log: self.log.or(others.log),
            log_format: self.log_format.or(others.log_format),
            tls_listen: self.tls_listen.or(others.tls_listen),
            tls_cert: self.tls_cert.or(others.tls_cert),
            tls_key: self.tls_key.or(others.tls_key),
            tls_ca: self.tls_ca.or(others.tls_ca),
            tls_client_cert: self.tls_client_cert.or(others.tls_client_cert),
            virtual_host: self.virtual_host.or(others.virtual_host),
            loopback_user: self.loopback_user.or(others.loopback_user),
            permission: self.permission.or(others.permission),
            connections: self.connections.or(others.connections),
            user: self.user.or(others.user),
            limit: Some(limits),
        }
    }

    /// Gives the users what `--permission` says.
    fn grant(&mut self) -> Result<(), OptionsError> {
        for words in self.permission.take().iter().flat_map(|all| all.chunks(5)) {
            let [name, virtual_host, configure, write, read] = words else {
                continue;
            };
            let pattern = |text: &String| {
                text.parse().map_err(|error| {
                    OptionsError::Conflict(format!("--permission {name}: {error}"))
                })
            };
            let grant = Grant {
                virtual_host: virtual_host.clone(),
                configure: pattern(configure)?,
                write: pattern(write)?,
                read: pattern(read)?,
            };
            let user = self.named("--permission", name)?;
            user.permission.get_or_insert_default().push(grant);
        }
        Ok(())
    }

    /// Gives the users what `--connections` says.
    fn bound(&mut self) -> Result<(), OptionsError> {
        for words in self.connections.take().iter().flat_map(|all| all.chunks(2)) {
            let [name, number] = words else {
                continue;
            };
            let most = number.parse().map_err(|_| {
                OptionsError::Conflict(format!("--connections {name}: '{number}' is no number"))
            })?;
            self.named("--connections", name)?.connections = Some(most);
        }
        Ok(())
    }

    /// The user whom an option speaks of.
    fn named(&mut self, option: &str, name: &str) -> Result<&mut Login, OptionsError> {
        let mut users = self.user.iter_mut().flatten();
        users.find(|user| user.name == name).ok_or_else(|| {
            OptionsError::Conflict(format!(
                "{option} names user '{name}', whom --user does not name"
            ))
        })
    }

    /// Finds options that contradict each other.
    fn check(&self) -> Result<(), OptionsError> {
        let refuse = |why: String| Err(OptionsError::Conflict(why));
        let listens = self.tls_listen.as_ref().is_some_and(|all| !all.is_empty());
        let files = self.tls_cert.is_some() && self.tls_key.is_some();
        if listens && !files {
            return refuse(
                "tls-listen needs a certificate and its key: tls-cert and tls-key".to_owned(),
            );
        }
        if !listens && (self.tls_cert.is_some() || self.tls_key.is_some()) {
            return refuse(
                "a certificate is of no use where nobody listens for TLS: tls-listen is missing"
                    .to_owned(),
            );
        }
        let hosts = self.virtual_host.as_deref().unwrap_or_default();
        let users = self.user.as_deref().unwrap_or_default();
        for (index, user) in users.iter().enumerate() {
            let Login {
                name, permission, ..
            } = user;
            if users[..index].iter().any(|other| other.name == *name) {
                return refuse(format!("user '{name}' is named twice"));
            }
            let granted = permission.iter().flatten().map(|grant| &grant.virtual_host);
            if let Some(host) = granted.into_iter().find(|host| !hosts.contains(host)) {
                return refuse(format!(
                    "user '{name}' may open virtual host '{host}', which does not exist: name it with virtual-host"
                ));
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests;
