//! A case that is known to be right, up to one of its commands, which is changed.

use crate::dice::Dice;
use crate::script::{self, Case, Field, Lane, Message, Spanned, Step, StepKind, Value};

use super::super::super::Draft;
use super::super::Amqp;
use super::attempt::{stage, wrong};
use super::{beside, outcome, value};

/// Makes one of a case; nothing if the case leaves no room for it.
pub(super) fn of(amqp: &Amqp, dice: &mut Dice, case: &Case) -> Option<Draft> {
    let steps: Vec<&Step> = legal(case).collect();
    let opening = steps.first().filter(|step| opens(step));
    let (first, at) = match opening.map(|step| &step.kind) {
        Some(StepKind::Open { lanes, options }) => {
            let first = lanes.first().and_then(|lane| lane.connection.clone());
            let at = options.iter().find(|option| option.name.value == "at");
            (first, at.map(|option| option.value.to_string()))
        }
        _ => (None, None),
    };
    let places: Vec<usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(&step.kind, StepKind::Send(message) if may_change(message)))
        .map(|(place, _)| place)
        .collect();
    let place = *dice.pick(&places)?;
    let StepKind::Send(message) = &steps.get(place)?.kind else {
        return None;
    };
    // What is attempted happens on the connection whose outcome is looked at.
    let of_first = message.lane.connection.is_none() || message.lane.connection == first;
    if !of_first || steps.iter().skip(1).any(|step| opens(step)) {
        return None;
    }
    let rename = |step: &Step| renamed(step, first.as_deref());
    let mut changed = message.clone();
    changed.lane = named(&message.lane, first.as_deref());
    let (fault, framed) = change(amqp, dice, &mut changed)?;
    let state = stage(at.as_deref());
    let (mut before, bystander) = beside();
    before.insert(0, open_line(opening.copied(), first.as_deref()));
    let channel = changed.lane.stream.unwrap_or(1);
    let mut prefix: Vec<Vec<String>> = steps
        .get(usize::from(opening.is_some())..place)?
        .iter()
        .map(|step| rename(step))
        .collect();
    let is_early = state != "channel";
    if !is_early {
        prefix.push(outcome::by_itself(1));
    }
    let command = changed.command.value.clone();
    let replies = amqp.protocol.command(&command);
    let stays = framed && !is_early && channel != 0 && changed.with.is_empty();
    Some(Draft {
        state,
        attempt: match replies.is_some() || super::OTHERS.contains(&command.as_str()) {
            true => command.clone(),
            false => "raw".to_owned(),
        },
        fault,
        clauses: vec!["SEC-01"],
        needs: case.needs.iter().map(|need| need.value.clone()).collect(),
        opening: before,
        prefix,
        trial: printed(StepKind::Send(changed)),
        outcome: match stays {
            true => outcome::on_channel(amqp, replies, channel),
            false => outcome::ended(amqp),
        },
        bystander,
    })
}

/// The steps of a case that lead nowhere illegal.
fn legal(case: &Case) -> impl Iterator<Item = &Step> {
    case.steps.iter().flat_map(|step| match &step.kind {
        StepKind::Control(steps) => steps.iter().collect::<Vec<_>>(),
        StepKind::Fault(_) => Vec::new(),
        _ => vec![step],
    })
}

fn opens(step: &Step) -> bool {
    matches!(step.kind, StepKind::Open { .. })
}

/// Whether a command can be changed: what is said to the socket cannot.
fn may_change(message: &Message) -> bool {
    !["cut", "eof", "stop-reading", "read"].contains(&message.command.value.as_str())
}

