//! A client as small as can be: it does a few tasks, refuses whatever is wrong, and can be told to do one thing wrong.

use std::sync::Arc;
use std::time::Duration;

use crate::client::{Answer, ClientCase, Effect, Ended, Play, Record, Said};
use crate::dialect::amqp::dialect;
use crate::dialect::{Cutter, Datum, Dialect, Outgoing, Overheard, Session, Side};

/// What the client does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Nothing,
    LeavesChannelCloseUnanswered,
    LeavesConnectionCloseUnanswered,
    TakesAnyFrame,
    GoesOnWithAnotherVersion,
    ChoosesItsOwnMechanism,
    RaisesTheLimits,
    SendsLargeFrames,
    MistakesEmptyFramesForTheEnd,
    AcknowledgesTwice,
    CommitsWithoutSelect,
    OpensItsChannelTwice,
    KeepsTheConnection,
}

/// Plays a case with such a client, in simulated time.
pub(super) fn played(case: &ClientCase, fault: Fault) -> (Record, Answer) {
    let mut play = Play::new(Arc::new(case.clone()), dialect()).expect("a case");
    let mut now = Duration::ZERO;
    let mut client = Tiny::new(&case.task, fault);
    let number = play.connect(now);
    client.say(0, "protocol-header", &[]);
    loop {
        let mut acted = false;
        while let Some(effect) = play.poll() {
            acted = true;
            match effect {
                Effect::Write(_, octets) => client.read(&octets),
                Effect::Close(_) | Effect::Reset(_) => client.lost(),
            }
        }
        for octets in std::mem::take(&mut client.out) {
            acted = true;
            play.receive(number, &octets, now);
        }
        if client.over {
            play.end_of_file(number, now);
            break;
        }
        if acted {
            continue;
        }
        // Nothing happens any more unless time passes; nobody waits for longer than a minute.
        match play
            .next_deadline()
            .filter(|due| *due < Duration::from_secs(60))
        {
            Some(due) => now = due.max(now + Duration::from_millis(1)),
            None => break,
        }
        play.tick(now);
    }
    let ended = if client.over {
        Ended::Exited(0)
    } else {
        Ended::Hung
    };
    let said = client.over.then(|| Said {
        result: if client.failed { "error" } else { "done" }.to_owned(),
        detail: String::new(),
        messages: client.received.clone(),
        version: None,
    });
    let answer = Answer {
        said,
        ended,
        stderr: String::new(),
    };
    (play.finish(), answer)
}

struct Tiny {
    fault: Fault,
    task: String,
    count: usize,
    size: Option<usize>,
    session: Box<dyn Session>,
    cutter: Box<dyn Cutter>,
    out: Vec<Vec<u8>>,
    over: bool,
    failed: bool,
    confirmed: i128,
    tag: i128,
    missing: Option<i128>,
    body: Vec<u8>,
    received: Vec<String>,
}

fn text(name: &str, value: &str) -> (String, Datum) {
    (name.to_owned(), Datum::text(value))
}

fn int(name: &str, value: i128) -> (String, Datum) {
    (name.to_owned(), Datum::Int(value))
}

fn number(frame: &Overheard, name: &str) -> i128 {
    let field = frame.fields.iter().find(|(field, _)| field == name);
    field.and_then(|(_, value)| value.int()).unwrap_or(0)
}

impl Tiny {
    fn new(task: &str, fault: Fault) -> Tiny {
        let mut words = task.split(' ');
        let task = words.next().unwrap_or_default().to_owned();
        let mut number = || words.next().and_then(|word| word.parse().ok());
        Tiny {
            fault,
            task,
            count: number().unwrap_or(1),
            size: number(),
            session: dialect().session(),
            cutter: dialect().cutter(Side::Broker),
            out: Vec::new(),
            over: false,
            failed: false,
            confirmed: 0,
            tag: 0,
            missing: None,
            body: Vec::new(),
            received: Vec::new(),
        }
    }

    fn say(&mut self, stream: u16, command: &str, fields: &[(String, Datum)]) {
        let message = Outgoing::new(stream, command, fields.to_vec());
        let octets = self.session.encode(&message).expect("octets").concat();
        self.out.push(octets);
    }

    /// Ends the connection without a word.
    fn hang_up(&mut self) {
        self.failed = true;
        self.over = true;
    }

    fn lost(&mut self) {
        if !self.over {
            self.hang_up();
        }
    }

    fn read(&mut self, octets: &[u8]) {
        for frame in self.cutter.cut(octets) {
            if self.over {
                return;
            }
            if !frame.breaches.is_empty() && self.fault != Fault::TakesAnyFrame {
                return self.hang_up();
            }
            self.session.receive(&frame.octets);
            self.hear(&frame);
        }
    }

