//! One connection as its client knows it: what was said, what was heard, and whether they fit.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use mqspec_codec::frame::put_method;
use mqspec_codec::{Command, Method, ShortStr, basic, channel, connection};

use super::channel::{Channel, Mode, Phase, Unsettled};
use super::ledger::{Exists, Ledger, MessageId, State};
use super::names;
use super::operation::CHANNELS;
use super::sent::{Effect, Expected, Sent};
use super::wire::Reader;
use crate::ConnectionId;

/// A client, while it has a connection.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: ConnectionId,
    pub(super) reader: Reader,
    pub(super) has_heartbeats: bool,
    /// Whether it knows the extensions that a broker speaks of by itself.
    pub(super) has_extensions: bool,
    /// Whether the broker has been asked to close, or has closed.
    pub(super) is_leaving: bool,
    /// Whether the broker has said close.
    pub(super) is_refused: bool,
    /// Whether the broker may end it for something that was sent.
    pub(super) is_at_fault: bool,
    /// Whether the broker has been told to stop.
    pub(super) is_stopping: bool,
    /// Whether octets were sent of which nothing is known.
    pub(super) is_wild: bool,
    pub(super) is_paused: bool,
    pub(super) reads: bool,
    /// Octets of the broker that have not been read.
    pub(super) unread: usize,
    pub(super) pieces: usize,
    pub(super) late: usize,
    outgoing: BytesMut,
    said: u64,
    pub(super) sent: VecDeque<Sent>,
    pub(super) channels: [Channel; CHANNELS + 1],
    /// How many messages it has fetched.
    pub(super) fetched: u32,
    /// A name that leads to somebody who waits for replies, if one was heard.
    pub(super) reply_to: ShortStr,
}

impl Client {
    pub(super) fn new(id: ConnectionId, frame_max: u32) -> Self {
        Self {
            id,
            reader: Reader::new(frame_max),
            has_heartbeats: false,
            has_extensions: false,
            is_leaving: false,
            is_refused: false,
            is_at_fault: false,
            is_stopping: false,
            is_wild: false,
            is_paused: false,
            reads: true,
            unread: 0,
            pieces: 0,
            late: 0,
            outgoing: BytesMut::new(),
            said: 0,
            sent: VecDeque::new(),
            channels: Default::default(),
            fetched: 0,
            reply_to: ShortStr::from_static("amq.rabbitmq.reply-to.0"),
        }
    }

    pub(super) fn channel(&mut self, number: u16) -> &mut Channel {
        assert!(
            usize::from(number) <= CHANNELS,
            "the broker speaks on channel {number}, which was never opened"
        );
        &mut self.channels[usize::from(number)]
    }

    /// Whether nothing that was said before can keep a command on a channel from being carried out.
    pub(super) fn is_certain(&self, channel: u16) -> bool {
        // A consumer tag that is in use closes the connection, and not the channel.
        let may_keep = |it: &Sent| {
            it.expected != Expected::Success
                && (it.channel == channel || it.id == basic::Consume::ID)
        };
        !self.is_at_fault && !self.is_wild && !self.sent.iter().any(may_keep)
    }

    /// Whether everything that was said on a channel has been carried out.
    pub(super) fn is_settled(&self, channel: u16) -> bool {
        !self
            .sent
            .iter()
            .any(|it| it.channel == channel && !it.is_applied)
    }

    /// Whether the broker may have carried out more on a channel than is known: it stopped listening, and had received
    /// more by then.
    pub(super) fn may_be_ahead(&self, channel: u16) -> bool {
        let arrived = self.said - self.outgoing.len() as u64;
        let is_open = |it: &Sent| it.channel == channel && !it.is_applied && it.end <= arrived;
        self.is_paused && self.sent.iter().any(is_open)
    }

    /// Says octets that belong to no command.
    pub(super) fn say_octets(&mut self, octets: &[u8]) {
        self.outgoing.extend_from_slice(octets);
        self.said += octets.len() as u64;
    }

