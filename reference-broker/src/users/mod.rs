//! Who may log in, and what they may do.
//!
//! - `password`: salted hashes, and what spares the broker most of their cost
//! - `permission`: what a user may configure, write and read in a virtual host

mod password;
mod permission;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::password::{Attempt, PasswordError, PasswordHash};
pub(crate) use self::password::{Digest, Known};
pub(crate) use self::permission::Right;
pub use self::permission::{Pattern, PatternError, Permission};

/// Somebody who may log in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// What their password is held against. Without one they log in by a certificate, or not at all.
    pub password: Option<PasswordHash>,
    /// The virtual hosts that they may open, and what they may do there; none: everything in all of them.
    pub permissions: Option<BTreeMap<String, Arc<Permission>>>,
    /// How many connections they may have open at once; none: as many as any user.
    pub connections: Option<usize>,
}

impl User {
    /// A user who may do everything.
    pub fn new(password: PasswordHash) -> Self {
        Self {
            password: Some(password),
            permissions: None,
            connections: None,
        }
    }

    /// The same user, who may do this in one virtual host more, and nothing where nothing was said.
    #[must_use]
    pub fn with(mut self, virtual_host: impl Into<String>, permission: Permission) -> Self {
        self.permissions
            .get_or_insert_default()
            .insert(virtual_host.into(), Arc::new(permission));
        self
    }

    /// What they may do in a virtual host, if they may open it.
    pub(crate) fn permission(&self, virtual_host: &str) -> Option<Arc<Permission>> {
        match &self.permissions {
            None => Some(Arc::default()),
            Some(permissions) => permissions.get(virtual_host).cloned(),
        }
    }
}
