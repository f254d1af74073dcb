//! Class confirm: the broker acknowledges what it is given.

use std::collections::{BTreeMap, VecDeque};

use mqspec_codec::{Method, basic, confirm};

use super::context::Context;
use super::exception::Exception;

pub(super) fn select(cx: &mut Context<'_>, select: confirm::Select) -> Result<(), Exception> {
    cx.host.select_confirms(cx.session())?;
    cx.answer(select.nowait, confirm::SelectOk);
    Ok(())
}

/// A message that its publisher is going to be told of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promise {
    /// Its number, counted from `confirm.select-ok` on.
    pub(super) delivery_tag: u64,
    /// Whether a queue that is full did not take it.
    pub(super) rejected: bool,
    /// How far the store has to come before.
    pub(super) safe_at: u64,
}

/// What the channels of a connection have to confirm, each in the order of its publishes.
#[derive(Debug, Default)]
pub(super) struct Promises {
    channels: BTreeMap<u16, VecDeque<Promise>>,
}

impl Promises {
    pub(super) fn push(&mut self, channel: u16, promise: Promise) {
        self.channels.entry(channel).or_default().push_back(promise);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// Forgets a channel, and tells how it ends: everything that it still has to confirm.
    pub(super) fn remove(&mut self, channel: u16) -> VecDeque<Promise> {
        self.channels.remove(&channel).unwrap_or_default()
    }

    /// The answers to what is safe once the store has come to `stored`. One answer goes for all
    /// messages in a row that have become safe together (`basic.ack.multiple`).
    pub(super) fn keep(&mut self, stored: u64, mut send: impl FnMut(u16, Method)) {
        self.channels.retain(|channel, waiting| {
            let safe = waiting.iter().take_while(|it| it.safe_at <= stored).count();
            answers(waiting.drain(..safe), |method| send(*channel, method));
            !waiting.is_empty()
        });
    }
}

/// `basic.ack` and `basic.nack` for these messages, all of a channel and in their order.
pub(super) fn answers(messages: impl IntoIterator<Item = Promise>, mut send: impl FnMut(Method)) {
    let mut taken: Option<(u64, bool)> = None;
    let acknowledge = |taken: Option<(u64, bool)>, send: &mut dyn FnMut(Method)| {
        if let Some((delivery_tag, multiple)) = taken {
            send(
                basic::Ack {
                    delivery_tag,
                    multiple,
                }
                .into(),
            );
        }
    };
    for Promise {
        delivery_tag,
        rejected,
        ..
    } in messages
    {
        if rejected {
            acknowledge(taken.take(), &mut send);
            send(
                basic::Nack {
                    delivery_tag,
                    multiple: false,
                    requeue: false,
                }
                .into(),
            );
        } else {
            taken = Some((delivery_tag, taken.is_some()));
        }
    }
    acknowledge(taken, &mut send);
}
