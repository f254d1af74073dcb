//! What an exchange shows.

use std::fmt;

use crate::dialect::Script;
use crate::run::{CaseReport, Verdict};

/// What the connection is called that attempts are made on.
const ATTEMPTED: char = 'a';

/// Against what a finding is, whatever the exchange was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The broker's program ended.
    Ends,
    /// The broker serves no new connection any more.
    Deaf,
    /// Another connection was cut off, or got no answer.
    Bystander,
    /// What the broker says is not in form.
    Malformed,
    /// A channel or connection is closed with a code or with ids that mean nothing.
    Refusal,
}

impl Kind {
    /// A word for names.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ends => "ends",
            Kind::Deaf => "serves-nobody",
            Kind::Bystander => "hurts-others",
            Kind::Malformed => "malformed-answer",
            Kind::Refusal => "odd-refusal",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Ends => "the broker's program ends",
            Kind::Deaf => "the broker serves no new connection any more",
            Kind::Bystander => {
                "a connection that has nothing to do with it is cut off, or gets no answer"
            }
            Kind::Malformed => "the broker's answer is not in form",
            Kind::Refusal => "the broker refuses with a code that no table has",
        })
    }
}

/// What an exchange shows about a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Against what it is.
    pub kind: Kind,
    /// What happened, in a sentence.
    pub detail: String,
    /// The clause that was broken, where it is known.
    pub clause: Option<String>,
}

/// What a case's result shows beyond what the suite looks at. Whether the broker takes what it is offered is no matter
/// here; neither is silence on the connection that the attempt was made on.
pub fn read(
    report: &CaseReport,
    script: &Script,
    serves: bool,
    fate: Option<String>,
) -> Option<Finding> {
    if !serves {
        let (kind, detail) = match fate {
            Some(fate) => (Kind::Ends, fate),
            None => (Kind::Deaf, report.detail.clone()),
        };
        return Some(Finding {
            kind,
            detail,
            clause: None,
        });
    }
    let found = report.finding.as_ref()?;
    if found.line < script.trial && report.verdict == Verdict::Failed && found.clause.is_none() {
        // A broker that does not take what is legal is the suite's business.
        return None;
    }
    let kind = match report.verdict {
        Verdict::Failed if found.clause.is_some() => Kind::Malformed,
        // What is left unread on the connection of the attempt is told at the end of the script.
        Verdict::Failed | Verdict::Inconclusive
            if found.line >= script.bystander && !found.came.starts_with(ATTEMPTED) =>
        {
            Kind::Bystander
        }
        Verdict::Failed if is_close(&found.came) && found.line >= script.outcome => Kind::Refusal,
        _ => return None,
    };
    Some(Finding {
        kind,
        detail: format!("{}; came {}", found.why, found.came),
        clause: found.clause.clone(),
    })
}

/// Whether what came is the end of a channel or connection that the broker asks for.
fn is_close(came: &str) -> bool {
    let command = came.split(['<', '>']).nth(1).unwrap_or(came);
    command
        .trim_start()
        .split(' ')
        .next()
        .is_some_and(|it| it.ends_with(".close"))
}

impl Finding {
    /// What makes it the same as another: its kind and its clause; what ends a broker is told apart by the attempt.
    pub fn same(&self, other: &Finding) -> bool {
        self.kind == other.kind && self.clause == other.clause
    }
}
