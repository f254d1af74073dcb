//! What an operator decides: users, virtual hosts, mechanisms, limits and timings.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Peer;
use crate::limits::Limits;
use crate::users::{PasswordHash, User};

/// The user of a broker that nobody has configured; his password is the same.
const GUEST: &str = "guest";

/// How a broker behaves. The default is a broker for tests: user `guest` with password `guest`, from this machine
/// only, virtual host `/`, every mechanism, generous limits.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who may log in, by name.
    pub users: BTreeMap<String, User>,
    /// The users who may log in from this very machine only.
    pub loopback_users: Vec<String>,
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
    /// How long a peer may be silent in the middle of a frame, so that one who sleeps there is known even where there
    /// are no heartbeats.
    pub frame_timeout: Duration,
    /// How long a peer may take to answer `connection.close`.
    pub close_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            users: BTreeMap::from([(GUEST.to_owned(), User::new(PasswordHash::guest()))]),
            loopback_users: vec![GUEST.to_owned()],
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
            frame_timeout: Duration::from_secs(60),
            close_timeout: Duration::from_secs(3),
        }
    }
}

impl Config {
    /// The user of that name, if they may log in from where the peer is.
    pub(crate) fn user(&self, name: &str, peer: &Peer) -> Option<&User> {
        let bound_here = self.loopback_users.iter().any(|user| user == name);
        let user = self.users.get(name)?;
        (peer.is_local() || !bound_here).then_some(user)
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
