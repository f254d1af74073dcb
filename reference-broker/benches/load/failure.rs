//! What keeps a measurement from being taken.

use std::io;

/// Why a load could not be driven to its end. The text is for the person who started the program.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A socket, a process or a file did not do what was asked.
    #[error("{doing}: {source}")]
    Io {
        doing: &'static str,
        source: io::Error,
    },
    /// What was given in place of an AMQP URL.
    #[error(
        "'{0}' is neither `reference`, `in-memory` nor a URL such as amqp://guest:guest@127.0.0.1:5672/%2f: {1}"
    )]
    Url(String, String),
    /// The broker took leave, or refused what was asked for.
    #[error("the broker answered with {0}")]
    Refused(String),
    /// The broker's octets are not what they should be.
    #[error("the broker sent {0}")]
    Unexpected(String),
    /// Messages did not come though they were published, or because the publisher was kept from it.
    #[error("{0} messages came, and then none for half a minute")]
    Stalled(u64),
    /// A child process ended, or said something else than its address.
    #[error("{0} did not start: it said '{1}'")]
    Start(&'static str, String),
}

/// For `map_err`: says what was being done.
pub fn doing(doing: &'static str) -> impl FnOnce(io::Error) -> Failure {
    move |source| Failure::Io { doing, source }
}
