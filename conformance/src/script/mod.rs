//! The notation in which scripts, transcripts and reproducers are written. `specs/notation.mqs` describes it.
//!
//! - [`ast`]: what a script says, as a tree
//! - `lexer`, `literal`: a text's lines and their tokens
//! - `parse`, `blocks`, `message`, `value`: the tree out of the tokens, line by line, so that one mistake hides no
//!   other; a `cursor` walks along the line
//! - `print`, `print_value`: the tree as text in its even layout; the `Display` of [`File`], [`Case`], [`Step`], [`Message`], [`Value`]
//! - [`mod@check`]: whether a script makes sense in its protocol
//! - `bless`: what a broker sent, put into an expectation
//! - [`mod@diagnose`]: what is wrong, and where
//! - [`laws`]: what holds for any text, for a fuzzer to try
//!
//! ```
//! # use mqspec::script;
//! let text = "case a/b\n  \"A reply\"\n  clause X-1\n  >   queue.declare queue=\"q1\"  # asks\n  < queue.declare-ok\n";
//! let even = script::format("a.mqs", text).expect("a script");
//! assert!(even.contains("\n  > queue.declare queue=q1  # asks\n"));
//! ```

pub mod ast;
mod bless;
mod blocks;
pub mod check;
mod cursor;
pub mod diagnose;
pub mod laws;
mod lexer;
mod literal;
mod message;
mod parse;
mod print;
mod print_value;
mod value;

pub use ast::{
    Arm, Case, Field, File, Grade, Item, Lane, Message, Piece, Span, Spanned, Stage, Step,
    StepKind, Value,
};
pub use bless::{BlessError, bless};
pub use check::{Direction, Vocabulary, check, check_ids};
pub use diagnose::{Diagnostic, Severity};

use diagnose::Faults;

/// Reads a script. `name` is what diagnostics and reports call it.
///
/// # Errors
/// Everything in the text that is not the notation, one finding a line at most.
pub fn parse(name: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    let mut faults = Faults::new(name, text);
    let file = parse::file(name, text, &mut faults);
    faults.into_result(file)
}

/// Reads one value or pattern, such as `hex"00 ff"` or `?tag & 1..10`.
///
/// # Errors
/// What in the text is not a value.
pub fn parse_value(text: &str) -> Result<Value, Vec<Diagnostic>> {
    let mut faults = Faults::new("value", text);
    let value = parse::value(text, &mut faults);
    faults.into_result(value)?.ok_or_else(Vec::new)
}

/// Lays a script out evenly: what [`parse()`] reads, printed.
///
/// # Errors
/// As [`parse()`].
pub fn format(name: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    parse(name, text).map(|file| file.to_string())
}
