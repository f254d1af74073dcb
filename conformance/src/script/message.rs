//! The lines that travel: `LANE > COMMAND …`, `LANE < COMMAND …`, and `open`.

use super::ast::{Lane, Message, Spanned, StepKind};
use super::cursor::{Cursor, is_field_name};
use super::diagnose::Noted;
use super::lexer::Kind;

/// A bare name.
pub(super) fn name(words: &mut Cursor<'_, '_, '_>, place: &str) -> Result<Spanned<String>, Noted> {
    let span = words.here();
    match words.next().map(|token| &token.kind) {
        Some(Kind::Word(name)) => Ok(Spanned {
            value: name.clone(),
            span,
        }),
        _ => Err(words
            .faults
            .error(span, format!("expected a name {place}").trim_end())),
    }
}

/// `a`, `a/2`, `/2`
fn lane(words: &mut Cursor<'_, '_, '_>) -> Result<Lane, Noted> {
    let mut lane = Lane::default();
    let place = words.here();
    if let Some(Kind::Word(name)) = words.peek() {
        words.next();
        if !is_field_name(name) {
            let help = "lower-case letters, digits and `-`";
            return Err(words.faults.error_with(
                place,
                format!("`{name}` is not a connection's name"),
                help,
            ));
        }
        lane.connection = Some(name.clone());
    }
    if words.at_symbol("/") && (lane.connection.is_none() || words.glued()) {
        words.next();
        let place = words.here();
        let stream = match words.peek() {
            Some(Kind::Int(number)) if words.glued() => u16::try_from(*number).ok(),
            _ => None,
        };
        let Some(stream) = stream else {
            return Err(words
                .faults
                .error(place, "expected a number from 0 to 65535 behind `/`"));
        };
        words.next();
        lane.stream = Some(stream);
    }
    Ok(lane)
}

/// `LANE > …` or `LANE < …`, if the line is one.
pub(super) fn message(words: &mut Cursor<'_, '_, '_>) -> Result<Option<StepKind>, Noted> {
    let arrow = |kind: Option<&Kind>| matches!(kind, Some(Kind::Symbol(">" | "<")));
    let slash = words.at_symbol("/") || words.second_is_glued("/");
    if !(slash || arrow(words.peek()) || arrow(words.peek_second())) {
        return Ok(None);
    }
    let lane = lane(words)?;
    let sends = words.at_symbol(">");
    if !arrow(words.peek()) {
        return Err(words.faults.error(
            words.here(),
            "expected `>` or `<` behind the connection's name",
        ));
    }
    words.next();
    let eventually =
        !sends && matches!(words.peek(), Some(Kind::Word(word)) if word == "eventually");
    if eventually {
        words.next();
    }
    let command = name(words, "of a command")?;
    if !is_field_name(&command.value) {
        let help = "lower-case letters, digits, `.` and `-`";
        return Err(words.faults.error_with(
            command.span,
            format!("`{}` is not a command's name", command.value),
            help,
        ));
    }
    let fields = words.fields()?;
    let mut with = Vec::new();
    if words.peek().is_some() {
        let place = words.here();
        words.next();
        with = words.fields()?;
        if with.is_empty() {
            let help =
                "what is wrong with the octets, or how they are written, follows as name=value";
            return Err(words
                .faults
                .error_with(place, "nothing stands behind `with`", help));
        }
        words.finish()?;
    }
    let message = Message {
        lane,
        command,
        fields,
        with,
    };
    Ok(Some(if sends {
        StepKind::Send(message)
    } else {
        StepKind::Expect {
            message,
            eventually,
        }
    }))
}

pub(super) fn open(words: &mut Cursor<'_, '_, '_>) -> Result<StepKind, Noted> {
    let mut lanes = Vec::new();
    while words.peek().is_some() && !matches!(words.peek_second(), Some(Kind::Symbol("="))) {
        if !(matches!(words.peek(), Some(Kind::Word(_))) || words.at_symbol("/")) {
            return Err(words.faults.error(
                words.here(),
                "expected a connection's name, such as `a` or `a/2`",
            ));
        }
        lanes.push(lane(words)?);
    }
    let options = words.fields()?;
    Ok(StepKind::Open { lanes, options })
}
