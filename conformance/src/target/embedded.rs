//! The reference broker within this very program.

use std::collections::BTreeMap;
use std::time::Duration;

use reference_broker::server::{Config, Control, Server};

use super::TargetError;
use crate::run::{ControlFuture, Controls, Endpoint};

/// A running reference broker, and what it offers beyond its endpoint.
pub(super) struct Embedded {
    server: Server,
}

/// Long enough for any suite on the same machine, short enough not to be waited for.
const HANDSHAKE: Duration = Duration::from_secs(3);

impl Embedded {
    /// With the second virtual host and the second user that the file's variables name, where the user may not enter
    /// it, and with the limits that those whose names begin with `max_` say.
    pub async fn start(variables: &BTreeMap<String, String>) -> Result<Embedded, TargetError> {
        let mut config = Config::default();
        let broker = &mut config.broker;
        broker
            .virtual_hosts
            .extend(variables.get("vhost2").cloned());
        if let (Some(user), Some(password)) = (variables.get("user2"), variables.get("password2")) {
            broker.users.insert(user.clone(), password.clone());
            broker.restricted.insert(user.clone(), vec!["/".to_owned()]);
        }
        for (name, most) in variables {
            if let (Some(name), Ok(most)) = (name.strip_prefix("max_"), most.parse()) {
                let set = broker.limits.set(&name.replace('_', "-"), most);
                set.map_err(|unknown| TargetError::Conflict(unknown.to_string()))?;
            }
        }
        broker.handshake_timeout = HANDSHAKE;
        let server = Server::start(config)
            .await
            .map_err(|error| TargetError::Embedded(error.to_string()))?;
        Ok(Embedded { server })
    }

    pub fn endpoint(&self) -> Endpoint {
        let address = self.server.address();
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
        Alarm(self.server.control())
    }

    pub async fn stop(self) {
        self.server.shutdown().await;
    }
}

struct Alarm(Control);

impl Controls for Alarm {
    fn offers(&self, name: &str) -> bool {
        matches!(name, "alarm-on" | "alarm-off")
    }

    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a> {
        let done = match name {
            "alarm-on" => {
                self.0.set_alarm(true);
                Ok(())
            }
            "alarm-off" => {
                self.0.set_alarm(false);
                Ok(())
            }
            other => Err(format!("the embedded broker has no control `{other}`")),
        };
        Box::pin(async { done })
    }
}
