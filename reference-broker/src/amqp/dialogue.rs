//! The states of a connection, and whose turn it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use mqspec_codec::{
    DecodeError, Deframer, FrameKind, MethodId, ProtocolHeader, RawFrame, ShortStr, basic,
    connection, reply_code,
};

use super::basic as class_basic;
use super::channel::{self, State};
use super::confirm::{self, Promises};
use super::connection::{self as class_connection, Capabilities};
use super::exception::{Exception, Scope};
use super::frames;
use super::input::{Arrival, Input};
use super::outbox::Outbox;
use super::timers::{Due, Timers};
use crate::model::{Cancelled, Delivery, HostId, Owner, VirtualHost, VirtualHosts};
use crate::users::{Attempt, Digest, Known, Permission};
use crate::{Config, Peer};

/// The smallest frame limit there is, and the one before another is agreed
/// (`connection.tune.frame-max.minimum`).
pub(super) const FRAME_MIN_SIZE: u32 = 4096;

/// What a connection finds around itself.
#[derive(Debug)]
pub(crate) struct Environment<'a> {
    pub(crate) config: &'a Config,
    pub(crate) hosts: &'a mut VirtualHosts,
    pub(crate) known: &'a mut Known,
    /// How many connections each user has open.
    pub(crate) logged_in: &'a mut BTreeMap<String, usize>,
    /// Whether resources are short, so that nobody may publish.
    pub(crate) alarm: bool,
    /// How far the changes have come that are to be stored, if any are.
    pub(crate) position: Option<&'a AtomicU64>,
    pub(crate) now: Duration,
}

impl Environment<'_> {
    /// How far the changes have come that are to be stored; 0 if none are.
    pub(super) fn position(&self) -> u64 {
        self.position
            .map_or(0, |position| position.load(Ordering::Relaxed))
    }
}

/// How far the changes that are to be stored had come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// When the present step began.
    began: u64,
    /// Behind the last one that an earlier step of this connection made.
    changed: u64,
}

impl Progress {
    /// How far the store has to come until everything is safe that this connection has done, now that the
    /// changes have come to `position`. What others do meanwhile is not waited for.
    pub(super) fn safe_at(self, position: u64) -> u64 {
        if position == self.began {
            self.changed
        } else {
            position
        }
    }
}

/// One connection, from the protocol header to its end.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(super) owner: Owner,
    pub(super) peer: Peer,
    pub(super) phase: Phase,
    pub(super) outbox: Outbox,
    /// What is to be confirmed.
    pub(super) promises: Promises,
    pub(super) progress: Progress,
    pub(super) channels: BTreeMap<u16, State>,
    pub(super) capabilities: Capabilities,
    /// Who the client has proved to be.
    pub(super) user: String,
    /// What the user may do in the virtual host that is open.
    pub(super) permission: Arc<Permission>,
    /// A password that is to be looked at.
    pub(super) attempt: Option<Attempt>,
    pub(super) channel_max: u16,
    pub(super) deframer: Deframer,
    pub(super) timers: Timers,
    input: Input,
    /// A frame that has to wait until the alarm is over.
    held: Option<RawFrame>,
    /// Whether the client has published anything.
    pub(super) publishes: bool,
    blocked: bool,
    /// Octets that may wait to be written before nothing more is read.
    most_waiting: usize,
}

/// How far a connection has come (CON-02).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waits for the protocol header.
    Header,
    /// Waits for start-ok.
    Starting,
    /// Waits for secure-ok.
    Securing { user: String },
    /// Waits until somebody has looked at the password.
    Verifying {
        user: String,
        digest: Digest,
        /// The command that brought it.
        command: MethodId,
    },
    /// Waits for tune-ok.
    Tuning,
    /// Waits for open.
    Opening,
    Open {
        host: HostId,
        /// The virtual host's name.
        name: String,
    },
    /// Waits for close-ok, and discards everything else (`connection.close.stability`).
    Closing,
    /// Says and hears nothing any more (CON-16).
    Closed,
}

impl Dialogue {
    pub(crate) fn new(owner: Owner, peer: &Peer, config: &Config, now: Duration) -> Self {
        Self {
            owner,
            peer: peer.clone(),
            phase: Phase::Header,
            outbox: Outbox::new(FRAME_MIN_SIZE),
            promises: Promises::default(),
            progress: Progress::default(),
            channels: BTreeMap::new(),
            capabilities: Capabilities::default(),
            user: String::new(),
            permission: Arc::default(),
            attempt: None,
            channel_max: config.channel_max,
            deframer: Deframer::new(FRAME_MIN_SIZE),
            timers: Timers::new(now, config.handshake_timeout),
            input: Input::default(),
            held: None,
            publishes: false,
            blocked: false,
            most_waiting: config.limits.unread_replies,
        }
    }

    /// The client has sent octets. [`Dialogue::step`] looks at them.
    pub(crate) fn receive(&mut self, octets: Bytes, now: Duration) {
        self.timers.heard(now);
        self.input.push(octets);
    }

