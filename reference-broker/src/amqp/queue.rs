//! Class queue.

use mqspec_codec::{ShortStr, queue};

use super::context::{Context, Kind, named};
use super::exception::Exception;
use crate::model::{PSEUDO_QUEUE, QueueSettings};
use crate::users::Right;

/// The argument that names where the queue's dead letters go.
const DEAD_LETTERS: &str = "x-dead-letter-exchange";

/// The queue declared here is the one that later commands on this channel mean by an empty name.
pub(super) fn declare(cx: &mut Context<'_>, declare: queue::Declare) -> Result<(), Exception> {
    let status = if declare.passive {
        let name = cx.queue_named(declare.queue)?;
        cx.host.find_queue(cx.owner, &name)?
    } else {
        let name = if declare.queue.is_empty() {
            cx.host.next_queue_name()
        } else {
            declare.queue.clone()
        };
        // Whoever asks for somebody who waits for replies declares nothing.
        if !name.starts_with(PSEUDO_QUEUE) {
            cx.check(Right::Configure, Kind::Queue, &name)?;
        }
        // What is there already sends its dead letters where it does.
        if !cx.host.has_queue(&name)
            && let Some(exchange) = named(&declare.arguments, DEAD_LETTERS)
        {
            cx.check(Right::Read, Kind::Queue, &name)?;
            cx.check(Right::Write, Kind::Exchange, &exchange)?;
        }
        let settings = QueueSettings {
            durable: declare.durable,
            exclusive: declare.exclusive,
            auto_delete: declare.auto_delete,
            arguments: declare.arguments,
        };
        cx.host.declare_queue(cx.owner, &declare.queue, settings)?
    };
    cx.channel.last_queue = Some(status.name.clone());
    cx.answer_when_safe(
        declare.no_wait,
        queue::DeclareOk {
            queue: status.name,
            message_count: status.messages,
            consumer_count: status.consumers,
        },
    );
    Ok(())
}

pub(super) fn bind(cx: &mut Context<'_>, bind: queue::Bind) -> Result<(), Exception> {
    let queue::Bind {
        queue,
        exchange,
        routing_key,
        no_wait,
        arguments,
    } = bind;
    let (queue, routing_key) = queue_and_key(cx, queue, routing_key)?;
    cx.check(Right::Write, Kind::Queue, &queue)?;
    cx.check(Right::Read, Kind::Exchange, &exchange)?;
    cx.host
        .bind_queue(cx.owner, &queue, &exchange, &routing_key, &arguments)?;
    cx.answer_when_safe(no_wait, queue::BindOk);
    Ok(())
}

/// The one command of its kind that is always answered.
pub(super) fn unbind(cx: &mut Context<'_>, unbind: queue::Unbind) -> Result<(), Exception> {
    let queue::Unbind {
        queue,
        exchange,
        routing_key,
        arguments,
    } = unbind;
    let (queue, routing_key) = queue_and_key(cx, queue, routing_key)?;
    cx.check(Right::Write, Kind::Queue, &queue)?;
    cx.check(Right::Read, Kind::Exchange, &exchange)?;
    cx.host
        .unbind_queue(cx.owner, &queue, &exchange, &routing_key, &arguments)?;
    cx.send_when_safe(queue::UnbindOk);
    Ok(())
}

pub(super) fn purge(cx: &mut Context<'_>, purge: queue::Purge) -> Result<(), Exception> {
    let name = cx.queue_named(purge.queue)?;
    cx.check(Right::Read, Kind::Queue, &name)?;
    let message_count = cx.host.purge_queue(cx.owner, &name)?;
    cx.answer_when_safe(purge.no_wait, queue::PurgeOk { message_count });
    Ok(())
}

pub(super) fn delete(cx: &mut Context<'_>, delete: queue::Delete) -> Result<(), Exception> {
    let queue::Delete {
        queue,
        if_unused,
        if_empty,
        no_wait,
    } = delete;
    let name = cx.queue_named(queue)?;
    cx.check(Right::Configure, Kind::Queue, &name)?;
    let message_count = cx.host.delete_queue(cx.owner, &name, if_unused, if_empty)?;
    cx.answer_when_safe(no_wait, queue::DeleteOk { message_count });
    Ok(())
}

/// With both left empty the key is the name of the queue that is meant (DOC-02).
fn queue_and_key(
    cx: &Context<'_>,
    queue: ShortStr,
    key: ShortStr,
) -> Result<(ShortStr, ShortStr), Exception> {
    let name_as_key = queue.is_empty() && key.is_empty();
    let queue = cx.queue_named(queue)?;
    let key = if name_as_key { queue.clone() } else { key };
    Ok((queue, key))
}
