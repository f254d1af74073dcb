//! What a broker chose where the text leaves a choice, or contradicts itself.

use serde::{Deserialize, Serialize};

use super::verdict::{CaseReport, Verdict};

/// One choice, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fact {
    /// A statement about the broker.
    pub fact: String,
    /// The clauses that leave the choice: those of the cases that show it, each once.
    pub clauses: Vec<String>,
    /// The cases that show it.
    pub cases: Vec<String>,
}

/// The choices that cases saw on their way to an allowed outcome, in the order of their first appearance.
pub(super) fn facts(cases: &[CaseReport]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let allowed = |case: &&CaseReport| matches!(case.verdict, Verdict::Passed | Verdict::Lenient);
    for case in cases.iter().filter(allowed) {
        for note in &case.notes {
            let index = facts.iter().position(|fact| fact.fact == *note);
            let index = index.unwrap_or_else(|| {
                facts.push(Fact {
                    fact: note.clone(),
                    clauses: Vec::new(),
                    cases: Vec::new(),
                });
                facts.len() - 1
            });
            let fact = &mut facts[index];
            add(&mut fact.cases, &case.id);
            for clause in &case.clauses {
                add(&mut fact.clauses, clause);
            }
        }
    }
    facts
}

fn add(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|there| there == item) {
        list.push(item.to_owned());
    }
}
