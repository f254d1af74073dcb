//! The reply codes of `connection.close`, `channel.close` and `basic.return`.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

/// `reply-success`; AMQP 0-9-1.
pub const REPLY_SUCCESS: u16 = 200;

/// `content-too-large`; AMQP 0-9-1.
pub const CONTENT_TOO_LARGE: u16 = 311;

/// `no-route`; RabbitMQ extension.
pub const NO_ROUTE: u16 = 312;

/// `no-consumers`; AMQP 0-9-1.
pub const NO_CONSUMERS: u16 = 313;

/// `connection-forced`; AMQP 0-9-1.
pub const CONNECTION_FORCED: u16 = 320;

/// `invalid-path`; AMQP 0-9-1.
pub const INVALID_PATH: u16 = 402;

/// `access-refused`; AMQP 0-9-1.
pub const ACCESS_REFUSED: u16 = 403;

/// `not-found`; AMQP 0-9-1.
pub const NOT_FOUND: u16 = 404;

/// `resource-locked`; AMQP 0-9-1.
pub const RESOURCE_LOCKED: u16 = 405;

/// `precondition-failed`; AMQP 0-9-1.
pub const PRECONDITION_FAILED: u16 = 406;

/// `frame-error`; AMQP 0-9-1.
pub const FRAME_ERROR: u16 = 501;

/// `syntax-error`; AMQP 0-9-1.
pub const SYNTAX_ERROR: u16 = 502;

/// `command-invalid`; AMQP 0-9-1.
pub const COMMAND_INVALID: u16 = 503;

/// `channel-error`; AMQP 0-9-1.
pub const CHANNEL_ERROR: u16 = 504;

/// `unexpected-frame`; AMQP 0-9-1.
pub const UNEXPECTED_FRAME: u16 = 505;

/// `resource-error`; AMQP 0-9-1.
pub const RESOURCE_ERROR: u16 = 506;

/// `not-allowed`; AMQP 0-9-1.
pub const NOT_ALLOWED: u16 = 530;

/// `not-implemented`; AMQP 0-9-1.
pub const NOT_IMPLEMENTED: u16 = 540;

/// `internal-error`; AMQP 0-9-1.
pub const INTERNAL_ERROR: u16 = 541;

/// The name that brokers write in front of the reason, such as `NOT_FOUND`.
pub fn name(code: u16) -> Option<&'static str> {
    Some(match code {
        REPLY_SUCCESS => "REPLY_SUCCESS",
        CONTENT_TOO_LARGE => "CONTENT_TOO_LARGE",
        NO_ROUTE => "NO_ROUTE",
        NO_CONSUMERS => "NO_CONSUMERS",
        CONNECTION_FORCED => "CONNECTION_FORCED",
        INVALID_PATH => "INVALID_PATH",
        ACCESS_REFUSED => "ACCESS_REFUSED",
        NOT_FOUND => "NOT_FOUND",
        RESOURCE_LOCKED => "RESOURCE_LOCKED",
        PRECONDITION_FAILED => "PRECONDITION_FAILED",
        FRAME_ERROR => "FRAME_ERROR",
        SYNTAX_ERROR => "SYNTAX_ERROR",
        COMMAND_INVALID => "COMMAND_INVALID",
        CHANNEL_ERROR => "CHANNEL_ERROR",
        UNEXPECTED_FRAME => "UNEXPECTED_FRAME",
        RESOURCE_ERROR => "RESOURCE_ERROR",
        NOT_ALLOWED => "NOT_ALLOWED",
        NOT_IMPLEMENTED => "NOT_IMPLEMENTED",
        INTERNAL_ERROR => "INTERNAL_ERROR",
        _ => return None,
    })
}
