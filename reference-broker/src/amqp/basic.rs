//! Class basic: messages in and out.

use mqspec_codec::{Borrowed, Command, MethodId, ShortStr, basic, reply_code};

use super::confirm::Promise;
use super::content::Publication;
use super::context::{Context, Kind};
use super::exception::Exception;
use crate::model::{ConsumerSettings, Delivery, Message, Outcome, PSEUDO_QUEUE, Window};
use crate::users::Right;

/// The one command of a client that a content follows.
pub(super) const PUBLISH: MethodId = basic::Publish::ID;

/// With `global` the window is shared by all consumers of the channel; without it each consumer
/// started from now on has one of its own (DOC-19).
pub(super) fn qos(cx: &mut Context<'_>, qos: basic::Qos) -> Result<(), Exception> {
    let window = Window {
        count: qos.prefetch_count,
        octets: qos.prefetch_size,
    };
    if qos.global {
        cx.host.limit_session(cx.session(), window);
    } else {
        cx.host.limit_consumers(cx.session(), window);
    }
    cx.send(basic::QosOk);
    Ok(())
}

pub(super) fn consume(cx: &mut Context<'_>, consume: basic::Consume) -> Result<(), Exception> {
    let queue = cx.queue_named(consume.queue)?;
    if queue.as_str() != PSEUDO_QUEUE {
        cx.check(Right::Read, Kind::Queue, &queue)?;
    }
    let settings = ConsumerSettings {
        tag: consume.consumer_tag,
        no_local: consume.no_local,
        no_ack: consume.no_ack,
        exclusive: consume.exclusive,
        arguments: consume.arguments,
    };
    let consumer_tag = cx.host.consume(cx.session(), &queue, settings)?;
    cx.answer(consume.no_wait, basic::ConsumeOk { consumer_tag });
    Ok(())
}

pub(super) fn cancel(cx: &mut Context<'_>, cancel: basic::Cancel) -> Result<(), Exception> {
    let basic::Cancel {
        consumer_tag,
        no_wait,
    } = cancel;
    cx.host.cancel(cx.session(), &consumer_tag);
    cx.answer(no_wait, basic::CancelOk { consumer_tag });
    Ok(())
}

/// Carried out once the content is complete.
pub(super) fn publish(cx: &mut Context<'_>, publication: Publication) -> Result<(), Exception> {
    let Publication {
        content,
        mandatory,
        immediate,
    } = publication;
    if immediate {
        return Err(Exception::new(
            reply_code::NOT_IMPLEMENTED,
            "immediate is not offered",
        ));
    }
    cx.check(Right::Write, Kind::Exchange, &content.exchange)?;
    let published = cx.host.publish(cx.session(), content, mandatory)?;
    if let Some(message) = published.returned {
        send_return(cx, &message);
    }
    if let Some(delivery_tag) = published.confirmed {
        let promise = Promise {
            delivery_tag,
            rejected: published.rejected,
            safe_at: published.safe_at,
        };
        cx.promises.push(cx.number, promise);
    }
    Ok(())
}

/// `basic.return`: a mandatory message that no queue took, as it was published (DOC-16).
pub(super) fn send_return(cx: &mut Context<'_>, message: &Message) {
    let content = &message.content;
    let reply_text = ShortStr::from_static("NO_ROUTE");
    let command: basic::Return<Borrowed<'_>> = basic::Return {
        reply_code: reply_code::NO_ROUTE,
        reply_text: reply_text.borrowed(),
        exchange: content.exchange.borrowed(),
        routing_key: content.routing_key.borrowed(),
    };
    cx.send_content(&command, content);
}

/// `basic.deliver`.
pub(super) fn deliver(delivery: &Delivery) -> basic::Deliver<Borrowed<'_>> {
    let content = &delivery.message.content;
    basic::Deliver {
        consumer_tag: delivery.consumer_tag.borrowed(),
        delivery_tag: delivery.tag,
        redelivered: delivery.redelivered,
        exchange: content.exchange.borrowed(),
        routing_key: content.routing_key.borrowed(),
    }
}

pub(super) fn get(cx: &mut Context<'_>, get: basic::Get) -> Result<(), Exception> {
    let queue = cx.queue_named(get.queue)?;
    cx.check(Right::Read, Kind::Queue, &queue)?;
    match cx.host.fetch(cx.session(), &queue, get.no_ack)? {
        None => cx.send(basic::GetEmpty),
        Some(fetched) => {
            let content = &fetched.message.content;
            let command: basic::GetOk<Borrowed<'_>> = basic::GetOk {
                delivery_tag: fetched.tag,
                redelivered: fetched.redelivered,
                exchange: content.exchange.borrowed(),
                routing_key: content.routing_key.borrowed(),
                message_count: fetched.remaining,
            };
            cx.send_content(&command, content);
        }
    }
    Ok(())
}

pub(super) fn ack(cx: &mut Context<'_>, ack: basic::Ack) -> Result<(), Exception> {
    cx.host
        .settle(cx.session(), ack.delivery_tag, ack.multiple, Outcome::Gone)?;
    Ok(())
}

pub(super) fn reject(cx: &mut Context<'_>, reject: basic::Reject) -> Result<(), Exception> {
    cx.host.settle(
        cx.session(),
        reject.delivery_tag,
        false,
        refusal(reject.requeue),
    )?;
    Ok(())
}

/// An extension: reject for several deliveries at once.
pub(super) fn nack(cx: &mut Context<'_>, nack: basic::Nack) -> Result<(), Exception> {
    cx.host.settle(
        cx.session(),
        nack.delivery_tag,
        nack.multiple,
        refusal(nack.requeue),
    )?;
    Ok(())
}

/// With `requeue` to whoever is next, without it to the consumers that had the messages.
pub(super) fn recover(cx: &mut Context<'_>, recover: basic::Recover) -> Result<(), Exception> {
    cx.host.recover(cx.session(), !recover.requeue);
    cx.send(basic::RecoverOk);
    Ok(())
}

/// The same without an answer; deprecated.
pub(super) fn recover_async(
    cx: &mut Context<'_>,
    recover: basic::RecoverAsync,
) -> Result<(), Exception> {
    cx.host.recover(cx.session(), !recover.requeue);
    Ok(())
}

fn refusal(requeue: bool) -> Outcome {
    if requeue {
        Outcome::Refused
    } else {
        Outcome::Rejected
    }
}
