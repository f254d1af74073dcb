//! From an operation to the command that a client says, and what has to become of it.

use std::time::Duration;

use bytes::BytesMut;
use mqspec_codec::frame::{put_body, put_header};
use mqspec_codec::{
    BasicProperties, Command, ContentHeader, FieldArray, FieldTable, LongStr, Method, ShortStr,
    basic, channel, confirm, connection, exchange, queue, tx,
};

use super::channel::{Consumer, Mode, Phase, Window};
use super::client::Client;
use super::ledger::{self, Count, Exists, Ledger, Message, State};
use super::names::{Exchange, KINDS, Key, Queue};
use super::operation::{Extra, Form, Operation, Publish, Verdict};
use super::sent::{Effect, Expected, Sent};

/// The largest frame that clients write.
const FRAME_MAX: u32 = 4096;

impl Client {
    /// What has to become of a command that speaks of a queue.
    fn if_there(&self, ledger: &Ledger, kind: Option<usize>) -> Expected {
        let Some(kind) = kind else {
            return Expected::Either;
        };
        match (ledger.owner(kind), ledger.exists(kind)) {
            (Some(owner), _) if owner != self.id => Expected::Refusal,
            (Some(_), _) | (None, Exists::Yes) => Expected::Success,
            (None, Exists::No) => Expected::Refusal,
            (None, Exists::Perhaps) => Expected::Either,
        }
    }

