//! The values of options that are more than a word or a number.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use crate::Limits;

/// An address to listen on, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub Option<SocketAddr>);

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self(None)),
            address => address
                .parse()
                .map(|address| Self(Some(address)))
                .map_err(|_| "an address is written ADDRESS:PORT, such as 127.0.0.1:5672 or [::1]:5672; 'none' is no address"),
        }
    }
}

/// Who may log in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The one virtual host that is open to them; otherwise all are.
    pub only: Option<String>,
}

/// Without the password.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    name: String,
    most: u32,
}

impl Limit {
    pub(super) fn set(&self, limits: &mut Limits) {
        let set = limits.set(&self.name, self.most);
        debug_assert!(set.is_ok(), "the name was looked at when it was read");
    }
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
