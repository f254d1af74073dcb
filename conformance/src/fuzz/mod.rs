//! Exchanges that nobody wrote, against a live broker.
//!
//! - [`campaign`]: one exchange after the other, and what is looked at after each
//! - [`finding`]: what an exchange shows, if it shows anything, and how that is told
//! - [`shrink`]: the smallest exchange that shows the same
//! - [`exchanges`]: which exchanges a seed makes; [`coverage`]: which attempts were made in which states
//! - [`found`]: what came of it
//!
//! An exchange is a case in the notation: a legal beginning, one attempt, and everything that may come of it. It goes
//! through the very runner that the suite's cases go through, so that a finding is a script that shows the same again.
//! What is looked for holds for every broker and every attempt, so that nothing has to be known of the broker: it goes on
//! to serve new connections and those that it has, what it says is in form, and its memory does not grow without end.

pub mod campaign;
pub mod coverage;
pub mod exchanges;
pub mod finding;
pub mod found;
pub mod shrink;

pub use campaign::{Campaign, Told};
pub use coverage::Coverage;
pub use finding::{Finding, Kind};
pub use found::{Found, Memory};
