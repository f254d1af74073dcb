//! What is sent.

use super::super::super::generated::Ready;
use super::super::super::{Datum, Outgoing};
use super::lane::{Asker, Consumer, Fate, Mode, Request};
use super::{AmqpLedger, flag, octets, priority};

impl AmqpLedger {
    /// Takes note of a question of the ledger's own.
    pub(super) fn note_asked(&mut self, ready: &Ready) {
        self.expect(ready, None, Asker::Ledger);
    }

    /// Takes note of a step.
    pub(super) fn note_said(&mut self, ready: &Ready, binds: Option<&str>) {
        self.note_undecided();
        self.closed = false;
        self.client(ready.client).takes_part = true;
        self.spoke = (ready.client, ready.message.stream);
        self.balance.begin(&ready.message);
        let message = &ready.message;
        let queue = self.queue_of(ready);
        let lane = self.lane(ready.client, message.stream);
        match message.command.as_str() {
            "basic.publish" if lane.mode == Mode::Confirm => {
                lane.published += 1;
                lane.unconfirmed.insert(lane.published);
            }
            "basic.ack" | "basic.nack" | "basic.reject" => {
                let tag = message
                    .field("delivery-tag")
                    .and_then(Datum::int)
                    .unwrap_or(0);
                let back = message.command != "basic.ack" && flag(message, "requeue");
                let fate = if back { Fate::Back } else { Fate::Gone };
                let gone = lane.settle(tag, flag(message, "multiple"), fate);
                self.balance.gone(gone);
            }
            "basic.recover" | "basic.recover-async" => lane.held.clear(),
            "basic.consume" if flag(message, "no-wait") => {
                let consumer = Consumer {
                    queue,
                    no_ack: flag(message, "no-ack"),
                    priority: priority(message),
                };
                let tag = octets(message, "consumer-tag").to_vec();
                lane.consumers.insert(tag, consumer);
            }
            "basic.cancel" if flag(message, "no-wait") => {
                lane.consumers.remove(octets(message, "consumer-tag"));
            }
            _ => {}
        }
        self.expect(ready, binds, Asker::Step);
    }

    /// The variable of the queue that a message is about.
    pub(super) fn queue_of(&self, ready: &Ready) -> String {
        match octets(&ready.message, "queue") {
            [] => {
                let lane = self.lane_of(ready.client, ready.message.stream);
                lane.map(|lane| lane.queue.clone()).unwrap_or_default()
            }
            name => self.shown(name),
        }
    }

    /// A name as a variable, or as it is.
    pub(super) fn shown(&self, name: &[u8]) -> String {
        let variable = self.names.variable(name);
        String::from_utf8_lossy(variable.as_deref().unwrap_or(name)).into_owned()
    }

    fn expect(&mut self, ready: &Ready, binds: Option<&str>, asker: Asker) {
        if !self.has_reply(&ready.message) {
            return;
        }
        let request = Request {
            message: ready.message.clone(),
            binds: binds.map(str::to_owned),
            asker,
        };
        self.lane(ready.client, ready.message.stream)
            .requests
            .push_back(request);
    }

    /// Whether a broker has to answer a message.
    pub(super) fn has_reply(&self, message: &Outgoing) -> bool {
        let command = self.protocol.command(&message.command);
        command.is_some_and(|it| !it.replies.is_empty()) && !flag(message, "no-wait")
    }
}
