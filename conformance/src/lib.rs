//! mqspec tells, clause by clause and with proof, whether a message broker speaks its protocol as written.
//!
//! - [`script`]: the notation of scripts, transcripts and reproducers
//! - [`dialect`]: how a protocol's named commands become octets and back
//! - [`suite`]: the cases that can be run
//! - [`run`]: one case as a state machine, and many against a target
//! - [`target`]: how a broker is reached and controlled

pub mod dialect;
pub mod run;
pub mod script;
pub mod suite;
pub mod target;
