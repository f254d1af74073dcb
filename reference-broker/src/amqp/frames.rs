//! From one frame to the command or content that it belongs to.

use bytes::Bytes;
use mqspec_codec::{Command, FrameKind, Method, MethodId, RawFrame, channel, connection};

use super::basic::PUBLISH;
use super::channel::State;
use super::content::Assembly;
use super::context::Context;
use super::dialogue::{Dialogue, Environment, Phase};
use super::exception::{Exception, channel_error, out_of_order, unexpected_frame};
use super::{basic as class_basic, channel as class_channel, connection as class_connection};
use super::{commands, content};

/// The class whose commands travel on channel 0.
const CONNECTION: u16 = connection::Close::ID.class_id;

/// Acts on a frame. The exception concerns the frame's channel, or the connection.
pub(super) fn take(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    frame: RawFrame,
) -> Result<(), Exception> {
    match (&dialogue.phase, frame.kind) {
        (Phase::Closing, _) => {
            take_while_closing(dialogue, env, &frame);
            Ok(())
        }
        // It has done its work by coming (HB-03, HB-05).
        (_, FrameKind::Heartbeat) => Ok(frame.decode().map(drop)?),
        (Phase::Open { .. }, _) if frame.channel == 0 => take_on_zero(dialogue, env, frame),
        (Phase::Open { .. }, _) => take_on_channel(dialogue, env, frame),
        _ => take_in_handshake(dialogue, env, frame),
    }
}

/// The ids that a method frame begins with.
pub(super) fn method_id(frame: &RawFrame) -> Option<MethodId> {
    let &[c0, c1, m0, m1] = frame.payload.first_chunk::<4>()?;
    (frame.kind == FrameKind::Method)
        .then(|| MethodId::new(u16::from_be_bytes([c0, c1]), u16::from_be_bytes([m0, m1])))
}

/// One step after the other, and nothing else (CON-02). The client may leave at any of them.
fn take_in_handshake(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    frame: RawFrame,
) -> Result<(), Exception> {
    if frame.kind != FrameKind::Method || frame.channel != 0 {
        return Err(out_of_order("only commands on channel 0 open a connection"));
    }
    match (dialogue.phase.clone(), method(&frame)?) {
        (Phase::Starting, Method::ConnectionStartOk(it)) => {
            class_connection::start_ok(dialogue, env, &it)
        }
        (Phase::Securing { user }, Method::ConnectionSecureOk(it)) => {
            class_connection::secure_ok(dialogue, env, user, &it)
        }
        (Phase::Tuning, Method::ConnectionTuneOk(it)) => {
            class_connection::tune_ok(dialogue, env, &it)
        }
        (Phase::Opening, Method::ConnectionOpen(it)) => class_connection::open(dialogue, env, &it),
        (_, Method::ConnectionClose(_)) => {
            class_connection::close(dialogue, env);
            Ok(())
        }
        (_, other) => Err(out_of_order(&format!("{other} is not the next step"))),
    }
}

/// Channel 0 is the connection itself.
fn take_on_zero(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    frame: RawFrame,
) -> Result<(), Exception> {
    // FRM-10
    if frame.kind != FrameKind::Method {
        return Err(channel_error("no content travels on channel 0"));
    }
    let method = method(&frame)?;
    let id = method.id();
    match method {
        Method::ConnectionClose(_) => class_connection::close(dialogue, env),
        Method::ConnectionUpdateSecret(it) => class_connection::update_secret(dialogue, &it),
        other => {
            let refusal = match id.class_id {
                CONNECTION => out_of_order(&format!("{other} has no place here")),
                // FRM-09
                _ => channel_error(&format!("{other} needs a channel")),
            };
            return Err(refusal.caused_by(id));
        }
    }
    Ok(())
}

fn take_on_channel(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    frame: RawFrame,
) -> Result<(), Exception> {
    let number = frame.channel;
    let id = method_id(&frame);
    let in_open = |exception: Exception| exception.caused_by(id.unwrap_or(MethodId::new(0, 0)));
    // FRM-08
    if id.is_some_and(|id| id.class_id == CONNECTION) {
        return Err(in_open(out_of_order(
            "the connection's commands travel on channel 0",
        )));
    }
    match dialogue.channels.get_mut(&number) {
        Some(State::Closing) => {
            match id {
                Some(channel::Close::ID) => class_channel::close_crossing(dialogue, number),
                Some(channel::CloseOk::ID) => class_channel::close_ok(dialogue, number),
                // `channel.close.stability`
                _ => {}
            }
            Ok(())
        }
        // FRM-12
        None if id != Some(channel::Open::ID) => {
            Err(in_open(channel_error("the channel is not open")))
        }
        Some(State::Open(channel)) if channel.content.is_some() => {
            take_content(dialogue, env, frame).map_err(|exception| exception.caused_by(PUBLISH))
        }
        // CNT-18
        _ if frame.kind != FrameKind::Method => {
            Err(unexpected_frame("no command announces a content"))
        }
        _ => take_command(dialogue, env, &frame).map_err(in_open),
    }
}

