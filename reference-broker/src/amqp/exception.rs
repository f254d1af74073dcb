//! What ends a channel or a connection, and what the client is told.

use mqspec_codec::{DecodeError, MethodId, ShortStr, reply_code};

use crate::model::Refusal;

/// No command: what an exception names that none has caused (CON-10).
pub(super) const NO_COMMAND: MethodId = MethodId::new(0, 0);

/// A reason to close a channel or the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) code: u16,
    text: String,
    /// The command that failed.
    pub(super) command: MethodId,
}

/// What an exception closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Channel,
    Connection,
}

impl Exception {
    pub(super) fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            command: NO_COMMAND,
        }
    }

    /// Names the command that failed, unless one is named already.
    pub(super) fn caused_by(self, command: MethodId) -> Self {
        if self.command == NO_COMMAND {
            Self { command, ..self }
        } else {
            self
        }
    }

    /// What the code closes (CON-11).
    pub(super) fn scope(&self) -> Scope {
        match self.code {
            reply_code::CONTENT_TOO_LARGE
            | reply_code::ACCESS_REFUSED
            | reply_code::NOT_FOUND
            | reply_code::RESOURCE_LOCKED
            | reply_code::PRECONDITION_FAILED => Scope::Channel,
            _ => Scope::Connection,
        }
    }

    /// The code's name and the reason, as far as they fit (CON-12).
    pub(super) fn reply_text(&self) -> ShortStr {
        let name = reply_code::name(self.code).unwrap_or_default();
        ShortStr::truncated(&format!("{name} - {}", self.text))
    }
}

/// A command that may not come here and now.
pub(super) fn out_of_order(text: &str) -> Exception {
    Exception::new(reply_code::COMMAND_INVALID, text)
}

/// Anything on a channel that is not open, or that is open already.
pub(super) fn channel_error(text: &str) -> Exception {
    Exception::new(reply_code::CHANNEL_ERROR, text)
}

/// A frame that does not go on with the content that was begun.
pub(super) fn unexpected_frame(text: &str) -> Exception {
    Exception::new(reply_code::UNEXPECTED_FRAME, text)
}

impl From<Refusal> for Exception {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::NoExchange(_) | Refusal::NoQueue(_) => reply_code::NOT_FOUND,
            Refusal::NameReserved(_)
            | Refusal::DefaultExchange
            | Refusal::StandardExchange(_)
            | Refusal::ExchangeInternal(_)
            | Refusal::ExclusivelyConsumed(_)
            | Refusal::SharedlyConsumed(_)
            | Refusal::SingleActiveConsumer(_) => reply_code::ACCESS_REFUSED,
            Refusal::QueueLocked(_) => reply_code::RESOURCE_LOCKED,
            Refusal::NameSyntax(_)
            | Refusal::ExchangeDiffers(..)
            | Refusal::QueueDiffers(..)
            | Refusal::ExchangeInUse(_)
            | Refusal::QueueInUse(_)
            | Refusal::QueueNotEmpty(_)
            | Refusal::Argument(..)
            | Refusal::Expiration(_)
            | Refusal::NoDelivery(_)
            | Refusal::ExtraKeys(_)
            | Refusal::UserId(_)
            | Refusal::Replies(_)
            | Refusal::NotTransactional
            | Refusal::Transactional
            | Refusal::Confirming => reply_code::PRECONDITION_FAILED,
            Refusal::NoExchangeType(_) | Refusal::FieldName(_) => reply_code::COMMAND_INVALID,
            Refusal::TagInUse(_) => reply_code::NOT_ALLOWED,
            Refusal::Full(_) => reply_code::RESOURCE_ERROR,
        };
        Self::new(code, refusal.to_string())
    }
}

/// For octets that deserve an answer. What is to be met with silence is met before
/// ([`DecodeError::reply_code`]).
impl From<DecodeError> for Exception {
    fn from(error: DecodeError) -> Self {
        Self {
            code: error.reply_code().unwrap_or(reply_code::FRAME_ERROR),
            text: error.to_string(),
            command: MethodId::new(error.class_id(), error.method_id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(311, Scope::Channel, "CONTENT_TOO_LARGE - why")]
    #[case(320, Scope::Connection, "CONNECTION_FORCED - why")]
    #[case(402, Scope::Connection, "INVALID_PATH - why")]
    #[case(403, Scope::Channel, "ACCESS_REFUSED - why")]
    #[case(404, Scope::Channel, "NOT_FOUND - why")]
    #[case(405, Scope::Channel, "RESOURCE_LOCKED - why")]
    #[case(406, Scope::Channel, "PRECONDITION_FAILED - why")]
    #[case(501, Scope::Connection, "FRAME_ERROR - why")]
    #[case(502, Scope::Connection, "SYNTAX_ERROR - why")]
    #[case(503, Scope::Connection, "COMMAND_INVALID - why")]
    #[case(504, Scope::Connection, "CHANNEL_ERROR - why")]
    #[case(505, Scope::Connection, "UNEXPECTED_FRAME - why")]
    #[case(506, Scope::Connection, "RESOURCE_ERROR - why")]
    #[case(530, Scope::Connection, "NOT_ALLOWED - why")]
    #[case(540, Scope::Connection, "NOT_IMPLEMENTED - why")]
    #[case(541, Scope::Connection, "INTERNAL_ERROR - why")]
    fn a_code_has_a_scope_and_a_name(#[case] code: u16, #[case] scope: Scope, #[case] text: &str) {
        let exception = Exception::new(code, "why");
        assert_eq!(
            (exception.scope(), exception.reply_text().as_str()),
            (scope, text)
        );
    }

    #[test]
    fn the_first_command_named_stays() {
        let (one, two) = (MethodId::new(50, 10), MethodId::new(60, 40));
        let exception = Exception::new(404, "why").caused_by(one).caused_by(two);
        assert_eq!(exception.command, one);
    }
}
