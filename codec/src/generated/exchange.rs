//! The commands of class exchange.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// `exchange.declare`: class 40, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Declare<S: Storage = Owned> {
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub r#type: S::ShortStr,
    /// `bit`
    pub passive: bool,
    /// `bit`
    pub durable: bool,
    /// `bit`
    pub auto_delete: bool,
    /// `bit`
    pub internal: bool,
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
            exchange: self.exchange.into_owned(),
            r#type: self.r#type.into_owned(),
            passive: self.passive,
            durable: self.durable,
            auto_delete: self.auto_delete,
            internal: self.internal,
            no_wait: self.no_wait,
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `exchange.declare-ok`: class 40, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeclareOk;

/// `exchange.delete`: class 40, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Delete<S: Storage = Owned> {
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `bit`
    pub if_unused: bool,
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
            exchange: self.exchange.into_owned(),
            if_unused: self.if_unused,
            no_wait: self.no_wait,
        }
    }
}

/// `exchange.delete-ok`: class 40, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DeleteOk;

/// `exchange.bind`: class 40, method 30; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Bind<S: Storage = Owned> {
    /// `shortstr`, domain `exchange-name`
    pub destination: S::ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub source: S::ShortStr,
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
            destination: self.destination.into_owned(),
            source: self.source.into_owned(),
            routing_key: self.routing_key.into_owned(),
            no_wait: self.no_wait,
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `exchange.bind-ok`: class 40, method 31; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BindOk;

/// `exchange.unbind`: class 40, method 40; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Unbind<S: Storage = Owned> {
    /// `shortstr`, domain `exchange-name`
    pub destination: S::ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub source: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
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
            destination: self.destination.into_owned(),
            source: self.source.into_owned(),
            routing_key: self.routing_key.into_owned(),
            no_wait: self.no_wait,
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `exchange.unbind-ok`: class 40, method 51; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UnbindOk;
