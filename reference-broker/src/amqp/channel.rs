//! Class channel: conversations side by side on one connection.

use mqspec_codec::{ShortStr, channel};

use super::content::Assembly;
use super::context::Context;
use super::dialogue::{Dialogue, Environment};
use super::exception::{Exception, channel_error};
use crate::model::SessionId;

/// A channel number in use.
#[derive(Debug)]
pub(super) enum State {
    Open(Channel),
    /// The client has been told of an exception; everything but the end of the closing handshake is
    /// to be discarded (`channel.close.stability`).
    Closing,
}

/// An open channel. A number that is opened again begins anew (CHN-03).
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) session: SessionId,
    /// What an empty queue name stands for.
    pub(super) last_queue: Option<ShortStr>,
    /// The content that has begun and is not complete.
    pub(super) content: Option<Box<Assembly>>,
}

/// Numbers go up to what was agreed (FRM-13), and each is open once (`channel.open.state`).
pub(super) fn open(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    number: u16,
) -> Result<(), Exception> {
    if number > dialogue.channel_max {
        let text = format!(
            "channel {number} is above the agreed {}",
            dialogue.channel_max
        );
        return Err(channel_error(&text));
    }
    if dialogue.channels.contains_key(&number) {
        return Err(channel_error("the channel is open already"));
    }
    let owner = dialogue.owner;
    let Some(host) = dialogue.host(env) else {
        return Ok(());
    };
    let session = host.open_session(owner, number, &dialogue.user);
    let channel = Channel {
        session,
        last_queue: None,
        content: None,
    };
    dialogue.channels.insert(number, State::Open(channel));
    dialogue.outbox.method(number, &channel::OpenOk.into());
    Ok(())
}

/// Stops deliveries or lets them go on; fetching is not affected (CHN-07, CHN-08).
pub(super) fn flow(cx: &mut Context<'_>, flow: channel::Flow) -> Result<(), Exception> {
    let channel::Flow { active } = flow;
    cx.host.set_active(cx.session(), active);
    cx.send(channel::FlowOk { active });
    Ok(())
}

/// What was not settled is back in its queues before the answer goes out (CHN-01, CHN-04).
pub(super) fn close(dialogue: &mut Dialogue, env: &mut Environment<'_>, number: u16) {
    end(dialogue, env, number);
    dialogue.outbox.method(number, &channel::CloseOk.into());
}

/// Tells the client of an exception that only concerns one channel (CHN-02).
pub(super) fn raise(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    number: u16,
    exception: &Exception,
) {
    dialogue.log_exception(number, exception);
    end(dialogue, env, number);
    dialogue.channels.insert(number, State::Closing);
    let close = channel::Close {
        reply_code: exception.code,
        reply_text: exception.reply_text(),
        class_id: exception.command.class_id,
        method_id: exception.command.method_id,
    };
    dialogue.outbox.method(number, &close.into());
}

/// The client closes while the broker does: each gets its answer, and the number stays in use until
/// the client's has come.
pub(super) fn close_crossing(dialogue: &mut Dialogue, number: u16) {
    dialogue.outbox.method(number, &channel::CloseOk.into());
}

/// The number is free again (CHN-03).
pub(super) fn close_ok(dialogue: &mut Dialogue, number: u16) {
    dialogue.channels.remove(&number);
}

/// What is said on the channel afterwards is said when all that was done on it is safe and confirmed.
fn end(dialogue: &mut Dialogue, env: &mut Environment<'_>, number: u16) {
    if let Some(State::Open(channel)) = dialogue.channels.remove(&number)
        && let Some(host) = dialogue.host(env)
    {
        host.close_session(channel.session);
        let safe_at = dialogue.progress.safe_at(env.position());
        dialogue.outbox.hold_until(safe_at);
        dialogue.keep_promises(number);
    }
}
