//! What a client makes of what it hears: it fits what was said, and what the ledger knows of the messages.

use bytes::Bytes;
use mqspec_codec::{BasicProperties, Command, FieldValue, Method, basic, channel, connection};

use super::channel::{Phase, Unsettled};
use super::client::Client;
use super::ledger::{self, Delivered, Ledger, MessageId, State};
use super::names::{KINDS, Queue};
use super::sent::{Effect, Sent};
use super::wire::Heard;

impl Client {
    /// Takes note of one thing.
    pub(super) fn hear(&mut self, heard: Heard, ledger: &mut Ledger) {
        let Heard {
            channel: number,
            method,
            content,
        } = heard;
        if self.is_wild {
            return self.hear_wildly(number, &method);
        }
        if number == 0 {
            return self.hear_on_zero(&method, ledger);
        }
        assert!(
            !self.is_refused,
            "{method} on channel {number} behind connection.close"
        );
        let channel = self.channel(number);
        let is_answer = matches!(method, Method::ChannelCloseOk(_));
        assert!(
            is_answer || channel.phase != Phase::Free,
            "{method} on channel {number}, which is not open"
        );
        match (method, content) {
            (Method::ChannelClose(close), _) => self.hear_refusal(number, &close, ledger),
            (Method::BasicDeliver(it), Some(content)) => {
                self.hear_delivery(number, &it, &content, ledger);
            }
            (Method::BasicReturn(it), Some(content)) => {
                assert_eq!(it.reply_code, 312, "{it:?}");
                self.hear_return(number, &content, ledger);
            }
            (Method::BasicGetOk(it), Some(content)) => {
                let method = Method::from(it.clone());
                let sent = self.answered(number, &method, ledger);
                self.hear_fetched(number, &it, &content, &sent, ledger);
            }
            (Method::BasicAck(it), _) => {
                self.hear_confirmed(number, it.delivery_tag, it.multiple, true, ledger);
            }
            (Method::BasicNack(it), _) => {
                self.hear_confirmed(number, it.delivery_tag, it.multiple, false, ledger);
            }
            (Method::BasicCancel(it), _) => {
                assert!(
                    self.has_extensions,
                    "{it:?} to a client that does not know it"
                );
                let channel = self.channel(number);
                let before = channel.consumers.len();
                channel
                    .consumers
                    .retain(|consumer| consumer.tag.as_ref() != Some(&it.consumer_tag));
                assert!(
                    channel.consumers.len() < before,
                    "{it:?} on channel {number}, where there is no such consumer"
                );
            }
            (method, _) => {
                let sent = self.answered(number, &method, ledger);
                self.hear_answer(number, method, &sent, ledger);
            }
        }
    }

    /// Whatever a connection hears on which anything was said, its frames are whole and it has an end.
    fn hear_wildly(&mut self, number: u16, method: &Method) {
        if number == 0 && matches!(method, Method::ConnectionClose(_)) {
            self.is_leaving = true;
            self.is_refused = true;
            let sent = Sent::new(0, connection::CloseOk::ID);
            self.say(&connection::CloseOk.into(), &[], sent);
        }
    }

    fn hear_on_zero(&mut self, method: &Method, ledger: &mut Ledger) {
        match method {
            Method::ConnectionClose(close) => {
                assert!(!self.is_refused, "connection.close twice");
                self.dismissed(close, ledger);
                for channel in &mut self.channels {
                    channel.end(ledger);
                }
                let sent = Sent::new(0, connection::CloseOk::ID);
                self.say(&connection::CloseOk.into(), &[], sent);
            }
            Method::ConnectionBlocked(_) | Method::ConnectionUnblocked(_) => {
                assert!(
                    self.has_extensions,
                    "{method} to a client that does not know it"
                );
                assert!(!self.is_refused, "{method} behind connection.close");
            }
            Method::ConnectionCloseOk(_) => {
                self.answered(0, method, ledger);
                for channel in &self.channels {
                    assert!(
                        self.is_refused || channel.unconfirmed.is_empty() || ledger.is_lost,
                        "the connection is closed before everything is confirmed"
                    );
                }
            }
            _ => {
                self.answered(0, method, ledger);
            }
        }
    }

    fn hear_refusal(&mut self, number: u16, close: &channel::Close, ledger: &mut Ledger) {
        assert!(
            matches!(close.reply_code, 311 | 403..=406),
            "{close:?} closes a channel only"
        );
        assert!(
            !self.channel(number).is_refused,
            "channel.close twice on channel {number}"
        );
        self.refused(number, close, ledger);
        let channel = self.channel(number);
        channel.is_refused = channel.phase == Phase::Closing;
        channel.phase = Phase::Free;
        let sent = Sent::new(number, channel::CloseOk::ID).with(Effect::FreeChannel);
        self.say(&channel::CloseOk.into(), &[], sent);
    }

