//! The queues and exchanges that operations speak of. What a queue is like follows from its name.

use std::fmt;
use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};
use mqspec_codec::{FieldTable, FieldValue, LongStr, ShortStr, queue};

/// What becomes of the messages in a queue of a name, and of the queue itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) durable: bool,
    pub(super) auto_delete: bool,
    pub(super) exclusive: bool,
    pub(super) arguments: &'static [(&'static str, Argument)],
    /// Whether it is there until somebody deletes it.
    pub(super) lasting: bool,
    /// Whether it lasts, and so does what is in it until somebody takes it.
    pub(super) steady: bool,
}

/// The value of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    Number(i32),
    Text(&'static str),
    Flag,
}

use Argument::{Flag, Number, Text};

const PLAIN: Kind = Kind {
    name: "plain",
    durable: false,
    auto_delete: false,
    exclusive: false,
    arguments: &[],
    lasting: true,
    steady: true,
};

/// Where dead letters go: the default exchange, to the queue that collects them.
const TO_DEAD: (&str, Argument) = ("x-dead-letter-exchange", Text(""));
const AS_DEAD: (&str, Argument) = ("x-dead-letter-routing-key", Text("dead"));

/// What is too much is not taken, and its publisher told so.
const REJECTS: (&str, Argument) = ("x-overflow", Text("reject-publish"));

/// The most important priority of the queue that tells priorities apart.
const MAX_PRIORITY: u8 = 3;

pub(super) const KINDS: [Kind; 12] = [
    PLAIN,
    Kind {
        name: "kept",
        durable: true,
        ..PLAIN
    },
    Kind {
        name: "letters",
        durable: true,
        arguments: &[TO_DEAD, AS_DEAD],
        ..PLAIN
    },
    Kind {
        name: "dead",
        durable: true,
        ..PLAIN
    },
    Kind {
        name: "ranked",
        durable: true,
        arguments: &[("x-max-priority", Number(MAX_PRIORITY as i32))],
        ..PLAIN
    },
    Kind {
        name: "short",
        arguments: &[("x-max-length", Number(2)), TO_DEAD, AS_DEAD],
        steady: false,
        ..PLAIN
    },
    Kind {
        name: "brief",
        durable: true,
        arguments: &[("x-message-ttl", Number(20)), TO_DEAD, AS_DEAD],
        steady: false,
        ..PLAIN
    },
    Kind {
        name: "full",
        durable: true,
        arguments: &[("x-max-length-bytes", Number(12)), REJECTS],
        steady: false,
        ..PLAIN
    },
    Kind {
        name: "single",
        arguments: &[("x-single-active-consumer", Flag)],
        ..PLAIN
    },
    Kind {
        name: "auto",
        auto_delete: true,
        lasting: false,
        steady: false,
        ..PLAIN
    },
    Kind {
        name: "own",
        exclusive: true,
        lasting: false,
        steady: false,
        ..PLAIN
    },
    Kind {
        name: "fleeting",
        arguments: &[("x-expires", Number(100))],
        lasting: false,
        steady: false,
        ..PLAIN
    },
];

impl Kind {
    /// The usual declaration.
    pub(super) fn declare(&self) -> queue::Declare {
        queue::Declare {
            queue: ShortStr::from_static(self.name),
            durable: self.durable,
            auto_delete: self.auto_delete,
            exclusive: self.exclusive,
            arguments: table(self.arguments),
            ..Default::default()
        }
    }
}

