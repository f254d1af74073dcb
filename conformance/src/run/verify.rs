//! One command that came, held against one that is expected.

use std::collections::BTreeSet;

use super::exchange::Exchange;
use super::expect::Expectation;
use crate::dialect::{Datum, Incoming};
use crate::script::Value;

/// What a verified command tells.
pub(super) struct Verified {
    pub(super) bound: Vec<(String, Datum)>,
    pub(super) settled: Option<BTreeSet<i128>>,
}

/// Why what came is not what is expected.
pub(super) struct Mismatch {
    pub(super) why: String,
    /// The fields that differ, if it is the right command.
    pub(super) fields: Vec<String>,
}

impl Mismatch {
    fn other(why: String) -> Self {
        Mismatch {
            why,
            fields: Vec::new(),
        }
    }
}

impl Exchange {
    /// Whether a command is what the script expects.
    pub(super) fn verify(
        &mut self,
        expected: &Expectation,
        incoming: &Incoming,
    ) -> Result<Verified, Mismatch> {
        let command = expected.command();
        let closing = self.dialect.closing();
        let wanted = match (command, closing) {
            ("closed", Some((closing, _))) if !expected.explained => closing,
            (command, _) => command,
        };
        if incoming.command != wanted {
            let why = format!("`{}` came, not `{wanted}`", incoming.command);
            return Err(Mismatch::other(why));
        }
        if let Some((earliest, _)) = expected.within
            && self.now < self.step_began + earliest
        {
            let after = self.now - self.step_began;
            return Err(Mismatch::other(format!(
                "it came after {after:?}, not after {earliest:?} at the earliest"
            )));
        }
        let mut bound = Vec::new();
        let mut fields = Vec::new();
        let mut whys = Vec::new();
        for field in &expected.message.fields {
            let name = &field.name.value;
            let value = incoming.field(name);
            let matched = self
                .variables
                .matches(&field.value, value, self.dialect, &mut bound);
            if !matched.map_err(|error| Mismatch::other(error.to_string()))? {
                let came = match value {
                    Some(value) => value.to_value().to_string(),
                    None => "nothing".to_owned(),
                };
                let wanted = self.pattern_text(&field.value);
                whys.push(format!("`{name}`: {wanted} was expected, {came} came"));
                fields.push(name.clone());
            }
        }
        if !fields.is_empty() {
            let why = whys.join("; ");
            return Err(Mismatch { why, fields });
        }
        let settled = match (&expected.cover, self.dialect.cumulative(command)) {
            (Some(cover), Some((field, flag))) => {
                Some(settled(cover, incoming, field, flag).map_err(Mismatch::other)?)
            }
            _ => None,
        };
        Ok(Verified { bound, settled })
    }

    /// A pattern, with what it stands for where that is not plain.
    fn pattern_text(&mut self, pattern: &Value) -> String {
        match (pattern, self.variables.evaluate(pattern, self.dialect)) {
            (Value::Var(_), Ok(value)) => format!("{pattern} ({})", value.to_value()),
            _ => pattern.to_string(),
        }
    }
}

/// The numbers that an acknowledgement settles, all of which have to be awaited.
fn settled(
    cover: &BTreeSet<i128>,
    incoming: &Incoming,
    field: &str,
    flag: &str,
) -> Result<BTreeSet<i128>, String> {
    let number = incoming.field(field).and_then(Datum::int).unwrap_or(0);
    let multiple = incoming.field(flag).and_then(Datum::bool).unwrap_or(false);
    let settled: BTreeSet<i128> = match multiple {
        true => cover
            .iter()
            .copied()
            .filter(|awaited| number == 0 || *awaited <= number)
            .collect(),
        false => cover
            .iter()
            .copied()
            .filter(|awaited| *awaited == number)
            .collect(),
    };
    if settled.is_empty() || (number != 0 && !cover.contains(&number)) {
        let awaited: Vec<String> = cover.iter().map(i128::to_string).collect();
        return Err(format!(
            "`{field}`: {number} came, {} are awaited",
            awaited.join(", ")
        ));
    }
    Ok(settled)
}