    fn hear_answer(&mut self, number: u16, method: Method, sent: &Sent, ledger: &mut Ledger) {
        match method {
            Method::ChannelCloseOk(_) => {
                let channel = self.channel(number);
                if channel.is_refused {
                    channel.is_refused = false;
                    return;
                }
                assert!(
                    channel.unconfirmed.is_empty() || ledger.is_lost,
                    "channel {number} is closed before everything is confirmed"
                );
                channel.end(ledger);
                channel.phase = Phase::Free;
            }
            Method::QueueDeclareOk(ok) => {
                if let Some(kind) = sent.kind {
                    assert_eq!(ok.queue.as_str(), KINDS[kind].name, "{ok:?}");
                }
                sent.count.check(ok.message_count, "queue.declare-ok");
                if let Effect::Declare(kind) = sent.effect
                    && KINDS[kind].exclusive
                    && ledger.is_clear
                    && !self.is_leaving
                {
                    ledger.queues[kind].owner = Some(self.id);
                }
            }
            Method::QueuePurgeOk(ok) => sent.count.check(ok.message_count, "queue.purge-ok"),
            Method::QueueDeleteOk(ok) => sent.count.check(ok.message_count, "queue.delete-ok"),
            Method::BasicGetEmpty(_) => assert_eq!(
                sent.count.least,
                0,
                "basic.get-empty, where messages wait in {:?}",
                sent.kind.map(|kind| KINDS[kind].name)
            ),
            Method::BasicConsumeOk(ok) => {
                let channel = self.channel(number);
                // Its tag was in use when it was asked for, and perhaps is not any more.
                if let Effect::Consume(asked) = &sent.effect
                    && asked.tag.is_some()
                    && channel.consumers.iter().all(|it| it.number != asked.number)
                {
                    channel.consume(asked.clone(), ledger);
                }
                let without = channel.consumers.iter_mut().find(|it| it.tag.is_none());
                match (&sent.effect, without) {
                    (Effect::Consume(asked), _) if asked.tag.is_some() => {
                        assert_eq!(asked.tag.as_ref(), Some(&ok.consumer_tag));
                    }
                    (_, Some(consumer)) => consumer.tag = Some(ok.consumer_tag),
                    _ => panic!("{ok:?}, and no consumer waits for its tag"),
                }
            }
            Method::BasicCancelOk(ok) => {
                let channel = self.channel(number);
                channel
                    .consumers
                    .retain(|it| !it.leaves || it.tag.as_ref() != Some(&ok.consumer_tag));
            }
            Method::ChannelFlowOk(ok) => {
                if let Effect::Flow(active) = sent.effect {
                    assert_eq!(ok.active, active, "channel.flow-ok");
                }
            }
            _ => {}
        }
    }

    /// Tags rise by one from one on, whatever brings them.
    fn take_tag(&mut self, number: u16, tag: u64) {
        let channel = self.channel(number);
        channel.last_tag += 1;
        assert_eq!(
            tag, channel.last_tag,
            "the delivery tag on channel {number} is not the next one"
        );
    }

    fn hear_delivery(
        &mut self,
        number: u16,
        deliver: &basic::Deliver,
        content: &(BasicProperties, Bytes),
        ledger: &mut Ledger,
    ) {
        self.take_tag(number, deliver.delivery_tag);
        // The broker may have begun before what was said on other channels was heard.
        if self
            .channel(number)
            .consumer(&deliver.consumer_tag)
            .is_none()
        {
            self.apply_consume(number, &deliver.consumer_tag, ledger);
        }
        let is_late = self.channel(number).phase == Phase::Closing && !ledger.is_clear;
        let Some(consumer) = self.channel(number).consumer(&deliver.consumer_tag) else {
            panic!("{deliver:?} on channel {number}, where there is no such consumer");
        };
        let (kind, no_ack) = (consumer.kind, consumer.no_ack);
        let (no_local, consumer) = (consumer.no_local, consumer.clone());
        let message = self.look_at(content, ledger);
        let copy = kind.zip(message);
        if let Some((kind, message)) = copy {
            self.apply_giving_back(number, (kind, message), ledger);
            let delivered = Delivered {
                message,
                redelivered: deliver.redelivered,
                no_ack,
                fetched: false,
                too_late: is_late,
            };
            ledger.deliver(kind, delivered);
        }
        if !no_ack && !is_late {
            let delivery = Unsettled {
                tag: deliver.delivery_tag,
                copy,
                consumer: Some(consumer.number),
                held: None,
            };
            self.channel(number).hold(delivery, ledger);
        }
        if let Some(message) = message {
            let publisher = ledger.messages[message as usize].publisher;
            let own = publisher == (ledger.restarts, self.id);
            assert!(
                !(no_local && own),
                "message {message} is delivered to its publisher, who does not want it"
            );
        }
        // What is settled by then makes room, and another `basic.qos` may as well.
        if ledger.is_clear && !self.may_be_ahead(number) {
            self.channel(number).check_wanted(&consumer, ledger.step);
        }
    }

