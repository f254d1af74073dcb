//! What may happen to a broker, one thing after the other, as a fuzzer's octets say.
//!
//! Every choice takes one octet, so that a fuzzer that changes one octet changes one choice. Names come out of small
//! sets, so that things meet.

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::names::{Exchange, Key, Queue};

/// How many connections there may be at once.
pub(super) const SLOTS: usize = 3;

/// The greatest channel number in use.
pub(super) const CHANNELS: usize = 3;

/// What one sequence begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Whether what is durable is stored.
    pub(super) stores: bool,
    /// Whether few octets may wait to be written to a client.
    pub(super) narrow: bool,
    /// The queues that are declared before anything else, one bit for each.
    pub(super) declared: u8,
}

/// A connection's place, and a channel on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) slot: usize,
    pub(super) channel: u16,
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.slot, self.channel)
    }
}

/// How a queue is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is in [`names`](super::names).
    Usual,
    NoWait,
    Passive,
    /// With other attributes and arguments.
    Odd(u8),
}

/// What a message asks for beside going somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    Nothing,
    /// A copy for another queue, in the header `CC`.
    Copy(Queue),
    /// To be forgotten after so many milliseconds.
    Expiration(u8),
    /// Replies by way of the pseudo-queue.
    ReplyTo,
    /// Headers that mean nothing.
    Headers(u8),
}

/// A message to publish.
#[derive(Debug, Clone, Copy)]
pub(super) struct Publish {
    pub(super) exchange: Exchange,
    pub(super) key: Key,
    pub(super) persistent: bool,
    pub(super) mandatory: bool,
    pub(super) priority: u8,
    pub(super) size: u16,
    pub(super) extra: Extra,
}

/// What is said of one or several deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Ack,
    Nack { requeue: bool },
    Reject { requeue: bool },
}

/// What ends a connection, because it may not be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    FrameType,
    FrameEnd,
    FrameSize,
    HeaderWithoutPublish,
    BodyWithoutPublish,
    PublishWithoutHeader,
    BodyTooLong,
    ClosedChannel,
    HeartbeatOnChannel,
    UnknownCommand,
    BrokersCommand,
    Immediate,
    OpenTwice,
}

const FAULTS: [Fault; 13] = [
    Fault::FrameType,
    Fault::FrameEnd,
    Fault::FrameSize,
    Fault::HeaderWithoutPublish,
    Fault::BodyWithoutPublish,
    Fault::PublishWithoutHeader,
    Fault::BodyTooLong,
    Fault::ClosedChannel,
    Fault::HeartbeatOnChannel,
    Fault::UnknownCommand,
    Fault::BrokersCommand,
    Fault::Immediate,
    Fault::OpenTwice,
];

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Connect {
        slot: usize,
        extensions: bool,
        small_frames: bool,
        heartbeats: bool,
    },
    Cut(usize),
    CloseConnection(usize),
    /// From now on the client's octets arrive in pieces of this size (0: as they are), and the last few
    /// of them only with the next ones.
    Split {
        slot: usize,
        pieces: u8,
        late: u8,
    },
    /// Whether the client reads.
    Read {
        slot: usize,
        reads: bool,
    },
    OpenChannel(At),
    CloseChannel(At),
    Flow(At, bool),
    Declare(At, Queue, Form),
    Delete {
        at: At,
        queue: Queue,
        if_unused: bool,
        if_empty: bool,
        no_wait: bool,
    },
    Purge {
        at: At,
        queue: Queue,
        no_wait: bool,
    },
    Bind {
        at: At,
        queue: Queue,
        exchange: Exchange,
        key: Key,
        undo: bool,
    },
    DeclareExchange {
        at: At,
        exchange: Exchange,
        form: u8,
    },
    DeleteExchange {
        at: At,
        exchange: Exchange,
        if_unused: bool,
    },
    BindExchange {
        at: At,
        destination: Exchange,
        source: Exchange,
        key: Key,
        undo: bool,
    },
    Publish(At, Publish),
    Get {
        at: At,
        queue: Queue,
        no_ack: bool,
    },
    Consume {
        at: At,
        queue: Queue,
        /// 0 asks for a tag.
        tag: u8,
        no_ack: bool,
        no_local: bool,
        exclusive: bool,
        priority: u8,
        no_wait: bool,
    },
    Cancel {
        at: At,
        tag: u8,
        no_wait: bool,
    },
    Settle {
        at: At,
        /// Counted back from the last one that is not settled.
        which: u8,
        multiple: bool,
        verdict: Verdict,
    },
    Recover {
        at: At,
        requeue: bool,
        asynchronous: bool,
    },
    Qos {
        at: At,
        count: u16,
        octets: u32,
        global: bool,
    },
    Select(At),
    Commit(At),
    RollBack(At),
    Confirm(At),
    Fault(At, Fault),
    /// Any octets. Nothing is known of what they have done.
    Raw(usize, Vec<u8>),
    Wait(u64),
    Alarm(bool),
    /// Whether changes are stored as soon as there are any.
    Prompt(bool),
    /// Takes what has changed.
    Take,
    /// Stores what was taken longest ago.
    Write,
    /// Tells the broker how far the store has come.
    Report,
    /// The broker is killed, and another one takes its place.
    Crash,
    /// The broker takes leave of everybody, and another one takes its place.
    Stop,
}

