//! What exchanges are about: how often each kind of step comes.

use super::Kind::{self, *};

/// A theme: its name, and how often each kind of step comes in relation to the others.
pub(super) struct Theme {
    pub(super) name: &'static str,
    pub(super) weights: &'static [(Kind, usize)],
}

/// The names of all of them.
pub(super) const NAMES: [&str; 8] = [
    "routing",
    "acknowledgement",
    "transactions",
    "confirms",
    "lifecycle",
    "errors",
    "limits",
    "dead-lettering",
];

pub(super) const THEMES: [Theme; 8] = [
    Theme {
        name: NAMES[0],
        weights: &[
            (DeclareExchange, 6),
            (DeclareQueue, 4),
            (BindQueue, 10),
            (BindExchange, 5),
            (UnbindQueue, 3),
            (UnbindExchange, 2),
            (DeleteExchange, 1),
            (DeleteQueue, 1),
            (Publish, 16),
            (PublishMandatory, 5),
            (PublishCopies, 2),
            (Get, 3),
            (Consume, 2),
            (Ack, 1),
        ],
    },
    Theme {
        name: NAMES[1],
        weights: &[
            (Publish, 10),
            (Consume, 4),
            (Cancel, 2),
            (Get, 8),
            (Qos, 3),
            (Ack, 7),
            (AckMultiple, 4),
            (Nack, 4),
            (NackMultiple, 2),
            (Reject, 4),
            (Recover, 2),
            (CloseChannel, 1),
            (OpenChannel, 3),
            (Cut, 1),
            (Purge, 1),
            (DeclareQueue, 1),
        ],
    },
    Theme {
        name: NAMES[2],
        weights: &[
            (TxSelect, 6),
            (Commit, 6),
            (Rollback, 4),
            (Publish, 12),
            (PublishMandatory, 2),
            (Get, 6),
            (Consume, 3),
            (Ack, 6),
            (AckMultiple, 2),
            (Nack, 2),
            (Reject, 2),
            (CloseChannel, 1),
            (OpenChannel, 3),
            (Cut, 1),
        ],
    },
    Theme {
        name: NAMES[3],
        weights: &[
            (ConfirmSelect, 6),
            (Publish, 12),
            (PublishMandatory, 5),
            (PublishCopies, 2),
            (Consume, 3),
            (Get, 3),
            (Ack, 3),
            (Nack, 1),
            (DeclareQueue, 1),
            (DeclareExchange, 1),
            (BindQueue, 2),
            (CloseChannel, 1),
            (OpenChannel, 3),
            (Purge, 1),
        ],
    },
    Theme {
        name: NAMES[4],
        weights: &[
            (DeclareQueue, 8),
            (DeclareExchange, 5),
            (RedeclareQueue, 3),
            (RedeclareExchange, 3),
            (BindQueue, 4),
            (BindExchange, 2),
            (UnbindQueue, 2),
            (DeleteQueue, 5),
            (DeleteExchange, 4),
            (Publish, 6),
            (Consume, 5),
            (Cancel, 4),
            (Get, 2),
            (Ack, 1),
            (CloseChannel, 2),
            (OpenChannel, 4),
            (CloseConnection, 1),
            (Cut, 2),
            (Purge, 2),
        ],
    },
    Theme {
        name: NAMES[5],
        weights: &[
            (Mistake, 14),
            (OpenChannel, 12),
            (DeclareQueue, 3),
            (DeclareExchange, 2),
            (BindQueue, 2),
            (Publish, 5),
            (Consume, 3),
            (Get, 3),
            (Ack, 2),
            (TxSelect, 1),
            (ConfirmSelect, 1),
            (Qos, 1),
        ],
    },
    Theme {
        name: NAMES[6],
        weights: &[
            (DeclareLimitedQueue, 5),
            (DeclareExchange, 1),
            (BindQueue, 3),
            (PublishCopies, 4),
            (Publish, 18),
            (PublishPriority, 8),
            (Consume, 4),
            (Cancel, 2),
            (Get, 5),
            (Qos, 4),
            (Ack, 4),
            (AckMultiple, 2),
            (Nack, 1),
            (ConfirmSelect, 2),
            (Purge, 1),
        ],
    },
    Theme {
        name: NAMES[7],
        weights: &[
            (DeclareDeadLetteringQueue, 4),
            (Publish, 10),
            (PublishExpiring, 6),
            (PublishCopies, 3),
            (Nack, 2),
            (Recover, 1),
            (CloseChannel, 2),
            (OpenChannel, 3),
            (Wait, 2),
            (Get, 6),
            (Consume, 3),
            (Ack, 2),
            (NackAway, 5),
            (RejectAway, 5),
            (ConfirmSelect, 1),
            (Purge, 1),
            (BindQueue, 1),
            (Cancel, 1),
        ],
    },
];

/// The theme of that name.
pub(super) fn theme(name: &str) -> &'static Theme {
    THEMES
        .iter()
        .find(|it| it.name == name)
        .unwrap_or(&THEMES[0])
}
