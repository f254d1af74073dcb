//! The reference broker within this very program.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reference_broker::server::{Config, Server, StartError};
use reference_broker::store::{Batch, MemoryStore, Store, StoreError, StoredRecord};
use reference_broker::users::{PasswordHash, Pattern, PatternError, Permission, User};
use tokio::sync::Mutex;

use super::TargetError;
use crate::run::{ControlFuture, Controls, Endpoint};

/// A running reference broker, and what it offers beyond its endpoint.
pub(super) struct Embedded(Arc<Inner>);

struct Inner {
    /// With the address that the first server got, so that every later one has the same.
    config: Config,
    address: SocketAddr,
    /// What a server leaves to the next one.
    shelf: Shelf,
    /// None while it is restarted.
    server: Mutex<Option<Server>>,
}

/// Long enough for any suite on the same machine, short enough not to be waited for.
const HANDSHAKE: Duration = Duration::from_secs(3);

/// The same for an answer to `connection.close`.
const FAREWELL: Duration = Duration::from_millis(500);

/// How long the port of a server that has ended may be in use.
const REBIND: Duration = Duration::from_secs(5);

impl Embedded {
    /// With what the file's variables promise.
    pub async fn start(variables: &BTreeMap<String, String>) -> Result<Embedded, TargetError> {
        let mut config = Config::default();
        configure(&mut config.broker, variables)?;
        let shelf = Shelf::default();
        let server = Server::start_with(config.clone(), Some(Box::new(shelf.open())))
            .await
            .map_err(|error| TargetError::Embedded(error.to_string()))?;
        let address = server.address();
        config.listen = vec![address];
        Ok(Embedded(Arc::new(Inner {
            config,
            address,
            shelf,
            server: Mutex::new(Some(server)),
        })))
    }

    pub fn endpoint(&self) -> Endpoint {
        let address = self.0.address;
        Endpoint {
            host: address.ip().to_string(),
            port: address.port(),
            user: "guest".to_owned(),
            password: "guest".to_owned(),
            vhost: "/".to_owned(),
            tls: None,
        }
    }

    pub fn controls(&self) -> impl Controls + use<> {
        Hands(Arc::clone(&self.0))
    }

    pub async fn stop(self) {
        if let Some(server) = self.0.server.lock().await.take() {
            server.shutdown().await;
        }
    }
}

impl Inner {
    /// Ends the server, by taking leave of its clients or not, and starts another on what it has stored.
    async fn restart(&self, takes_leave: bool) -> Result<(), String> {
        let mut place = self.server.lock().await;
        match place.take() {
            Some(server) if takes_leave => server.shutdown().await,
            other => drop(other),
        }
        let deadline = Instant::now() + REBIND;
        loop {
            let store = Box::new(self.shelf.open());
            match Server::start_with(self.config.clone(), Some(store)).await {
                Ok(server) => {
                    *place = Some(server);
                    return Ok(());
                }
                // The former one's socket is closed by a task of its own.
                Err(StartError::Listen { cause, .. })
                    if cause.kind() == ErrorKind::AddrInUse && Instant::now() < deadline =>
                {
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    return Err(format!("the embedded broker does not start again: {error}"));
                }
            }
        }
    }

    async fn set_alarm(&self, on: bool) -> Result<(), String> {
        match &*self.server.lock().await {
            Some(server) => {
                server.control().set_alarm(on);
                Ok(())
            }
            None => Err("the embedded broker has ended".to_owned()),
        }
    }
}

/// Lets a reference broker have what a target file's variables promise: the second virtual host, the further users, who may
/// not enter it, the limits that those whose names begin with `max_` say, and how long it waits for the rest of a frame. It is patient for as long as the suite likes.
///
/// # Errors
/// [`TargetError::Conflict`] for a variable that means nothing to it.
pub fn configure(
    broker: &mut reference_broker::Config,
    variables: &BTreeMap<String, String>,
) -> Result<(), TargetError> {
    broker
        .virtual_hosts
        .extend(variables.get("vhost2").cloned());
    for (key, name) in variables {
        let number = key.strip_prefix("user").map(str::parse::<u8>);
        if let Some(Ok(number)) = number {
            let user = further_user(variables, number)?;
            broker.users.insert(name.clone(), user);
        }
    }
    for (name, most) in variables {
        if let (Some(name), Ok(most)) = (name.strip_prefix("max_"), most.parse()) {
            let set = broker.limits.set(&name.replace('_', "-"), most);
            set.map_err(|unknown| TargetError::Conflict(unknown.to_string()))?;
        }
    }
    if let Some(seconds) = variables.get("frame_seconds") {
        let seconds = seconds.parse();
        let wrong = |_| TargetError::Conflict("frame_seconds: this is no number".to_owned());
        broker.frame_timeout = Duration::from_secs(seconds.map_err(wrong)?);
    }
    broker.handshake_timeout = HANDSHAKE;
    broker.close_timeout = FAREWELL;
    Ok(())
}

/// The user of that number, as the file's variables describe them: what they may do in the first virtual host, and how
/// many connections they may have there.
fn further_user(variables: &BTreeMap<String, String>, number: u8) -> Result<User, TargetError> {
    let variable = |name: &str| variables.get(&format!("{name}{number}"));
    let wrong = |name: &str, why: String| TargetError::Conflict(format!("{name}{number}: {why}"));
    let pattern = |name: &str| match variable(name) {
        Some(text) => text
            .parse()
            .map_err(|why: PatternError| wrong(name, why.to_string())),
        None => Ok(Pattern::all()),
    };
    let password = variable("password").map(|password| PasswordHash::new(password));
    let connections = variable("connections").map(|most| most.parse());
    let connections = connections
        .transpose()
        .map_err(|_| wrong("connections", "this is no number".to_owned()))?;
    let user = User {
        password,
        connections,
        ..User::default()
    };
    Ok(user.with(
        "/",
        Permission {
            configure: pattern("configure")?,
            write: pattern("write")?,
            read: pattern("read")?,
        },
    ))
}

struct Hands(Arc<Inner>);

impl Controls for Hands {
    fn offers(&self, name: &str) -> bool {
        matches!(name, "alarm-on" | "alarm-off" | "restart" | "kill")
    }

    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a> {
        Box::pin(async move {
            match name {
                "alarm-on" => self.0.set_alarm(true).await,
                "alarm-off" => self.0.set_alarm(false).await,
                "restart" => self.0.restart(true).await,
                "kill" => self.0.restart(false).await,
                other => Err(format!("the embedded broker has no control `{other}`")),
            }
        })
    }
}

/// What servers leave to each other: one store, of which only the server that opened it last has a say.
#[derive(Clone, Default)]
struct Shelf(Arc<std::sync::Mutex<Held>>);

#[derive(Default)]
struct Held {
    store: MemoryStore,
    openings: u64,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Opening {
        let mut held = self.lock();
        held.openings += 1;
        Opening {
            shelf: self.clone(),
            number: held.openings,
        }
    }
}

struct Opening {
    shelf: Shelf,
    number: u64,
}

impl Store for Opening {
    fn load(&mut self) -> Result<Vec<StoredRecord>, StoreError> {
        self.shelf.lock().store.load()
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut held = self.shelf.lock();
        // A server that was killed writes no more.
        if held.openings == self.number {
            held.store.write(batch)?;
        }
        Ok(())
    }
}
