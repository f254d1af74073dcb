//! The client's half of a connection, judged by somebody who only listens.
//!
//! What counts is what the client could know: a command that was under way when the broker closed something is nobody's
//! fault. Where the text leaves a choice (a content that a close cuts short, §4.2.6; a limit of zero, §1.4.2.6) nothing
//! is said. Some clauses bind a broker to refuse what only a client can do wrong; they are cited as well.
//!
//! - `half`: one direction's octets as commands, with the order in which contents travel
//! - `judge`: which rule a command is held to
//! - `handshake`: how a connection is opened and closed, and what was agreed
//! - `channel`: how a channel is opened and closed, and what is settled, consumed, committed and answered on it
//! - `values`: names, short strings, tables and reserved fields
//! - `refusal`: what a broker's refusal proves

mod channel;
mod half;
mod handshake;
mod judge;
mod refusal;
#[cfg(test)]
mod tests;
mod values;

use std::time::Duration;

use mqspec_specs::Protocol;

use super::super::{Breach, Conduct, Cutter, Datum, Overheard, Side};
use half::Half;
use judge::Judge;

fn breach(clause: &'static str, what: impl Into<String>) -> Breach {
    let what = what.into();
    Breach { clause, what }
}

/// See [`Conduct`].
#[derive(Debug)]
pub(super) struct AmqpConduct {
    client: Half,
    broker: Half,
    judge: Judge,
}

impl AmqpConduct {
    /// `trusted` says whether what the broker refuses is known to be wrong.
    pub(super) fn new(protocol: &'static Protocol, trusted: bool) -> Self {
        AmqpConduct {
            client: Half::new(protocol, Side::Client),
            broker: Half::new(protocol, Side::Broker),
            judge: Judge::new(protocol, trusted),
        }
    }
}

impl Conduct for AmqpConduct {
    fn hear(&mut self, side: Side, octets: &[u8], now: Duration) -> Vec<Overheard> {
        let mut heard = Vec::new();
        let half = match side {
            Side::Client => &mut self.client,
            Side::Broker => &mut self.broker,
        };
        half.extend(octets);
        while let Some(frame) = half.next(now) {
            let mut breaches = match side {
                Side::Client => self.judge.client(&frame, now),
                Side::Broker => self.judge.broker(&frame, now),
            };
            // A broker's own faults are another judge's affair.
            if side == Side::Client {
                breaches.extend(frame.fault.clone());
            }
            half.put(frame, breaches, &mut heard);
            half.set_frame_max(self.judge.frame_max());
        }
        heard
    }

    fn ended(&mut self, side: Side, now: Duration) -> Vec<Overheard> {
        let half = match side {
            Side::Client => &mut self.client,
            Side::Broker => &mut self.broker,
        };
        let mut heard = half.unfinished();
        heard.push(Overheard {
            side,
            stream: 0,
            command: "eof".to_owned(),
            fields: Vec::new(),
            octets: Vec::new(),
            offset: half.offset(),
            at: now,
            breaches: self.judge.ended(side, now),
        });
        heard
    }
}

/// See [`Cutter`].
#[derive(Debug)]
pub(super) struct AmqpCutter {
    half: Half,
}

impl AmqpCutter {
    pub(super) fn new(protocol: &'static Protocol, side: Side) -> Self {
        let mut half = Half::new(protocol, side);
        half.set_frame_max(0);
        AmqpCutter { half }
    }
}

impl Cutter for AmqpCutter {
    fn cut(&mut self, octets: &[u8]) -> Vec<Overheard> {
        let mut frames = Vec::new();
        if self.half.is_broken() {
            let data = ("data".to_owned(), Datum::Octets(octets.to_vec()));
            frames.push(self.half.unread(octets, vec![data]));
            return frames;
        }
        self.half.extend(octets);
        while let Some(frame) = self.half.next(Duration::ZERO) {
            frames.push(self.half.alone(frame));
        }
        frames
    }
}
