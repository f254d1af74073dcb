//! What becomes of deliveries, and transactions and confirmations.

use super::super::super::Datum;
use super::world::Mode;
use super::{Maker, on};

/// How much is settled at a time, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    One,
    Multiple,
    /// One, which does not go back to its queue.
    Away,
}

impl Maker<'_> {
    pub(super) fn settle(&mut self, command: &str, extent: Extent) {
        let Some(place) = self.lane(|lane| lane.holds > 0) else {
            return;
        };
        let Some(lane) = self.world.lanes.get_mut(place) else {
            return;
        };
        let (client, stream) = (lane.client, lane.stream);
        let listens = !lane.consumers.is_empty();
        let mut fields = Vec::new();
        if extent == Extent::Multiple {
            fields.push(("multiple", on()));
        }
        if command != "basic.ack" {
            // To whom a message is given back that its own consumer refused is left to brokers, more or less.
            let back =
                extent != Extent::Away && (!listens && self.dice.one_in(2) || self.dice.one_in(30));
            fields.push(("requeue", Datum::Bool(back)));
        }
        if extent == Extent::Multiple && self.dice.one_in(3) {
            fields.push(("delivery-tag", Datum::Int(0)));
            self.say(client, stream, command, fields);
        } else {
            let which = match self.dice.one_in(2) {
                true => 0,
                false => self.dice.below(8),
            };
            self.put(client, stream, command, fields, Some(which), None);
        }
        self.mark_pending(client, stream);
    }

    pub(super) fn recover(&mut self) {
        // A consumer of the same channel is the one that gets it again, or another one.
        let Some(place) = self.lane(|lane| lane.holds > 0 && lane.consumers.is_empty()) else {
            return;
        };
        let Some(lane) = self.world.lanes.get(place) else {
            return;
        };
        let (client, stream) = (lane.client, lane.stream);
        self.say(client, stream, "basic.recover", vec![("requeue", on())]);
    }

    pub(super) fn select(&mut self, mode: Mode) {
        // To select once more changes nothing.
        let again = self.dice.one_in(5);
        let suits = |it: Mode| it == Mode::Plain && !again || it == mode && again;
        let Some(place) = self.lane(|lane| suits(lane.mode)) else {
            return;
        };
        let Some(lane) = self.world.lanes.get_mut(place) else {
            return;
        };
        lane.mode = mode;
        let (client, stream) = (lane.client, lane.stream);
        let command = match mode {
            Mode::Transaction => "tx.select",
            _ => "confirm.select",
        };
        self.say(client, stream, command, Vec::new());
    }

    pub(super) fn end_transaction(&mut self, command: &str) {
        let pending = self.lane(|lane| lane.mode == Mode::Transaction && lane.pending);
        let Some(place) = pending.or_else(|| self.lane(|lane| lane.mode == Mode::Transaction))
        else {
            return;
        };
        let Some(lane) = self.world.lanes.get_mut(place) else {
            return;
        };
        lane.pending = false;
        let (client, stream) = (lane.client, lane.stream);
        self.say(client, stream, command, Vec::new());
    }
}
