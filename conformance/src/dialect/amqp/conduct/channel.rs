//! How a channel is opened and closed, and what is settled, consumed, committed and answered on it.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use mqspec_specs::Protocol;

use super::super::super::Breach;
use super::breach;
use super::half::Frame;
use super::handshake::UNDER_WAY;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Channel {
    /// Whether the client opened it and, as far as it knows, it is not closed.
    open: bool,
    /// The client asked for its end and has no answer yet.
    closing: bool,
    /// The broker asked for its end, then.
    owes_close_ok: Option<Duration>,
    /// Whether a queue was declared here, which an empty name then stands for.
    declared: bool,
    transacted: bool,
    tags: Tags,
    consumers: Consumers,
    /// What the broker's unanswered `channel.flow` ask for.
    flows: VecDeque<bool>,
    /// The client agreed to send no content.
    paused: bool,
    /// How many `basic.cancel` of the broker want an answer.
    cancels: usize,
}

/// The deliveries of a channel.
#[derive(Debug, Default)]
struct Tags {
    unsettled: BTreeSet<i128>,
    /// Settled in the transaction that goes on.
    settled: BTreeSet<i128>,
    /// Given back by `basic.recover`: whether their tags live on is not said.
    recovered: BTreeSet<i128>,
    /// Delivered with nothing to settle.
    free: BTreeSet<i128>,
    /// For each `basic.get` without answer, whether its message needs no acknowledgement.
    gets: VecDeque<bool>,
}

/// The consumers of a channel, by their tags, with whether their messages need no acknowledgement.
#[derive(Debug, Default)]
struct Consumers {
    live: HashMap<Vec<u8>, bool>,
    /// Those that there were.
    past: HashSet<Vec<u8>>,
    /// Asked for without a tag.
    nameless: VecDeque<bool>,
    /// Cancelled by the client, and not yet confirmed: the last deliveries may be under way.
    cancelled: HashMap<Vec<u8>, bool>,
}

/// The channel, among others, that a tag in the command belongs to.
pub(super) fn foreign(frame: &Frame, others: &[(u16, &Channel)]) -> Option<u16> {
    let has = |channel: &Channel| match frame.command.as_str() {
        "basic.ack" | "basic.nack" | "basic.reject" => channel
            .tags
            .unsettled
            .contains(&frame.number("delivery-tag")),
        "basic.cancel" => channel
            .consumers
            .live
            .contains_key(frame.octets_of("consumer-tag")),
        _ => false,
    };
    others
        .iter()
        .find(|(_, it)| has(it))
        .map(|(number, _)| *number)
}

impl Channel {
    /// Whether a frame may travel on the channel.
    pub(super) fn usable(&self, frame: &Frame) -> Option<Breach> {
        let (name, number) = (&frame.command, frame.channel);
        if self.closing {
            let what = format!("{name} follows channel.close on channel {number}");
            return Some(breach("CHN-05", what));
        }
        if !self.open {
            let what = format!("{name} travels on channel {number}, which is not open");
            return Some(breach("FRM-12", what));
        }
        None
    }

    /// A command of the client. `foreign` is another channel that a tag in it belongs to.
    pub(super) fn client(&mut self, frame: &Frame, foreign: Option<u16>) -> Option<Breach> {
        match frame.command.as_str() {
            "channel.open" => return self.opens(frame.channel),
            "channel.close-ok" => {
                if self.owes_close_ok.take().is_none() {
                    return Some(breach(
                        "MTH-07",
                        "channel.close-ok answers no channel.close",
                    ));
                }
                // A close of the client's own that crossed the broker's is answered still.
                self.open = false;
                return None;
            }
            _ => {}
        }
        if let Some(breach) = self.usable(frame) {
            return Some(breach);
        }
        match frame.command.as_str() {
            "channel.close" => {
                self.closing = true;
                None
            }
            "channel.flow-ok" => self.flow_ok(frame),
            "basic.cancel-ok" => match self.cancels.checked_sub(1) {
                None => Some(breach("MTH-07", "basic.cancel-ok answers no basic.cancel")),
                Some(left) => {
                    self.cancels = left;
                    None
                }
            },
            "queue.declare" => {
                self.declared = true;
                None
            }
            "queue.bind" | "queue.unbind" | "queue.purge" | "queue.delete" | "basic.get"
            | "basic.consume" => {
                let nameless = self.nameless(frame);
                self.asks(frame).or(nameless)
            }
            "basic.publish" if self.paused => {
                let what = "a content is sent although channel.flow-ok said that none will be";
                Some(breach("channel.flow.bidirectional", what))
            }
            "basic.cancel" => self.cancel(frame, foreign),
            "basic.ack" | "basic.nack" | "basic.reject" => self.settle(frame, foreign),
            "basic.recover" | "basic.recover-async" => {
                self.tags.recovered.append(&mut self.tags.unsettled);
                None
            }
            "tx.select" => {
                self.transacted = true;
                None
            }
            "tx.commit" | "tx.rollback" => self.end_of_transaction(frame),
            _ => None,
        }
    }

