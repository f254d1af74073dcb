//! Class exchange.

use mqspec_codec::exchange;

use super::context::{Context, Kind, named};
use super::exception::Exception;
use crate::model::ExchangeSettings;
use crate::users::Right;

/// The argument that names where messages go which the exchange cannot route.
const ALTERNATE: &str = "alternate-exchange";

pub(super) fn declare(cx: &mut Context<'_>, declare: exchange::Declare) -> Result<(), Exception> {
    if declare.passive {
        cx.host.find_exchange(&declare.exchange)?;
    } else {
        cx.check(Right::Configure, Kind::Exchange, &declare.exchange)?;
        if cx.host.find_exchange(&declare.exchange).is_err()
            && let Some(alternate) = named(&declare.arguments, ALTERNATE)
        {
            cx.check(Right::Read, Kind::Exchange, &declare.exchange)?;
            cx.check(Right::Write, Kind::Exchange, &alternate)?;
        }
        let settings = ExchangeSettings {
            kind: declare.r#type,
            durable: declare.durable,
            auto_delete: declare.auto_delete,
            internal: declare.internal,
            arguments: declare.arguments,
        };
        cx.host.declare_exchange(&declare.exchange, settings)?;
    }
    cx.answer_when_safe(declare.no_wait, exchange::DeclareOk);
    Ok(())
}

pub(super) fn delete(cx: &mut Context<'_>, delete: exchange::Delete) -> Result<(), Exception> {
    cx.check(Right::Configure, Kind::Exchange, &delete.exchange)?;
    cx.host
        .delete_exchange(&delete.exchange, delete.if_unused)?;
    cx.answer_when_safe(delete.no_wait, exchange::DeleteOk);
    Ok(())
}

/// An extension: what the source routes, the destination receives.
pub(super) fn bind(cx: &mut Context<'_>, bind: exchange::Bind) -> Result<(), Exception> {
    let exchange::Bind {
        destination,
        source,
        routing_key,
        no_wait,
        arguments,
    } = bind;
    cx.check(Right::Write, Kind::Exchange, &destination)?;
    cx.check(Right::Read, Kind::Exchange, &source)?;
    cx.host
        .bind_exchange(&destination, &source, &routing_key, &arguments)?;
    cx.answer_when_safe(no_wait, exchange::BindOk);
    Ok(())
}

/// An extension.
pub(super) fn unbind(cx: &mut Context<'_>, unbind: exchange::Unbind) -> Result<(), Exception> {
    let exchange::Unbind {
        destination,
        source,
        routing_key,
        no_wait,
        arguments,
    } = unbind;
    cx.check(Right::Write, Kind::Exchange, &destination)?;
    cx.check(Right::Read, Kind::Exchange, &source)?;
    cx.host
        .unbind_exchange(&destination, &source, &routing_key, &arguments)?;
    cx.answer_when_safe(no_wait, exchange::UnbindOk);
    Ok(())
}
