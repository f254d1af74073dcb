//! One AMQP connection's octets, in both directions.

use std::collections::{HashSet, VecDeque};

use mqspec_specs::Protocol;

use super::super::{Breach, Datum, EncodeError, Incoming, Outgoing, Probe, Session, Want};
use super::deframe::{BODY, Deframer, HEADER, HEADER_START, HEARTBEAT, METHOD, Raw, SANE_SIZE};
use super::witness::Witness;
use super::{decode, encode};

/// How many octets are shown of what is no frame.
const SHOWN: usize = 32;

/// What scripts may expect beside the protocol's own commands, with their fields.
pub(super) const EXPECTED: &[(&str, &[&str])] = &[
    ("protocol-header", &["id", "major", "minor", "revision"]),
    ("heartbeat", &[]),
    ("frame", &["type", "channel", "size", "payload"]),
    (
        "content-header",
        &["class-id", "weight", "body-size", "flags"],
    ),
    ("content-body", &["payload", "size"]),
    ("raw", &["data"]),
];

/// See [`Session`].
#[derive(Debug)]
pub(super) struct AmqpSession {
    protocol: &'static Protocol,
    deframer: Deframer,
    pending: VecDeque<Raw>,
    witness: Witness,
    proposed_frame_max: usize,
    channel_max: u16,
    opened: bool,
    over: bool,
    channels: HashSet<u16>,
    /// Channels on which a content that a script began by single frames may be unfinished.
    in_content: HashSet<u16>,
}

impl AmqpSession {
    pub(super) fn new(protocol: &'static Protocol) -> Self {
        AmqpSession {
            protocol,
            deframer: Deframer::default(),
            pending: VecDeque::new(),
            witness: Witness::default(),
            proposed_frame_max: 0,
            channel_max: u16::MAX,
            opened: false,
            over: false,
            channels: HashSet::new(),
            in_content: HashSet::new(),
        }
    }

    fn is_passed_over(&self, raw: &Raw, wanted: &str) -> bool {
        match raw.kind {
            HEARTBEAT => raw.breach.is_none() && wanted != "heartbeat" && wanted != "frame",
            METHOD if raw.channel == 0 => {
                let name = decode::method(self.protocol, &raw.payload).name;
                name != wanted
                    && ["connection.blocked", "connection.unblocked"].contains(&name.as_str())
            }
            _ => false,
        }
    }

    /// Where a command that ends the connection, or garbage, waits.
    fn ending(&self) -> Option<usize> {
        self.pending.iter().position(|raw| {
            raw.channel == 0
                && match raw.kind {
                    METHOD => {
                        decode::method(self.protocol, &raw.payload).name == "connection.close"
                    }
                    0 | HEADER_START => true,
                    _ => false,
                }
        })
    }

    /// The frames at these places as one incoming command; they leave the queue.
    fn remove(
        &mut self,
        places: &[usize],
        command: String,
        fields: Vec<(String, Datum)>,
        breach: Option<Breach>,
    ) -> Incoming {
        let mut octets = Vec::new();
        let mut stream = 0;
        let mut found = breach;
        for place in places {
            let raw = &self.pending[*place];
            octets.extend(&raw.octets);
            stream = raw.channel;
            found = raw.breach.clone().or(found);
        }
        for place in places.iter().rev() {
            self.pending.remove(*place);
        }
        Incoming {
            stream,
            command,
            fields,
            octets,
            breach: found,
        }
    }

    /// The frame at that place by itself.
    fn single(&mut self, place: usize, wanted: &str) -> Incoming {
        let raw = &self.pending[place];
        let number = |number: usize| Datum::Int(number as i128);
        let payload = Datum::Octets(raw.payload.clone());
        if wanted == "frame" && raw.kind != 0 && raw.kind != HEADER_START {
            let fields = vec![
                ("type".to_owned(), Datum::Int(raw.kind.into())),
                ("channel".to_owned(), Datum::Int(raw.channel.into())),
                ("size".to_owned(), number(raw.payload.len())),
                ("payload".to_owned(), payload),
            ];
            return self.remove(&[place], "frame".to_owned(), fields, None);
        }
        if wanted == "raw" {
            let data = Datum::Octets(raw.octets.clone());
            let fields = vec![("data".to_owned(), data)];
            return self.remove(&[place], "raw".to_owned(), fields, None);
        }
        let (name, fields, breach) = match raw.kind {
            METHOD => {
                let decoded = decode::method(self.protocol, &raw.payload);
                (decoded.name, decoded.fields, decoded.breach)
            }
            HEADER => {
                let decoded = decode::header(self.protocol, &raw.payload);
                (decoded.name, decoded.fields, decoded.breach)
            }
            BODY => {
                let size = number(raw.payload.len());
                let fields = vec![("payload".to_owned(), payload), ("size".to_owned(), size)];
                ("content-body".to_owned(), fields, None)
            }
            HEARTBEAT => ("heartbeat".to_owned(), Vec::new(), None),
            HEADER_START => {
                let field =
                    |name: &str, at: usize| (name.to_owned(), Datum::Int(raw.payload[at].into()));
                let fields = vec![
                    field("id", 4),
                    field("major", 5),
                    field("minor", 6),
                    field("revision", 7),
                ];
                ("protocol-header".to_owned(), fields, None)
            }
            _ => {
                let begin = &raw.octets[..raw.octets.len().min(SHOWN)];
                let data = Datum::Octets(begin.to_vec());
                ("garbage".to_owned(), vec![("data".to_owned(), data)], None)
            }
        };
        self.remove(&[place], name, fields, breach)
    }

