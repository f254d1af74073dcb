//! Writes the families of `specs/amqp-0-9-1/suite/generated/` from the command table and the examples.
//!
//! An id is made of the family and of what the case is about, never of a position, so that it stays what it is when
//! the table grows.

mod arguments;
mod case;
mod content;
pub mod examples;
mod frames;
mod ids;
mod limits;
mod malformed;
mod malformed_header;
mod split;
mod states;
mod values;

use mqspec::script;
use mqspec_specs::Protocol;

use case::Case;
use examples::Examples;

/// File names below `suite/generated/` with their contents.
pub fn files(protocol: &Protocol, examples: &Examples) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut file = |name: &str, about: &str, cases: Vec<Case>| {
        let mut text = format!(
            "# Generated from protocol.json and examples.mqs by conformance/tests/generated.rs; BLESS=1 rewrites it.\n\
             #\n# {about}\n\nprotocol amqp-0-9-1\n"
        );
        for case in cases {
            text.push_str(&format!("\n{case}"));
        }
        let name = format!("{name}.mqs");
        match script::format(&name, &text) {
            Ok(even) => files.push((name, even)),
            Err(found) => panic!("{}", found[0].render(&text, false)),
        }
    };
    file(
        "malformed-truncated",
        "Commands whose arguments end too early: within each argument in turn.",
        malformed::truncated(protocol, examples),
    );
    file(
        "malformed-overrun",
        "Commands with a string or a table whose length goes beyond the frame.",
        malformed::overrun(protocol, examples),
    );
    file(
        "malformed-table",
        "Commands with a table that is broken within.",
        malformed::tables(protocol, examples),
    );
    file(
        "malformed-length",
        "Commands without arguments where some are due, and with octets behind the last one.",
        malformed::lengths(protocol, examples),
    );
    file(
        "malformed-header",
        "Content headers that end too early, or hold a broken property.",
        malformed_header::cases(protocol),
    );
    file(
        "frames",
        "Frames of each type with a wrong end or size, frames of unknown types, frames on the wrong channel.",
        frames::cases(),
    );
    file(
        "unknown-ids",
        "Methods that do not exist in each class, and classes that do not exist.",
        ids::cases(protocol),
    );
    for (name, about, cases) in states::files(protocol, examples) {
        file(name, about, cases);
    }
    file(
        "content-interrupted",
        "Each command of a channel where a content header or a body is due.",
        content::interrupted(protocol, examples),
    );
    file(
        "content-header",
        "Content headers of another class, or with a weight.",
        content::headers(protocol),
    );
    file(
        "split",
        "Commands and the handshake, cut into pieces at every octet.",
        split::cases(protocol, examples),
    );
    file(
        "header-values",
        "Values of each type in the headers of a message, to the edges and in each other.",
        values::tables(),
    );
    file(
        "properties",
        "Properties of a message, each alone and all but one.",
        values::properties(protocol),
    );
    file(
        "frame-max",
        "Frames of just the agreed size and of one octet more.",
        limits::cases(),
    );
    files
}
