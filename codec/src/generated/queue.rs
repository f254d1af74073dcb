//! The commands of class queue.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// `queue.declare`: class 50, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Declare<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `bit`
    pub passive: bool,
    /// `bit`
    pub durable: bool,
    /// `bit`
    pub exclusive: bool,
    /// `bit`
    pub auto_delete: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: S::FieldTable,
}
impl Declare<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Declare {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> Declare {
        Declare {
            queue: self.queue.into_owned(),
            passive: self.passive,
            durable: self.durable,
            exclusive: self.exclusive,
            auto_delete: self.auto_delete,
            no_wait: self.no_wait,
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `queue.declare-ok`: class 50, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct DeclareOk<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `long`, domain `message-count`
    pub message_count: u32,
    /// `long`
    pub consumer_count: u32,
}
impl DeclareOk<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> DeclareOk {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> DeclareOk {
        DeclareOk {
            queue: self.queue.into_owned(),
            message_count: self.message_count,
            consumer_count: self.consumer_count,
        }
    }
}

/// `queue.bind`: class 50, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Bind<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: S::FieldTable,
}
impl Bind<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Bind {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> Bind {
        Bind {
            queue: self.queue.into_owned(),
            exchange: self.exchange.into_owned(),
            routing_key: self.routing_key.into_owned(),
            no_wait: self.no_wait,
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `queue.bind-ok`: class 50, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BindOk;

/// `queue.unbind`: class 50, method 50; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Unbind<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
    /// `table`
    pub arguments: S::FieldTable,
}
impl Unbind<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Unbind {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> Unbind {
        Unbind {
            queue: self.queue.into_owned(),
            exchange: self.exchange.into_owned(),
            routing_key: self.routing_key.into_owned(),
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `queue.unbind-ok`: class 50, method 51; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UnbindOk;

/// `queue.purge`: class 50, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Purge<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Purge<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Purge {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Purge {
        Purge {
            queue: self.queue.into_owned(),
            no_wait: self.no_wait,
        }
    }
}

/// `queue.purge-ok`: class 50, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct PurgeOk {
    /// `long`, domain `message-count`
    pub message_count: u32,
}

/// `queue.delete`: class 50, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Delete<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `bit`
    pub if_unused: bool,
    /// `bit`
    pub if_empty: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Delete<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Delete {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Delete {
        Delete {
            queue: self.queue.into_owned(),
            if_unused: self.if_unused,
            if_empty: self.if_empty,
            no_wait: self.no_wait,
        }
    }
}

/// `queue.delete-ok`: class 50, method 41; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeleteOk {
    /// `long`, domain `message-count`
    pub message_count: u32,
}
