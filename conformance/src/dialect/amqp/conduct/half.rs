//! One direction's octets as commands, and the order in which the frames of a content follow each other.

use std::collections::BTreeMap;
use std::time::Duration;

use mqspec_specs::Protocol;

use super::super::super::{Breach, Datum, Overheard, Side};
use super::super::decode;
use super::super::deframe::{BODY, Deframer, HEADER, HEADER_START, HEARTBEAT, METHOD};
use super::breach;

/// How many octets are kept of what is no frame.
const SHOWN: usize = 32;
/// The fields of a content header that are no properties.
const HEAD: [&str; 4] = ["class-id", "weight", "body-size", "flags"];

/// One frame, or the protocol header.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) channel: u16,
    pub(super) command: String,
    pub(super) fields: Vec<(String, Datum)>,
    pub(super) octets: Vec<u8>,
    /// Where it begins within its half.
    pub(super) offset: u64,
    /// What is wrong with its octets, or with its place among those of a content.
    pub(super) fault: Option<Breach>,
    /// Whether its octets are right.
    sound: bool,
    at: Duration,
}

impl Frame {
    pub(super) fn field(&self, name: &str) -> Option<&Datum> {
        let mut fields = self.fields.iter();
        fields.find(|(field, _)| field == name).map(|(_, it)| it)
    }

    pub(super) fn octets_of(&self, name: &str) -> &[u8] {
        let field = self.field(name);
        field.and_then(Datum::octets).unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.octets_of(name)).into_owned()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.field(name).and_then(Datum::bool).unwrap_or(false)
    }

    pub(super) fn number(&self, name: &str) -> i128 {
        self.field(name).and_then(Datum::int).unwrap_or(0)
    }

    pub(super) fn is_method(&self) -> bool {
        self.kind == METHOD
    }

    /// Whether it is part of a content.
    pub(super) fn is_content(&self) -> bool {
        [HEADER, BODY].contains(&self.kind)
    }
}

/// A command whose content is still coming.
#[derive(Debug)]
struct Unfinished {
    command: Overheard,
    /// Octets of body that are missing; none before the content header has come.
    missing: Option<i128>,
    body: Vec<u8>,
}

