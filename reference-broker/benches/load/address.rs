//! Where a broker is, and as whom to go there.

use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::failure::Failure;

/// A broker's address: `amqp://user:password@host:port/virtual-host`.
#[derive(Debug, Clone)]
pub struct Address {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: String,
    pub virtual_host: String,
}

impl Address {
    /// That port of this machine, as `guest` on `/`.
    pub fn local(port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            user: "guest".to_owned(),
            password: "guest".to_owned(),
            virtual_host: "/".to_owned(),
        }
    }
}

impl FromStr for Address {
    type Err = Failure;

    /// What is left out is `guest`, `guest`, port 5672 and the virtual host `/`.
    fn from_str(text: &str) -> Result<Self, Failure> {
        let refuse = |why: &str| Failure::Url(text.to_owned(), why.to_owned());
        let url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
        if url.scheme() != "amqp" {
            return Err(refuse("the scheme has to be amqp"));
        }
        let decode = |part: &str, otherwise: &str| {
            let text = percent_decode_str(part).decode_utf8_lossy();
            if text.is_empty() { otherwise } else { &text }.to_owned()
        };
        let host = url.host_str().ok_or_else(|| refuse("it names no host"))?;
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(5672),
            user: decode(url.username(), "guest"),
            password: decode(url.password().unwrap_or_default(), "guest"),
            virtual_host: decode(url.path().trim_start_matches('/'), "/"),
        })
    }
}
