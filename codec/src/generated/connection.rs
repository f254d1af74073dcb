//! The commands of class connection.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// `connection.start`: class 10, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Start<S: Storage = Owned> {
    /// `octet`
    pub version_major: u8,
    /// `octet`
    pub version_minor: u8,
    /// `table`, domain `peer-properties`
    pub server_properties: S::FieldTable,
    /// `longstr`
    pub mechanisms: S::LongStr,
    /// `longstr`
    pub locales: S::LongStr,
}
impl Start<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Start {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> Start {
        Start {
            version_major: self.version_major,
            version_minor: self.version_minor,
            server_properties: self.server_properties.keep(keep),
            mechanisms: self.mechanisms.keep(keep),
            locales: self.locales.keep(keep),
        }
    }
}

/// `connection.start-ok`: class 10, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct StartOk<S: Storage = Owned> {
    /// `table`, domain `peer-properties`
    pub client_properties: S::FieldTable,
    /// `shortstr`
    pub mechanism: S::ShortStr,
    /// `longstr`
    pub response: S::LongStr,
    /// `shortstr`
    pub locale: S::ShortStr,
}
impl StartOk<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> StartOk {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> StartOk {
        StartOk {
            client_properties: self.client_properties.keep(keep),
            mechanism: self.mechanism.into_owned(),
            response: self.response.keep(keep),
            locale: self.locale.into_owned(),
        }
    }
}

/// `connection.secure`: class 10, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Secure<S: Storage = Owned> {
    /// `longstr`
    pub challenge: S::LongStr,
}
impl Secure<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Secure {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> Secure {
        Secure {
            challenge: self.challenge.keep(keep),
        }
    }
}

/// `connection.secure-ok`: class 10, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct SecureOk<S: Storage = Owned> {
    /// `longstr`
    pub response: S::LongStr,
}
impl SecureOk<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> SecureOk {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> SecureOk {
        SecureOk {
            response: self.response.keep(keep),
        }
    }
}

/// `connection.tune`: class 10, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Tune {
    /// `short`
    pub channel_max: u16,
    /// `long`
    pub frame_max: u32,
    /// `short`
    pub heartbeat: u16,
}

/// `connection.tune-ok`: class 10, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct TuneOk {
    /// `short`
    pub channel_max: u16,
    /// `long`
    pub frame_max: u32,
    /// `short`
    pub heartbeat: u16,
}

/// `connection.open`: class 10, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Open<S: Storage = Owned> {
    /// `shortstr`, domain `path`
    pub virtual_host: S::ShortStr,
}
impl Open<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Open {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Open {
        Open {
            virtual_host: self.virtual_host.into_owned(),
        }
    }
}

/// `connection.open-ok`: class 10, method 41; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct OpenOk;

/// `connection.close`: class 10, method 50; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Close<S: Storage = Owned> {
    /// `short`, domain `reply-code`
    pub reply_code: u16,
    /// `shortstr`, domain `reply-text`
    pub reply_text: S::ShortStr,
    /// `short`, domain `class-id`
    pub class_id: u16,
    /// `short`, domain `method-id`
    pub method_id: u16,
}
impl Close<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Close {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Close {
        Close {
            reply_code: self.reply_code,
            reply_text: self.reply_text.into_owned(),
            class_id: self.class_id,
            method_id: self.method_id,
        }
    }
}

/// `connection.close-ok`: class 10, method 51; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct CloseOk;

/// `connection.blocked`: class 10, method 60; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Blocked<S: Storage = Owned> {
    /// `shortstr`
    pub reason: S::ShortStr,
}
impl Blocked<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Blocked {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Blocked {
        Blocked {
            reason: self.reason.into_owned(),
        }
    }
}

/// `connection.unblocked`: class 10, method 61; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Unblocked;

/// `connection.update-secret`: class 10, method 70; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct UpdateSecret<S: Storage = Owned> {
    /// `longstr`
    pub new_secret: S::LongStr,
    /// `shortstr`
    pub reason: S::ShortStr,
}
impl UpdateSecret<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> UpdateSecret {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> UpdateSecret {
        UpdateSecret {
            new_secret: self.new_secret.keep(keep),
            reason: self.reason.into_owned(),
        }
    }
}

/// `connection.update-secret-ok`: class 10, method 71; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UpdateSecretOk;
