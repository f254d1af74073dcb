//! Users, as an operator writes them down.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::values::text;
use crate::users::{PasswordHash, Pattern, Permission, User};

/// How a hash is told from a password.
const HASH: &str = "$argon2";

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Login {
    /// The name.
    pub name: String,
    /// What the password is held against; without it they need a certificate.
    pub password: Option<PasswordHash>,
    /// What they may do, by virtual host; otherwise everything everywhere.
    pub permission: Option<Vec<Grant>>,
    /// How many connections they may have open at once; otherwise as many as any user.
    pub connections: Option<usize>,
}

/// What a user may do in one virtual host. What is left out matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grant {
    /// The virtual host.
    pub virtual_host: String,
    /// What they may declare and delete.
    #[serde(default = "nothing", with = "text")]
    pub configure: Pattern,
    /// What they may publish to, and bind something to.
    #[serde(default = "nothing", with = "text")]
    pub write: Pattern,
    /// What they may consume, fetch and purge, and bind something from.
    #[serde(default = "nothing", with = "text")]
    pub read: Pattern,
}

fn nothing() -> Pattern {
    Pattern::none()
}

/// A user in a file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    /// Never written, only read.
    #[serde(skip_serializing)]
    password: Option<String>,
    password_hash: Option<String>,
    connections: Option<usize>,
    permission: Option<Vec<Grant>>,
}

impl TryFrom<Written> for Login {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written {
            name,
            password,
            password_hash,
            connections,
            permission,
        } = written;
        if name.is_empty() {
            return Err("a user needs a name".to_owned());
        }
        let password = match (password, password_hash) {
            (None, None) => None,
            (Some(password), None) => Some(PasswordHash::new(&password)),
            (None, Some(hash)) => Some(hash.parse().map_err(|error| format!("{error}"))?),
            (Some(_), Some(_)) => {
                return Err(format!(
                    "user '{name}' has either a password or a password-hash"
                ));
            }
        };
        Ok(Self {
            name,
            password,
            permission,
            connections,
        })
    }
}

impl From<Login> for Written {
    fn from(login: Login) -> Self {
        Self {
            name: login.name,
            password: None,
            password_hash: login.password.map(|hash| hash.as_str().to_owned()),
            connections: login.connections,
            permission: login.permission,
        }
    }
}

impl FromStr for Login {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text
            .split_once(':')
            .filter(|(name, _)| !name.is_empty())
            .ok_or("a user is written NAME:PASSWORD or NAME:PASSWORD@VHOST")?;
        let (password, only) = match rest.split_once('@') {
            Some((password, host)) => (password, Some(host.to_owned())),
            None => (rest, None),
        };
        let hash = if password.starts_with(HASH) {
            password.parse().map_err(|error| format!("{error}"))?
        } else {
            PasswordHash::new(password)
        };
        Ok(Self {
            name: name.to_owned(),
            password: Some(hash),
            permission: only.map(|virtual_host| {
                let Permission {
                    configure,
                    write,
                    read,
                } = Permission::default();
                vec![Grant {
                    virtual_host,
                    configure,
                    write,
                    read,
                }]
            }),
            connections: None,
        })
    }
}

impl Login {
    /// The user as the broker knows them.
    pub(super) fn user(&self) -> (String, User) {
        let mut user = User {
            password: self.password.clone(),
            permissions: self.permission.as_ref().map(|_| BTreeMap::new()),
            connections: self.connections,
        };
        for grant in self.permission.iter().flatten() {
            let permission = Permission {
                configure: grant.configure.clone(),
                write: grant.write.clone(),
                read: grant.read.clone(),
            };
            user = user.with(grant.virtual_host.clone(), permission);
        }
        (self.name.clone(), user)
    }
}

/// The broker's users, as an operator would write them down.
pub(super) fn of(users: &BTreeMap<String, User>) -> Vec<Login> {
    let grants = |user: &User| {
        let permissions = user.permissions.as_ref()?;
        let grant = |(host, permission): (&String, &std::sync::Arc<Permission>)| Grant {
            virtual_host: host.clone(),
            configure: permission.configure.clone(),
            write: permission.write.clone(),
            read: permission.read.clone(),
        };
        Some(permissions.iter().map(grant).collect())
    };
    let login = |(name, user): (&String, &User)| Login {
        name: name.clone(),
        password: user.password.clone(),
        permission: grants(user),
        connections: user.connections,
    };
    users.iter().map(login).collect()
}
