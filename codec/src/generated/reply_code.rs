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
