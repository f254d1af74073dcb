//! Running cases: one as a state machine, many as a schedule.
//!
//! - `exchange`, `steps`, `expect`: one run of one case; events in, effects out, no I/O and no clock
//! - `evaluate`: values, variables and patterns
//! - `transcript`: what was said, in the notation
//! - `shell`: sockets and the clock around an exchange
//! - `memory`: the reference broker's core around an exchange, at memory speed
//! - `schedule`: a suite against a target: needs, controls, clean-up, liveness, order
//! - `verdict`: what a run finds

mod evaluate;
mod exchange;
mod expect;
mod memory;
mod schedule;
mod shell;
mod steps;
mod transcript;
mod verdict;

pub use evaluate::{EvaluateError, Variables, is_generated};
pub use exchange::{Effect, Event, Exchange, Patience, Variant};
pub use memory::{Meddler, drive_in_memory};
pub use schedule::{Lost, Plan, Progress, run};
pub use shell::{ControlFuture, Controls, Endpoint, drive};
pub use verdict::{
    CaseReport, CommandReport, Deviation, Finding, Outcome, RunReport, Summary, TargetReport,
    Verdict,
};
