//! Class tx: publishes and acknowledgements that take effect together.

use mqspec_codec::tx;

use super::basic;
use super::context::Context;
use super::exception::Exception;

pub(super) fn select(cx: &mut Context<'_>, _: tx::Select) -> Result<(), Exception> {
    cx.host.select_transactions(cx.session())?;
    cx.send(tx::SelectOk);
    Ok(())
}

/// Mandatory messages that found no queue come back before the answer.
pub(super) fn commit(cx: &mut Context<'_>, _: tx::Commit) -> Result<(), Exception> {
    for message in cx.host.commit(cx.session())? {
        basic::send_return(cx, &message);
    }
    cx.send(tx::CommitOk);
    Ok(())
}

pub(super) fn rollback(cx: &mut Context<'_>, _: tx::Rollback) -> Result<(), Exception> {
    cx.host.roll_back(cx.session())?;
    cx.send(tx::RollbackOk);
    Ok(())
}
