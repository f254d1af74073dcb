//! The notation: what it reads, how it prints, and what it says about mistakes.

mod blessing;
mod corpus;
mod layout;
mod mistakes;
mod round_trip;
mod values;
