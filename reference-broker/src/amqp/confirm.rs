//! Class confirm: the broker acknowledges what it is given.

use mqspec_codec::confirm;

use super::context::Context;
use super::exception::Exception;

pub(super) fn select(cx: &mut Context<'_>, select: confirm::Select) -> Result<(), Exception> {
    cx.host.select_confirms(cx.session())?;
    cx.answer(select.nowait, confirm::SelectOk);
    Ok(())
}
