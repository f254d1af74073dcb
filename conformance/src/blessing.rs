//! What an expectation would have to say to be met by what came.

use crate::dialect::Dialect;
use crate::run::Variables;
use crate::script::{self, Field, Message, StepKind, Value};

/// Why an expectation cannot be made to say what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlessingError {
    /// The script's line expects nothing.
    #[error("this line of the script is no `<` step")]
    NotAnExpectation,
    /// Nothing came that could be written down.
    #[error("no command came that the line could say instead")]
    NothingCame,
}

/// The command that came with the fields that the expectation names: those whose pattern holds as they are written, the
/// others with the value that came. Both are lines of the notation.
///
/// # Errors
/// The one line is no expectation, or the other no command.
pub fn blessed(written: &str, came: &str, dialect: &dyn Dialect) -> Result<Message, BlessingError> {
    let written = expectation(written).ok_or(BlessingError::NotAnExpectation)?;
    let came = expectation(came).ok_or(BlessingError::NothingCame)?;
    let is_property = |name: &str| !dialect.has_field(&came.command.value, name);
    let mut fields = Vec::new();
    for Field {
        name,
        value: pattern,
    } in &written.fields
    {
        let same_command = written.command.value == came.command.value;
        let value = came
            .fields
            .iter()
            .find(|field| field.name.value == name.value);
        let value = match value.map(|field| &field.value) {
            Some(value) if same_command && holds(pattern, value, dialect) => pattern.clone(),
            Some(value) => value.clone(),
            // A property that is not there can be asked to be absent; an argument is always there.
            None if same_command && is_property(&name.value) => Value::Absent,
            None => continue,
        };
        fields.push(Field {
            name: name.clone(),
            value,
        });
    }
    let with = match written.command.value == came.command.value {
        true => written.with,
        false => Vec::new(),
    };
    Ok(Message {
        lane: written.lane,
        command: came.command,
        fields,
        with,
    })
}

fn expectation(line: &str) -> Option<Message> {
    let text = format!("case a/b\n  \"t\"\n  clause X-1\n  {line}\n");
    let file = script::parse("line", &text).ok()?;
    let step = file.cases().next()?.steps.first()?.clone();
    match step.kind {
        StepKind::Expect { message, .. } => Some(message),
        _ => None,
    }
}

/// Whether a value that came satisfies the pattern. What cannot be told, since it needs the variables of the run,
/// holds: what is wrong is said about another field then.
fn holds(pattern: &Value, came: &Value, dialect: &dyn Dialect) -> bool {
    let mut variables = Variables::new("name", []);
    let Ok(came) = variables.evaluate(came, dialect) else {
        return false;
    };
    variables
        .matches(pattern, Some(&came), dialect, &mut Vec::new())
        .unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::amqp;

    fn bless(written: &str, came: &str) -> String {
        match blessed(written, came, amqp::dialect()) {
            Ok(message) => message.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_what_does_not_hold_is_rewritten() {
        let came = "< basic.get-ok delivery-tag=1 redelivered=true exchange=\"\" routing-key=$q body=\"m1\"";
        let written =
            "< basic.get-ok delivery-tag=?tag & 1.. redelivered=false routing-key=$q priority=3";
        let wanted =
            "basic.get-ok delivery-tag=?tag & 1.. redelivered=true routing-key=$q priority=absent";
        assert_eq!(bless(written, came), wanted);
    }

    #[test]
    fn another_command_brings_the_fields_that_both_have() {
        let came = "< connection.close reply-code=530 reply-text=\"no\" class-id=50 method-id=10";
        let written = "< channel.close reply-code=404 class-id=_";
        assert_eq!(
            bless(written, came),
            "connection.close reply-code=530 class-id=50"
        );
    }

    #[test]
    fn silence_cannot_be_blessed() {
        assert_eq!(
            bless("< basic.get-ok", "nothing"),
            BlessingError::NothingCame.to_string()
        );
        assert_eq!(
            bless("> basic.get", "< eof"),
            BlessingError::NotAnExpectation.to_string()
        );
    }
}