    /// Says what an operation asks for on an open channel.
    pub(super) fn speak(&mut self, number: u16, operation: &Operation, ledger: &mut Ledger) {
        // Others may be heard before the last of it arrives.
        ledger.is_clear &= self.late == 0;
        let kind_of = |queue: Queue| match self.channels[usize::from(number)].last_queue {
            Some(last) if queue.is_last() => last,
            _ => queue.kind(),
        };
        match operation {
            Operation::Declare(_, queue, form) => {
                let kind = kind_of(*queue);
                // Whoever declares it as usual may now be refused, also those who have said so already.
                if let (Form::Odd(_), Some(index)) = (form, queue.kind()) {
                    ledger.queues[index].is_odd = true;
                    ledger.queues[index].may_hold_more = true;
                }
                self.declare(number, *queue, kind, *form, ledger);
            }
            Operation::Delete {
                queue,
                if_unused,
                if_empty,
                no_wait,
                ..
            } => {
                let kind = kind_of(*queue);
                let conditional = *if_unused || *if_empty;
                let expected = match self.if_there(ledger, kind) {
                    Expected::Success if conditional => Expected::Either,
                    other => other,
                };
                let delete = queue::Delete {
                    queue: queue.name(),
                    if_unused: *if_unused,
                    if_empty: *if_empty,
                    no_wait: *no_wait,
                };
                let effect =
                    kind.map_or(Effect::Nothing, |kind| Effect::Delete { kind, conditional });
                if let Some(kind) = kind {
                    ledger.queues[kind].owner.take_if(|its| *its == self.id);
                }
                let sent = Sent::new(number, queue::Delete::ID)
                    .answered_unless(*no_wait, queue::DeleteOk::ID)
                    .expecting(expected)
                    .counting(count(ledger, kind))
                    .with(effect);
                self.say(&delete.into(), &[], sent);
            }
            Operation::Purge { queue, no_wait, .. } => {
                let kind = kind_of(*queue);
                let purge = queue::Purge {
                    queue: queue.name(),
                    no_wait: *no_wait,
                };
                let sent = Sent::new(number, queue::Purge::ID)
                    .answered_unless(*no_wait, queue::PurgeOk::ID)
                    .expecting(self.if_there(ledger, kind))
                    .counting(count(ledger, kind))
                    .with(kind.map_or(Effect::Nothing, Effect::Purge));
                self.say(&purge.into(), &[], sent);
            }
            Operation::Bind {
                queue,
                exchange,
                key,
                undo,
                ..
            } => {
                let kind = kind_of(*queue);
                if let Some(kind) = kind {
                    ledger.queues[kind].may_hold_more = true;
                }
                ledger.default_is_bound |= exchange.is_default();
                let expected = match self.if_there(ledger, kind) {
                    Expected::Refusal if !undo => Expected::Refusal,
                    // The exchange may be missing.
                    _ => Expected::Either,
                };
                self.bind_queue(number, *queue, *exchange, *key, *undo, expected);
            }
            Operation::DeclareExchange { exchange, form, .. } => {
                if !exchange.is_standard() && !ledger.exchanges.contains(exchange) {
                    ledger.exchanges.push(*exchange);
                }
                self.declare_exchange(number, *exchange, *form);
            }
            Operation::DeleteExchange {
                exchange,
                if_unused,
                ..
            } => {
                let delete = exchange::Delete {
                    exchange: exchange.name(),
                    if_unused: *if_unused,
                    no_wait: false,
                };
                let expected = match exchange.is_standard() {
                    true => Expected::Refusal,
                    false => Expected::Either,
                };
                let sent = Sent::new(number, exchange::Delete::ID)
                    .answered(exchange::DeleteOk::ID)
                    .expecting(expected);
                self.say(&delete.into(), &[], sent);
            }
            Operation::BindExchange {
                destination,
                source,
                key,
                undo,
                ..
            } => {
                ledger.default_is_bound |= source.is_default();
                // By way of the default exchange every queue is reached.
                for queue in &mut ledger.queues {
                    queue.may_hold_more |= destination.is_default();
                }
                ledger.has_lasting_bindings |= source.is_standard() && destination.is_standard();
                self.bind_exchange(number, *destination, *source, *key, *undo);
            }
            Operation::Publish(_, publish) => self.publish(number, publish, ledger),
            Operation::Get { queue, no_ack, .. } => {
                let kind = kind_of(*queue);
                let get = basic::Get {
                    queue: queue.name(),
                    no_ack: *no_ack,
                };
                let mut sent = Sent::new(number, basic::Get::ID)
                    .answered(basic::GetOk::ID)
                    .expecting(self.if_there(ledger, kind))
                    .counting(count(ledger, kind))
                    .about(kind);
                sent.no_ack = *no_ack;
                self.say(&get.into(), &[], sent);
            }
            Operation::Consume {
                queue,
                tag,
                no_ack,
                no_local,
                exclusive,
                priority,
                no_wait,
                ..
            } => {
                let kind = kind_of(*queue);
                let no_ack = *no_ack || queue.is_replies();
                let consume = basic::Consume {
                    queue: queue.name(),
                    consumer_tag: tag_named(*tag).unwrap_or_default(),
                    no_local: *no_local,
                    no_ack,
                    exclusive: *exclusive,
                    // Nobody could tell the tag of one that has no name.
                    no_wait: *no_wait && *tag > 0,
                    arguments: match priority {
                        0 => FieldTable::new(),
                        priority => FieldTable::new()
                            .with("x-priority", i32::from(*priority))
                            .expect("a short name"),
                    },
                };
                self.consume(number, consume, kind, ledger);
            }
            Operation::Cancel { tag, no_wait, .. } => self.cancel(number, *tag, *no_wait),
            Operation::Settle {
                which,
                multiple,
                verdict,
                ..
            } => self.settle(number, *which, *multiple, *verdict),
            Operation::Recover {
                requeue,
                asynchronous,
                ..
            } => {
                let requeue = *requeue;
                let method: Method = match asynchronous {
                    true => basic::RecoverAsync { requeue }.into(),
                    false => basic::Recover { requeue }.into(),
                };
                let sent = Sent::new(number, method.id())
                    .answered_unless(*asynchronous, basic::RecoverOk::ID)
                    .with(Effect::Recover { to_same: !requeue });
                self.say(&method, &[], sent);
            }
            Operation::Qos {
                count,
                octets,
                global,
                ..
            } => {
                let window = Window {
                    count: *count,
                    octets: *octets,
                };
                let qos = basic::Qos {
                    prefetch_count: *count,
                    prefetch_size: *octets,
                    global: *global,
                };
                let sent = Sent::new(number, basic::Qos::ID)
                    .answered(basic::QosOk::ID)
                    .with(Effect::Qos {
                        window,
                        global: *global,
                    });
                self.say(&qos.into(), &[], sent);
            }
            Operation::Select(_) => {
                let sent = Sent::new(number, tx::Select::ID)
                    .answered(tx::SelectOk::ID)
                    .expecting(self.unless_mode(number, Mode::Confirming))
                    .with(Effect::Select(Mode::Transactional));
                self.say(&tx::Select.into(), &[], sent);
            }
            Operation::Confirm(_) => {
                let select = confirm::Select { nowait: false };
                let sent = Sent::new(number, confirm::Select::ID)
                    .answered(confirm::SelectOk::ID)
                    .expecting(self.unless_mode(number, Mode::Transactional))
                    .with(Effect::Select(Mode::Confirming));
                self.say(&select.into(), &[], sent);
            }
            Operation::Commit(_) => {
                let channel = &self.channels[usize::from(number)];
                // A queue that is full spoils the answer.
                let may_fail = channel.uncommitted.iter().any(|(message, _)| {
                    let sent = &ledger.messages[*message as usize];
                    let unsteady = |kind: &usize| !ledger.is_steady(*kind);
                    sent.is_routed
                        || ledger.default_is_bound
                        || sent.targets.iter().flatten().any(unsteady)
                });
                let expected = match self.if_transactional(number) {
                    Expected::Success if may_fail => Expected::Either,
                    other => other,
                };
                let sent = Sent::new(number, tx::Commit::ID)
                    .answered(tx::CommitOk::ID)
                    .expecting(expected)
                    .with(Effect::Commit);
                self.say(&tx::Commit.into(), &[], sent);
            }
            Operation::RollBack(_) => {
                let sent = Sent::new(number, tx::Rollback::ID)
                    .answered(tx::RollbackOk::ID)
                    .expecting(self.if_transactional(number))
                    .with(Effect::RollBack);
                self.say(&tx::Rollback.into(), &[], sent);
            }
            Operation::Flow(_, active) => {
                let sent = Sent::new(number, channel::Flow::ID)
                    .answered(channel::FlowOk::ID)
                    .with(Effect::Flow(*active));
                self.say(&channel::Flow { active: *active }.into(), &[], sent);
            }
            Operation::CloseChannel(_) => {
                self.channel(number).phase = Phase::Closing;
                let sent = Sent::new(number, channel::Close::ID)
                    .answered(channel::CloseOk::ID)
                    .with(Effect::CloseChannel);
                self.say(&channel::Close::default().into(), &[], sent);
            }
            _ => {}
        }
    }