    fn hear(&mut self, frame: &Overheard) {
        match frame.command.as_str() {
            "protocol-header" if self.fault == Fault::GoesOnWithAnotherVersion => {
                self.say(0, "connection.start-ok", &[]);
            }
            "protocol-header" => self.hang_up(),
            "connection.start" => self.start(frame),
            "connection.tune" => self.tune(frame),
            "connection.open-ok" => self.say(1, "channel.open", &[]),
            "channel.open-ok" => self.begin(),
            "queue.declare-ok" => match self.task.as_str() {
                "consume" => self.say(1, "basic.consume", &[text("queue", "mqspec")]),
                "confirm" => self.say(1, "confirm.select", &[]),
                "transaction" if self.fault != Fault::CommitsWithoutSelect => {
                    self.say(1, "tx.select", &[]);
                }
                "transaction" => self.say(1, "tx.commit", &[]),
                _ => self.publish(),
            },
            "confirm.select-ok" => self.publish(),
            "tx.select-ok" => {
                self.publish_all();
                self.say(1, "tx.commit", &[]);
            }
            "tx.commit-ok" => self.say(1, "tx.rollback", &[]),
            "tx.rollback-ok" => self.say(1, "channel.close", &[]),
            "basic.ack" => {
                self.confirmed = number(frame, "delivery-tag");
                if self.confirmed >= self.count as i128 {
                    self.say(1, "channel.close", &[]);
                }
            }
            "basic.deliver" => {
                self.tag = number(frame, "delivery-tag");
                self.missing = None;
                self.body.clear();
            }
            "content-header" => {
                self.missing = Some(number(frame, "body-size"));
                self.complete();
            }
            "content-body" => self.body(frame),
            "channel.close" => {
                self.failed = true;
                if self.fault != Fault::LeavesChannelCloseUnanswered {
                    self.say(frame.stream, "channel.close-ok", &[]);
                }
                self.say(0, "connection.close", &[]);
            }
            "channel.close-ok" => self.say(0, "connection.close", &[]),
            "connection.close" => {
                if self.fault != Fault::LeavesConnectionCloseUnanswered {
                    self.say(0, "connection.close-ok", &[]);
                }
                self.hang_up();
            }
            "connection.close-ok" => self.over = self.fault != Fault::KeepsTheConnection,
            _ => {}
        }
    }

    fn start(&mut self, frame: &Overheard) {
        let offered = frame.fields.iter().find(|(name, _)| name == "mechanisms");
        let offered = offered
            .and_then(|(_, value)| value.as_text())
            .unwrap_or_default();
        let plain = offered.split(' ').any(|name| name == "PLAIN");
        if !plain && self.fault != Fault::ChoosesItsOwnMechanism {
            return self.hang_up();
        }
        let about = ["product", "version", "platform", "copyright", "information"];
        let about = about.map(|name| text(name, "tiny")).to_vec();
        let fields = [
            ("client-properties".to_owned(), Datum::Table(about)),
            text("mechanism", "PLAIN"),
            text("response", "\0guest\0guest"),
            text("locale", "en_US"),
        ];
        self.say(0, "connection.start-ok", &fields);
    }

    fn tune(&mut self, frame: &Overheard) {
        let more = i128::from(self.fault == Fault::RaisesTheLimits);
        let fields = [
            int("channel-max", number(frame, "channel-max")),
            int("frame-max", number(frame, "frame-max") + more),
            int("heartbeat", number(frame, "heartbeat")),
        ];
        self.say(0, "connection.tune-ok", &fields);
        self.say(0, "connection.open", &[text("virtual-host", "/")]);
    }

    fn begin(&mut self) {
        if self.fault == Fault::OpensItsChannelTwice {
            self.say(1, "channel.open", &[]);
        }
        match self.task.as_str() {
            "connect" => self.say(1, "channel.close", &[]),
            _ => self.say(1, "queue.declare", &[text("queue", "mqspec")]),
        }
    }

    fn publish_all(&mut self) {
        for place in 1..=self.count {
            let body = match self.size {
                Some(size) => vec![b'x'; size],
                None => format!("m{place}").into_bytes(),
            };
            let key = text("routing-key", "mqspec");
            if self.fault != Fault::SendsLargeFrames {
                let body = ("body".to_owned(), Datum::Octets(body));
                self.say(1, "basic.publish", &[key, body]);
                continue;
            }
            let mut method = Outgoing::new(1, "basic.publish", vec![key]);
            method.with = vec![text("content", "none")];
            let octets = self.session.encode(&method).expect("octets").concat();
            self.out.push(octets);
            self.say(1, "content-header", &[int("body-size", body.len() as i128)]);
            self.say(
                1,
                "content-body",
                &[("payload".to_owned(), Datum::Octets(body))],
            );
        }
    }

    fn publish(&mut self) {
        self.publish_all();
        if self.task != "confirm" {
            self.say(1, "channel.close", &[]);
        }
    }

    fn body(&mut self, frame: &Overheard) {
        let payload = frame.fields.iter().find(|(name, _)| name == "payload");
        let payload = payload
            .and_then(|(_, value)| value.octets())
            .unwrap_or_default();
        self.body.extend(payload);
        let Some(missing) = self.missing else {
            return self.hang_up();
        };
        self.missing = match payload.is_empty() && self.fault == Fault::MistakesEmptyFramesForTheEnd
        {
            true => Some(0),
            false => Some(missing - payload.len() as i128),
        };
        self.complete();
    }

    fn complete(&mut self) {
        match self.missing {
            Some(missing) if missing < 0 => self.hang_up(),
            Some(0) => {
                self.missing = None;
                let body = String::from_utf8_lossy(&self.body).into_owned();
                self.received.push(body);
                self.say(1, "basic.ack", &[int("delivery-tag", self.tag)]);
                if self.fault == Fault::AcknowledgesTwice {
                    self.say(1, "basic.ack", &[int("delivery-tag", self.tag)]);
                }
                if self.received.len() == self.count {
                    self.say(1, "channel.close", &[]);
                }
            }
            _ => {}
        }
    }
}
