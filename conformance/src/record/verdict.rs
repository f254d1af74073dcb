//! Where the broker, or the client, first broke a clause.

use mqspec_specs::Level;
use serde::Serialize;

use super::Recording;
use crate::dialect::{Dialect, Found, Judged, Side, World};

/// What was found in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Broken clauses that bind without exception, in the order in which they were broken.
    pub breaches: Vec<Found>,
    /// Broken recommendations.
    pub warnings: Vec<Found>,
    /// What was not judged, each in a sentence.
    pub remarks: Vec<String>,
}

impl Verdict {
    /// The first breach of either side, in the order of the exchange.
    pub fn firsts(&self) -> Vec<&Found> {
        let mut firsts: Vec<&Found> = Vec::new();
        for found in &self.breaches {
            if !firsts.iter().any(|first| first.side == found.side) {
                firsts.push(found);
            }
        }
        firsts
    }
}

/// A breach as a program reads it.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// `client` or `broker`.
    pub side: &'static str,
    /// The clause's id.
    pub clause: String,
    /// Its level.
    pub level: String,
    /// Its wording.
    pub text: String,
    /// What is wrong.
    pub what: String,
    /// The connection's name.
    pub connection: String,
    /// The line of a script, or the packet of a capture.
    pub place: u64,
    /// The command that shows it, in the notation.
    pub came: String,
    /// What would have been acceptable, where that can be said.
    pub acceptable: Vec<String>,
}

/// Judges both halves of every connection.
/// `ignored` clauses are not judged.
pub fn judge(
    recording: &Recording,
    dialect: &dyn Dialect,
    world: World,
    ignored: &[String],
) -> Verdict {
    let mut all = Vec::new();
    for (place, passed) in recording.passed.iter().enumerate() {
        all.extend(passed.said.breaches.iter().map(|breach| Found {
            place,
            side: Side::Client,
            breach: breach.clone(),
            acceptable: Vec::new(),
        }));
    }
    let Judged { found, remarks } = dialect.service(&recording.passed, world);
    all.extend(found);
    all.retain(|found| !ignored.iter().any(|it| it == found.breach.clause));
    all.sort_by_key(|found| found.place);
    all.dedup_by(|one, other| {
        (one.place, one.side, one.breach.clause) == (other.place, other.side, other.breach.clause)
    });
    let binds = |found: &Found| {
        let clause = dialect.clauses().get(found.breach.clause);
        clause.is_none_or(|clause| matches!(clause.level.weight(), Level::Must))
    };
    let left_out =
        (!ignored.is_empty()).then(|| format!("{}: ignored, as asked", ignored.join(", ")));
    let (breaches, warnings) = all.into_iter().partition(binds);
    Verdict {
        breaches,
        warnings,
        remarks: recording
            .remarks
            .iter()
            .cloned()
            .chain(remarks)
            .chain(left_out)
            .collect(),
    }
}