impl Unfinished {
    fn finish(mut self) -> Overheard {
        if self.missing.is_some() {
            let body = Datum::Octets(self.body);
            self.command.fields.push(("body".to_owned(), body));
        }
        self.command
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Half {
    protocol: &'static Protocol,
    side: Side,
    deframer: Deframer,
    offset: u64,
    contents: BTreeMap<u16, Unfinished>,
}

impl Half {
    pub(super) fn new(protocol: &'static Protocol, side: Side) -> Self {
        Half {
            protocol,
            side,
            deframer: Deframer::default(),
            offset: 0,
            contents: BTreeMap::new(),
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The agreed limit; 0 for none.
    pub(super) fn set_frame_max(&mut self, octets: usize) {
        self.deframer.frame_max = octets;
    }

    /// Whether octets came that are no frames, behind which nothing can be read.
    pub(super) fn is_broken(&self) -> bool {
        self.deframer.broken
    }

    /// A frame by itself, whatever it belongs to, with what is wrong with its octets.
    pub(super) fn alone(&self, frame: Frame) -> Overheard {
        Overheard {
            side: self.side,
            stream: frame.channel,
            command: frame.command,
            fields: frame.fields,
            octets: frame.octets,
            offset: frame.offset,
            at: frame.at,
            breaches: frame.fault.filter(|_| !frame.sound).into_iter().collect(),
        }
    }

    /// Octets behind those that are no frames.
    pub(super) fn unread(&mut self, octets: &[u8], fields: Vec<(String, Datum)>) -> Overheard {
        let offset = self.offset;
        self.offset += octets.len() as u64;
        Overheard {
            side: self.side,
            stream: 0,
            command: "raw".to_owned(),
            fields,
            octets: octets.to_vec(),
            offset,
            at: Duration::ZERO,
            breaches: Vec::new(),
        }
    }

    pub(super) fn extend(&mut self, octets: &[u8]) {
        self.deframer.extend(octets);
    }

    /// The next frame, if it has come whole.
    pub(super) fn next(&mut self, now: Duration) -> Option<Frame> {
        let raw = self.deframer.next()?;
        let offset = self.offset;
        self.offset += raw.octets.len() as u64;
        let size = Datum::Int(raw.payload.len() as i128);
        let (command, fields, fault) = match raw.kind {
            METHOD => {
                let it = decode::method(self.protocol, &raw.payload);
                (it.name, it.fields, it.breach)
            }
            HEADER => {
                let it = decode::header(self.protocol, &raw.payload);
                (it.name, it.fields, it.breach)
            }
            BODY => {
                let payload = ("payload".to_owned(), Datum::Octets(raw.payload));
                let fields = vec![payload, ("size".to_owned(), size)];
                ("content-body".to_owned(), fields, None)
            }
            HEARTBEAT => ("heartbeat".to_owned(), Vec::new(), None),
            HEADER_START => {
                let names = ["id", "major", "minor", "revision"].into_iter();
                let numbers = raw.payload[4..].iter().map(|it| Datum::Int((*it).into()));
                let fields = names.map(str::to_owned).zip(numbers).collect();
                ("protocol-header".to_owned(), fields, None)
            }
            _ => {
                let begin = raw.octets[..raw.octets.len().min(SHOWN)].to_vec();
                let fields = vec![("data".to_owned(), Datum::Octets(begin))];
                ("raw".to_owned(), fields, None)
            }
        };
        let mut frame = Frame {
            kind: raw.kind,
            channel: raw.channel,
            command,
            fields,
            octets: raw.octets,
            offset,
            sound: raw.breach.is_none() && fault.is_none(),
            fault: raw.breach.or(fault),
            at: now,
        };
        if frame.sound {
            frame.fault = self.out_of_order(&frame);
        }
        Some(frame)
    }

    /// Whether a content allows the frame at its place. A close may cut a content short: one sentence of §4.2.6 allows
    /// that to any method.
    fn out_of_order(&self, frame: &Frame) -> Option<Breach> {
        let missing = self.contents.get(&frame.channel).map(|it| it.missing);
        let name = &frame.command;
        match (frame.kind, missing) {
            (METHOD, Some(missing)) => {
                let closes = name.ends_with(".close") || name.ends_with(".close-ok");
                let clause = if missing.is_none() {
                    "CNT-01"
                } else {
                    "CNT-08"
                };
                (!closes).then(|| breach(clause, format!("{name} stands where a content goes on")))
            }
            (HEADER, Some(None)) if frame.number("class-id") != 60 => {
                let class = frame.number("class-id");
                let what = format!("the content header of a basic command has class {class}");
                Some(breach("CNT-03", what))
            }
            (HEADER, Some(Some(_))) => {
                let what = "a second content header stands where body is due";
                Some(breach("CNT-02", what))
            }
            (HEADER | BODY, None) => {
                let what = format!("{name} follows no command that carries content");
                Some(breach("CNT-18", what))
            }
            (BODY, Some(None)) => Some(breach("CNT-02", "body stands where a header is due")),
            (BODY, Some(Some(missing))) if frame.number("size") > missing => {
                let size = frame.number("size");
                let what = format!("{size} octets of body come where {missing} are due");
                Some(breach("CNT-07", what))
            }
            _ => None,
        }
    }

    /// Adds a frame to the command that it belongs to; commands that are whole go to `heard`.
    pub(super) fn put(&mut self, frame: Frame, breaches: Vec<Breach>, heard: &mut Vec<Overheard>) {
        let channel = frame.channel;
        let fits = match self.contents.get(&channel).map(|it| it.missing) {
            Some(None) => frame.kind == HEADER,
            Some(Some(_)) => frame.kind == BODY,
            None => false,
        };
        if !fits && [METHOD, HEADER, BODY].contains(&frame.kind) {
            let cut_short = self.contents.remove(&channel);
            heard.extend(cut_short.map(Unfinished::finish));
        }
        let Some(content) = self.contents.get_mut(&channel).filter(|_| fits) else {
            let carries_content = frame.is_method() && self.carries_content(&frame);
            let command = Overheard {
                breaches,
                ..self.alone(frame)
            };
            if !carries_content {
                heard.push(command);
                return;
            }
            let unfinished = Unfinished {
                command,
                missing: None,
                body: Vec::new(),
            };
            self.contents.insert(channel, unfinished);
            return;
        };
        let missing = match frame.kind {
            HEADER => frame.number("body-size"),
            _ => content.missing.unwrap_or(0) - frame.number("size"),
        };
        content.missing = Some(missing);
        content.body.extend(frame.octets_of("payload"));
        content.command.octets.extend(frame.octets);
        content.command.breaches.extend(breaches);
        if frame.kind == HEADER {
            let properties = frame.fields.into_iter();
            let properties = properties.filter(|(name, _)| !HEAD.contains(&name.as_str()));
            content.command.fields.extend(properties);
        }
        if missing <= 0 {
            let whole = self.contents.remove(&channel);
            heard.extend(whole.map(Unfinished::finish));
        }
    }

    /// What was begun and never came to its end.
    pub(super) fn unfinished(&mut self) -> Vec<Overheard> {
        let contents = std::mem::take(&mut self.contents);
        contents.into_values().map(Unfinished::finish).collect()
    }

    fn carries_content(&self, frame: &Frame) -> bool {
        let command = self.protocol.command(&frame.command);
        frame.sound && command.is_some_and(|command| command.content)
    }
}
