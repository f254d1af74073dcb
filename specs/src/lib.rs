//! The protocols that mqspec knows, as data.
//!
//! Everything here stands in files that can be read without Rust, under `specs/`; this crate embeds them,
//! loads them and refuses what is inconsistent, with file and line.
//!
//! - [`protocol`]: classes, commands, fields, domains, constants and reply pairs (`protocol.json`)
//! - [`clauses`]: the normative requirements (`clauses.toml`)
//! - [`scripts`]: the suite's source texts (`suite/*.mqs`, and below it those that a generator writes) and the
//!   prologue that opens a connection
//!
//! ```
//! let amqp = mqspec_specs::amqp_0_9_1();
//! let declare = amqp.command("queue.declare").expect("a command of AMQP");
//! assert_eq!(declare.replies, ["queue.declare-ok"]);
//! ```

pub mod clauses;
pub mod protocol;
pub mod scripts;

use std::sync::OnceLock;

pub use clauses::{Catalogue, Clause, Level};
pub use protocol::{Command, Field, Protocol, Type};
pub use scripts::Source;

/// What is wrong with a data file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Problem {
    /// A problem at an octet offset of a text.
    fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or_default();
        Problem {
            file: file.to_owned(),
            line: before.iter().filter(|octet| **octet == b'\n').count() + 1,
            message: message.into(),
        }
    }
}

/// AMQP 0-9-1 with the common extensions.
///
/// # Panics
/// If the embedded file is inconsistent, which a test of this crate rules out.
pub fn amqp_0_9_1() -> &'static Protocol {
    static PROTOCOL: OnceLock<Protocol> = OnceLock::new();
    PROTOCOL.get_or_init(|| {
        Protocol::load(
            "specs/amqp-0-9-1/protocol.json",
            include_str!("../amqp-0-9-1/protocol.json"),
        )
        .unwrap_or_else(|problem| panic!("{problem}"))
    })
}

/// The clauses of AMQP 0-9-1 and of its common extensions.
///
/// # Panics
/// If the embedded file is inconsistent, which a test of this crate rules out.
pub fn amqp_0_9_1_clauses() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        Catalogue::load(
            "specs/amqp-0-9-1/clauses.toml",
            include_str!("../amqp-0-9-1/clauses.toml"),
        )
        .unwrap_or_else(|problem| panic!("{problem}"))
    })
}
