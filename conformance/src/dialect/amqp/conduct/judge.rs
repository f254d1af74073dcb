//! Which rule a command is held to.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use mqspec_specs::Protocol;
use mqspec_specs::protocol::Peer;

use super::super::super::{Breach, Side};
use super::breach;
use super::channel::Channel;
use super::half::Frame;
use super::handshake::Handshake;
use super::refusal::{self, Attempts};
use super::values;

/// How many intervals a client may be silent: the text has it send one in each, and two silent ones are the end.
const SILENT: u32 = 2;
/// How much later than that something may be under way.
const SLACK: Duration = Duration::from_millis(500);
/// How many intervals, and how long beside, a client may go on towards a silent broker: after two it should end the
/// connection, and clients look for that in intervals of their own.
const PATIENT: (u32, Duration) = (3, Duration::from_secs(6));

/// See the module.
#[derive(Debug)]
pub(super) struct Judge {
    protocol: &'static Protocol,
    trusted: bool,
    handshake: Handshake,
    channels: BTreeMap<u16, Channel>,
    attempts: Attempts,
    /// The exchanges that this client declared, with their types.
    exchanges: HashMap<Vec<u8>, Vec<u8>>,
    /// When either side was last heard.
    last_client: Duration,
    last_broker: Duration,
    /// Whether a silence was told.
    told: bool,
    /// Whether the broker said something that cannot be read: what the client then knows is anybody's guess.
    blind: bool,
}

impl Judge {
    pub(super) fn new(protocol: &'static Protocol, trusted: bool) -> Self {
        Judge {
            protocol,
            trusted,
            handshake: Handshake::default(),
            channels: BTreeMap::new(),
            attempts: Attempts::default(),
            exchanges: HashMap::new(),
            last_client: Duration::ZERO,
            last_broker: Duration::ZERO,
            told: false,
            blind: false,
        }
    }

    /// The agreed limit; 0 for none.
    pub(super) fn frame_max(&self) -> usize {
        self.handshake.frame_max()
    }

    /// What the client did wrong by sending that.
    pub(super) fn client(&mut self, frame: &Frame, now: Duration) -> Vec<Breach> {
        if self.handshake.is_foreign() || self.blind {
            return Vec::new();
        }
        let mut found = self.silence(now);
        self.last_client = now;
        found.extend(self.handshake.frame(frame));
        if self.handshake.is_over() || frame.fault.is_some() && !frame.is_content() {
            return found;
        }
        if frame.is_content() {
            if frame.channel != 0 && !self.handshake.is_closing() {
                let channel = self.channels.entry(frame.channel).or_default();
                found.extend(channel.usable(frame));
            }
            if frame.fault.is_none() {
                found.extend(values::shape(self.protocol, frame, true));
            }
            return found;
        }
        let Some(command) = self.protocol.command(&frame.command) else {
            return found;
        };
        let name = command.name.as_str();
        if !command.sent_by(Peer::Client) {
            found.push(breach("MTH-09", format!("a client does not send {name}")));
            return found;
        }
        let on_zero = frame.channel == 0;
        let of_connection = command.class_name() == "connection";
        if of_connection != on_zero {
            let clause = if of_connection { "FRM-08" } else { "FRM-09" };
            let what = format!("{name} travels on channel {}", frame.channel);
            found.push(breach(clause, what));
            return found;
        }
        let ticket = self.attempts.were_made("access.request");
        found.extend(values::shape(self.protocol, frame, ticket));
        self.attempts.note(command, frame);
        if of_connection {
            found.extend(self.handshake.command(frame, now));
            if name == "connection.close" {
                // Whatever is due on a channel is due no more.
                let all = self.channels.values_mut();
                found.extend(all.flat_map(|channel| channel.left(now)));
            }
        } else if !self.handshake.is_closing() {
            found.extend(self.handshake.channel(frame));
            let elsewhere = self.channels.iter();
            let elsewhere = elsewhere.filter(|(number, _)| **number != frame.channel);
            let known = elsewhere
                .map(|(number, it)| (*number, it))
                .collect::<Vec<_>>();
            let foreign = super::channel::foreign(frame, &known);
            let channel = self.channels.entry(frame.channel).or_default();
            found.extend(channel.client(frame, foreign));
        }
        found
    }

    /// What the client is known to have done wrong, now that the broker said that.
    pub(super) fn broker(&mut self, frame: &Frame, now: Duration) -> Vec<Breach> {
        self.last_broker = now;
        self.blind |= frame.fault.is_some();
        if self.blind {
            return Vec::new();
        }
        if !frame.is_method() {
            self.handshake.heard(frame, now);
            return Vec::new();
        }
        let refused = match frame.command.as_str() {
            "channel.close" | "connection.close" => {
                refusal::proved(frame, &self.attempts, &self.exchanges, self.trusted)
            }
            "exchange.declare-ok" => {
                let last = self.attempts.last("exchange.declare", Some(frame.channel));
                if let Some(declared) = last.filter(|it| !it.flag("passive")) {
                    let (name, kind) = (declared.octets("exchange"), declared.octets("type"));
                    self.exchanges.insert(name.to_vec(), kind.to_vec());
                }
                None
            }
            _ => None,
        };
        self.handshake.heard(frame, now);
        if frame.channel != 0 {
            let channel = self.channels.entry(frame.channel).or_default();
            channel.broker(self.protocol, frame, now);
        }
        refused.into_iter().collect()
    }

    /// What the client did wrong by ending the connection, or by never having said something before it ended.
    pub(super) fn ended(&mut self, side: Side, now: Duration) -> Vec<Breach> {
        if self.handshake.is_foreign() || self.blind {
            return Vec::new();
        }
        let mut found = self.silence(now);
        let closing = self.handshake.is_closing();
        found.extend(self.handshake.ended(side, now));
        if side == Side::Client && !closing {
            let all = self.channels.values_mut();
            found.extend(all.flat_map(|channel| channel.left(now)));
        }
        found
    }

    /// Silences that should not have been (§4.2.7): the client's own, and that of a broker with which it went on.
    fn silence(&mut self, now: Duration) -> Vec<Breach> {
        let Some(interval) = self.handshake.heartbeat() else {
            return Vec::new();
        };
        let since = self.handshake.heartbeats_since();
        let mute = now.saturating_sub(self.last_client.max(since));
        let alone = now.saturating_sub(self.last_broker.max(since));
        let mut found = Vec::new();
        if self.told || self.handshake.is_over() {
            return found;
        }
        if mute > interval * SILENT + SLACK {
            let what =
                format!("nothing came for {mute:.1?}, heartbeats are due every {interval:?}");
            found.push(breach("HB-09", what));
        }
        if alone > interval * PATIENT.0 + PATIENT.1 {
            let what = format!(
                "the broker was silent for {alone:.1?}, with heartbeats due every {interval:?}"
            );
            found.push(breach("HB-06", what));
        }
        self.told = !found.is_empty();
        found
    }
}
