//! What an operator decides: users, virtual hosts, mechanisms, limits and timings.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Peer;
use crate::limits::Limits;

/// How a broker behaves. The default is a broker for tests: user `guest` with password `guest`,
/// virtual host `/`, every mechanism, generous limits.
#[derive(Debug, Clone)]
pub struct Config {
    /// User names and their passwords.
    pub users: BTreeMap<String, String>,
    /// Users who may not open every virtual host, and those that they may open.
    pub restricted: BTreeMap<String, Vec<String>>,
    /// The virtual hosts that exist. Clients cannot add any.
    pub virtual_hosts: Vec<String>,
    /// The security mechanisms, in the order in which `connection.start` offers them.
    pub mechanisms: Vec<Mechanism>,
    /// Which names a client may give to exchanges and queues.
    pub names: NameRule,
    /// What a client may make the broker hold.
    pub limits: Limits,
    /// What the broker calls itself in `connection.start`.
    pub host: String,
    /// The greatest channel number, as proposed in `connection.tune`; 0 proposes no limit.
    pub channel_max: u16,
    /// The greatest frame in octets, overhead included, as proposed in `connection.tune`.
    /// At least 4096, the smallest that may be negotiated.
    pub frame_max: u32,
    /// The heartbeat interval in seconds, as proposed in `connection.tune`; 0 proposes none.
    pub heartbeat: u16,
    /// How long a peer may take from the first octet to `connection.open-ok`.
    pub handshake_timeout: Duration,
    /// How long a peer may take to answer `connection.close`.
    pub close_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            users: BTreeMap::from([("guest".to_owned(), "guest".to_owned())]),
            restricted: BTreeMap::new(),
            virtual_hosts: vec!["/".to_owned()],
            mechanisms: vec![
                Mechanism::External,
                Mechanism::Plain,
                Mechanism::AmqPlain,
                Mechanism::CrDemo,
            ],
            names: NameRule::Specification,
            limits: Limits::default(),
            host: "localhost".to_owned(),
            channel_max: 2047,
            frame_max: 131_072,
            heartbeat: 60,
            handshake_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(3),
        }
    }
}

impl Config {
    pub(crate) fn may_open(&self, user: &str, virtual_host: &str) -> bool {
        self.restricted
            .get(user)
            .is_none_or(|hosts| hosts.iter().any(|host| host == virtual_host))
    }
}

/// A way for a client to prove who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// SASL EXTERNAL (RFC 4422): the user is whom the peer's certificate names. Offered to peers who have shown one.
    External,
    /// SASL PLAIN (RFC 4616): name and password in one response.
    Plain,
    /// The table of `LOGIN` and `PASSWORD` of AMQP's early clients.
    AmqPlain,
    /// A mechanism that shows `connection.secure` at work: the first response is the user's name,
    /// and the password follows as the answer to a challenge. Not for real use.
    CrDemo,
}

impl Mechanism {
    /// Whether it can be offered to a peer.
    pub(crate) fn suits(self, peer: &Peer) -> bool {
        self != Self::External || peer.certificate.is_some()
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Plain => "PLAIN",
            Self::AmqPlain => "AMQPLAIN",
            Self::CrDemo => "RABBIT-CR-DEMO",
        }
    }
}

/// Which names a client may give to exchanges and queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// Letters, digits, hyphen, underscore, period and colon
    /// (`exchange.declare.exchange.syntax`, `queue.declare.queue.syntax`).
    Specification,
    /// Any text, as deployed brokers allow. Some clients need it: Celery names queues after mail addresses.
    Any,
}