    fn opens(&mut self, number: u16) -> Option<Breach> {
        let found = if self.owes_close_ok.is_some() && !self.closing {
            let what = format!(
                "channel {number} is opened again, and the broker's channel.close was never answered"
            );
            Some(breach("CHN-04", what))
        } else if self.closing {
            let what = format!("channel {number} is opened again before channel.close-ok");
            Some(breach("CHN-05", what))
        } else if self.open {
            let what = format!("channel {number} is open already");
            Some(breach("channel.open.state", what))
        } else {
            None
        };
        let owes_close_ok = self.owes_close_ok.filter(|_| self.closing);
        *self = Channel {
            open: true,
            owes_close_ok,
            ..Channel::default()
        };
        found
    }

    fn flow_ok(&mut self, frame: &Frame) -> Option<Breach> {
        let Some(active) = self.flows.pop_front() else {
            return Some(breach("MTH-07", "channel.flow-ok answers no channel.flow"));
        };
        let said = frame.flag("active");
        self.paused = !said;
        let what = || format!("channel.flow active={active} is answered by active={said}");
        (said != active).then(|| breach("CHN-07", what()))
    }

    /// An empty name of a queue, where none was declared.
    fn nameless(&self, frame: &Frame) -> Option<Breach> {
        if self.declared || !frame.octets_of("queue").is_empty() {
            return None;
        }
        let clause = match frame.command.as_str() {
            "queue.bind" => "queue.bind.queue.queue-known",
            "queue.unbind" => "queue.unbind.queue.queue-known",
            "queue.purge" => "queue.purge.queue.queue-known",
            "queue.delete" => "queue.delete.queue.queue-known",
            _ => "DOC-01",
        };
        let name = &frame.command;
        let what = format!("{name} names no queue, and none was declared on the channel");
        Some(breach(clause, what))
    }

    /// Takes note of what asks for messages.
    fn asks(&mut self, frame: &Frame) -> Option<Breach> {
        let no_ack = frame.flag("no-ack");
        if frame.command == "basic.get" {
            self.tags.gets.push_back(no_ack);
        }
        if frame.command != "basic.consume" {
            return None;
        }
        let tag = frame.octets_of("consumer-tag").to_vec();
        if tag.is_empty() {
            self.consumers.nameless.push_back(no_ack);
            return None;
        }
        self.consumers.cancelled.remove(&tag);
        let shown = frame.text("consumer-tag");
        let again = self.consumers.live.insert(tag, no_ack).is_some();
        let what = || format!("a consumer `{shown}` exists on the channel");
        again.then(|| breach("basic.consume.consumer-tag.01", what()))
    }

    fn cancel(&mut self, frame: &Frame, foreign: Option<u16>) -> Option<Breach> {
        let tag = frame.octets_of("consumer-tag").to_vec();
        if let Some(no_ack) = self.consumers.live.remove(&tag) {
            self.consumers.past.insert(tag.clone());
            self.consumers.cancelled.insert(tag, no_ack);
            return None;
        }
        let shown = frame.text("consumer-tag");
        let other = foreign.filter(|_| !self.consumers.past.contains(&tag))?;
        let what = format!("the consumer `{shown}` belongs to channel {other}");
        Some(breach("basic.consume.consumer-tag.02", what))
    }

