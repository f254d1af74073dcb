//! What becomes of one frame, and of what is written to a client.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use reference_broker::Alarm;

use super::case::Action;
use super::play::Play;
use crate::dialect::{Datum, Outgoing, Overheard};
use crate::script::{Field, Message};

/// How long contents wait for those of another stream to travel beside.
const APART: Duration = Duration::from_millis(400);

/// What is on its way to a client, and how it travels.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Octets, or the end of the connection, with the time before which they do not go out.
    queue: VecDeque<(Duration, Option<Vec<u8>>)>,
    not_before: Duration,
    held: Option<Vec<u8>>,
    pub(super) muted: bool,
    pub(super) split: Option<usize>,
    pub(super) body_frames: Vec<usize>,
    interleave: Option<Interleave>,
}

/// Contents that wait for each other.
#[derive(Debug, Default)]
struct Interleave {
    frames: usize,
    waiting: BTreeMap<u16, VecDeque<Vec<u8>>>,
    until: Option<Duration>,
}

/// What is to be written: pieces, or the end.
pub(super) type Part = Option<Vec<Vec<u8>>>;

impl Lines {
    /// Puts octets on their way.
    pub(super) fn put(&mut self, octets: &[u8], now: Duration) {
        if self.muted {
            return;
        }
        match &mut self.held {
            Some(held) => held.extend_from_slice(octets),
            None => {
                let due = now.max(self.not_before);
                self.queue.push_back((due, Some(octets.to_vec())));
            }
        }
    }

    /// Puts the end of the connection behind everything.
    pub(super) fn end(&mut self, now: Duration) {
        self.release(now);
        self.queue.push_back((now.max(self.not_before), None));
    }

    pub(super) fn delay(&mut self, time: Duration, now: Duration) {
        self.not_before = self.not_before.max(now) + time;
    }

    pub(super) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    pub(super) fn release(&mut self, now: Duration) {
        if let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            self.put(&held, now);
        }
    }

    pub(super) fn interleave(&mut self, frames: usize) {
        self.interleave = Some(Interleave {
            frames,
            ..Interleave::default()
        });
    }

    /// Keeps a content's frame for later, if contents wait for each other.
    fn kept(&mut self, frame: &Overheard, now: Duration) -> bool {
        let Some(interleave) = &mut self.interleave else {
            return false;
        };
        let waiting = interleave.waiting.entry(frame.stream).or_default();
        waiting.push_back(frame.octets.clone());
        interleave.until.get_or_insert(now + APART);
        true
    }

    /// Forgets what is on its way.
    pub(super) fn clear(&mut self) {
        *self = Lines {
            muted: true,
            ..Lines::default()
        };
    }

    /// When something is due next.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let queue = self.queue.front().map(|(due, _)| *due);
        let apart = self.interleave.as_ref().and_then(|it| it.until);
        queue.into_iter().chain(apart).min()
    }

    /// What is due, and whether contents were interleaved just now.
    pub(super) fn take(&mut self, now: Duration) -> (Vec<Part>, bool) {
        let interleaved = self.mingle(now);
        let mut due = Vec::new();
        while self.queue.front().is_some_and(|(due, _)| *due <= now) {
            let Some((_, part)) = self.queue.pop_front() else {
                break;
            };
            let size = self.split.unwrap_or(usize::MAX);
            due.push(part.map(|octets| octets.chunks(size).map(<[u8]>::to_vec).collect()));
        }
        (due, interleaved)
    }

    /// Lets contents go that have waited for each other, or for long enough. Whether two went in turn.
    fn mingle(&mut self, now: Duration) -> bool {
        let Some(interleave) = &mut self.interleave else {
            return false;
        };
        let whole = |it: &VecDeque<Vec<u8>>| it.len() >= interleave.frames;
        let together = interleave.waiting.values().filter(|it| whole(it)).count() > 1;
        if !together && interleave.until.is_none_or(|until| until > now) {
            return false;
        }
        interleave.until = None;
        let mut waiting = std::mem::take(&mut interleave.waiting);
        let mut octets = Vec::new();
        while !waiting.is_empty() {
            for frames in waiting.values_mut() {
                octets.extend(frames.pop_front().unwrap_or_default());
            }
            waiting.retain(|_, frames| !frames.is_empty());
        }
        self.put(&octets, now);
        together
    }
}

impl Play {
    /// Whether a frame, or a command, is what a pattern asks for; if so, what it binds has its value.
    pub(super) fn matches(&mut self, pattern: &Message, frame: &Overheard) -> bool {
        let mut bound = Vec::new();
        let dialect = self.dialect;
        let stream = pattern
            .lane
            .stream
            .is_none_or(|stream| stream == frame.stream);
        let fits = stream
            && pattern.command.value == frame.command
            && pattern.fields.iter().all(|field| {
                let mut fields = frame.fields.iter();
                let came = fields.find(|(name, _)| *name == field.name.value);
                let came = came.map(|(_, value)| value);
                let matched = self
                    .variables
                    .matches(&field.value, came, dialect, &mut bound);
                matched.unwrap_or(false)
            });
        if fits {
            for (name, value) in bound {
                self.variables.bind(&name, value);
            }
        }
        fits
    }

