//! mqspec tells, clause by clause and with proof, whether a message broker speaks its protocol as written.
//!
//! - [`script`]: the notation of scripts, transcripts and reproducers
//! - [`dialect`]: how a protocol's named commands become octets and back
//! - [`dice`]: choices that nobody makes
//! - [`history`]: what became of every message of an exchange, and whether that is what a broker owes
//! - [`mod@suite`], [`select`]: the cases that can be run, and those that are wanted; [`suggest`]: what may have been meant
//! - [`run`]: one case as a state machine, and many against a target
//! - [`target`]: how a broker is reached and controlled
//! - [`report`]: what a run found, for a person and for a program; [`compare`]: several runs side by side
//! - [`harness`]: all of this in a Rust test, begun by [`suite()`]
//! - [`fuzz`]: exchanges that nobody wrote, against a live broker
//! - [`oracle`]: the same exchange to two brokers
//! - [`client`]: the roles swapped: a played broker, and a client under test
//! - [`corpus`]: seeds and a dictionary for anybody's fuzzer
//! - [`decoder`]: any program that decodes frames, held to what the text says about them
//! - [`coverage`], [`diagram`]: what a suite covers, and one case as a picture
//! - [`record`]: what an application and a broker say, written down and judged
//! - [`blessing`]: what an expectation would have to say to be met
//!
//! The command line is the binary's, under `cli`.

pub mod blessing;
pub mod client;
pub mod compare;
pub mod corpus;
pub mod coverage;
pub mod decoder;
pub mod diagram;
pub mod dialect;
pub mod dice;
pub mod fuzz;
pub mod harness;
pub mod history;
pub mod oracle;
pub mod record;
pub mod report;
pub mod run;
pub mod script;
pub mod select;
pub mod suggest;
pub mod suite;
pub mod target;

/// The suite, to be run in a Rust test: see [`harness`].
pub fn suite() -> harness::Harness {
    harness::Harness::default()
}
