//! Variables, and what they stand for on one broker.

use super::super::super::{Datum, Outgoing};

/// What an exchange's variables stand for.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What the names that a client chooses begin with.
    word: String,
    /// What the broker named, and the variable.
    made: Vec<(Vec<u8>, String)>,
}

impl Names {
    pub(super) fn new(word: &str) -> Self {
        Names {
            word: format!("{word}-"),
            made: Vec::new(),
        }
    }

    /// Binds a variable to the broker's choice.
    pub(super) fn bind(&mut self, variable: &str, value: &[u8]) {
        self.made.retain(|(_, it)| it != variable);
        self.made.push((value.to_vec(), variable.to_owned()));
    }

    /// The octets that stand for a value that may be a variable. `None` for one that the broker has not named yet.
    fn value(&self, octets: &[u8]) -> Option<Vec<u8>> {
        let Some((b'$', name)) = octets.split_first() else {
            return Some(octets.to_vec());
        };
        let made = self.made.iter().find(|(_, it)| it.as_bytes() == name);
        match made {
            Some((value, _)) => Some(value.clone()),
            None if name.first() == Some(&b's') => None,
            None => Some([self.word.as_bytes(), name].concat()),
        }
    }

    /// A message with what its variables stand for.
    pub(super) fn resolve(&self, message: &Outgoing) -> Option<Outgoing> {
        let fields = message
            .fields
            .iter()
            .map(|(name, value)| Some((name.clone(), self.datum(value)?)));
        Some(Outgoing {
            stream: message.stream,
            command: message.command.clone(),
            fields: fields.collect::<Option<_>>()?,
            with: message.with.clone(),
        })
    }

    fn datum(&self, value: &Datum) -> Option<Datum> {
        Some(match value {
            Datum::Octets(octets) => Datum::Octets(self.value(octets)?),
            Datum::Table(pairs) => {
                let pairs = pairs
                    .iter()
                    .map(|(name, value)| Some((name.clone(), self.datum(value)?)));
                Datum::Table(pairs.collect::<Option<_>>()?)
            }
            Datum::Array(values) => {
                let values = values.iter().map(|value| self.datum(value));
                Datum::Array(values.collect::<Option<_>>()?)
            }
            Datum::Typed(tag, value) => Datum::Typed(tag.clone(), Box::new(self.datum(value)?)),
            other => other.clone(),
        })
    }

    /// The variable that octets stand for, `$` and all, if they stand for one.
    pub(super) fn variable(&self, octets: &[u8]) -> Option<Vec<u8>> {
        if let Some((_, name)) = self.made.iter().find(|(value, _)| value == octets) {
            return Some(format!("${name}").into_bytes());
        }
        let name = octets.strip_prefix(self.word.as_bytes())?;
        Some([b"$", name].concat())
    }

    /// A value from the wire with its variables.
    pub(super) fn symbolic(&self, value: &Datum) -> Datum {
        match value {
            Datum::Octets(octets) => match self.variable(octets) {
                Some(variable) => Datum::Octets(variable),
                None => value.clone(),
            },
            Datum::Table(pairs) => Datum::Table(
                pairs
                    .iter()
                    .map(|(name, value)| (name.clone(), self.symbolic(value)))
                    .collect(),
            ),
            Datum::Array(values) => {
                Datum::Array(values.iter().map(|it| self.symbolic(it)).collect())
            }
            Datum::Typed(tag, value) => Datum::Typed(tag.clone(), Box::new(self.symbolic(value))),
            other => other.clone(),
        }
    }
}
