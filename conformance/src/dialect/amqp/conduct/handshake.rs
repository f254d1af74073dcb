//! How a connection is opened and closed, and what was agreed.

use std::collections::HashSet;
use std::time::Duration;

use super::super::super::{Breach, Side};
use super::super::deframe::{HEADER_START, HEARTBEAT};
use super::breach;
use super::half::Frame;

/// The smallest limit of a frame that may be agreed (AMQP 0-9-1, `frame-min-size`).
const FRAME_MIN_SIZE: usize = 4096;
/// How long an answer may be under way before a connection that ends without it counts.
pub(super) const UNDER_WAY: Duration = Duration::from_millis(500);

/// What a client should say about itself.
const ABOUT: [&str; 5] = ["product", "version", "platform", "copyright", "information"];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    /// Whether the client asked for another protocol, of which nothing is known here.
    foreign: bool,
    greeted: bool,
    /// The broker named another version and ends the connection.
    turned_away: bool,
    start: Option<Offer>,
    secures: usize,
    tune: Option<Limits>,
    agreed: Option<Limits>,
    agreed_at: Duration,
    start_ok: bool,
    opened: bool,
    /// When each side said `connection.close`.
    client_closes: Option<Duration>,
    broker_closes: Option<Duration>,
    answered: bool,
    broker_ended: bool,
    /// The commands that the broker sent, by class and method.
    sent_by_broker: HashSet<(i128, i128)>,
}

#[derive(Debug, Default)]
struct Offer {
    mechanisms: String,
    locales: String,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    channel_max: i128,
    frame_max: i128,
    heartbeat: i128,
}

impl Limits {
    fn of(frame: &Frame) -> Limits {
        Limits {
            channel_max: frame.number("channel-max"),
            frame_max: frame.number("frame-max"),
            heartbeat: frame.number("heartbeat"),
        }
    }
}

fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

impl Handshake {
    /// The agreed limit; 0 for none. A zero leaves the broker's proposal in force.
    pub(super) fn frame_max(&self) -> usize {
        let proposed = self.tune.map_or(0, |it| it.frame_max);
        match self.agreed {
            None => FRAME_MIN_SIZE,
            Some(Limits { frame_max: 0, .. }) => proposed as usize,
            Some(limits) => limits.frame_max as usize,
        }
    }

    /// Whether nothing can be said, since another protocol is spoken.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// Whether there is nothing more for the client to say.
    pub(super) fn is_over(&self) -> bool {
        self.answered || self.turned_away
    }

    /// Whether the client said that it closes the connection, which closes its channels.
    pub(super) fn is_closing(&self) -> bool {
        self.client_closes.is_some()
    }

    /// How often heartbeats are due, if at all.
    pub(super) fn heartbeat(&self) -> Option<Duration> {
        let seconds = self.agreed.filter(|_| self.opened)?.heartbeat;
        let seconds = u64::try_from(seconds).ok().filter(|it| *it > 0)?;
        Some(Duration::from_secs(seconds))
    }

    /// From when on they are.
    pub(super) fn heartbeats_since(&self) -> Duration {
        self.agreed_at
    }

    /// What holds for every frame.
    pub(super) fn frame(&mut self, frame: &Frame) -> Option<Breach> {
        let name = &frame.command;
        if self.answered {
            let what = format!("{name} follows connection.close-ok");
            return Some(breach("CON-16", what));
        }
        if frame.kind == HEADER_START {
            let version = ["id", "major", "minor", "revision"].map(|it| frame.number(it));
            let again = std::mem::replace(&mut self.greeted, true);
            if again || frame.fault.is_some() {
                let what = "these octets are no protocol header at the beginning of a connection";
                return Some(breach("HDR-01", what));
            }
            self.foreign = version != [0, 0, 9, 1];
            return None;
        }
        if !self.greeted {
            self.greeted = true;
            return Some(breach(
                "HDR-01",
                format!("{name} stands before the protocol header"),
            ));
        }
        if self.turned_away {
            let what = format!("{name} follows although the broker offered another version");
            return Some(breach("connection.start.client-support", what));
        }
        let opens = frame.is_method() && frame.channel == 0 || frame.kind == HEARTBEAT;
        if !self.opened && !opens && frame.fault.is_none() {
            let what = format!("{name} travels on a channel before connection.open");
            return Some(breach("CON-02", what));
        }
        None
    }

    /// What a channel number is held to.
    pub(super) fn channel(&self, frame: &Frame) -> Option<Breach> {
        let proposed = self.tune.map_or(0, |it| it.channel_max);
        let most = match self.agreed?.channel_max {
            0 => proposed,
            agreed => agreed,
        };
        let exceeds = most > 0 && i128::from(frame.channel) > most;
        let opens = frame.command == "channel.open" && exceeds;
        let number = frame.channel;
        opens.then(|| {
            breach(
                "CON-04",
                format!("channel {number} is beyond the agreed {most}"),
            )
        })
    }