impl Operation {
    /// The channel on which it is said, if it is a command on one.
    pub(super) fn at(&self) -> Option<At> {
        match self {
            Self::OpenChannel(at)
            | Self::CloseChannel(at)
            | Self::Flow(at, _)
            | Self::Declare(at, ..)
            | Self::Delete { at, .. }
            | Self::Purge { at, .. }
            | Self::Bind { at, .. }
            | Self::DeclareExchange { at, .. }
            | Self::DeleteExchange { at, .. }
            | Self::BindExchange { at, .. }
            | Self::Publish(at, _)
            | Self::Get { at, .. }
            | Self::Consume { at, .. }
            | Self::Cancel { at, .. }
            | Self::Settle { at, .. }
            | Self::Recover { at, .. }
            | Self::Qos { at, .. }
            | Self::Select(at)
            | Self::Commit(at)
            | Self::RollBack(at)
            | Self::Confirm(at)
            | Self::Fault(at, _) => Some(*at),
            _ => None,
        }
    }
}

fn flag(u: &mut Unstructured<'_>) -> Result<bool> {
    Ok(u8::arbitrary(u)? & 1 == 1)
}

fn below(u: &mut Unstructured<'_>, most: u8) -> Result<u8> {
    Ok(u8::arbitrary(u)? % most)
}

fn slot(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(usize::from(below(u, SLOTS as u8)?))
}

/// More often the first channel of the first connection than any other.
fn at(u: &mut Unstructured<'_>) -> Result<At> {
    const PLACES: [(usize, u16); 16] = [
        (0, 1),
        (0, 1),
        (0, 1),
        (0, 1),
        (0, 2),
        (0, 2),
        (0, 3),
        (1, 1),
        (1, 1),
        (1, 1),
        (1, 2),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 1),
        (2, 2),
    ];
    let (slot, channel) = PLACES[usize::from(below(u, 16)?)];
    Ok(At { slot, channel })
}

fn publish(u: &mut Unstructured<'_>) -> Result<Publish> {
    const SIZES: [u16; 8] = [4, 5, 12, 0, 1, 4, 100, 9000];
    let exchange = match below(u, 4)? {
        0 => Exchange::draw(u)?,
        _ => Exchange::DEFAULT,
    };
    let key = Key::draw(u)?;
    let flags = u8::arbitrary(u)?;
    let extra = match u8::arbitrary(u)? {
        0..4 => Extra::Copy(Queue::draw(u)?),
        4..8 => Extra::Expiration(below(u, 40)?),
        8..12 => Extra::ReplyTo,
        12..20 => Extra::Headers(below(u, 3)?),
        _ => Extra::Nothing,
    };
    Ok(Publish {
        exchange,
        key,
        persistent: flags & 1 == 1,
        mandatory: flags & 6 == 6,
        priority: if flags & 8 == 8 { flags >> 4 & 7 } else { 0 },
        size: SIZES[usize::from(flags >> 5)],
        extra,
    })
}

fn verdict(octet: u8) -> Verdict {
    let requeue = octet & 1 == 1;
    match octet % 8 {
        0 | 1 => Verdict::Reject { requeue },
        2 | 3 => Verdict::Nack { requeue },
        _ => Verdict::Ack,
    }
}

impl<'a> Arbitrary<'a> for Setting {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let flags = u8::arbitrary(u)?;
        Ok(Self {
            stores: flags & 1 == 1,
            narrow: flags & 6 == 6,
            declared: u8::arbitrary(u)?,
        })
    }
}

