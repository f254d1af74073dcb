//! What a run found, for a person and for a program. Everything here makes text; who prints it, and where, is not
//! decided here.
//!
//! - [`Teller`]: what the texts need to know beside the run itself
//! - [`failure()`]: one case that went wrong, as soon as it is known
//! - [`closing()`]: what is said at the end, made of `sections`, `commands` and `lists`
//! - [`json()`]: the report that a program reads; `docs/report.md` describes it
//! - [`Format`]: other forms of it: `junit`, `tap`, `markdown`, `annotations`, `badge`, and [`html`], a page for a browser
//! - [`saved`]: a report read back from a file
//! - `transcript`: an exchange in the notation, shortened and marked
//! - [`layout`], [`paint`]: 80 columns, and colours

mod annotations;
mod badge;
mod closing;
mod commands;
mod failure;
pub(crate) mod format;
pub mod html;
mod junit;
pub mod layout;
mod lists;
mod markdown;
pub(crate) mod markup;
pub mod paint;
pub mod saved;
#[cfg(test)]
mod schema;
pub(crate) mod sections;
mod standing;
mod tap;
mod transcript;

use serde::Serialize;

use crate::dialect::Dialect;
use crate::suite::Suite;
use paint::Paint;

pub use closing::{closing, meaning};
pub use failure::failure;
pub use format::Format;
pub use standing::Standing;

/// What the texts need to know beside the run itself.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// The suite, for the lines of its scripts.
    pub suite: &'a Suite,
    /// The protocol, for its clauses and commands.
    pub dialect: &'static dyn Dialect,
    /// Whether nothing is left out.
    pub verbose: bool,
    /// The command that repeats the run, up to the choice of cases.
    pub again: &'a str,
    /// Colours, or none.
    pub paint: Paint,
}

/// A report, or several, as JSON, ending in a line feed.
///
/// # Errors
/// None that a report can cause: its values are texts and numbers.
pub fn json(report: &impl Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}