    /// The command that begins at that place, with the content that belongs to it, once all of it is there.
    fn command(&mut self, place: usize, want: Want<'_>) -> Option<Incoming> {
        let raw = &self.pending[place];
        let decoded = match raw.kind {
            METHOD => decode::method(self.protocol, &raw.payload),
            _ => return Some(self.single(place, want.command)),
        };
        let content = self
            .protocol
            .command(&decoded.name)
            .is_some_and(|command| command.content);
        if !content || want.without_content || decoded.breach.is_some() {
            return Some(self.remove(&[place], decoded.name, decoded.fields, decoded.breach));
        }
        let channel = raw.channel;
        let mut following =
            (place + 1..self.pending.len()).filter(|other| self.pending[*other].channel == channel);
        let mut fields = decoded.fields;
        let mut places = vec![place];
        let refused = |clause, what: String| Some(Breach { clause, what });
        let first = following.next()?;
        if self.pending[first].kind != HEADER {
            let what = "no content header follows".to_owned();
            return Some(self.remove(&places, decoded.name, fields, refused("CNT-01", what)));
        }
        places.push(first);
        let header = decode::header(self.protocol, &self.pending[first].payload);
        let header_field = |name: &str| {
            header
                .fields
                .iter()
                .find(|(field, _)| field == name)
                .and_then(|(_, value)| value.int())
        };
        let announced = header_field("body-size").unwrap_or(0);
        if header.breach.is_some() || header_field("class-id") != Some(60) {
            let wrong_class = || {
                refused(
                    "CNT-03",
                    "the content header has another class id".to_owned(),
                )
            };
            let breach = header.breach.or_else(wrong_class);
            return Some(self.remove(&places, decoded.name, fields, breach));
        }
        let mut size = 0;
        let mut breach = None;
        for place in following {
            if size >= announced {
                break;
            }
            if self.pending[place].kind != BODY {
                breach = refused(
                    "CNT-08",
                    "another frame stands where a body frame is due".to_owned(),
                );
                break;
            }
            size += self.pending[place].payload.len() as i128;
            places.push(place);
        }
        if breach.is_none() && size < announced {
            return None;
        }
        if size > announced {
            breach = refused(
                "CNT-07",
                format!("{size} octets of body follow, {announced} are announced"),
            );
        }
        let payloads = places[2..]
            .iter()
            .map(|place| self.pending[*place].payload.as_slice());
        let body = payloads.collect::<Vec<_>>().concat();
        let properties = header.fields.into_iter();
        fields.extend(properties.filter(|(name, _)| {
            !["class-id", "weight", "body-size", "flags"].contains(&name.as_str())
        }));
        fields.push(("body".to_owned(), Datum::Octets(body)));
        Some(self.remove(&places, decoded.name, fields, breach))
    }

    /// Keeps track of what the two peers agreed on.
    fn note_received(&mut self, raw: &mut Raw) {
        if raw.kind != METHOD {
            return;
        }
        let decoded = decode::method(self.protocol, &raw.payload);
        let incoming = Incoming {
            stream: raw.channel,
            command: decoded.name,
            fields: decoded.fields,
            octets: Vec::new(),
            breach: None,
        };
        let number = |name| incoming.field(name).and_then(Datum::int).unwrap_or(0);
        match incoming.command.as_str() {
            "connection.tune" => self.proposed_frame_max = number("frame-max") as usize,
            "connection.open-ok" => self.opened = true,
            "connection.close" | "connection.close-ok" => self.over = true,
            "channel.open-ok" => {
                self.channels.insert(raw.channel);
            }
            "channel.close" | "channel.close-ok" => {
                self.channels.remove(&raw.channel);
            }
            _ => {}
        }
        if raw.breach.is_none() {
            raw.breach = self.witness.received(self.protocol, &incoming);
        }
    }

    fn note_sent(&mut self, message: &Outgoing) {
        let number = |name| message.field(name).and_then(Datum::int).unwrap_or(0);
        match message.command.as_str() {
            "connection.tune-ok" => {
                let agreed = number("frame-max") as usize;
                self.deframer.frame_max = if agreed == 0 {
                    self.proposed_frame_max
                } else {
                    agreed
                };
                let channels = number("channel-max") as u16;
                self.channel_max = if channels == 0 { u16::MAX } else { channels };
            }
            "connection.close" | "connection.close-ok" => self.over = true,
            "content-header" | "content-body" => {
                self.in_content.insert(message.stream);
            }
            _ if message.with("content").is_some() => {
                self.in_content.insert(message.stream);
            }
            _ => {}
        }
        self.witness.sent(message);
    }
}