    /// Takes one protocol header or frame off what was received and acts on it. Says whether there
    /// was one. One step has the same effect however its octets arrived (FRM-11, HDR-05).
    pub(crate) fn step(&mut self, env: &mut Environment<'_>) -> bool {
        if self.is_held_up() {
            // Whoever is not listened to cannot finish what they have begun.
            self.timers.end_frame();
            return false;
        }
        self.progress.began = env.position();
        let stepped = match self.phase {
            Phase::Closed => {
                self.input.clear();
                false
            }
            Phase::Header => self.step_header(env),
            _ => self.step_frame(env),
        };
        self.progress.changed = self.progress.safe_at(env.position());
        stepped
    }

    /// Whether nothing is to be read from the client for the time being: its password is looked at, it has been told
    /// to wait, or it does not read its answers. Not while leave is taken, so that this has an end.
    pub(crate) fn is_held_up(&self) -> bool {
        match self.phase {
            Phase::Verifying { .. } => true,
            Phase::Open { .. } => self.blocked || self.outbox.waiting() > self.most_waiting,
            _ => false,
        }
    }

    /// A password that somebody is to look at: [`Dialogue::verified`] takes what it comes to.
    pub(crate) fn take_attempt(&mut self) -> Option<Attempt> {
        self.attempt.take()
    }

    /// Somebody has looked at the password.
    pub(crate) fn verified(&mut self, env: &mut Environment<'_>, right: bool) {
        if let Err(exception) = class_connection::verified(self, env, right) {
            self.raise(env, 0, &exception);
        }
    }

