//! The commands of class basic.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// `basic.qos`: class 60, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Qos {
    /// `long`
    pub prefetch_size: u32,
    /// `short`
    pub prefetch_count: u16,
    /// `bit`
    pub global: bool,
}

/// `basic.qos-ok`: class 60, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct QosOk;

/// `basic.consume`: class 60, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Consume<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: S::ShortStr,
    /// `bit`, domain `no-local`
    pub no_local: bool,
    /// `bit`, domain `no-ack`
    pub no_ack: bool,
    /// `bit`
    pub exclusive: bool,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
    /// `table`
    pub arguments: S::FieldTable,
}
impl Consume<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Consume {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, keep: &impl Keep) -> Consume {
        Consume {
            queue: self.queue.into_owned(),
            consumer_tag: self.consumer_tag.into_owned(),
            no_local: self.no_local,
            no_ack: self.no_ack,
            exclusive: self.exclusive,
            no_wait: self.no_wait,
            arguments: self.arguments.keep(keep),
        }
    }
}

/// `basic.consume-ok`: class 60, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct ConsumeOk<S: Storage = Owned> {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: S::ShortStr,
}
impl ConsumeOk<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> ConsumeOk {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> ConsumeOk {
        ConsumeOk {
            consumer_tag: self.consumer_tag.into_owned(),
        }
    }
}

/// `basic.cancel`: class 60, method 30; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Cancel<S: Storage = Owned> {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: S::ShortStr,
    /// `bit`, domain `no-wait`
    pub no_wait: bool,
}
impl Cancel<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Cancel {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Cancel {
        Cancel {
            consumer_tag: self.consumer_tag.into_owned(),
            no_wait: self.no_wait,
        }
    }
}

/// `basic.cancel-ok`: class 60, method 31; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct CancelOk<S: Storage = Owned> {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: S::ShortStr,
}
impl CancelOk<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> CancelOk {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> CancelOk {
        CancelOk {
            consumer_tag: self.consumer_tag.into_owned(),
        }
    }
}

/// `basic.publish`: class 60, method 40; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Publish<S: Storage = Owned> {
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
    /// `bit`
    pub mandatory: bool,
    /// `bit`
    pub immediate: bool,
}
impl Publish<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Publish {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Publish {
        Publish {
            exchange: self.exchange.into_owned(),
            routing_key: self.routing_key.into_owned(),
            mandatory: self.mandatory,
            immediate: self.immediate,
        }
    }
}

/// `basic.return`: class 60, method 50; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Return<S: Storage = Owned> {
    /// `short`, domain `reply-code`
    pub reply_code: u16,
    /// `shortstr`, domain `reply-text`
    pub reply_text: S::ShortStr,
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
}
impl Return<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Return {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Return {
        Return {
            reply_code: self.reply_code,
            reply_text: self.reply_text.into_owned(),
            exchange: self.exchange.into_owned(),
            routing_key: self.routing_key.into_owned(),
        }
    }
}

/// `basic.deliver`: class 60, method 60; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Deliver<S: Storage = Owned> {
    /// `shortstr`, domain `consumer-tag`
    pub consumer_tag: S::ShortStr,
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`, domain `redelivered`
    pub redelivered: bool,
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
}
impl Deliver<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Deliver {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Deliver {
        Deliver {
            consumer_tag: self.consumer_tag.into_owned(),
            delivery_tag: self.delivery_tag,
            redelivered: self.redelivered,
            exchange: self.exchange.into_owned(),
            routing_key: self.routing_key.into_owned(),
        }
    }
}

/// `basic.get`: class 60, method 70; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct Get<S: Storage = Owned> {
    /// `shortstr`, domain `queue-name`
    pub queue: S::ShortStr,
    /// `bit`, domain `no-ack`
    pub no_ack: bool,
}
impl Get<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> Get {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> Get {
        Get {
            queue: self.queue.into_owned(),
            no_ack: self.no_ack,
        }
    }
}

/// `basic.get-ok`: class 60, method 71; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "arbitrary",
    arbitrary(bound = "S: crate::arbitrary::Drawn<'arbitrary>")
)]
pub struct GetOk<S: Storage = Owned> {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`, domain `redelivered`
    pub redelivered: bool,
    /// `shortstr`, domain `exchange-name`
    pub exchange: S::ShortStr,
    /// `shortstr`
    pub routing_key: S::ShortStr,
    /// `long`, domain `message-count`
    pub message_count: u32,
}
impl GetOk<Borrowed<'_>> {
    /// A copy that can be kept.
    pub fn into_owned(self) -> GetOk {
        self.keep(&Copying)
    }

    pub(crate) fn keep(self, _keep: &impl Keep) -> GetOk {
        GetOk {
            delivery_tag: self.delivery_tag,
            redelivered: self.redelivered,
            exchange: self.exchange.into_owned(),
            routing_key: self.routing_key.into_owned(),
            message_count: self.message_count,
        }
    }
}

/// `basic.get-empty`: class 60, method 72; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct GetEmpty;

/// `basic.ack`: class 60, method 80; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Ack {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`
    pub multiple: bool,
}

/// `basic.reject`: class 60, method 90; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Reject {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`
    pub requeue: bool,
}

/// `basic.recover-async`: class 60, method 100; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RecoverAsync {
    /// `bit`
    pub requeue: bool,
}

/// `basic.recover`: class 60, method 110; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Recover {
    /// `bit`
    pub requeue: bool,
}

/// `basic.recover-ok`: class 60, method 111; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct RecoverOk;

/// `basic.nack`: class 60, method 120; RabbitMQ extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Nack {
    /// `longlong`, domain `delivery-tag`
    pub delivery_tag: u64,
    /// `bit`
    pub multiple: bool,
    /// `bit`
    pub requeue: bool,
}