    /// Opens a channel.
    pub(super) fn open(&mut self, number: u16) {
        let channel = self.channel(number);
        channel.phase = Phase::Open;
        channel.last_queue = None;
        let sent = Sent::new(number, channel::Open::ID)
            .answered(channel::OpenOk::ID)
            .with(Effect::OpenChannel);
        self.say(&channel::Open.into(), &[], sent);
    }

    /// Takes leave.
    pub(super) fn close(&mut self) {
        self.is_leaving = true;
        let sent = Sent::new(0, connection::Close::ID)
            .answered(connection::CloseOk::ID)
            .with(Effect::CloseConnection);
        self.say(&connection::Close::default().into(), &[], sent);
    }

    fn declare(
        &mut self,
        number: u16,
        queue: Queue,
        kind: Option<usize>,
        form: Form,
        ledger: &Ledger,
    ) {
        let passive = |expected| {
            let declare = queue::Declare {
                queue: queue.name(),
                passive: true,
                ..Default::default()
            };
            (declare, expected, Effect::Nothing)
        };
        let (mut declare, expected, effect) = match (form, queue.kind()) {
            (Form::Odd(odd), Some(index)) => {
                let mut declare = KINDS[index].declare();
                declare.durable ^= odd & 1 == 1;
                declare.auto_delete ^= odd & 2 == 2;
                declare.exclusive ^= odd & 4 == 4;
                if odd & 8 == 8 {
                    declare.arguments = KINDS[usize::from(odd >> 4) % KINDS.len()]
                        .declare()
                        .arguments;
                }
                (declare, Expected::Either, Effect::DeclareOddly(index))
            }
            (Form::Usual | Form::NoWait, Some(index)) => {
                let expected = match ledger.is_lasting(index) {
                    true => Expected::Success,
                    false => self.if_there(ledger, kind),
                };
                (KINDS[index].declare(), expected, Effect::Declare(index))
            }
            // Another one, whose name the broker makes up, and which goes with the connection.
            (Form::Usual, None) if queue.is_last() => {
                let declare = queue::Declare {
                    exclusive: true,
                    ..Default::default()
                };
                (declare, Expected::Success, Effect::Nothing)
            }
            (Form::Passive, Some(_)) => passive(self.if_there(ledger, kind)),
            // The last one, whatever it is; or none of the kinds.
            _ => passive(Expected::Either),
        };
        declare.no_wait = form == Form::NoWait;
        let kind = kind.filter(|_| declare.passive || !declare.queue.is_empty());
        self.channel(number).last_queue = Some(kind);
        let sent = Sent::new(number, queue::Declare::ID)
            .answered_unless(declare.no_wait, queue::DeclareOk::ID)
            .expecting(expected)
            .counting(count(ledger, kind))
            .about(kind)
            .with(effect);
        self.say(&declare.into(), &[], sent);
    }

