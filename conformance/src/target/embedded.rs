//! The reference broker within this very program.

use reference_broker::server::{Config, Control, Server};

use super::TargetError;
use crate::run::{ControlFuture, Controls, Endpoint};

/// A running reference broker, and what it offers beyond its endpoint.
pub(super) struct Embedded {
    server: Server,
}

/// The names of a second user and of a second virtual host, as variables of scripts.
const SECOND: [(&str, &str); 3] = [("user2", "mqspec-user2"), ("password2", "mqspec-password2"), ("vhost2", "mqspec-vhost2")];

impl Embedded {
    pub async fn start() -> Result<Embedded, TargetError> {
        let mut config = Config::default();
        let [(_, user), (_, password), (_, vhost)] = SECOND;
        config.broker.users.insert(user.to_owned(), password.to_owned());
        config.broker.virtual_hosts.push(vhost.to_owned());
        config.broker.restricted.insert(user.to_owned(), vec!["/".to_owned()]);
        let server = Server::start(config).await.map_err(TargetError::system("the embedded broker cannot listen"))?;
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
        }
    }

    pub fn controls(&self) -> impl Controls + use<> {
        Alarm(self.server.control())
    }

    pub fn variables(&self) -> Vec<(String, String)> {
        SECOND.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
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
            "alarm-on" => Ok(self.0.set_alarm(true)),
            "alarm-off" => Ok(self.0.set_alarm(false)),
            other => Err(format!("the embedded broker has no control `{other}`")),
        };
        Box::pin(async { done })
    }
}
