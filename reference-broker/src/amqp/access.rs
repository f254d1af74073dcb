//! Class access: a remnant of earlier versions that some clients still speak.

use mqspec_codec::access;

use super::context::Context;
use super::exception::Exception;

/// Grants everything: the ticket has no meaning any more.
pub(super) fn request(cx: &mut Context<'_>, _: access::Request) -> Result<(), Exception> {
    cx.send(access::RequestOk { ticket: 1 });
    Ok(())
}
