//! The data types of AMQP 0-9-1 that Rust has no type for (§4.2.5).

mod long_str;
mod short_str;
mod table;
mod value;

pub use long_str::LongStr;
pub use short_str::ShortStr;
pub use table::{FieldArray, FieldTable, Pairs, Values};
pub use value::FieldValue;

pub(crate) use value::check_pairs;

/// How deep tables and arrays may be nested, the outermost counted (DAT-16).
pub const MAX_DEPTH: usize = 64;
