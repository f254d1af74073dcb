//! Differences that are known, each with its reason.

use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Deserializer, de};

use super::difference::{Kind, shape};
use crate::dialect::generated::Move;

/// A kind of difference between the reference broker and another one, as a target's file lists it. What is left out
/// is anything.
#[derive(Debug, Clone)]
pub struct Known {
    /// The step behind which the two part, by its shape, such as `queue.bind`.
    pub after: Option<Pattern>,
    /// Steps that come in the exchange.
    pub steps: Vec<Pattern>,
    /// Steps that do not come in it.
    pub unless: Vec<Pattern>,
    /// What is different, in a word.
    pub aspect: Option<Pattern>,
    /// What the reference broker does.
    pub reference: Option<Pattern>,
    /// What the broker does.
    pub broker: Option<Pattern>,
    /// Why that is so.
    pub reason: String,
    /// Where that is written.
    pub source: String,
}

impl Known {
    /// Whether an exchange that ends in a difference of that kind shows just this. The broker is the right one, unless
    /// `turned`.
    pub fn explains(&self, kind: &Kind, moves: &[Move], turned: bool) -> bool {
        let (reference, broker) = match turned {
            false => (&kind.left, &kind.right),
            true => (&kind.right, &kind.left),
        };
        let fits =
            |glob: &Option<Pattern>, text: &str| glob.as_ref().is_none_or(|it| it.fits(text));
        let comes = |glob: &Pattern| moves.iter().any(|step| glob.fits(&shape(step)));
        fits(&self.aspect, &kind.aspect)
            && fits(&self.reference, reference)
            && fits(&self.broker, broker)
            && fits(&self.after, &kind.step)
            && self.steps.iter().all(comes)
            && !self.unless.iter().any(comes)
    }
}

/// A text in which `*` is anything.
#[derive(Debug, Clone)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Whether a text is one that is meant.
    pub fn fits(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl FromStr for Pattern {
    type Err = globset::Error;

    fn from_str(text: &str) -> Result<Pattern, globset::Error> {
        let glob = GlobBuilder::new(text).literal_separator(false).build()?;
        Ok(Pattern(glob.compile_matcher()))
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pattern, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(de::Error::custom)
    }
}