    fn bind_queue(
        &mut self,
        number: u16,
        queue: Queue,
        exchange: Exchange,
        key: Key,
        undo: bool,
        expected: Expected,
    ) {
        let routing_key = self.key(key);
        let sent = if undo {
            Sent::new(number, queue::Unbind::ID).answered(queue::UnbindOk::ID)
        } else {
            Sent::new(number, queue::Bind::ID).answered(queue::BindOk::ID)
        };
        let method: Method = if undo {
            queue::Unbind {
                queue: queue.name(),
                exchange: exchange.name(),
                routing_key,
                ..Default::default()
            }
            .into()
        } else {
            queue::Bind {
                queue: queue.name(),
                exchange: exchange.name(),
                routing_key,
                ..Default::default()
            }
            .into()
        };
        self.say(&method, &[], sent.expecting(expected));
    }

    fn bind_exchange(
        &mut self,
        number: u16,
        destination: Exchange,
        source: Exchange,
        key: Key,
        undo: bool,
    ) {
        let routing_key = self.key(key);
        let sent = if undo {
            Sent::new(number, exchange::Unbind::ID).answered(exchange::UnbindOk::ID)
        } else {
            Sent::new(number, exchange::Bind::ID).answered(exchange::BindOk::ID)
        };
        let method: Method = if undo {
            exchange::Unbind {
                destination: destination.name(),
                source: source.name(),
                routing_key,
                ..Default::default()
            }
            .into()
        } else {
            exchange::Bind {
                destination: destination.name(),
                source: source.name(),
                routing_key,
                ..Default::default()
            }
            .into()
        };
        self.say(&method, &[], sent.expecting(Expected::Either));
    }

    fn declare_exchange(&mut self, number: u16, exchange: Exchange, form: u8) {
        const TYPES: [&str; 4] = ["fanout", "direct", "topic", "headers"];
        let mut declare = exchange::Declare {
            exchange: exchange.name(),
            r#type: ShortStr::from_static(TYPES[usize::from(form % 4)]),
            passive: form & 0x30 == 0x30,
            durable: exchange.text() == "kept",
            auto_delete: form & 4 == 4,
            internal: form & 0xC0 == 0xC0,
            ..Default::default()
        };
        if form & 8 == 8 {
            let alternate = LongStr::from_static("amq.fanout");
            declare.arguments = FieldTable::new()
                .with("alternate-exchange", alternate)
                .expect("a short name");
        }
        let expected = match exchange.is_default() {
            true => Expected::Refusal,
            false => Expected::Either,
        };
        let sent = Sent::new(number, exchange::Declare::ID)
            .answered(exchange::DeclareOk::ID)
            .expecting(expected);
        self.say(&declare.into(), &[], sent);
    }

