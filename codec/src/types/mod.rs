//! The data types of AMQP 0-9-1 that Rust has no type for (§4.2.5).

mod check;
mod long_str;
mod short_str;
mod table;
mod table_ref;
mod text;
mod value;

pub use long_str::{LongStr, LongStrRef};
pub use short_str::{ShortStr, ShortStrRef};
pub use table::{FieldArray, FieldTable, Pairs, Values};
pub use table_ref::{FieldArrayRef, FieldTableRef, PairsRef, ValuesRef};
pub use value::FieldValue;

pub(crate) use check::check_pairs;
pub(crate) use text::{fault as text_fault, is_text};

/// How deep tables and arrays may be nested, the outermost counted (DAT-16).
pub const MAX_DEPTH: usize = 64;