    fn hear_fetched(
        &mut self,
        number: u16,
        ok: &basic::GetOk,
        content: &(BasicProperties, Bytes),
        sent: &Sent,
        ledger: &mut Ledger,
    ) {
        self.take_tag(number, ok.delivery_tag);
        self.fetched += 1;
        sent.count.check(1.max(sent.count.least), "basic.get-ok");
        let rest = sent.count.without_one();
        rest.check(ok.message_count, "basic.get-ok");
        let is_late = self.channel(number).phase == Phase::Closing && !ledger.is_clear;
        let message = self.look_at(content, ledger);
        let copy = sent.kind.zip(message);
        if let Some((kind, message)) = copy {
            self.apply_giving_back(number, (kind, message), ledger);
            let delivered = Delivered {
                message,
                redelivered: ok.redelivered,
                no_ack: sent.no_ack,
                fetched: true,
                too_late: is_late,
            };
            ledger.deliver(kind, delivered);
        }
        if !sent.no_ack && !is_late {
            let delivery = Unsettled {
                tag: ok.delivery_tag,
                copy,
                consumer: None,
                held: None,
            };
            self.channel(number).hold(delivery, ledger);
        }
    }

    /// Which message it is, which has to be as it was published. None for a dead letter, which may be anywhere.
    fn look_at(
        &mut self,
        (properties, body): &(BasicProperties, Bytes),
        ledger: &mut Ledger,
    ) -> Option<MessageId> {
        let id = match (body.first_chunk(), properties.timestamp) {
            (Some(octets), _) => u32::from_be_bytes(*octets),
            (None, Some(id)) => u32::try_from(id).unwrap_or(u32::MAX),
            (None, None) => panic!("a message that nobody has published: {properties:?}"),
        };
        let Some(sent) = ledger.messages.get(id as usize) else {
            assert!(ledger.is_lost, "message {id}, which nobody has published");
            return None;
        };
        let has_died = properties
            .headers
            .as_ref()
            .and_then(|headers| headers.get("x-death"))
            .is_some_and(|deaths| matches!(deaths, FieldValue::Array(_)));
        assert!(
            *body == ledger::body(id, sent.size) || ledger.is_lost,
            "message {id} has another body than was published"
        );
        if has_died {
            ledger.exhume(id);
            return None;
        }
        if let Some(name) = &properties.reply_to
            && name.as_str() != Queue::PSEUDO
        {
            self.reply_to = name.clone();
        } else {
            assert!(
                *properties == sent.properties || ledger.is_lost,
                "message {id} has other properties than was published: {properties:?}"
            );
        }
        Some(id)
    }

    fn hear_return(
        &mut self,
        number: u16,
        content: &(BasicProperties, Bytes),
        ledger: &mut Ledger,
    ) {
        let Some(id) = self.look_at(content, ledger) else {
            return;
        };
        assert!(
            ledger.messages[id as usize].mandatory || ledger.is_lost,
            "message {id} is returned, and is not mandatory"
        );
        assert!(
            !ledger.is_in_a_queue(id),
            "message {id} is returned, and is in a queue"
        );
        ledger.messages[id as usize].is_returned = true;
        self.channel(number).to_return.retain(|its| *its != id);
    }

    /// The broker takes over what was published, each message once and in turn.
    fn hear_confirmed(
        &mut self,
        number: u16,
        tag: u64,
        multiple: bool,
        taken: bool,
        ledger: &mut Ledger,
    ) {
        while self.channel(number).confirmed + (self.channel(number).unconfirmed.len() as u64) < tag
            && self.apply_next(number, ledger)
        {}
        let channel = self.channel(number);
        let count = tag
            .checked_sub(channel.confirmed)
            .filter(|count| *count > 0);
        let Some(count) = count else {
            panic!("publish {tag} on channel {number} is confirmed twice");
        };
        assert!(
            count == 1 || multiple,
            "publish {tag} on channel {number} is confirmed before those that precede it"
        );
        assert!(
            count <= channel.unconfirmed.len() as u64,
            "publish {tag} on channel {number} is confirmed, and has not been made"
        );
        channel.confirmed = tag;
        let confirmed: Vec<MessageId> = channel.unconfirmed.drain(..count as usize).collect();
        for message in confirmed {
            if taken {
                ledger.check_confirmed(message);
            } else {
                ledger.check_rejected(message);
            }
        }
    }

    /// Carries out what was said on a channel up to a consumer.
    fn apply_consume(&mut self, number: u16, tag: &mqspec_codec::ShortStr, ledger: &mut Ledger) {
        while self.channel(number).consumer(tag).is_none() && self.apply_next(number, ledger) {}
    }
}

impl Ledger {
    /// Whether a message certainly is in a queue.
    fn is_in_a_queue(&self, message: MessageId) -> bool {
        self.messages[message as usize]
            .targets
            .iter()
            .flatten()
            .any(|kind| {
                matches!(
                    self.state(*kind, message),
                    Some(State::Waiting | State::Held)
                )
            })
    }

    /// A message has not been taken over: a queue that it may go to was full.
    fn check_rejected(&self, message: MessageId) {
        let sent = &self.messages[message as usize];
        let may_reject = |kind: &usize| !self.is_steady(*kind);
        assert!(
            sent.is_routed
                || self.default_is_bound
                || sent.targets.iter().flatten().any(may_reject),
            "message {message} is rejected, and no queue was full"
        );
    }
}