    /// Does what a rule says. Whether the frame that it applies to goes no further.
    pub(super) fn perform(
        &mut self,
        actions: &[Action],
        number: usize,
        mut frame: Option<&mut Overheard>,
        now: Duration,
    ) -> bool {
        let mut dropped = false;
        for action in actions {
            let stream = frame.as_ref().map(|frame| frame.stream);
            match action {
                Action::Say(message) => {
                    let octets = self.octets(message, stream);
                    self.connections[number].lines.put(&octets, now);
                }
                Action::Inject(message) => {
                    let octets = self.octets(message, stream);
                    self.pass_to_core(number, &octets, now);
                }
                Action::Drop => dropped = true,
                Action::Rewrite { fields, with } => {
                    if let Some(frame) = frame.as_deref_mut() {
                        self.rewrite(frame, fields, with);
                    }
                }
                Action::Delay(time) => self.connections[number].lines.delay(*time, now),
                Action::Split(size) => self.connections[number].lines.split = Some(*size),
                Action::Hold => self.connections[number].lines.hold(),
                Action::Release => self.connections[number].lines.release(now),
                Action::Interleave(frames) => self.connections[number].lines.interleave(*frames),
                Action::BodyFrames(sizes) => {
                    self.connections[number].lines.body_frames.clone_from(sizes);
                }
                Action::Mute => self.connections[number].lines.muted = true,
                Action::Detach => self.detach(number, now),
                Action::Eof => {
                    self.detach(number, now);
                    self.connections[number].lines.end(now);
                }
                Action::Cut => self.reset(number, now),
                Action::Alarm(on) => self.alarm(*on, now),
            }
        }
        dropped
    }

    fn alarm(&mut self, on: bool, now: Duration) {
        let now = self.core_time(now);
        self.broker.set_alarm(Alarm::Operator, on, now);
    }

    /// A frame of the core on its way to the client.
    pub(super) fn pass_to_client(&mut self, number: usize, frame: &Overheard, now: Duration) {
        for frame in self.in_body_frames(number, frame) {
            let protocol = self.dialect.protocol();
            let begins = protocol
                .command(&frame.command)
                .is_some_and(|it| it.content);
            let content = begins || frame.command.starts_with("content-");
            let lines = &mut self.connections[number].lines;
            if !(content && lines.kept(&frame, now)) {
                lines.put(&frame.octets, now);
            }
        }
    }

    /// A body frame cut as the rules want it; any other as it is.
    fn in_body_frames(&mut self, number: usize, frame: &Overheard) -> Vec<Overheard> {
        let sizes = self.connections[number].lines.body_frames.clone();
        let payload = frame.fields.iter().find(|(name, _)| name == "payload");
        let Some(body) = payload.and_then(|(_, value)| value.octets()) else {
            return vec![frame.clone()];
        };
        let Some(last) = sizes.last().filter(|_| frame.command == "content-body") else {
            return vec![frame.clone()];
        };
        let (mut frames, mut rest) = (Vec::new(), body);
        for size in sizes.iter().chain(std::iter::repeat(&(*last).max(1))) {
            let (piece, tail) = rest.split_at((*size).min(rest.len()));
            let payload = ("payload".to_owned(), Datum::Octets(piece.to_vec()));
            let message = Outgoing::new(frame.stream, "content-body", vec![payload]);
            frames.push(Overheard {
                octets: self.encoded(&message),
                ..frame.clone()
            });
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        frames
    }

    /// The frame with other values, or with faults.
    fn rewrite(&mut self, frame: &mut Overheard, changed: &[Field], with: &[Field]) {
        let mut fields = frame.fields.clone();
        // These follow from the others unless somebody says otherwise.
        fields.retain(|(name, _)| !["flags", "size"].contains(&name.as_str()));
        for (name, value) in self.values(changed) {
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
        }
        let mut with = self.values(with);
        let command = self.dialect.protocol().command(&frame.command);
        if command.is_some_and(|command| command.content) {
            with.push(("content".to_owned(), Datum::text("none")));
        }
        let message = Outgoing {
            stream: frame.stream,
            command: frame.command.clone(),
            fields,
            with,
        };
        frame.octets = self.encoded(&message);
        frame.fields = message.fields;
    }

    /// What a line of a rule says. It travels where what it answers does, unless it says otherwise.
    fn octets(&mut self, message: &Message, stream: Option<u16>) -> Vec<u8> {
        let command = message.command.value.as_str();
        let usual = self.dialect.stream(command);
        let beside = stream.filter(|stream| *stream != 0 && usual != 0);
        let message = Outgoing {
            stream: message.lane.stream.or(beside).unwrap_or(usual),
            command: command.to_owned(),
            fields: self.values(&message.fields),
            with: self.values(&message.with),
        };
        self.encoded(&message)
    }

    fn values(&mut self, fields: &[Field]) -> Vec<(String, Datum)> {
        let dialect = self.dialect;
        let values = fields.iter().filter_map(|field| {
            // A variable of a frame that never came has no value: the field keeps the default.
            let value = self.variables.evaluate(&field.value, dialect).ok()?;
            Some((field.name.value.clone(), value))
        });
        values.collect()
    }

    /// The octets of a message; none for what cannot be written, which the cases' own test rules out.
    fn encoded(&mut self, message: &Outgoing) -> Vec<u8> {
        self.encoder.encode(message).unwrap_or_default().concat()
    }
}
