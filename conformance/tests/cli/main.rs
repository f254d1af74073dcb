//! The program as a person or a pipeline meets it: what it prints, what it writes, and how it exits.

mod bad_input;
mod blessing;
mod checking;
mod clients;
mod comparing;
mod formats;
mod listing;
mod recording;
mod running;
mod serving;
mod setup;
mod support;
