//! The same exchange to two brokers, and exchanges that nobody wrote.
//!
//! - [`campaign`]: one exchange after the other, side by side; `examiner`: what becomes of a difference
//!   `care`: a broker that stops serving is brought back
//! - [`duel`]: one exchange, played by two brokers that are held against each other after each step
//! - [`side`]: one broker that plays; [`link`]: connections to it, by sockets or in memory
//! - [`difference`], [`known`]: what tells one kind of difference from another, and which are known
//! - [`shrink`]: the smallest exchange that shows the same; [`finding`], [`write`](mod@write): that exchange as a case in the notation;
//!   [`accept`]: what becomes of one that was looked at
//!
//! Which exchanges there are, and what is read off a broker, is the protocol's affair: see
//! [`generated`](crate::dialect::generated).

pub mod accept;
pub mod campaign;
mod care;
pub mod difference;
pub mod duel;
mod examiner;
pub mod finding;
pub mod known;
pub mod link;
pub mod shrink;
pub mod side;
pub mod write;

pub use campaign::{Campaign, Found, Order, Player, Told, What};
pub use known::Known;