/// Changes one thing about a command. What was changed, and whether the next frame can still be found.
fn change(amqp: &Amqp, dice: &mut Dice, message: &mut Message) -> Option<(&'static str, bool)> {
    let name = message.command.value.clone();
    let command = amqp.protocol.command(&name);
    match (dice.below(4), command) {
        (0, Some(command)) => {
            let field = dice.pick(&command.fields)?;
            let value = value::field(dice, command, field);
            set(message, &field.name, &value)?;
            Some(("odd-values", true))
        }
        (1, Some(_)) if !message.fields.is_empty() => {
            let place = dice.below(message.fields.len());
            message.fields.remove(place);
            Some(("field-left-out", true))
        }
        (_, Some(_)) => {
            let (with, fault, framed) = wrong(dice);
            let (option, value) = with.split_once('=')?;
            let text =
                format!("case f/f\n  \"f\"\n  clause F\n  > heartbeat with {option}={value}\n");
            let file = script::parse("fuzz", &text).ok()?;
            let case = file.cases().next()?;
            let StepKind::Send(heartbeat) = &case.steps.first()?.kind else {
                return None;
            };
            message.with.retain(|it| it.name.value != *option);
            message.with.extend(heartbeat.with.iter().cloned());
            Some((fault, framed && message.with.len() == 1))
        }
        (_, None) => {
            let place = dice.below(message.fields.len());
            let field = message.fields.get_mut(place)?;
            field.value = match (&field.value, dice.below(2)) {
                (Value::Int(number) | Value::Hex(number), 0) => Value::Int(number ^ 1),
                (Value::Int(_) | Value::Hex(_), _) => Value::Int(dice.below(255) as i128),
                _ => script::parse_value(&value::noise(dice)).ok()?,
            };
            Some(("changed-octets", false))
        }
    }
}

fn set(message: &mut Message, name: &str, value: &str) -> Option<()> {
    let value = script::parse_value(value).ok()?;
    match message.fields.iter_mut().find(|it| it.name.value == name) {
        Some(field) => field.value = value,
        None => message.fields.push(Field {
            name: Spanned::of(name.to_owned()),
            value,
        }),
    }
    Some(())
}

/// The first connection goes by the name `a`.
fn named(lane: &Lane, first: Option<&str>) -> Lane {
    let is_first = lane.connection.is_none() || lane.connection.as_deref() == first;
    Lane {
        connection: match is_first {
            true => Some("a".to_owned()),
            false => lane.connection.clone(),
        },
        stream: lane.stream,
    }
}

fn open_line(opening: Option<&Step>, first: Option<&str>) -> String {
    match opening.map(|step| step.kind.clone()) {
        Some(StepKind::Open { lanes, options }) => {
            let mut lanes: Vec<Lane> = lanes.iter().map(|lane| named(lane, first)).collect();
            if lanes.is_empty() {
                lanes.push(named(&Lane::default(), first));
            }
            let kind = StepKind::Open { lanes, options };
            printed(kind).join(" ")
        }
        _ => "open a".to_owned(),
    }
}

fn renamed(step: &Step, first: Option<&str>) -> Vec<String> {
    let mut kind = step.kind.clone();
    rename(&mut kind, first);
    printed(kind)
}

fn rename(kind: &mut StepKind, first: Option<&str>) {
    match kind {
        StepKind::Send(message) | StepKind::Expect { message, .. } => {
            message.lane = named(&message.lane, first);
        }
        StepKind::OneOf(arms) => {
            for arm in arms {
                rename_all(&mut arm.steps, first);
            }
        }
        StepKind::Unordered(steps)
        | StepKind::Ordered(steps)
        | StepKind::Control(steps)
        | StepKind::Fault(steps)
        | StepKind::Repeat { steps, .. } => rename_all(steps, first),
        StepKind::Whenever { message, steps } => {
            message.lane = named(&message.lane, first);
            rename_all(steps, first);
        }
        StepKind::Open { .. }
        | StepKind::Wait(_)
        | StepKind::Target(_)
        | StepKind::Until(_)
        | StepKind::Check(_) => {}
    }
}

fn rename_all(steps: &mut [Step], first: Option<&str>) {
    for step in steps {
        rename(&mut step.kind, first);
    }
}

fn printed(kind: StepKind) -> Vec<String> {
    lines(&Step::of(kind).to_string())
}

/// The lines of a text, each with those that it goes on in.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.trim_end().lines() {
        let (said, more) = match line.strip_suffix(" \\") {
            Some(said) => (said, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.push(' ');
                last.push_str(said.trim_start());
            }
            None => lines.push(said.to_owned()),
        }
        goes_on = more;
    }
    lines
}
