//! What a command on a channel sees and changes.

use std::fmt;

use mqspec_codec::method::Arguments;
use mqspec_codec::{FieldTable, Method, ShortStr, reply_code};

use super::channel::Channel;
use super::confirm::Promises;
use super::dialogue::Progress;
use super::exception::Exception;
use super::outbox::Outbox;
use crate::model::{Content, Owner, SessionId, VirtualHost};
use crate::users::{Permission, Right};

/// What a user has rights to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Exchange,
    Queue,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exchange => "exchange",
            Self::Queue => "queue",
        })
    }
}

/// One open channel of a connection, the virtual host, and the way back to the client.
pub(super) struct Context<'a> {
    pub(super) number: u16,
    pub(super) channel: &'a mut Channel,
    pub(super) host: &'a mut VirtualHost,
    /// The connection, as the model knows it.
    pub(super) owner: Owner,
    pub(super) user: &'a str,
    pub(super) permission: &'a Permission,
    pub(super) outbox: &'a mut Outbox,
    pub(super) promises: &'a mut Promises,
    pub(super) progress: Progress,
}

impl Context<'_> {
    /// The channel, as the model knows it.
    pub(super) fn session(&self) -> SessionId {
        self.channel.session
    }

    /// Lets the command go on only if the user has a right to the exchange or queue of that name. An extension; which
    /// command needs which right is as in RabbitMQ (<https://www.rabbitmq.com/docs/access-control>).
    pub(super) fn check(&self, right: Right, kind: Kind, name: &str) -> Result<(), Exception> {
        if self.permission.grants(right, name) {
            return Ok(());
        }
        let text = format!("user '{}' may not {right} {kind} '{name}'", self.user);
        Err(Exception::new(reply_code::ACCESS_REFUSED, text))
    }

    pub(super) fn send(&mut self, method: impl Into<Method>) {
        self.outbox.method(self.number, &method.into());
    }

    /// Answers unless the client does not want to hear of success (MTH-06).
    pub(super) fn answer(&mut self, no_wait: bool, method: impl Into<Method>) {
        if !no_wait {
            self.send(method);
        }
    }

    /// The same for what may change something that survives: see [`Context::send_when_safe`].
    pub(super) fn answer_when_safe(&mut self, no_wait: bool, method: impl Into<Method>) {
        if !no_wait {
            self.send_when_safe(method);
        }
    }

    /// Says that something is done, once whatever the connection has done so far would survive.
    pub(super) fn send_when_safe(&mut self, method: impl Into<Method>) {
        let safe_at = self.progress.safe_at(self.host.position());
        self.outbox.hold_until(safe_at);
        self.send(method);
    }

    pub(super) fn send_content(&mut self, command: &impl Arguments, content: &Content) {
        self.outbox.content(self.number, command, content);
    }

    /// The queue that a command means: an empty name stands for the one declared last on this channel
    /// (DOC-01, `queue.bind.queue.queue-known`).
    pub(super) fn queue_named(&self, name: ShortStr) -> Result<ShortStr, Exception> {
        if !name.is_empty() {
            return Ok(name);
        }
        self.channel.last_queue.clone().ok_or_else(|| {
            Exception::new(
                reply_code::NOT_FOUND,
                "no queue has been declared on this channel",
            )
        })
    }
}

/// The exchange that an argument names.
pub(super) fn named(arguments: &FieldTable, argument: &str) -> Option<String> {
    Some(arguments.get(argument)?.as_str()?.to_owned())
}