    /// A command of the class connection from the client.
    pub(super) fn command(&mut self, frame: &Frame, now: Duration) -> Vec<Breach> {
        let name = frame.command.as_str();
        let order = |what: String| vec![breach("CON-02", what)];
        match name {
            "connection.start-ok" => {
                if self.start.is_none() || self.start_ok {
                    return order(format!("{name} answers no connection.start"));
                }
                self.start_ok = true;
                self.introduced(frame)
            }
            "connection.secure-ok" => match self.secures.checked_sub(1) {
                None => order(format!("{name} answers no connection.secure")),
                Some(left) => {
                    self.secures = left;
                    Vec::new()
                }
            },
            "connection.tune-ok" => {
                let Some(proposed) = self.tune.filter(|_| self.agreed.is_none()) else {
                    return order(format!("{name} answers no connection.tune"));
                };
                let chosen = Limits::of(frame);
                (self.agreed, self.agreed_at) = (Some(chosen), now);
                within(chosen, proposed)
            }
            "connection.open" if self.opened => {
                vec![breach("CON-06", "the connection is opened a second time")]
            }
            "connection.open" => {
                self.opened = true;
                match self.agreed {
                    None => order(format!("{name} stands before connection.tune-ok")),
                    Some(_) => Vec::new(),
                }
            }
            "connection.close" => {
                self.client_closes = Some(now);
                self.close_ids(frame)
            }
            "connection.close-ok" if self.broker_closes.is_some() => {
                self.answered = true;
                Vec::new()
            }
            "connection.close-ok" => {
                vec![breach("MTH-07", format!("{name} answers no request"))]
            }
            _ => Vec::new(),
        }
    }

    /// What `connection.start-ok` says of its client.
    fn introduced(&self, frame: &Frame) -> Vec<Breach> {
        let mut found = Vec::new();
        let Some(offer) = &self.start else {
            return found;
        };
        let (mechanism, locale) = (frame.text("mechanism"), frame.text("locale"));
        if !has(&offer.mechanisms, &mechanism) {
            let offered = &offer.mechanisms;
            let what = format!("the mechanism `{mechanism}` is not among `{offered}`");
            found.push(breach("connection.start-ok.mechanism.validity", what));
        }
        if !has(&offer.locales, &locale) {
            let what = format!("the locale `{locale}` is not among `{}`", offer.locales);
            found.push(breach("CON-14", what));
        }
        let about = frame.field("client-properties");
        let missing = ABOUT.iter().filter(|name| {
            let said = about.and_then(|about| about.get(name));
            said.is_none()
        });
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            let what = format!("client-properties has no {}", missing.join(", "));
            let clause = "connection.start-ok.client-properties.required-fields";
            found.push(breach(clause, what));
        }
        found
    }

    /// A close that a command caused names it; any other names none.
    fn close_ids(&self, frame: &Frame) -> Vec<Breach> {
        let ids = (frame.number("class-id"), frame.number("method-id"));
        if ids == (0, 0) || self.sent_by_broker.contains(&ids) {
            return Vec::new();
        }
        let what = format!(
            "the broker sent no command of class {} and method {}",
            ids.0, ids.1
        );
        vec![breach("CON-10", what)]
    }

    /// Something that the broker said.
    pub(super) fn heard(&mut self, frame: &Frame, now: Duration) {
        if frame.kind == HEADER_START {
            self.turned_away = true;
        }
        if let Some(ids) = frame.octets.get(7..11).filter(|_| frame.is_method()) {
            let id = |at: usize| i128::from(u16::from_be_bytes([ids[at], ids[at + 1]]));
            self.sent_by_broker.insert((id(0), id(2)));
        }
        match frame.command.as_str() {
            "connection.start" => {
                self.start = Some(Offer {
                    mechanisms: frame.text("mechanisms"),
                    locales: frame.text("locales"),
                });
            }
            "connection.secure" => self.secures += 1,
            "connection.tune" => self.tune = Some(Limits::of(frame)),
            "connection.close" => self.broker_closes = Some(now),
            _ => {}
        }
    }

    /// One side ended the connection.
    pub(super) fn ended(&mut self, side: Side, now: Duration) -> Option<Breach> {
        if side == Side::Broker {
            self.broker_ended = true;
            return None;
        }
        let closed = self
            .broker_closes
            .filter(|_| !self.answered && !self.broker_ended)?;
        let clause = match self.client_closes {
            Some(_) => "CON-09",
            None => "CON-08",
        };
        let late = now.saturating_sub(closed) > UNDER_WAY;
        late.then(|| breach(clause, "the broker's connection.close was never answered"))
    }
}

/// Whether the client chose what was proposed or less.
fn within(chosen: Limits, proposed: Limits) -> Vec<Breach> {
    let mut found = Vec::new();
    let pairs = [
        (
            "connection.tune-ok.channel-max.upper-limit",
            "channel-max",
            chosen.channel_max,
            proposed.channel_max,
        ),
        (
            "connection.tune-ok.frame-max.upper-limit",
            "frame-max",
            chosen.frame_max,
            proposed.frame_max,
        ),
    ];
    for (clause, name, chosen, proposed) in pairs {
        if proposed > 0 && chosen > proposed {
            let what = format!("{name} {chosen} is more than the proposed {proposed}");
            found.push(breach(clause, what));
        }
    }
    let frame_max = chosen.frame_max;
    if frame_max > 0 && frame_max < FRAME_MIN_SIZE as i128 {
        let what = format!("frame-max {frame_max} is less than {FRAME_MIN_SIZE}");
        found.push(breach("connection.tune-ok.frame-max.minimum", what));
    }
    found
}
