//! Running cases: one as a state machine, many as a schedule.
//!
//! - `exchange`: one run of one case; events in, effects out, no I/O and no clock
//! - `steps`: what each statement does; `expect`, `verify`, `ending`: what is awaited, and what came held against it;
//!   `probe`: the runner's own questions; `farewell`: the end of a case
//! - `react`: what answers by itself what comes; `record`: the history of the messages, and what a script asks of it
//! - `patience`: what silence means
//! - `evaluate`: values, variables and patterns
//! - `transcript`: what was said, in the notation
//! - `shell`: sockets and the clock around an exchange; `wire`, `tls`: a socket's two halves, with TLS or without
//! - `memory`: the reference broker's core around an exchange, at memory speed
//! - `instance`: running brokers of a target, and where further ones are had
//! - `subject`: a broker under test: how it fares, and what the runner says to it on its own account
//! - `offers`: whether the broker has an extension that its greeting does not tell
//! - `runner`: one case on one broker: needs, controls, clean-up, liveness
//! - `schedule`: a suite against a target: what runs beside what; `apart`: each case on a broker of its own
//! - `bed`: a broker on which single cases are tried as they are made up
//! - `verdict`: what a run finds; `facts`: what the broker chose where it had a choice; `circumstances`: when, by what
//!   and with which options; `cut_short`: what is left of a run that did not come to its end

mod apart;
mod bed;
mod circumstances;
mod cut_short;
mod ending;
mod evaluate;
mod exchange;
mod expect;
mod facts;
mod farewell;
mod instance;
mod memory;
mod offers;
mod patience;
mod probe;
mod react;
mod record;
mod runner;
mod schedule;
mod shell;
mod steps;
mod subject;
mod tls;
pub(crate) mod transcript;
mod verdict;
mod verify;
pub(crate) mod wire;

pub use bed::Bed;
pub use circumstances::Options;
pub use cut_short::cut_short;
pub use evaluate::{EvaluateError, Variables, is_generated};
pub use exchange::{Effect, Event, Exchange, Variant};
pub use facts::Fact;
pub use instance::{Instance, Supply, SupplyFuture};
pub use memory::{Meddler, Watcher, drive_in_memory, drive_in_memory_watched, exchange_in_memory};
pub use patience::Patience;
pub use schedule::{Lost, Plan, Progress, run};
pub use shell::{ControlFate, ControlFuture, ControlMemory, Controls, Endpoint, drive};
pub use tls::{Tls, TlsOptions};
pub use verdict::{
    CaseReport, CommandReport, Deviation, Finding, Octets, Outcome, RunReport, SCHEMA, Summary,
    TargetReport, Verdict,
};
