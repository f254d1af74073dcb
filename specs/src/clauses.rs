//! The catalogue of normative requirements.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::Problem;

/// How binding a clause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// A permission: reported as offered or not offered.
    #[serde(rename = "MAY")]
    May,
    /// A recommendation: a breach warns.
    #[serde(rename = "SHOULD")]
    Should,
    /// A recommendation against: a breach warns.
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    /// A requirement: a breach fails the run.
    #[serde(rename = "MUST")]
    Must,
    /// A prohibition: a breach fails the run.
    #[serde(rename = "MUST NOT")]
    MustNot,
}

impl Level {
    /// The level without its direction: MUST NOT weighs as much as MUST.
    pub fn weight(self) -> Level {
        match self {
            Level::ShouldNot => Level::Should,
            Level::MustNot => Level::Must,
            level => level,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::May => "MAY",
            Level::Should => "SHOULD",
            Level::ShouldNot => "SHOULD NOT",
            Level::Must => "MUST",
            Level::MustNot => "MUST NOT",
        })
    }
}

/// Who has to obey a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binds {
    /// The broker.
    Server,
    /// The client.
    Client,
    /// Both.
    Both,
}

/// What the text says happens on a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The constant's name, such as `not-found`.
    pub name: Option<String>,
    /// The reply code.
    pub code: Option<u16>,
    /// What is closed: `channel`, `connection`, or `tcp-close` for the socket without a word.
    pub scope: Option<String>,
}

/// One normative requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// The permanent name that scripts cite.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Who has to obey it.
    pub binds: Binds,
    /// Where it stands: a section, a rule of the XML definition, or the errata.
    pub source: String,
    /// Whether it belongs to an extension that a broker need not offer.
    #[serde(default)]
    pub extension: bool,
    /// Whether no specification holds it: an extension that brokers document.
    #[serde(default)]
    pub beyond: bool,
    /// What the text says happens on a breach.
    pub failure: Option<Failure>,
    /// Whether a client can tell on the wire.
    pub observable: bool,
    /// What an experiment needs beyond one ordinary connection.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The requirement in our words.
    pub text: String,
    /// What is known about it in the field.
    pub note: Option<String>,
    /// Why no case can prove it, where none can.
    pub unprovable: Option<String>,
}

impl Clause {
    /// Whether a broker can be held to it from outside, by what the specifications say.
    pub fn judges_broker(&self) -> bool {
        self.observable && self.binds != Binds::Client && !self.beyond
    }
}

/// All clauses of a protocol, in the order of their file.
#[derive(Debug, Clone)]
pub struct Catalogue {
    clauses: Vec<Clause>,
    by_id: HashMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    clause: Vec<Spanned<Clause>>,
}

impl Catalogue {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// TOML that does not parse, an unknown key, an id given twice, a text that is empty, or a reason why no case
    /// can exist that is empty or stands at a clause that holds no broker to anything.
    pub fn load(file: &str, text: &str) -> Result<Catalogue, Problem> {
        let document: Document = toml::from_str(text).map_err(|error| {
            let Range { start, .. } = error.span().unwrap_or(0..0);
            Problem::at(file, text, start, error.message())
        })?;
        let mut clauses: Vec<Clause> = Vec::with_capacity(document.clause.len());
        let mut by_id = HashMap::new();
        for spanned in document.clause {
            let offset = spanned.span().start;
            let clause = spanned.into_inner();
            let refuse = |message: String| Err(Problem::at(file, text, offset, message));
            if by_id.insert(clause.id.clone(), clauses.len()).is_some() {
                return refuse(format!("clause `{}` is given twice", clause.id));
            }
            if clause.text.is_empty() {
                return refuse(format!("clause `{}` has no text", clause.id));
            }
            if let Some(reason) = &clause.unprovable {
                if reason.trim().is_empty() {
                    return refuse(format!(
                        "clause `{}` is unprovable without a reason",
                        clause.id
                    ));
                }
                if !clause.judges_broker() {
                    return refuse(format!(
                        "clause `{}` needs no case, and so no reason to have none",
                        clause.id
                    ));
                }
            }
            clauses.push(clause);
        }
        Ok(Catalogue { clauses, by_id })
    }

    /// The clause of that id.
    pub fn get(&self, id: &str) -> Option<&Clause> {
        self.by_id.get(id).map(|index| &self.clauses[*index])
    }

    /// All clauses.
    pub fn iter(&self) -> std::slice::Iter<'_, Clause> {
        self.clauses.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp_0_9_1_clauses;

    #[test]
    fn the_catalogue_is_whole() {
        let clauses = amqp_0_9_1_clauses();
        assert_eq!(clauses.iter().filter(|c| !c.beyond).count(), 292);
        assert_eq!(clauses.iter().filter(|c| c.judges_broker()).count(), 224);
        assert!(clauses.get("FRM-02").is_some());
    }

    #[test]
    fn few_clauses_are_beyond_proof() {
        let reasons = amqp_0_9_1_clauses()
            .iter()
            .filter(|clause| clause.unprovable.is_some());
        assert!(reasons.count() < 10);
    }

    #[test]
    fn a_clause_is_unprovable_for_a_reason_or_not_at_all() {
        let clause = |binds: &str, reason: &str| {
            let text = format!(
                "[[clause]]\nid = \"A\"\nlevel = \"MUST\"\nbinds = \"{binds}\"\nsource = \"x\"\n\
                 observable = true\ntext = \"t\"\nunprovable = \"{reason}\"\n"
            );
            Catalogue::load("c.toml", &text)
        };
        assert!(clause("server", "time is too short").is_ok());
        let problem = clause("server", " ").unwrap_err();
        assert_eq!(
            problem.to_string(),
            "c.toml:1: clause `A` is unprovable without a reason"
        );
        let problem = clause("client", "time is too short").unwrap_err();
        assert!(problem.message.contains("needs no case"), "{problem}");
    }

    #[test]
    fn a_clause_given_twice_is_refused_with_its_line() {
        let one = "[[clause]]\nid = \"A\"\nlevel = \"MUST\"\nbinds = \"both\"\nsource = \"x\"\n\
                   observable = true\ntext = \"t\"\n";
        let problem = Catalogue::load("c.toml", &format!("{one}{one}")).unwrap_err();
        assert_eq!(problem.to_string(), "c.toml:8: clause `A` is given twice");
    }

    #[test]
    fn an_unknown_level_is_refused_with_its_line() {
        let text = "[[clause]]\nid = \"A\"\nlevel = \"MUTS\"\n";
        let problem = Catalogue::load("c.toml", text).unwrap_err();
        assert_eq!(problem.line, 3);
        assert!(problem.message.contains("MUTS"), "{problem}");
    }
}