    /// Waits for the answer to octets that were said.
    pub(super) fn expect(&mut self, mut sent: Sent) {
        sent.end = self.said;
        self.sent.push_back(sent);
    }

    /// Says a command, with octets that belong to it behind.
    pub(super) fn say(&mut self, method: &Method, content: &[u8], mut sent: Sent) {
        let before = self.outgoing.len();
        put_method(sent.channel, method, &mut self.outgoing);
        self.outgoing.extend_from_slice(content);
        self.said += (self.outgoing.len() - before) as u64;
        sent.certain = self.is_certain(sent.channel);
        sent.end = self.said;
        self.sent.push_back(sent);
    }

    /// The next octets that arrive at the broker, if any do.
    pub(super) fn next_octets(&mut self) -> Option<Bytes> {
        if self.is_paused || self.outgoing.len() <= self.late {
            return None;
        }
        let most = self.outgoing.len() - self.late;
        let count = match self.pieces {
            0 => most,
            pieces => most.min(pieces),
        };
        Some(self.outgoing.split_to(count).freeze())
    }

    /// How many octets were said.
    pub(super) fn said(&self) -> u64 {
        self.said
    }

    pub(super) fn has_octets(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Carries out what has arrived, as the broker has.
    pub(super) fn apply_arrived(&mut self, ledger: &mut Ledger) {
        let arrived = self.said - self.outgoing.len() as u64;
        for at in 0..self.sent.len() {
            if self.sent[at].end > arrived {
                break;
            }
            self.apply(at, ledger, true);
        }
    }

    /// Carries out everything up to one command.
    fn apply_up_to(&mut self, last: usize, ledger: &mut Ledger) {
        for at in 0..=last {
            self.apply(at, ledger, false);
        }
    }

    /// Carries out the next command on a channel that has not been, with everything before it.
    pub(super) fn apply_next(&mut self, number: u16, ledger: &mut Ledger) -> bool {
        let waits = |it: &Sent| it.channel == number && !it.is_applied;
        let next = self.sent.iter().position(waits);
        if let Some(next) = next {
            self.apply_up_to(next, ledger);
        }
        next.is_some()
    }

    fn apply(&mut self, at: usize, ledger: &mut Ledger, in_time: bool) {
        let Some(sent) = self.sent.get_mut(at).filter(|it| !it.is_applied) else {
            return;
        };
        sent.is_applied = true;
        let certain = sent.certain && sent.expected == Expected::Success;
        let (effect, number) = (sent.effect.clone(), sent.channel);
        let is_clear = ledger.is_clear;
        let channel = &mut self.channels[usize::from(number)];
        match effect {
            Effect::Nothing => {}
            Effect::OpenChannel => channel.begin(),
            Effect::CloseChannel => channel.give_back(ledger),
            Effect::FreeChannel => channel.end(ledger),
            Effect::Flow(active) => channel.inactive = (!active).then_some(ledger.step),
            Effect::Declare(kind) => {
                let exists = match (ledger.is_lasting(kind), certain) {
                    (true, true) => Exists::Yes,
                    (_, true) => Exists::Perhaps,
                    (_, false) if ledger.queues[kind].exists == Exists::Yes => Exists::Yes,
                    (_, false) => Exists::Perhaps,
                };
                ledger.set_exists(kind, exists);
            }
            Effect::DeclareOddly(kind) => {
                ledger.queues[kind].is_odd = true;
                ledger.queues[kind].may_hold_more = true;
                ledger.set_exists(kind, Exists::Perhaps);
            }
            Effect::Delete { kind, conditional } => {
                if certain && !conditional && ledger.is_lasting(kind) {
                    ledger.delete(kind);
                } else {
                    ledger.blur_queue(kind);
                }
            }
            Effect::Purge(kind) => ledger.drop_waiting(kind, certain),
            Effect::Publish(message) => {
                ledger.messages[message as usize].is_taken = true;
                match channel.mode {
                    Mode::Transactional => channel.uncommitted.push((message, certain)),
                    Mode::Confirming => channel.unconfirmed.push_back(message),
                    Mode::Plain => {}
                }
                if channel.mode != Mode::Transactional {
                    distribute(channel, ledger, message, certain, in_time);
                }
            }
            Effect::Consume(consumer) => {
                let tag = consumer.tag.as_ref();
                // A tag that is in use is free again if its queue has gone: the answer tells.
                if tag.is_none_or(|tag| channel.consumer(tag).is_none()) {
                    channel.consume(consumer, ledger);
                }
            }
            Effect::Cancel(tag) => {
                let its = channel.consumers.iter_mut();
                for consumer in its.filter(|it| it.tag.as_ref() == Some(&tag)) {
                    consumer.leaves = true;
                }
            }
            Effect::Settle {
                tag,
                multiple,
                outcome,
            } => {
                if multiple && tag == 0 {
                    channel.sweep(ledger, certain);
                }
                channel.settle(ledger, tag, multiple, outcome, certain);
            }
            Effect::Recover { to_same } => {
                channel.sweep(ledger, certain);
                channel.recover(ledger, to_same, certain);
            }
            Effect::Qos { window, global } if global => channel.window = window,
            Effect::Qos { window, .. } => channel.consumer_window = window,
            Effect::Select(mode) if channel.mode == Mode::Plain => channel.mode = mode,
            Effect::Select(_) => {}
            Effect::Commit => {
                for (message, publish_certain) in std::mem::take(&mut channel.uncommitted) {
                    distribute(channel, ledger, message, certain && publish_certain, false);
                }
                channel.commit(ledger, certain);
            }
            Effect::RollBack => channel.roll_back(ledger),
            Effect::CloseConnection => {
                self.give_back(ledger);
                if !is_clear {
                    self.blur(ledger);
                }
            }
        }
    }

    /// Whatever may be on its way to the client without being settled any more is in doubt.
    pub(super) fn blur(&self, ledger: &mut Ledger) {
        let consumers = self.channels.iter().flat_map(|it| &it.consumers);
        for kind in consumers.filter(|it| it.no_ack).filter_map(|it| it.kind) {
            // Others may have given back what they hold, and not have heard of it.
            ledger.drop_waiting(kind, false);
        }
        // Also by way of a consumer whose tag was in use when it was asked for, and then was not.
        let fetches = |it: &&Sent| matches!(it.id, basic::Get::ID | basic::Consume::ID);
        for sent in self.sent.iter().filter(fetches) {
            if let Some(kind) = sent.kind {
                ledger.set_waiting(kind, State::Doubt);
            }
        }
    }

    /// The broker is told to stop: it listens no more, though it may take a while until the client hears of it.
    pub(super) fn stop(&mut self) {
        self.is_stopping = true;
        self.late = 0;
        self.doubt_up_to(self.said);
    }

    /// The broker does what it has received while others were not listened to either: in which order is not known.
    pub(super) fn doubt_arrived(&mut self, ledger: &mut Ledger) {
        self.doubt_up_to(self.said - self.outgoing.len() as u64);
        // Another one's message may come before a queue that is declared here, or after it.
        for sent in self.sent.iter().filter(|it| !it.is_applied) {
            if let Effect::Declare(kind) | Effect::DeclareOddly(kind) = sent.effect {
                ledger.set_exists(kind, Exists::Perhaps);
            }
        }
    }

    /// The broker stops listening in the middle of what it has received: what is said there may have been carried out
    /// before what others say, or after.
    pub(super) fn doubt_unsettled(&mut self, ledger: &mut Ledger) {
        let arrived = self.said - self.outgoing.len() as u64;
        let waiting = self.sent.iter_mut().filter(|it| !it.is_applied);
        let mut settles = false;
        for sent in waiting.take_while(|it| it.end <= arrived) {
            sent.certain = false;
            settles |= sent.effect.may_settle();
        }
        if settles {
            let unsettled = self.channels.iter().flat_map(|it| &it.unsettled);
            for (kind, message) in unsettled.filter_map(|it| it.copy) {
                ledger.set(kind, message, State::Doubt, false);
            }
        }
    }

    fn doubt_up_to(&mut self, end: u64) {
        let waiting = self.sent.iter_mut().filter(|it| !it.is_applied);
        for sent in waiting.take_while(|it| it.end <= end) {
            sent.certain = false;
        }
    }

    /// A channel that is delivered what it has already has given it back before.
    pub(super) fn apply_giving_back(
        &mut self,
        number: u16,
        copy: (usize, MessageId),
        ledger: &mut Ledger,
    ) {
        let has = |it: &Unsettled| it.copy == Some(copy) && it.held.is_none();
        while self.channel(number).unsettled.iter().any(has) && self.apply_next(number, ledger) {}
    }

    /// What was said and is not known to have been carried out is in doubt.
    fn doubt_rest(&mut self, ledger: &mut Ledger) {
        for at in 0..self.sent.len() {
            self.sent[at].certain = false;
            self.apply(at, ledger, false);
        }
    }

    /// The connection is not there any more.
    pub(super) fn end(&mut self, ledger: &mut Ledger) {
        ledger.has_closed = true;
        ledger.release(self.id);
        self.doubt_rest(ledger);
        self.give_back(ledger);
        if !ledger.is_clear {
            self.blur(ledger);
        }
        for channel in &mut self.channels {
            channel.end(ledger);
        }
    }

    /// What the broker has closed is given back before anything else is looked at, since what others hear in the
    /// same step may have come after it.
    pub(super) fn foresee(&mut self, method: &Method, number: u16, ledger: &mut Ledger) {
        match method {
            _ if self.is_wild => {}
            Method::ChannelClose(_) => {
                ledger.has_closed = true;
                self.channel(number).give_back(ledger);
            }
            Method::ConnectionClose(_) => self.foresee_end(ledger),
            _ => {}
        }
    }

    /// The same where the broker has closed the connection, with a word or without.
    pub(super) fn foresee_end(&mut self, ledger: &mut Ledger) {
        ledger.has_closed = true;
        ledger.release(self.id);
        self.give_back(ledger);
    }

    /// What any channel has not settled is back. That may be earlier than is known: a consumer of which nothing has been
    /// heard may have it by now.
    fn give_back(&mut self, ledger: &mut Ledger) {
        for channel in &mut self.channels {
            channel.give_back(ledger);
        }
    }

    /// Takes the command that an answer belongs to off those that wait for one, with everything before it.
    pub(super) fn answered(&mut self, number: u16, method: &Method, ledger: &mut Ledger) -> Sent {
        let waits = |it: &Sent| it.channel == number && it.reply.is_some();
        let Some(at) = self.sent.iter().position(waits) else {
            panic!("{method} on channel {number} answers nothing");
        };
        let id = method.id();
        let wanted = self.sent[at].reply;
        let fits =
            wanted == Some(id) || wanted == Some(basic::GetOk::ID) && id == basic::GetEmpty::ID;
        assert!(
            fits,
            "{method} on channel {number} where {} waits for its answer",
            self.sent[at].id
        );
        self.apply_up_to(at, ledger);
        let earlier = self.sent.iter().take(at + 1);
        for sent in earlier.filter(|it| it.channel == number) {
            assert!(
                sent.expected != Expected::Refusal,
                "{} on channel {number} is accepted, and should have been refused",
                sent.id
            );
        }
        let answered = self.sent[at].clone();
        let mut index = 0;
        self.sent.retain(|it| {
            index += 1;
            it.channel != number || index > at + 1
        });
        answered
    }

    /// The broker closes a channel: because of a command, and everything behind that is not carried out.
    pub(super) fn refused(&mut self, number: u16, close: &channel::Close, ledger: &mut Ledger) {
        let is_odd = |it: &Sent| it.kind.is_some_and(|kind| ledger.queues[kind].is_odd);
        let at = self.sent.iter().position(|it| {
            it.channel == number
                && (it.id.class_id, it.id.method_id) == (close.class_id, close.method_id)
                && (it.expected != Expected::Success || is_odd(it))
        });
        let Some(at) = at else {
            panic!("{close:?} on channel {number}, where nothing earns it");
        };
        // What comes before it has been carried out.
        for before in 0..at {
            self.apply(before, ledger, false);
        }
        for sent in self.sent.iter().take(at) {
            assert!(
                sent.channel != number || sent.expected != Expected::Refusal,
                "{} on channel {number} is accepted, and should have been refused",
                sent.id
            );
        }
        self.sent
            .retain(|it| it.channel != number || it.reply == Some(channel::CloseOk::ID));
        self.channel(number).end(ledger);
    }

    /// The broker closes the connection.
    pub(super) fn dismissed(&mut self, close: &connection::Close, ledger: &mut Ledger) {
        let earned = self.is_at_fault
            || self.is_stopping && close.reply_code == 320
            || self.sent.iter().any(|it| {
                (it.id.class_id, it.id.method_id) == (close.class_id, close.method_id)
                    && it.expected != Expected::Success
            });
        assert!(earned, "{close:?}, and nothing earns it");
        self.doubt_rest(ledger);
        self.is_leaving = true;
        self.is_refused = true;
        self.sent
            .retain(|it| it.reply == Some(connection::CloseOk::ID));
    }

    /// Everything has been carried out and answered.
    pub(super) fn settle_down(&mut self, ledger: &mut Ledger) {
        if self.is_wild {
            return self.sent.clear();
        }
        for sent in self.sent.drain(..) {
            assert!(
                sent.reply.is_none(),
                "{} on channel {} is not answered",
                sent.id,
                sent.channel
            );
            assert!(
                sent.expected != Expected::Refusal,
                "{} on channel {} is accepted, and should have been refused",
                sent.id,
                sent.channel
            );
        }
        assert!(
            !self.reader.is_in_the_middle(),
            "the broker has stopped in the middle of a frame or content"
        );
        for (number, channel) in self.channels.iter_mut().enumerate() {
            channel.consumers.retain(|it| !it.leaves);
            channel.is_swept = false;
            assert!(
                channel.unconfirmed.is_empty() || ledger.is_lost,
                "{} messages on channel {number} are not confirmed",
                channel.unconfirmed.len()
            );
            assert!(
                channel.to_return.is_empty() || ledger.is_lost,
                "messages {:?} have found no queue, and are not returned",
                channel.to_return
            );
            if channel.phase != Phase::Open {
                continue;
            }
            for consumer in channel
                .consumers
                .iter()
                .filter(|it| channel.is_free(it, ledger))
            {
                if let Some(kind) = consumer.kind
                    && self.unread == 0
                    && ledger.is_steady(kind)
                    && !names::is_single(kind)
                    && let Some(message) = ledger.first_unclaimed(kind)
                {
                    panic!(
                        "message {message} waits in '{}' though {:?} would take it",
                        names::KINDS[kind].name,
                        consumer.tag
                    );
                }
            }
        }
    }
}

/// A message goes to the queues that it names.
fn distribute(
    channel: &mut Channel,
    ledger: &mut Ledger,
    message: MessageId,
    certain: bool,
    in_time: bool,
) {
    let sent = &ledger.messages[message as usize];
    // What has come back already is in no queue, whichever there are now.
    if sent.is_returned {
        return;
    }
    let (targets, mandatory, size) = (sent.targets, sent.mandatory, sent.size);
    let mut is_lost = mandatory && certain && !sent.is_routed && !ledger.default_is_bound;
    for kind in targets.into_iter().flatten() {
        let exists = ledger.queues[kind].exists;
        is_lost &= exists == Exists::No;
        if exists != Exists::No {
            let is_there = certain && exists == Exists::Yes;
            ledger.put(kind, message, is_there && ledger.is_steady(kind), in_time);
            if is_there && ledger.is_lasting(kind) && names::is_too_large(kind, size) {
                ledger.messages[message as usize].is_too_large = true;
            }
        }
    }
    if is_lost {
        channel.to_return.push(message);
    }
}
