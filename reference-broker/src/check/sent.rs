//! What a client has said, until it is known to have been carried out.

use mqspec_codec::{MethodId, ShortStr};

use super::channel::{Consumer, Mode, Window};
use super::ledger::{Count, MessageId, State};

/// What has to become of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Success,
    /// Channel or connection are closed because of it.
    Refusal,
    Either,
}

/// What follows from a command that is carried out.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    Nothing,
    OpenChannel,
    CloseChannel,
    /// The broker's close is answered.
    FreeChannel,
    Flow(bool),
    Declare(usize),
    /// With other attributes than those of its kind.
    DeclareOddly(usize),
    Delete {
        kind: usize,
        conditional: bool,
    },
    Purge(usize),
    Publish(MessageId),
    Consume(Consumer),
    Cancel(ShortStr),
    Settle {
        tag: u64,
        multiple: bool,
        outcome: (State, bool),
    },
    Recover {
        to_same: bool,
    },
    Qos {
        window: Window,
        global: bool,
    },
    Select(Mode),
    Commit,
    RollBack,
    CloseConnection,
}

impl Effect {
    /// Whether it may end that somebody has deliveries.
    pub(super) fn may_settle(&self) -> bool {
        matches!(
            self,
            Self::CloseChannel
                | Self::CloseConnection
                | Self::Commit
                | Self::FreeChannel
                | Self::Recover { .. }
                | Self::Settle { .. }
        )
    }
}

/// A command on its way.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) channel: u16,
    pub(super) id: MethodId,
    /// What answers it, if anything does.
    pub(super) reply: Option<MethodId>,
    pub(super) expected: Expected,
    pub(super) effect: Effect,
    /// Whether nothing that was said before can keep it from being carried out.
    pub(super) certain: bool,
    pub(super) is_applied: bool,
    /// How many octets the client had said with it.
    pub(super) end: u64,
    /// The queue it speaks of.
    pub(super) kind: Option<usize>,
    /// What the answer's count of messages has to be.
    pub(super) count: Count,
    /// Whether what it fetches is settled at once.
    pub(super) no_ack: bool,
}

impl Sent {
    pub(super) fn new(channel: u16, id: MethodId) -> Self {
        Self {
            channel,
            id,
            reply: None,
            expected: Expected::Success,
            effect: Effect::Nothing,
            certain: true,
            is_applied: false,
            end: 0,
            kind: None,
            count: Count::ANY,
            no_ack: false,
        }
    }

    /// Sets what answers it.
    pub(super) fn answered(mut self, reply: MethodId) -> Self {
        self.reply = Some(reply);
        self
    }

    /// Sets what answers it, unless no answer is wanted.
    pub(super) fn answered_unless(mut self, no_wait: bool, reply: MethodId) -> Self {
        self.reply = (!no_wait).then_some(reply);
        self
    }

    pub(super) fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    pub(super) fn with(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    pub(super) fn about(mut self, kind: Option<usize>) -> Self {
        self.kind = kind;
        self
    }

    pub(super) fn counting(mut self, count: Count) -> Self {
        self.count = count;
        self
    }
}