impl Session for AmqpSession {
    fn encode(&mut self, message: &Outgoing) -> Result<Vec<Vec<u8>>, EncodeError> {
        let frame_max = if self.deframer.frame_max == 0 {
            SANE_SIZE
        } else {
            self.deframer.frame_max
        };
        let pieces = encode::encode(self.protocol, message, frame_max)?;
        self.note_sent(message);
        Ok(pieces)
    }

    fn receive(&mut self, octets: &[u8]) {
        self.deframer.extend(octets);
        while let Some(mut raw) = self.deframer.next() {
            self.note_received(&mut raw);
            self.pending.push_back(raw);
        }
    }

    fn take(&mut self, want: Want<'_>) -> Option<Incoming> {
        // What is passed over travels on channel 0, and whoever asks that channel says whether it is awaited.
        if want.stream == 0 {
            let mut pending = std::mem::take(&mut self.pending);
            pending.retain(|raw| !self.is_passed_over(raw, want.command));
            self.pending = pending;
        }
        if want.command == "heartbeat" {
            let place = self.pending.iter().position(|raw| raw.kind == HEARTBEAT);
            if let Some(place) = place {
                return Some(self.single(place, want.command));
            }
        }
        let place = self
            .pending
            .iter()
            .position(|raw| raw.channel == want.stream);
        let single =
            want.command == "frame" || EXPECTED.iter().any(|(name, _)| *name == want.command);
        let taken = match place {
            Some(place) if single => Some(self.single(place, want.command)),
            Some(place) => self.command(place, want),
            None => None,
        };
        if taken.is_some() {
            return taken;
        }
        let place = self.ending()?;
        Some(self.single(place, "connection.close"))
    }

    fn first_stream(&self) -> Option<u16> {
        self.pending
            .iter()
            .find(|raw| !self.is_passed_over(raw, ""))
            .map(|raw| raw.channel)
    }

    fn farewell(&self) -> Option<(Outgoing, &'static str)> {
        if !self.opened || self.over || self.deframer.broken {
            return None;
        }
        let fields = vec![
            ("reply-code".to_owned(), Datum::Int(200)),
            ("reply-text".to_owned(), Datum::text("end of case")),
        ];
        Some((
            Outgoing::new(0, "connection.close", fields),
            "connection.close-ok",
        ))
    }

    fn is_over(&self) -> bool {
        self.over
    }

    fn leftovers(&mut self) -> Vec<Incoming> {
        let mut found = Vec::new();
        while !self.pending.is_empty() {
            if self.is_passed_over(&self.pending[0], "") {
                self.pending.pop_front();
                continue;
            }
            let stream = self.pending[0].channel;
            let incoming = match self.command(
                0,
                Want {
                    stream,
                    command: "",
                    without_content: false,
                },
            ) {
                Some(incoming) => incoming,
                None => self.single(0, ""),
            };
            if !self.may_come_last(&incoming) {
                found.push(incoming);
            }
        }
        found
    }

    /// Closing a connection gives back what its consumers held, perhaps to its other consumers, or to those of a
    /// connection that is closed at the same time.
    fn may_come_last(&self, incoming: &Incoming) -> bool {
        let redelivered = incoming.field("redelivered").and_then(Datum::bool) == Some(true);
        let given_back = incoming.command == "basic.deliver" && redelivered;
        let said = incoming.command == "connection.close-ok";
        (given_back || said) && incoming.breach.is_none()
    }

    fn probe(&self, stream: u16, expected: &str) -> Option<Probe> {
        if !self.opened || self.over || self.deframer.broken {
            return None;
        }
        let channel = if self.channels.contains(&stream) {
            stream
        } else if stream == 0 {
            let idle = |channel: &&u16| !self.in_content.contains(channel);
            match self.channels.iter().filter(idle).min() {
                Some(channel) => *channel,
                None => {
                    let number = self.channel_max.min(2000);
                    if self.channels.contains(&number) {
                        return None;
                    }
                    let request = Outgoing::new(number, "channel.open", Vec::new());
                    return Some(Probe {
                        request,
                        stream: number,
                        reply: "channel.open-ok",
                    });
                }
            }
        } else {
            return None;
        };
        // RabbitMQ takes it for an error if a channel says anything while it commits.
        if self.in_content.contains(&channel) || expected == "tx.commit-ok" {
            return None;
        }
        // Neither request changes anything, and at least one of them has another reply than the one awaited.
        if expected == "exchange.declare-ok" {
            let fields = vec![("active".to_owned(), Datum::Bool(true))];
            let request = Outgoing::new(channel, "channel.flow", fields);
            return Some(Probe {
                request,
                stream: channel,
                reply: "channel.flow-ok",
            });
        }
        let fields = vec![
            ("exchange".to_owned(), Datum::text("amq.direct")),
            ("type".to_owned(), Datum::text("direct")),
            ("passive".to_owned(), Datum::Bool(true)),
        ];
        let request = Outgoing::new(channel, "exchange.declare", fields);
        Some(Probe {
            request,
            stream: channel,
            reply: "exchange.declare-ok",
        })
    }
}