/// Keeps a part of a body frame for the content that the channel waits for. Whether it is right is
/// found out when the frame has come to its end; where nobody waits for it there is nothing to keep.
pub(super) fn take_part(dialogue: &mut Dialogue, number: u16, octets: Bytes) {
    if let Phase::Open { .. } = dialogue.phase
        && let Some(State::Open(channel)) = dialogue.channels.get_mut(&number)
        && let Some(assembly) = &mut channel.content
    {
        assembly.take_part(octets);
    }
}

/// Carries a command out. Those that come with every message are read where they stand.
fn take_command(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    frame: &RawFrame,
) -> Result<(), Exception> {
    let number = frame.channel;
    match Method::parse(&frame.payload)? {
        Method::ChannelOpen(_) => class_channel::open(dialogue, env, number)?,
        Method::ChannelClose(_) => class_channel::close(dialogue, env, number),
        Method::BasicPublish(it) => {
            dialogue.publishes = true;
            if let Some(State::Open(channel)) = dialogue.channels.get_mut(&number) {
                channel.content = Some(Box::new(Assembly::new(&it)));
            }
        }
        other => {
            if let Some(mut cx) = context(dialogue, env, number) {
                match other {
                    Method::BasicAck(it) => class_basic::ack(&mut cx, it)?,
                    Method::BasicReject(it) => class_basic::reject(&mut cx, it)?,
                    Method::BasicNack(it) => class_basic::nack(&mut cx, it)?,
                    other => commands::carry_out(&mut cx, other.into_owned())?,
                }
            }
        }
    }
    Ok(())
}

/// Adds a frame to the content that a channel waits for, and acts on it once it is complete.
fn take_content(
    dialogue: &mut Dialogue,
    env: &mut Environment<'_>,
    frame: RawFrame,
) -> Result<(), Exception> {
    let limits = env.config.limits;
    let is_header = frame.kind == FrameKind::Header;
    let Some(mut cx) = context(dialogue, env, frame.channel) else {
        return Ok(());
    };
    let Some(assembly) = &mut cx.channel.content else {
        return Ok(());
    };
    assembly.take(frame, limits.content)?;
    if assembly.is_complete() {
        if let Some(assembly) = cx.channel.content.take() {
            class_basic::publish(&mut cx, assembly.finish())?;
        }
    } else if is_header {
        content::check_announced(dialogue.channels.values(), limits.assembly)?;
    }
    Ok(())
}

/// Whatever comes while leave is taken is discarded, unless it takes leave as well
/// (`connection.close.stability`).
fn take_while_closing(dialogue: &mut Dialogue, env: &mut Environment<'_>, frame: &RawFrame) {
    match method_id(frame) {
        Some(connection::Close::ID) if frame.channel == 0 => {
            class_connection::close_crossing(dialogue);
        }
        Some(connection::CloseOk::ID) if frame.channel == 0 => {
            class_connection::close_ok(dialogue, env);
        }
        _ => {}
    }
}

/// Decodes a command. Its octets are copied: they are few, and some outlive the read buffer.
fn method(frame: &RawFrame) -> Result<Method, Exception> {
    Ok(Method::parse(&frame.payload)?.into_owned())
}

fn context<'a>(
    dialogue: &'a mut Dialogue,
    env: &'a mut Environment<'_>,
    number: u16,
) -> Option<Context<'a>> {
    let host = dialogue.host(env)?;
    match dialogue.channels.get_mut(&number) {
        Some(State::Open(channel)) => Some(Context {
            number,
            channel,
            host,
            owner: dialogue.owner,
            user: &dialogue.user,
            permission: &dialogue.permission,
            outbox: &mut dialogue.outbox,
            promises: &mut dialogue.promises,
            progress: dialogue.progress,
        }),
        _ => None,
    }
}
