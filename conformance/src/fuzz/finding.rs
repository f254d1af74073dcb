//! What an exchange shows.

use std::fmt;

use crate::dialect::{Author, Script};
use crate::run::{CaseReport, Verdict};

/// What the connection is called that has nothing to do with the attempt.
const BYSTANDER: char = 'z';

/// Against what a finding is, whatever the exchange was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The broker's program ended.
    Ends,
    /// The broker serves no new connection any more.
    Deaf,
    /// The broker takes nothing legal any more, though it serves new connections.
    Barred,
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
            Kind::Barred => "takes-nothing",
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
            Kind::Barred => "the broker takes nothing legal any more",
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
    author: &dyn Author,
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
    let outcome = script.outcome..script.bystander;
    let kind = match report.verdict {
        Verdict::Failed if found.clause.is_some() => Kind::Malformed,
        // What is left unread elsewhere is told at the end of the script.
        Verdict::Failed | Verdict::Inconclusive
            if found.line >= script.bystander && !is_elsewhere(&found.came) =>
        {
            Kind::Bystander
        }
        // What comes behind the outcome unasked may answer the attempt late.
        Verdict::Failed if outcome.contains(&found.line) && author.is_odd_refusal(&found.came) => {
            Kind::Refusal
        }
        _ => return None,
    };
    Some(Finding {
        kind,
        detail: short(&format!("{}; came {}", found.why, found.came)),
        clause: found.clause.clone(),
    })
}

/// Whether what came did so on another connection than the bystander's.
fn is_elsewhere(came: &str) -> bool {
    came.contains(" < ") && !came.starts_with(BYSTANDER)
}

/// How much of a detail is kept.
const SHORT: usize = 300;

/// A text that may hold a whole message, cut.
fn short(text: &str) -> String {
    let mut kept: String = text.chars().take(SHORT).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}

impl Finding {
    /// Whether it is the same as another: of the same kind, against the same clause, and for the same reason where the
    /// broker tells one.
    pub fn same(&self, other: &Finding) -> bool {
        let reason = !self.speaks_for_itself() || self.reason() == other.reason();
        self.kind == other.kind && self.clause == other.clause && reason
    }

    /// Whether it tells by itself what is wrong, whatever led to it: where a program ended, or what was not in form.
    pub fn speaks_for_itself(&self) -> bool {
        match self.kind {
            Kind::Ends => self.detail.contains(':'),
            Kind::Malformed => true,
            Kind::Deaf | Kind::Barred | Kind::Bystander | Kind::Refusal => false,
        }
    }

    /// What is wrong, and in which command, without what the command said.
    fn reason(&self) -> (&str, Option<&str>) {
        match self.detail.split_once("; came ") {
            Some((why, came)) => (why, came.split_whitespace().nth(2)),
            None => (&self.detail, None),
        }
    }
}
