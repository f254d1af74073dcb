//! Values and patterns of a script, against what is known in a run.

use std::collections::HashMap;

use crate::dialect::{Datum, Dialect, condensed};
use crate::dice::Dice;
use crate::script::{Piece, Value};

/// What a script's variables stand for in one run of one case.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    values: HashMap<String, Datum>,
    prefix: String,
    /// Variables that stand for names of the broker's making.
    made: Vec<String>,
    expressions: HashMap<String, regex::bytes::Regex>,
    /// What `noise` made, and from what.
    noises: HashMap<u64, (i128, usize)>,
}

/// A value that cannot be made: a mistake of the script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EvaluateError(pub String);

fn wrong<T>(message: impl Into<String>) -> Result<T, EvaluateError> {
    Err(EvaluateError(message.into()))
}

/// Whether a name is one that each run makes up anew: `q`, `x` or `k`, alone or with digits or `_word` behind.
pub fn is_generated(name: &str) -> bool {
    let mut letters = name.chars();
    matches!(letters.next(), Some('q' | 'x' | 'k'))
        && (letters.as_str().chars().all(|c| c.is_ascii_digit())
            || letters.as_str().starts_with('_'))
}

impl Variables {
    /// The built-in variables; generated names begin with the prefix.
    pub fn new(prefix: &str, built_in: impl IntoIterator<Item = (String, Datum)>) -> Self {
        Variables {
            values: built_in.into_iter().collect(),
            prefix: prefix.to_owned(),
            made: Vec::new(),
            expressions: HashMap::new(),
            noises: HashMap::new(),
        }
    }

    /// Gives a variable its value.
    pub fn bind(&mut self, name: &str, value: Datum) {
        self.values.insert(name.to_owned(), value);
    }

    /// Notes that a name is of the broker's making, and says which variable stands for it: the one that the script
    /// bound, or a new one.
    pub fn made(&mut self, bound: Option<&str>, value: &Datum) -> String {
        let name = match bound {
            Some(name) => name.to_owned(),
            None => format!("made{}", self.made.len() + 1),
        };
        self.bind(&name, value.clone());
        self.made.push(name.clone());
        name
    }

