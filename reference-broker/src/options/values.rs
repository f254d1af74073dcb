//! The values of options that are more than a word or a number.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::Limits;

/// An address to listen on, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Listen(pub Option<SocketAddr>);

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self(None)),
            address => address.parse().map(|address| Self(Some(address))).map_err(|_| {
                "an address is written ADDRESS:PORT, such as 127.0.0.1:5672 or [::1]:5672; `none` is no address"
            }),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        match listen.0 {
            Some(address) => address.to_string(),
            None => "none".to_owned(),
        }
    }
}

/// The least weight of what is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What the broker cannot do.
    Error,
    /// What an operator should look at: refused logins, alarms.
    #[default]
    Warn,
    /// Who comes and goes.
    Info,
    /// Why a channel or connection was closed.
    Debug,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object on each line.
    Json,
}

/// The most of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    name: String,
    most: u64,
}

impl Limit {
    fn new(name: &str, most: u64) -> Result<Self, String> {
        let known = Limits::default().set(name, most);
        known.map_err(|unknown| unknown.to_string())?;
        Ok(Self {
            name: name.to_owned(),
            most,
        })
    }

    pub(super) fn set(&self, limits: &mut Limits) {
        let set = limits.set(&self.name, self.most);
        debug_assert!(set.is_ok(), "the name was looked at when it was read");
    }

    /// All limits.
    pub(super) fn all(limits: &Limits) -> Vec<Self> {
        let limit = |(name, most): (&str, u64)| Self {
            name: name.to_owned(),
            most,
        };
        limits.all().into_iter().map(limit).collect()
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
            .map_err(|_| format!("'{number}' is no number"))?;
        Self::new(name, most)
    }
}

/// What is a text in a file.
pub(super) mod text {
    use super::*;
    use serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(value: &impl AsRef<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.as_ref())
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Limits are a table in a file.
pub(super) mod table {
    use super::*;
    use serde::de::{self, MapAccess, Visitor};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(limits: &Option<Vec<Limit>>, to: S) -> Result<S::Ok, S::Error> {
        let limits = limits.iter().flatten();
        to.collect_map(limits.map(|limit| (&limit.name, limit.most)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<Limit>>, D::Error> {
        from.deserialize_map(Table).map(Some)
    }

    /// Reads a table entry by entry, so that an error is told where it is.
    struct Table;

    impl<'de> Visitor<'de> for Table {
        type Value = Vec<Limit>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of limits")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut limits = Vec::new();
            while let Some(Name(name)) = entries.next_key()? {
                let limit = Limit::new(&name, entries.next_value()?);
                limits.push(limit.map_err(de::Error::custom)?);
            }
            Ok(limits)
        }
    }

    /// The name of a limit that there is.
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Name(String);

    impl TryFrom<String> for Name {
        type Error = String;

        fn try_from(name: String) -> Result<Self, Self::Error> {
            Limit::new(&name, 0).map(|limit| Self(limit.name))
        }
    }
}
