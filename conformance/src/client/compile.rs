//! A file's lines of the notation, read once.

use std::time::Duration;

use super::case::Action;
use crate::dialect::{Dialect, Side};
use crate::script::{self, Message, StepKind};

/// A message, and who sends it.
pub(super) struct Line {
    pub(super) side: Side,
    pub(super) message: Message,
}

/// What a frame looks like: `> COMMAND FIELD=PATTERN …` of the client, `< …` of the broker.
pub(super) fn pattern(text: &str, dialect: &dyn Dialect) -> Result<Line, String> {
    let (side, arrow) = arrow(text)?;
    let expected = match side {
        Side::Client => text.replacen(arrow, "<", 1),
        Side::Broker => text.to_owned(),
    };
    match step(&expected)? {
        StepKind::Expect { message, .. } => {
            known(&message, dialect)?;
            Ok(Line { side, message })
        }
        _ => Err(format!("`{text}` is no command")),
    }
}

/// A message that is sent as it stands.
fn sent(text: &str, dialect: &dyn Dialect) -> Result<Line, String> {
    let (side, arrow) = arrow(text)?;
    match step(&text.replacen(arrow, ">", 1))? {
        StepKind::Send(message) => {
            known(&message, dialect)?;
            Ok(Line { side, message })
        }
        _ => Err(format!("`{text}` is no command")),
    }
}

/// What happens.
pub(super) fn action(text: &str, dialect: &dyn Dialect) -> Result<Action, String> {
    if arrow(text).is_ok() {
        let Line { side, message } = sent(text, dialect)?;
        let message = Box::new(message);
        return Ok(match side {
            Side::Client => Action::Inject(message),
            Side::Broker => Action::Say(message),
        });
    }
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let numbers = || {
        let numbers = rest.split(' ').map(str::parse::<usize>);
        let numbers: Result<Vec<usize>, _> = numbers.collect();
        numbers.map_err(|_| format!("`{text}`: numbers are wanted"))
    };
    let above_zero = || match numbers()?.as_slice() {
        [number] if *number > 0 => Ok(*number),
        _ => Err(format!("`{text}`: one number above zero is wanted")),
    };
    Ok(match (word, rest) {
        ("drop", "") => Action::Drop,
        ("rewrite", _) => match step(&format!("> rewrite {rest}"))? {
            StepKind::Send(Message { fields, with, .. }) => Action::Rewrite { fields, with },
            _ => return Err(format!("`{text}` changes nothing")),
        },
        ("delay", _) => Action::Delay(time(rest)?),
        ("split", _) => Action::Split(above_zero()?),
        ("interleave", _) => Action::Interleave(above_zero()?),
        ("body-frames", _) => Action::BodyFrames(numbers()?),
        ("hold", "") => Action::Hold,
        ("release", "") => Action::Release,
        ("mute", "") => Action::Mute,
        ("detach", "") => Action::Detach,
        ("eof", "") => Action::Eof,
        ("cut", "") => Action::Cut,
        ("alarm-on", "") => Action::Alarm(true),
        ("alarm-off", "") => Action::Alarm(false),
        _ => return Err(format!("`{text}` is nothing that can happen")),
    })
}

/// A time such as `300ms` or `2s`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let wanted = || format!("`{text}` is no time such as 300ms or 2s");
    let (digits, unit) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix('s').ok_or_else(wanted)?, 1000),
    };
    let number: u64 = digits.parse().map_err(|_| wanted())?;
    Ok(Duration::from_millis(number * unit))
}

/// Whose line it is, and the arrow that says so: the first that stands by itself.
fn arrow(text: &str) -> Result<(Side, &'static str), String> {
    let mut words = text.split(' ').take(2);
    match words.find(|word| [">", "<"].contains(word)) {
        Some(">") => Ok((Side::Client, ">")),
        Some(_) => Ok((Side::Broker, "<")),
        None => Err(format!("`{text}` begins with neither `>` nor `<`")),
    }
}

fn step(line: &str) -> Result<StepKind, String> {
    let text = format!("case a/b\n  \"t\"\n  clause X\n  no-control \"t\"\n  {line}\n");
    let file = script::parse("line", &text).map_err(|found| {
        let said: Vec<String> = found.iter().map(|it| it.message.clone()).collect();
        format!("`{line}`: {}", said.join("; "))
    })?;
    let step = file
        .cases()
        .next()
        .and_then(|case| case.steps.first().cloned());
    step.map(|step| step.kind)
        .ok_or_else(|| format!("`{line}` says nothing"))
}

fn known(message: &Message, dialect: &dyn Dialect) -> Result<(), String> {
    const FRAMES: [&str; 8] = [
        "protocol-header",
        "heartbeat",
        "frame",
        "content-header",
        "content-body",
        "method",
        "raw",
        "eof",
    ];
    let name = message.command.value.as_str();
    let Some(command) = dialect.protocol().command(name) else {
        return match FRAMES.contains(&name) {
            true => Ok(()),
            false => Err(format!("`{name}` is no command")),
        };
    };
    let properties = dialect
        .protocol()
        .classes
        .iter()
        .flat_map(|class| &class.properties);
    for field in &message.fields {
        let field = field.name.value.as_str();
        let of_content = field == "body" || properties.clone().any(|it| it.name == field);
        if command.field(field).is_none() && !(command.content && of_content) {
            return Err(format!("{name} has no field `{field}`"));
        }
    }
    Ok(())
}
