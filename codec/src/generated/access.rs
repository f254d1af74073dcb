//! The commands of class access.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// `access.request`: class 30, method 10; AMQP 0-8, kept by RabbitMQ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Request<S: Storage = Owned> {
    /// `shortstr`
    pub realm: S::ShortStr,
    /// `bit`
    pub exclusive: bool,
    /// `bit`
    pub passive: bool,
    /// `bit`
    pub active: bool,
    /// `bit`
    pub write: bool,
    /// `bit`
    pub read: bool,
}
impl Request<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Request {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Request {
        Request {
            realm: self.realm.into_owned(),
            exclusive: self.exclusive,
            passive: self.passive,
            active: self.active,
            write: self.write,
            read: self.read,
        }
    }
}

/// `access.request-ok`: class 30, method 11; AMQP 0-8, kept by RabbitMQ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RequestOk {
    /// `short`
    pub ticket: u16,
}