    /// Whether the connection has ended, and everything is handed out that was said before.
    pub(crate) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed && self.outbox.is_empty()
    }

    /// Whether there is something to say once more has been stored.
    pub(crate) fn waits_for_store(&self) -> bool {
        !(self.promises.is_empty() && self.outbox.is_empty())
    }

    /// The virtual host, while the connection is open.
    pub(crate) fn host_id(&self) -> Option<HostId> {
        match self.phase {
            Phase::Open { host, .. } => Some(host),
            _ => None,
        }
    }

    pub(super) fn host<'a>(&self, env: &'a mut Environment<'_>) -> Option<&'a mut VirtualHost> {
        env.hosts.get_mut(self.host_id()?)
    }

    /// `basic.deliver`.
    pub(crate) fn deliver(&mut self, delivery: &Delivery) {
        let method = class_basic::deliver(delivery);
        self.outbox
            .content(delivery.label, &method, &delivery.message.content);
    }

    /// `basic.cancel` from the broker, for clients that know it.
    pub(crate) fn cancel(&mut self, cancelled: Cancelled) {
        if self.capabilities.consumer_cancel_notify {
            let Cancelled {
                label,
                consumer_tag,
                ..
            } = cancelled;
            self.outbox.method(
                label,
                &basic::Cancel {
                    consumer_tag,
                    no_wait: true,
                }
                .into(),
            );
        }
    }

    /// Resources have run short: whoever publishes has to wait.
    pub(crate) fn raise_alarm(&mut self) {
        if self.publishes {
            self.block();
        }
    }

    /// There are resources again.
    pub(crate) fn clear_alarm(&mut self, now: Duration) {
        if std::mem::take(&mut self.blocked) {
            self.timers.heard(now);
            if self.capabilities.connection_blocked && self.host_id().is_some() {
                self.outbox.urgent(&connection::Unblocked.into());
            }
        }
    }

    /// Octets that the socket has not taken yet.
    pub(crate) fn waiting(&self) -> usize {
        self.outbox.waiting()
    }

    /// The socket has taken octets. Whoever is held up shows in this way that they live.
    pub(crate) fn written(&mut self, octets: usize, now: Duration) {
        if self.is_held_up() {
            self.timers.heard(now);
        }
        self.outbox.written(octets);
    }

    /// What is to be written. What promises a client that something is safe is written once the store
    /// has come so far.
    pub(crate) fn take_output(&mut self, now: Duration, stored: u64) -> Vec<Bytes> {
        let Self {
            promises, outbox, ..
        } = self;
        promises.keep(stored, |channel, method| outbox.method(channel, &method));
        let output = self.outbox.take(stored);
        if !output.is_empty() {
            self.timers.spoken(now);
        }
        output
    }

    /// When [`Dialogue::tick`] is next of use.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.timers.next(!self.blocked)
    }

    /// Sends what is due, or ends without a word what has taken too long (HB-06, HDR-08).
    pub(crate) fn tick(&mut self, env: &mut Environment<'_>) {
        match self.timers.due(env.now, !self.blocked) {
            Due::Nothing => {}
            Due::Heartbeat => self.outbox.heartbeat(),
            Due::End => {
                // What has waited for the store in vain is not said.
                self.outbox.forget();
                self.end(env, "it was silent for too long");
            }
        }
    }

    /// The broker stops.
    pub(crate) fn shut_down(&mut self, env: &mut Environment<'_>) {
        match self.phase {
            Phase::Open { .. } => {
                let text = "the broker is shutting down";
                self.close(env, &Exception::new(reply_code::CONNECTION_FORCED, text));
            }
            Phase::Closing => {}
            _ => self.end(env, "the broker is shutting down"),
        }
    }

    /// Ends without a word, or after the last one. What belonged to the connection is gone when this
    /// returns (CHN-01, CON-15).
    pub(crate) fn end(&mut self, env: &mut Environment<'_>, why: &str) {
        self.leave(env, why);
        self.phase = Phase::Closed;
    }

    /// Begins to close the connection.
    pub(super) fn close(&mut self, env: &mut Environment<'_>, exception: &Exception) {
        self.leave(env, &exception.reply_text());
        self.phase = Phase::Closing;
        self.timers.set_limit(env.now, env.config.close_timeout);
        class_connection::send_close(self, exception);
    }

    /// Gives up everything that the connection has in its virtual host. What is said afterwards is said
    /// when all that was done before is safe, and when what is to be confirmed has been.
    pub(super) fn leave(&mut self, env: &mut Environment<'_>, why: &str) {
        self.log_leave(why);
        let channels = std::mem::take(&mut self.channels);
        let owner = self.owner;
        let Some(host) = self.host(env) else {
            return;
        };
        for state in channels.values() {
            if let State::Open(channel) = state {
                host.close_session(channel.session);
            }
        }
        host.release(owner);
        if let Some(count) = env.logged_in.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                env.logged_in.remove(&self.user);
            }
        }
        let safe_at = self.progress.safe_at(env.position());
        self.outbox.hold_until(safe_at);
        for number in channels.into_keys() {
            self.keep_promises(number);
        }
    }

    /// Confirms what a channel has left to confirm, behind what is said already.
    pub(super) fn keep_promises(&mut self, number: u16) {
        let Self {
            promises, outbox, ..
        } = self;
        confirm::answers(promises.remove(number), |method| {
            outbox.method(number, &method)
        });
    }

    fn step_header(&mut self, env: &mut Environment<'_>) -> bool {
        match self.input.protocol_header() {
            Ok(None) => return false,
            // All eight octets decide (HDR-06).
            Ok(Some(ProtocolHeader::AMQP_0_9_1)) => class_connection::start(self, env),
            // Whatever else it is, this is what would be understood (HDR-02, HDR-03).
            Ok(Some(_)) | Err(_) => {
                self.outbox.protocol_header();
                self.end(env, "it speaks another protocol");
            }
        }
        true
    }

    fn step_frame(&mut self, env: &mut Environment<'_>) -> bool {
        let frame = match self.held.take() {
            Some(frame) => frame,
            None => match self.input.next(self.deframer) {
                Ok(Some(Arrival::Frame(frame))) => {
                    self.timers.end_frame();
                    frame
                }
                Ok(Some(Arrival::Part(channel, octets))) => {
                    frames::take_part(self, channel, octets);
                    return true;
                }
                Ok(None) => {
                    if !self.input.is_empty() {
                        self.timers.begin_frame(env.config.frame_timeout);
                    }
                    return false;
                }
                Err(error) => {
                    self.break_off(env, error);
                    return true;
                }
            },
        };
        if env.alarm && self.is_publish(&frame) {
            self.held = Some(frame);
            self.block();
            return true;
        }
        let channel = frame.channel;
        if let Err(exception) = frames::take(self, env, frame) {
            self.raise(env, channel, &exception);
        }
        true
    }

    /// Before a connection is open, an error ends it in silence (CON-01).
    fn raise(&mut self, env: &mut Environment<'_>, channel: u16, exception: &Exception) {
        match (&self.phase, exception.scope()) {
            (Phase::Open { .. }, Scope::Channel) => channel::raise(self, env, channel, exception),
            (Phase::Open { .. }, Scope::Connection) => self.close(env, exception),
            _ => self.end(env, &exception.reply_text()),
        }
    }

    /// The octets cannot be cut into frames any further, so that no answer could be understood: the
    /// client is told, where the clause says so, and not waited for (FRM-02, FRM-04, FRM-05).
    fn break_off(&mut self, env: &mut Environment<'_>, error: DecodeError) {
        let is_told = error.reply_code().is_some() && self.host_id().is_some();
        self.leave(env, &error.to_string());
        if is_told {
            class_connection::send_close(self, &error.into());
        }
        self.phase = Phase::Closed;
    }

    fn is_publish(&self, frame: &RawFrame) -> bool {
        frame.kind == FrameKind::Method
            && frames::method_id(frame) == Some(class_basic::PUBLISH)
            && matches!(self.channels.get(&frame.channel), Some(State::Open(_)))
    }

    fn block(&mut self) {
        if !self.blocked && self.host_id().is_some() {
            self.blocked = true;
            if self.capabilities.connection_blocked {
                let reason = ShortStr::from_static("resources are short");
                self.outbox.urgent(&connection::Blocked { reason }.into());
            }
        }
    }
}