    fn publish(&mut self, number: u16, publish: &Publish, ledger: &mut Ledger) {
        let id = ledger.messages.len() as u32;
        let size = usize::from(publish.size);
        let mut properties = BasicProperties {
            // What is too short to tell by its body which message it is tells it here.
            timestamp: (size < 4).then_some(u64::from(id)),
            delivery_mode: publish.persistent.then_some(2),
            priority: (publish.priority > 0).then_some(publish.priority),
            ..Default::default()
        };
        let mut targets = [None, None];
        let mut expected = Expected::Success;
        if publish.exchange.is_default() {
            if let Key::Queue(queue) = publish.key {
                targets[0] = queue.kind();
            }
        } else if !publish.exchange.is_standard() {
            expected = Expected::Either;
        }
        match publish.extra {
            Extra::Nothing => {}
            Extra::Copy(queue) => {
                let mut keys = FieldArray::new();
                keys.push(LongStr::from_static(queue.text()))
                    .expect("a short array");
                properties.headers = FieldTable::new().with("CC", keys).ok();
                if publish.exchange.is_default() && queue.kind() != targets[0] {
                    targets[1] = queue.kind();
                }
            }
            Extra::Expiration(time) => {
                properties.expiration = Some(ShortStr::truncated(&time.to_string()));
            }
            Extra::ReplyTo => {
                properties.reply_to = Some(ShortStr::from_static(Queue::PSEUDO));
                expected = Expected::Either;
            }
            Extra::Headers(count) => {
                let mut headers = FieldTable::new();
                for number in 0..=count {
                    headers
                        .push(
                            ["a", "b", "x-death"][usize::from(number) % 3],
                            i32::from(number),
                        )
                        .expect("short names");
                }
                properties.headers = Some(headers);
            }
        }
        let method = basic::Publish {
            exchange: publish.exchange.name(),
            routing_key: self.key(publish.key),
            mandatory: publish.mandatory,
            immediate: false,
        };
        let mut content = BytesMut::new();
        let header = ContentHeader {
            body_size: size as u64,
            properties: (&properties).into(),
        };
        put_header(number, &header, &mut content);
        put_body(number, &ledger::body(id, size), FRAME_MAX, &mut content);
        ledger.messages.push(Message {
            targets,
            is_routed: !publish.exchange.is_default() || publish.key == Key::Reply,
            size,
            properties,
            persistent: publish.persistent,
            mandatory: publish.mandatory,
            publisher: (ledger.restarts, self.id),
            priority: publish.priority,
            time_to_live: match publish.extra {
                Extra::Expiration(time) => Some(Duration::from_millis(time.into())),
                _ => None,
            },
            is_taken: false,
            is_returned: false,
            is_too_large: false,
            withdrawn: false,
            step: ledger.step,
        });
        let sent = Sent::new(number, basic::Publish::ID)
            .expecting(expected)
            .with(Effect::Publish(id));
        self.say(&method.into(), &content, sent);
    }

    fn consume(
        &mut self,
        number: u16,
        mut consume: basic::Consume,
        kind: Option<usize>,
        ledger: &mut Ledger,
    ) {
        // Which consumer a tag means would not be known where nobody answers.
        let is_waiting = |it: &Sent| it.channel == number && it.id == basic::Consume::ID;
        consume.no_wait &= !self.sent.iter().any(is_waiting)
            && self.channels[usize::from(number)]
                .consumer(&consume.consumer_tag)
                .is_none();
        let settled = self.is_settled(number);
        let channel = &self.channels[usize::from(number)];
        let mut expected = self.if_there(ledger, kind);
        if consume.exclusive || channel.consumer(&consume.consumer_tag).is_some() || !settled {
            expected = Expected::Either;
        }
        if let Some(kind) = kind {
            let queue = &mut ledger.queues[kind];
            queue.is_choosy |= consume.no_local;
            queue.is_fought_over |= consume.exclusive;
            if queue.is_fought_over {
                expected = Expected::Either;
            }
        }
        let consumer = Consumer {
            number: self.said(),
            tag: Some(consume.consumer_tag.clone()).filter(|tag| !tag.is_empty()),
            kind,
            no_ack: consume.no_ack,
            no_local: consume.no_local,
            window: channel.consumer_window,
            generation: 0,
            leaves: false,
        };
        let sent = Sent::new(number, basic::Consume::ID)
            .answered_unless(consume.no_wait, basic::ConsumeOk::ID)
            .expecting(expected)
            .about(kind)
            .with(Effect::Consume(consumer));
        self.say(&consume.into(), &[], sent);
    }

