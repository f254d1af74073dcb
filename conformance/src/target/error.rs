//! Why there is no broker to test.

use std::io;
use std::time::Duration;

use super::Via;

/// Why a target cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// No target has this name, and no file this path.
    #[error("no target is called `{name}`{}; known are {}, an amqp:// or amqps:// URL, or a path to a .toml file",
        .suggestion.as_ref().map(|name| format!(", did you mean `{name}`?")).unwrap_or_default(), .known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The name that resembles it most.
        suggestion: Option<String>,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A target file is against its format.
    #[error("{file}:{line}:{column}: {message}")]
    Malformed {
        /// The file's path.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// A target file cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file's path.
        path: String,
        /// What the system says.
        cause: io::Error,
    },
    /// A URL is no address of a broker. The URL is not shown, since it may hold a password.
    #[error("the target's URL cannot be used: {0}")]
    Url(String),
    /// The target cannot be had in this way.
    #[error("{name} cannot be reached via {via}; its file offers {}", .offered.iter().map(|via| via.name()).collect::<Vec<_>>().join(", "))]
    NotOffered {
        /// The target.
        name: String,
        /// The way that was asked for.
        via: Via,
        /// The ways that its file describes.
        offered: Vec<Via>,
    },
    /// TLS cannot be spoken as it is asked for.
    #[error("TLS: {0}")]
    Tls(String),
    /// Options contradict each other.
    #[error("{0}")]
    Conflict(String),
    /// A program that the target needs is not installed.
    #[error("{program} is not installed{}", .install.as_ref().map(|how| format!("; to install it: {how}")).unwrap_or_default())]
    Missing {
        /// The program.
        program: String,
        /// How it is had, if the target's file knows.
        install: Option<String>,
    },
    /// The system refuses something that starting or stopping takes.
    #[error("{what}: {cause}")]
    System {
        /// What was to be done.
        what: String,
        /// What the system says.
        cause: io::Error,
    },
    /// A program ended while its broker was to come up.
    #[error("{program} ended before the broker was ready ({status}){}", tail(.log))]
    Ended {
        /// The program.
        program: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote.
        log: String,
    },
    /// The broker did not become ready in time.
    #[error("{name} was not ready within {} s: {last}{}", .limit.as_secs(), tail(.log))]
    NotReady {
        /// The target.
        name: String,
        /// How long was waited.
        limit: Duration,
        /// What came when it was last asked.
        last: String,
        /// The end of what it wrote.
        log: String,
    },
    /// The reference broker within this program does not start.
    #[error("the embedded broker does not start: {0}")]
    Embedded(String),
    /// The container engine cannot be reached, or refuses.
    #[error("{0}")]
    Engine(String),
}

impl TargetError {
    /// Whether the request was wrong (exit status 2), rather than the target out of reach (3).
    pub fn is_usage(&self) -> bool {
        match self {
            TargetError::Unknown { .. }
            | TargetError::Malformed { .. }
            | TargetError::Unreadable { .. }
            | TargetError::Url(_)
            | TargetError::Tls(_)
            | TargetError::NotOffered { .. }
            | TargetError::Conflict(_) => true,
            TargetError::Missing { .. }
            | TargetError::System { .. }
            | TargetError::Ended { .. }
            | TargetError::NotReady { .. }
            | TargetError::Embedded(_)
            | TargetError::Engine(_) => false,
        }
    }

    /// Makes an [`io::Error`] say what was to be done.
    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> TargetError {
        let what = what.into();
        move |cause| TargetError::System { what, cause }
    }
}

fn tail(log: &str) -> String {
    match log.trim_end() {
        "" => "; it wrote nothing".to_owned(),
        log => format!("; the end of its log:\n  {}", log.replace('\n', "\n  ")),
    }
}