    fn settle(&mut self, frame: &Frame, foreign: Option<u16>) -> Option<Breach> {
        let (tag, name) = (frame.number("delivery-tag"), frame.command.as_str());
        let multiple = frame.flag("multiple");
        let tags = &mut self.tags;
        let known = tags.unsettled.contains(&tag);
        if tag == 0 || known {
            let settled: BTreeSet<i128> = match (multiple, tag) {
                (true, 0) => std::mem::take(&mut tags.unsettled),
                (true, tag) => {
                    let later = tags.unsettled.split_off(&(tag + 1));
                    std::mem::replace(&mut tags.unsettled, later)
                }
                (false, tag) => tags.unsettled.take(&tag).into_iter().collect(),
            };
            if self.transacted {
                tags.settled.extend(settled);
            }
            return None;
        }
        if tags.recovered.contains(&tag) {
            return None;
        }
        if let Some(other) = foreign {
            let what = format!("{name} settles delivery {tag} of channel {other}");
            return Some(breach("domain.delivery-tag.channel-local", what));
        }
        if tags.free.contains(&tag) {
            let what = format!("{name} settles delivery {tag}, which needed none");
            return Some(breach("DOC-13", what));
        }
        let clause = match name {
            "basic.ack" => "basic.ack.multiple.exists-ext",
            "basic.nack" => "basic.nack.multiple.exists",
            // The rule about basic.reject is silent on this.
            _ => return None,
        };
        Some(breach(
            clause,
            format!("no delivery {tag} is unsettled on the channel"),
        ))
    }

    fn end_of_transaction(&mut self, frame: &Frame) -> Option<Breach> {
        let settled = std::mem::take(&mut self.tags.settled);
        let clause = match frame.command.as_str() {
            "tx.rollback" => {
                self.tags.unsettled.extend(settled);
                "tx.rollback.transacted"
            }
            _ => "tx.commit.transacted",
        };
        let what = || format!("{} stands on a channel without tx.select", frame.command);
        (!self.transacted).then(|| breach(clause, what()))
    }

    /// A command of the broker.
    pub(super) fn broker(&mut self, protocol: &Protocol, frame: &Frame, now: Duration) {
        match frame.command.as_str() {
            "channel.close" => self.owes_close_ok = Some(now),
            "channel.close-ok" if self.closing => {
                let owes_close_ok = self.owes_close_ok;
                *self = Channel {
                    owes_close_ok,
                    ..Channel::default()
                };
            }
            "channel.flow" => self.flows.push_back(frame.flag("active")),
            "basic.consume-ok" => {
                let tag = frame.octets_of("consumer-tag").to_vec();
                if !self.consumers.live.contains_key(&tag)
                    && !self.consumers.past.contains(&tag)
                    && let Some(no_ack) = self.consumers.nameless.pop_front()
                {
                    self.consumers.live.insert(tag, no_ack);
                }
            }
            "basic.cancel-ok" => {
                self.consumers
                    .cancelled
                    .remove(frame.octets_of("consumer-tag"));
            }
            "basic.cancel" => {
                let tag = frame.octets_of("consumer-tag").to_vec();
                if self.consumers.live.remove(&tag).is_some() {
                    self.consumers.past.insert(tag);
                }
                let command = protocol.command("basic.cancel");
                let no_wait = command.and_then(|it| it.no_wait());
                self.cancels += usize::from(no_wait.is_none_or(|it| !frame.flag(&it.name)));
            }
            "basic.get-empty" => {
                self.tags.gets.pop_front();
            }
            "basic.get-ok" => {
                let no_ack = self.tags.gets.pop_front().unwrap_or(false);
                self.delivered(frame, no_ack);
            }
            "basic.deliver" => {
                let tag = frame.octets_of("consumer-tag");
                let consumers = [&self.consumers.live, &self.consumers.cancelled];
                let no_ack = consumers.into_iter().find_map(|known| known.get(tag));
                self.delivered(frame, no_ack.copied().unwrap_or(false));
            }
            _ => {}
        }
    }

    fn delivered(&mut self, frame: &Frame, no_ack: bool) {
        let tag = frame.number("delivery-tag");
        match no_ack {
            true => self.tags.free.insert(tag),
            false => self.tags.unsettled.insert(tag),
        };
    }

    /// The client ends the connection: a `channel.close` that it had time to answer is unanswered for good.
    pub(super) fn left(&mut self, now: Duration) -> Option<Breach> {
        let closed = self.owes_close_ok.take()?;
        let late = now.saturating_sub(closed) > UNDER_WAY;
        late.then(|| breach("CHN-04", "the broker's channel.close was never answered"))
    }
}