impl<'a> Arbitrary<'a> for Operation {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match below(u, 64)? {
            0..12 => Self::Publish(at(u)?, publish(u)?),
            12..18 => Self::Consume {
                at: at(u)?,
                queue: Queue::draw(u)?,
                tag: below(u, 4)?,
                no_ack: below(u, 4)? == 0,
                no_local: below(u, 16)? == 0,
                exclusive: below(u, 16)? == 0,
                priority: below(u, 8)?.saturating_sub(5),
                no_wait: below(u, 8)? == 0,
            },
            18..23 => Self::Get {
                at: at(u)?,
                queue: Queue::draw(u)?,
                no_ack: below(u, 4)? == 0,
            },
            23..31 => {
                let (at, octet) = (at(u)?, u8::arbitrary(u)?);
                Self::Settle {
                    at,
                    which: octet >> 4,
                    multiple: octet & 8 == 8,
                    verdict: verdict(octet),
                }
            }
            31 => Self::Recover {
                at: at(u)?,
                requeue: flag(u)?,
                asynchronous: below(u, 4)? == 0,
            },
            32 | 33 => Self::Qos {
                at: at(u)?,
                count: u16::from(below(u, 4)?),
                octets: u32::from(below(u, 16)?.saturating_sub(11)) * 4,
                global: flag(u)?,
            },
            34..37 => {
                let (at, queue) = (at(u)?, Queue::draw(u)?);
                let form = match below(u, 16)? {
                    0..8 => Form::Usual,
                    8 | 9 => Form::NoWait,
                    10..15 => Form::Passive,
                    _ => Form::Odd(u8::arbitrary(u)?),
                };
                Self::Declare(at, queue, form)
            }
            37 => {
                let (at, queue, flags) = (at(u)?, Queue::draw(u)?, u8::arbitrary(u)?);
                Self::Delete {
                    at,
                    queue,
                    if_unused: flags & 3 == 3,
                    if_empty: flags & 12 == 12,
                    no_wait: flags & 16 == 16,
                }
            }
            38 => Self::Purge {
                at: at(u)?,
                queue: Queue::draw(u)?,
                no_wait: below(u, 4)? == 0,
            },
            39 | 40 => Self::Bind {
                at: at(u)?,
                queue: Queue::draw(u)?,
                exchange: Exchange::draw(u)?,
                key: Key::draw(u)?,
                undo: below(u, 4)? == 0,
            },
            41 => Self::DeclareExchange {
                at: at(u)?,
                exchange: Exchange::draw(u)?,
                form: u8::arbitrary(u)?,
            },
            42 => Self::DeleteExchange {
                at: at(u)?,
                exchange: Exchange::draw(u)?,
                if_unused: flag(u)?,
            },
            43 => Self::BindExchange {
                at: at(u)?,
                destination: Exchange::draw(u)?,
                source: Exchange::draw(u)?,
                key: Key::draw(u)?,
                undo: below(u, 4)? == 0,
            },
            44 => Self::Cancel {
                at: at(u)?,
                tag: below(u, 4)?,
                no_wait: below(u, 4)? == 0,
            },
            45 => Self::Connect {
                slot: slot(u)?,
                extensions: flag(u)?,
                small_frames: flag(u)?,
                heartbeats: below(u, 4)? == 0,
            },
            46 => Self::Cut(slot(u)?),
            47 => Self::CloseConnection(slot(u)?),
            48 => Self::Split {
                slot: slot(u)?,
                pieces: below(u, 32)?,
                late: below(u, 16)?.saturating_sub(8),
            },
            49 => Self::Read {
                slot: slot(u)?,
                reads: flag(u)?,
            },
            50 => Self::OpenChannel(at(u)?),
            51 | 52 => Self::CloseChannel(at(u)?),
            53 => Self::Flow(at(u)?, below(u, 4)? > 0),
            54 => match below(u, 8)? {
                0..3 => Self::Select(at(u)?),
                3..6 => Self::Commit(at(u)?),
                _ => Self::RollBack(at(u)?),
            },
            55 => Self::Confirm(at(u)?),
            56 => match below(u, 16)? {
                0 => Self::Raw(slot(u)?, octets(u)?),
                _ => Self::Fault(at(u)?, FAULTS[usize::from(below(u, FAULTS.len() as u8)?)]),
            },
            57 => Self::Wait(u64::from(u8::arbitrary(u)?) * 4),
            58 => Self::Alarm(flag(u)?),
            59 => Self::Prompt(flag(u)?),
            60 => Self::Take,
            61 => match flag(u)? {
                true => Self::Write,
                false => Self::Report,
            },
            62 => Self::Crash,
            _ => Self::Stop,
        })
    }
}

fn octets(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = usize::from(below(u, 40)?).min(u.len());
    Ok(u.bytes(length)?.to_vec())
}
