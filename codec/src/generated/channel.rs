//! The commands of class channel.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::storage::{Borrowed, Copying, Keep, Owned, Storage};

/// `channel.open`: class 20, method 10; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Open;

/// `channel.open-ok`: class 20, method 11; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct OpenOk;

/// `channel.flow`: class 20, method 20; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Flow {
    /// `bit`
    pub active: bool,
}

/// `channel.flow-ok`: class 20, method 21; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct FlowOk {
    /// `bit`
    pub active: bool,
}

/// `channel.close`: class 20, method 40; AMQP 0-9-1.
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

/// `channel.close-ok`: class 20, method 41; AMQP 0-9-1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct CloseOk;
