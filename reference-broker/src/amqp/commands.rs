//! From a command on an open channel to the function that carries it out.

use mqspec_codec::Method;

use super::context::Context;
use super::exception::{Exception, out_of_order};
use super::{access, basic, channel, confirm, exchange, queue, tx};

/// Carries out a command. Opening and closing a channel, publishing, whose content has yet to come, and
/// what settles a delivery are not met here.
pub(super) fn carry_out(cx: &mut Context<'_>, method: Method) -> Result<(), Exception> {
    match method {
        Method::ChannelFlow(it) => channel::flow(cx, it),
        Method::ExchangeDeclare(it) => exchange::declare(cx, it),
        Method::ExchangeDelete(it) => exchange::delete(cx, it),
        Method::ExchangeBind(it) => exchange::bind(cx, it),
        Method::ExchangeUnbind(it) => exchange::unbind(cx, it),
        Method::QueueDeclare(it) => queue::declare(cx, it),
        Method::QueueBind(it) => queue::bind(cx, it),
        Method::QueueUnbind(it) => queue::unbind(cx, it),
        Method::QueuePurge(it) => queue::purge(cx, it),
        Method::QueueDelete(it) => queue::delete(cx, it),
        Method::BasicQos(it) => basic::qos(cx, it),
        Method::BasicConsume(it) => basic::consume(cx, it),
        Method::BasicCancel(it) => basic::cancel(cx, it),
        // The answer to a cancel of ours, which asks for none; some clients send it anyhow.
        Method::BasicCancelOk(_) => Ok(()),
        Method::BasicGet(it) => basic::get(cx, it),
        Method::BasicRecover(it) => basic::recover(cx, it),
        Method::BasicRecoverAsync(it) => basic::recover_async(cx, it),
        Method::TxSelect(it) => tx::select(cx, it),
        Method::TxCommit(it) => tx::commit(cx, it),
        Method::TxRollback(it) => tx::rollback(cx, it),
        Method::ConfirmSelect(it) => confirm::select(cx, it),
        Method::AccessRequest(it) => access::request(cx, it),
        // What only a server sends (MTH-09), and answers to what was never asked.
        other => Err(out_of_order(&format!(
            "{other} is not for a client to send here"
        ))),
    }
}
