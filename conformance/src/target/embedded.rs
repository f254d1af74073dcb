//! The reference broker within this very program.

use reference_broker::server::{Config, Control, Server};

use super::TargetError;
use crate::run::{ControlFuture, Controls, Endpoint};

/// A running reference broker, and what it offers beyond its endpoint.
pub(super) struct Embedded {
    server: Server,
}

/// A second virtual host. There is no `user2` that may not enter it: every user may open every virtual host.
const SECOND: &str = "mqspec-vhost2";

impl Embedded {
    pub async fn start() -> Result<Embedded, TargetError> {
        let mut config = Config::default();
        config.broker.virtual_hosts.push(SECOND.to_owned());
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
        vec![("vhost2".to_owned(), SECOND.to_owned())]
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
