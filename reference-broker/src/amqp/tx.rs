//! Class tx: publishes and acknowledgements that take effect together.

use mqspec_codec::{reply_code, tx};

use super::basic;
use super::context::Context;
use super::exception::Exception;

pub(super) fn select(cx: &mut Context<'_>, _: tx::Select) -> Result<(), Exception> {
    cx.host.select_transactions(cx.session())?;
    cx.send(tx::SelectOk);
    Ok(())
}

/// Mandatory messages that found no queue come back before the answer. A message that a full queue
/// did not take spoils the answer, not the rest of the transaction.
pub(super) fn commit(cx: &mut Context<'_>, _: tx::Commit) -> Result<(), Exception> {
    let committed = cx.host.commit(cx.session())?;
    for message in committed.returned {
        basic::send_return(cx, &message);
    }
    if committed.rejected {
        let text = "a queue is full, and has not taken its part of the transaction";
        return Err(Exception::new(reply_code::PRECONDITION_FAILED, text));
    }
    cx.send_when_safe(tx::CommitOk);
    Ok(())
}

pub(super) fn rollback(cx: &mut Context<'_>, _: tx::Rollback) -> Result<(), Exception> {
    cx.host.roll_back(cx.session())?;
    cx.send(tx::RollbackOk);
    Ok(())
}
