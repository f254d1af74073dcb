//! The smallest exchange that shows the same.

use crate::dialect::Draft;
use crate::script::{self, Step, StepKind, Value};

/// Every draft that is a step smaller, those first that leave most out.
pub fn smaller(draft: &Draft) -> Vec<Draft> {
    let mut found = Vec::new();
    let parts = draft.prefix.len();
    if parts > 2 {
        // Halves, before single parts.
        for half in [0..parts / 2, parts / 2..parts] {
            let mut less = draft.clone();
            less.prefix.drain(half);
            found.push(less);
        }
    }
    for part in (0..parts).rev() {
        let mut less = draft.clone();
        less.prefix.remove(part);
        found.push(less);
    }
    for line in (0..draft.trial.len().saturating_sub(1)).rev() {
        let mut less = draft.clone();
        less.trial.remove(line);
        found.push(less);
    }
    for (place, line) in draft.trial.iter().enumerate() {
        for simpler in simpler_lines(line) {
            let mut less = draft.clone();
            if let Some(line) = less.trial.get_mut(place) {
                *line = simpler;
            }
            found.push(less);
        }
    }
    found
}

/// The step that a line says, if it is one that sends.
fn step(line: &str) -> Option<Step> {
    let text = format!("case f/f\n  \"f\"\n  clause F\n  {line}\n");
    let file = script::parse("fuzz", &text).ok()?;
    let case = file.cases().next()?.clone();
    case.steps.into_iter().next()
}

/// A line that sends, with one field less, or with a shorter value.
fn simpler_lines(line: &str) -> Vec<String> {
    let Some(step) = step(line) else {
        return Vec::new();
    };
    let StepKind::Send(message) = &step.kind else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut put = |changed: script::Message| {
        let changed = Step {
            kind: StepKind::Send(changed),
            ..step.clone()
        };
        let text = changed.to_string();
        let text = text.trim_end();
        // A long line is broken, which does not suit a single one.
        if !text.contains('\n') && text != line {
            lines.push(text.to_owned());
        }
    };
    for place in 0..message.fields.len() {
        let mut less = message.clone();
        less.fields.remove(place);
        put(less);
    }
    for (place, field) in message.fields.iter().enumerate() {
        if let Some(value) = shorter(&field.value) {
            let mut less = message.clone();
            if let Some(field) = less.fields.get_mut(place) {
                field.value = value;
            }
            put(less);
        }
    }
    lines
}

/// Half of a value, where it has halves.
fn shorter(value: &Value) -> Option<Value> {
    match value {
        Value::Bytes(octets) if !octets.is_empty() => octets
            .get(..octets.len() / 2)
            .map(|half| Value::Bytes(half.to_vec())),
        Value::Mul(one, count) => match **count {
            Value::Int(count) if count > 1 => {
                Some(Value::Mul(one.clone(), Box::new(Value::Int(count / 2))))
            }
            _ => None,
        },
        Value::Table { pairs, open } if !pairs.is_empty() => Some(Value::Table {
            pairs: pairs.get(..pairs.len() / 2)?.to_vec(),
            open: *open,
        }),
        Value::Call(name, arguments) if name == "noise" => match arguments.as_slice() {
            [seed, Value::Int(count)] if *count > 0 => Some(Value::Call(
                name.clone(),
                vec![seed.clone(), Value::Int(count / 2)],
            )),
            _ => None,
        },
        _ => None,
    }
}
