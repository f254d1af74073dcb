//! What a broker does in an exchange that was recorded, judged afterwards.

use super::{Breach, Overheard, Side};

/// What the names begin with that stand for those of a broker's making which a recording does not tell.
pub const UNTOLD: &str = "made.";

/// A command of a recorded exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    /// The connection, numbered from 0.
    pub connection: usize,
    /// The command.
    pub said: Overheard,
}

/// Whether the recording holds all that concerned its queues and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum World {
    /// Others may have been at work beside it, and what it speaks of may have been there before.
    #[default]
    Shared,
    /// Nobody else was at work. What it speaks of may have been there before all the same.
    Alone,
}

/// A clause that somebody broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The command that shows it, as an index.
    pub place: usize,
    /// Who broke it.
    pub side: Side,
    /// What is wrong.
    pub breach: Breach,
    /// What would have been acceptable there, in the notation or in words.
    pub acceptable: Vec<String>,
}

/// What a judge says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// What was broken.
    pub found: Vec<Found>,
    /// What could not be judged, and why, each in a sentence.
    pub remarks: Vec<String>,
}