    /// The value of a variable; a generated name comes into being when it is first asked for.
    pub fn get(&mut self, name: &str) -> Option<Datum> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        if !is_generated(name) {
            return None;
        }
        let value = Datum::text(&format!("{}-{name}", self.prefix));
        self.bind(name, value.clone());
        Some(value)
    }

    /// The value of a variable that has one.
    pub fn peek(&self, name: &str) -> Option<Datum> {
        self.values.get(name).cloned()
    }

    /// The names of this run alone, generated or of the broker's making, with what they stand for.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Datum)> {
        self.values
            .iter()
            .filter(|(name, _)| is_generated(name) || self.made.contains(name))
            .map(|(name, value)| (name.as_str(), value))
    }

    /// What a value stands for.
    ///
    /// # Errors
    /// A variable without a value, a pattern where a value is wanted, or a sum of unlike things.
    pub fn evaluate(
        &mut self,
        value: &Value,
        dialect: &dyn Dialect,
    ) -> Result<Datum, EvaluateError> {
        Ok(match value {
            Value::Bool(flag) => Datum::Bool(*flag),
            Value::Int(number) | Value::Hex(number) => Datum::Int(*number),
            Value::Float(number) => Datum::Float(*number),
            Value::Duration(time) => Datum::Int(time.as_millis() as i128),
            Value::Text(pieces) => Datum::Octets(self.text(pieces)?),
            Value::Bytes(octets) => Datum::Octets(octets.clone()),
            Value::Void => Datum::Void,
            Value::Var(name) => match self.get(name) {
                Some(value) => value,
                None => return wrong(format!("`${name}` has no value yet")),
            },
            Value::Add(left, right) => {
                match (
                    self.evaluate(left, dialect)?.bare(),
                    self.evaluate(right, dialect)?.bare(),
                ) {
                    (Datum::Int(left), Datum::Int(right)) => Datum::Int(left + right),
                    (Datum::Octets(left), Datum::Octets(right)) => {
                        Datum::Octets([left.as_slice(), right].concat())
                    }
                    (left, right) => {
                        return wrong(format!(
                            "{} and {} do not add up",
                            left.to_value(),
                            right.to_value()
                        ));
                    }
                }
            }
            Value::Sub(left, right) => {
                let (left, right) = (
                    self.evaluate(left, dialect)?,
                    self.evaluate(right, dialect)?,
                );
                match (left.int(), right.int()) {
                    (Some(left), Some(right)) => Datum::Int(left - right),
                    _ => {
                        return wrong(format!(
                            "{} - {} has no value",
                            left.to_value(),
                            right.to_value()
                        ));
                    }
                }
            }
            Value::Mul(left, right) => {
                match (
                    self.evaluate(left, dialect)?.bare(),
                    self.evaluate(right, dialect)?.bare(),
                ) {
                    (Datum::Int(left), Datum::Int(right)) => Datum::Int(left * right),
                    (Datum::Octets(octets), Datum::Int(count)) if (0..1 << 30).contains(count) => {
                        Datum::Octets(octets.repeat(*count as usize))
                    }
                    (left, right) => {
                        return wrong(format!(
                            "{} * {} has no value",
                            left.to_value(),
                            right.to_value()
                        ));
                    }
                }
            }
            Value::Table { pairs, .. } => Datum::Table(
                pairs
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.evaluate(value, dialect)?)))
                    .collect::<Result<_, EvaluateError>>()?,
            ),
            Value::Array { values, .. } => Datum::Array(
                values
                    .iter()
                    .map(|value| self.evaluate(value, dialect))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Typed(tag, value) => {
                Datum::Typed(tag.clone(), Box::new(self.evaluate(value, dialect)?))
            }
            Value::Call(name, arguments) => {
                let arguments: Vec<Datum> = arguments
                    .iter()
                    .map(|value| self.evaluate(value, dialect))
                    .collect::<Result<_, _>>()?;
                let octets = match name.as_str() {
                    "noise" => self.noise(&arguments),
                    _ => dialect
                        .call(name, &arguments)
                        .map_err(|error| error.to_string()),
                };
                let wrong = |error| EvaluateError(format!("{name}(): {error}"));
                Datum::Octets(octets.map_err(wrong)?)
            }
            Value::Any
            | Value::Absent
            | Value::Bind(_)
            | Value::Either(_)
            | Value::All(_)
            | Value::Range(..)
            | Value::Matches(_)
            | Value::Not(_)
            | Value::Cover(_) => {
                return wrong(format!("`{value}` is a pattern, and a value is wanted"));
            }
        })
    }

    /// A regular expression; each is read once.
    fn expression(&mut self, text: &str) -> Result<regex::bytes::Regex, EvaluateError> {
        if let Some(expression) = self.expressions.get(text) {
            return Ok(expression.clone());
        }
        let expression = regex::bytes::Regex::new(text)
            .map_err(|error| EvaluateError(format!("~{text:?}: {error}")))?;
        self.expressions.insert(text.to_owned(), expression.clone());
        Ok(expression)
    }

    /// `noise(SEED, COUNT)`: octets without a pattern, the same for the same arguments. They are remembered, so that
    /// a transcript can say how they were made.
    fn noise(&mut self, arguments: &[Datum]) -> Result<Vec<u8>, String> {
        let [seed, count] = arguments else {
            return Err("a seed and a number of octets are wanted".to_owned());
        };
        let (Some(seed), Some(count)) = (seed.int(), count.int()) else {
            return Err("a seed and a number of octets are wanted".to_owned());
        };
        let count = usize::try_from(count).map_err(|_| format!("{count} octets"))?;
        let octets = noise(seed as u64, count);
        // What is so short may also come about in other ways.
        if count >= 16 {
            self.noises.insert(condensed(&octets), (seed, count));
        }
        Ok(octets)
    }

    /// How octets were made, if `noise` made them.
    pub fn noise_of(&self, octets: &[u8]) -> Option<(i128, usize)> {
        let (seed, count) = self.noises.get(&condensed(octets)).copied()?;
        (count == octets.len()).then_some((seed, count))
    }

    fn text(&mut self, pieces: &[Piece]) -> Result<Vec<u8>, EvaluateError> {
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Literal(octets) => out.extend(octets),
                Piece::Var(name) => match self.get(name) {
                    Some(value) => match value.bare() {
                        Datum::Octets(octets) => out.extend(octets),
                        Datum::Int(number) => out.extend(number.to_string().into_bytes()),
                        Datum::Bool(flag) => out.extend(flag.to_string().into_bytes()),
                        other => {
                            return wrong(format!("`${name}` is {}, not text", other.to_value()));
                        }
                    },
                    None => return wrong(format!("`${name}` has no value yet")),
                },
            }
        }
        Ok(out)
    }

    /// Whether what came is what the pattern asks for; if so, what it binds.
    ///
    /// # Errors
    /// As [`Variables::evaluate`], and a regular expression that is none.
    pub fn matches(
        &mut self,
        pattern: &Value,
        came: Option<&Datum>,
        dialect: &dyn Dialect,
        bound: &mut Vec<(String, Datum)>,
    ) -> Result<bool, EvaluateError> {
        if *pattern == Value::Absent {
            return Ok(came.is_none());
        }
        let Some(came) = came else { return Ok(false) };
        match pattern {
            Value::Any => Ok(true),
            Value::Bind(name) => {
                bound.push((name.clone(), came.bare().clone()));
                Ok(true)
            }
            Value::Either(alternatives) => {
                for alternative in alternatives {
                    if self.matches(alternative, Some(came), dialect, bound)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::All(parts) => {
                for part in parts {
                    if !self.matches(part, Some(came), dialect, bound)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::Not(inner) => Ok(!self.matches(inner, Some(came), dialect, &mut Vec::new())?),
            Value::Range(low, high) => {
                let Some(number) = came.int() else {
                    return Ok(false);
                };
                Ok(self.bound(low, dialect)?.is_none_or(|low| low <= number)
                    && self.bound(high, dialect)?.is_none_or(|high| number <= high))
            }
            Value::Matches(expression) => {
                let expression = self.expression(expression)?;
                Ok(came
                    .octets()
                    .is_some_and(|octets| expression.is_match(octets)))
            }
            Value::Table { pairs, open } => {
                let Datum::Table(entries) = came.bare() else {
                    return Ok(false);
                };
                if !open
                    && entries.len()
                        != pairs
                            .iter()
                            .filter(|(_, value)| *value != Value::Absent)
                            .count()
                {
                    return Ok(false);
                }
                for (name, pattern) in pairs {
                    let entry = entries
                        .iter()
                        .find(|(key, _)| key == name)
                        .map(|(_, value)| value);
                    if !self.matches(pattern, entry, dialect, bound)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::Array { values, open } => {
                let Datum::Array(came) = came.bare() else {
                    return Ok(false);
                };
                if came.len() < values.len() || (!open && came.len() != values.len()) {
                    return Ok(false);
                }
                for (pattern, value) in values.iter().zip(came) {
                    if !self.matches(pattern, Some(value), dialect, bound)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::Typed(tag, inner) => match came {
                Datum::Typed(other, value) if tag == other => {
                    self.matches(inner, Some(&**value), dialect, bound)
                }
                _ => Ok(false),
            },
            // Who expects acknowledgements asks for several commands at once; see the exchange.
            Value::Cover(_) => Ok(true),
            literal => Ok(came.satisfies(&self.evaluate(literal, dialect)?)),
        }
    }

    fn bound(
        &mut self,
        end: &Option<Box<Value>>,
        dialect: &dyn Dialect,
    ) -> Result<Option<i128>, EvaluateError> {
        match end {
            None => Ok(None),
            Some(value) => match self.evaluate(value, dialect)?.int() {
                Some(number) => Ok(Some(number)),
                None => wrong(format!("`{value}` is no number")),
            },
        }
    }

    /// The numbers that `cover(…)` asks for.
    ///
    /// # Errors
    /// As [`Variables::evaluate`].
    pub fn covered(
        &mut self,
        parts: &[Value],
        dialect: &dyn Dialect,
    ) -> Result<std::collections::BTreeSet<i128>, EvaluateError> {
        let mut numbers = std::collections::BTreeSet::new();
        for part in parts {
            match part {
                Value::Range(low @ Some(_), high @ Some(_)) => {
                    let low = self.bound(low, dialect)?.unwrap_or(0);
                    let high = self.bound(high, dialect)?.unwrap_or(0);
                    numbers.extend(low..=high);
                }
                other => match self.evaluate(other, dialect)?.int() {
                    Some(number) => drop(numbers.insert(number)),
                    None => return wrong(format!("`{other}` is no number")),
                },
            }
        }
        Ok(numbers)
    }
}

/// Octets without a pattern, eight for each roll of the dice.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut octets = Vec::with_capacity(count + 8);
    while octets.len() < count {
        octets.extend(dice.bits().to_le_bytes());
    }
    octets.truncate(count);
    octets
}