    fn cancel(&mut self, number: u16, tag: u8, no_wait: bool) {
        // One that the broker has named, or one that has a name.
        let named_by_broker = || {
            let first = self.channels[usize::from(number)].consumers.first()?;
            first.tag.clone()
        };
        let Some(consumer_tag) = tag_named(tag).or_else(named_by_broker) else {
            return;
        };
        let cancel = basic::Cancel {
            consumer_tag: consumer_tag.clone(),
            no_wait,
        };
        let sent = Sent::new(number, basic::Cancel::ID)
            .answered_unless(no_wait, basic::CancelOk::ID)
            .with(Effect::Cancel(consumer_tag));
        self.say(&cancel.into(), &[], sent);
    }

    fn settle(&mut self, number: u16, which: u8, multiple: bool, verdict: Verdict) {
        let settled = self.is_settled(number);
        let channel = &self.channels[usize::from(number)];
        let open = || channel.unsettled.iter().filter(|it| it.held.is_none());
        let count = open().count();
        let multiple = multiple && !matches!(verdict, Verdict::Reject { .. });
        let is_open = |tag| open().any(|it| it.tag == tag);
        let tag = match which {
            15 => 0,
            14 => (1..=channel.last_tag.min(20))
                .find(|tag| !is_open(*tag))
                .unwrap_or(u64::MAX),
            _ if count == 0 => return,
            which => {
                let back = usize::from(which) % count;
                open().nth(count - 1 - back).map_or(0, |it| it.tag)
            }
        };
        let expected = match tag {
            0 if multiple => Expected::Success,
            0 | u64::MAX => Expected::Refusal,
            _ if !settled || channel.is_vague => Expected::Either,
            tag if is_open(tag) => Expected::Success,
            _ => Expected::Refusal,
        };
        let (method, outcome): (Method, _) = match verdict {
            Verdict::Ack => {
                let ack = basic::Ack {
                    delivery_tag: tag,
                    multiple,
                };
                (ack.into(), (State::Done, false))
            }
            Verdict::Nack { requeue } => {
                let nack = basic::Nack {
                    delivery_tag: tag,
                    multiple,
                    requeue,
                };
                (nack.into(), rejected(requeue))
            }
            Verdict::Reject { requeue } => {
                let reject = basic::Reject {
                    delivery_tag: tag,
                    requeue,
                };
                (reject.into(), rejected(requeue))
            }
        };
        let sent = Sent::new(number, method.id())
            .expecting(expected)
            .with(Effect::Settle {
                tag,
                multiple,
                outcome,
            });
        self.say(&method, &[], sent);
    }

    fn unless_mode(&self, number: u16, excluded: Mode) -> Expected {
        match self.channels[usize::from(number)].mode {
            _ if !self.is_settled(number) => Expected::Either,
            mode if mode == excluded => Expected::Refusal,
            _ => Expected::Success,
        }
    }

    fn if_transactional(&self, number: u16) -> Expected {
        match self.channels[usize::from(number)].mode {
            _ if !self.is_settled(number) => Expected::Either,
            Mode::Transactional => Expected::Success,
            _ => Expected::Refusal,
        }
    }

    fn key(&self, key: Key) -> ShortStr {
        match key {
            Key::Queue(queue) => queue.name(),
            Key::Pattern(pattern) => ShortStr::from_static(pattern),
            Key::Reply => self.reply_to.clone(),
        }
    }
}

fn rejected(requeue: bool) -> (State, bool) {
    match requeue {
        true => (State::Waiting, true),
        false => (State::Done, true),
    }
}

fn count(ledger: &Ledger, kind: Option<usize>) -> Count {
    kind.map_or(Count::ANY, |kind| ledger.count(kind))
}

fn tag_named(tag: u8) -> Option<ShortStr> {
    const TAGS: [&str; 3] = ["a", "b", "c"];
    let index = usize::from(tag).checked_sub(1)?;
    Some(ShortStr::from_static(TAGS[index % 3]))
}
