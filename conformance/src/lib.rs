//! Placeholder.

pub mod script;