fn table(pairs: &[(&'static str, Argument)]) -> FieldTable {
    let mut table = FieldTable::new();
    for (name, value) in pairs {
        let value: FieldValue = match value {
            Number(number) => (*number).into(),
            Text(text) => LongStr::from_static(text).into(),
            Flag => true.into(),
        };
        table.push(name, value).expect("a short name");
    }
    table
}

/// An index into [`KINDS`], or beyond them a name that means something else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Queue(u8);

impl Queue {
    /// The one that was declared last on the channel.
    const LAST: u8 = KINDS.len() as u8;
    const MISSING: u8 = Self::LAST + 1;
    const REPLIES: u8 = Self::LAST + 2;

    /// Where replies are waited for.
    pub(super) const PSEUDO: &'static str = "amq.rabbitmq.reply-to";

    pub(super) const fn of_kind(index: usize) -> Self {
        Self(index as u8)
    }

    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let octet = u8::arbitrary(u)? % 32;
        // The first ones more often.
        Ok(Self(if octet > Self::REPLIES {
            octet % 5
        } else {
            octet
        }))
    }

    /// The index of its kind; none if the name is none of theirs.
    pub(super) fn kind(self) -> Option<usize> {
        (self.0 < Self::LAST).then_some(usize::from(self.0))
    }

    pub(super) fn is_last(self) -> bool {
        self.0 == Self::LAST
    }

    pub(super) fn is_replies(self) -> bool {
        self.0 == Self::REPLIES
    }

    pub(super) fn text(self) -> &'static str {
        match self.0 {
            Self::LAST => "",
            Self::MISSING => "missing",
            Self::REPLIES => Self::PSEUDO,
            index => KINDS[usize::from(index)].name,
        }
    }

    pub(super) fn name(self) -> ShortStr {
        ShortStr::from_static(self.text())
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_last() { "last" } else { self.text() })
    }
}

/// The rank of a message of a priority in a queue of a kind: the lowest is served first.
pub(super) fn rank(kind: usize, priority: u8) -> u8 {
    if KINDS[kind].name == "ranked" {
        MAX_PRIORITY.saturating_sub(priority)
    } else {
        u8::from(priority < 5)
    }
}

/// The kind of the queue that collects dead letters.
pub(super) const DEAD: usize = 3;

/// Whether what is rejected out of a queue of a kind becomes a dead letter.
pub(super) fn buries(kind: usize) -> bool {
    KINDS[kind].arguments.contains(&TO_DEAD)
}

/// How long a message may wait in a queue of a kind.
pub(super) fn time_to_live(kind: usize) -> Option<Duration> {
    number(kind, "x-message-ttl").map(|time| Duration::from_millis(u64::from(time)))
}

/// How many messages may wait in a queue of a kind.
pub(super) fn max_length(kind: usize) -> Option<u32> {
    number(kind, "x-max-length")
}

/// Whether a queue of a kind has no room for a body of that size, and says so.
pub(super) fn is_too_large(kind: usize, size: usize) -> bool {
    let rejects = KINDS[kind].arguments.contains(&REJECTS);
    rejects && number(kind, "x-max-length-bytes").is_some_and(|most| size > most as usize)
}

fn number(kind: usize, argument: &str) -> Option<u32> {
    let mut arguments = KINDS[kind].arguments.iter();
    arguments.find_map(|(name, value)| match value {
        Number(number) if *name == argument => u32::try_from(*number).ok(),
        _ => None,
    })
}

/// Whether only one consumer of a queue of a kind is served.
pub(super) fn is_single(kind: usize) -> bool {
    KINDS[kind].name == "single"
}

/// One of a few exchanges.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchange(u8);

const EXCHANGES: [&str; 7] = [
    "",
    "amq.fanout",
    "amq.direct",
    "amq.topic",
    "amq.headers",
    "own",
    "kept",
];

impl Exchange {
    pub(super) const DEFAULT: Self = Self(0);

    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self(u8::arbitrary(u)? % EXCHANGES.len() as u8))
    }

    pub(super) fn text(self) -> &'static str {
        EXCHANGES[usize::from(self.0)]
    }

    pub(super) fn name(self) -> ShortStr {
        ShortStr::from_static(self.text())
    }

    pub(super) fn is_default(self) -> bool {
        self == Self::DEFAULT
    }

    /// Whether it is there from the beginning to the end.
    pub(super) fn is_standard(self) -> bool {
        self.is_default() || self.text().starts_with("amq.")
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_default() {
            "default"
        } else {
            self.text()
        })
    }
}

/// A routing or binding key: a queue's name, a pattern, or where somebody waits for replies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Queue(Queue),
    Pattern(&'static str),
    /// The last name that a message had in `reply-to`.
    Reply,
}

impl Key {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(match u8::arbitrary(u)? {
            0..8 => Self::Pattern("#"),
            8..12 => Self::Pattern("*.a"),
            12..16 => Self::Reply,
            _ => Self::Queue(Queue::draw(u)?),
        })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(queue) => queue.fmt(f),
            Self::Pattern(pattern) => f.write_str(pattern),
            Self::Reply => f.write_str("reply"),
        }
    }
}
