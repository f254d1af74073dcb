//! Any program that decodes frames, held to what the text says about them.
//!
//! - [`program`]: the program: octets in, lines out, and started again when it dies
//! - [`answer`]: what a line says
//! - [`oracle`]: what a frame is, as far as both of our codecs agree: legal, with these values, or against a clause
//! - [`judge`], [`compare`]: an answer held against it: agreement, a choice that the text leaves, or a finding
//! - [`shrink`]: the smallest frame that still shows a finding
//! - [`model`]: a decoder that answers as it should
//! - [`session`]: the vectors, then generated frames; findings of one kind are one
//! - [`tell`]: what was found, in words

pub mod answer;
pub mod compare;
pub mod judge;
pub mod model;
pub mod oracle;
pub mod program;
pub mod session;
pub mod shrink;
pub mod tell;

pub use answer::Answer;
pub use judge::{Judgement, Kind};
pub use program::{Form, Program};
pub use session::{Found, Plan, Report, SessionError, one, run};
