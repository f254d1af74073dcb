//! What is tried: any command with any values, with wrong octets, or no command at all.

use mqspec_specs::Command;
use mqspec_specs::protocol::Peer;

use super::super::super::Draft;
use super::super::{Amqp, generate};
use super::value::{self, hex};
use super::{EARLY, beside, commands, outcome, prefix};
use crate::dice::Dice;

/// An attempt, and what may be expected of it.
struct Attempt {
    lines: Vec<String>,
    name: String,
    fault: &'static str,
    /// Whether a broker can find the next frame behind it.
    framed: bool,
}

/// An attempt before a channel is open.
pub(super) fn early(amqp: &Amqp, dice: &mut Dice, state: &'static str) -> Draft {
    let (mut opening, bystander) = beside();
    opening.insert(0, format!("open a at={state}"));
    let mut attempt = any(amqp, dice, 0);
    if state == "tcp" && dice.one_in(2) {
        attempt = header(dice);
    }
    Draft {
        state,
        attempt: attempt.name,
        fault: attempt.fault,
        clauses: vec!["SEC-01"],
        opening,
        trial: attempt.lines,
        outcome: outcome::ended(amqp),
        bystander,
        ..Draft::default()
    }
}

/// An attempt on an open channel, in one of its states.
pub(super) fn on_channel(amqp: &Amqp, dice: &mut Dice, state: &'static str) -> Draft {
    let (mut opening, bystander) = beside();
    opening.insert(0, "open a a/2".to_owned());
    let channel = match state {
        "channel" if dice.one_in(3) => 2,
        _ => 1,
    };
    let mut attempt = any(amqp, dice, channel);
    let begun = match state {
        "content-begun" => Some(vec![
            format!("a/{channel} > basic.publish routing-key=$q with content=none"),
            dice.word(&[
                "a > content-header class-id=60 body-size=5",
                "a > content-header class-id=60 body-size=0",
                "a > content-header class-id=60 body-size=18446744073709551615",
                "",
            ])
            .to_owned(),
        ]),
        "channel-closing" => Some(vec![format!("a/{channel} > channel.close")]),
        "connection-closing" => Some(vec!["a > connection.close".to_owned()]),
        _ => None,
    };
    if let Some(begun) = begun {
        let begun = begun.into_iter().filter(|line| !line.is_empty());
        attempt.lines.splice(0..0, begun);
    }
    let command = amqp.protocol.command(&attempt.name);
    let settled = !["channel-closing", "connection-closing", "content-begun"].contains(&state);
    let mut trial = outcome::by_itself(1);
    trial.extend(outcome::by_itself(2));
    let mut prefix = match dice.one_in(2) {
        true => generate::beginning(amqp, dice),
        false => Vec::new(),
    };
    prefix.extend(prefix::of(dice, state));
    prefix.push(trial);
    Draft {
        state,
        attempt: attempt.name.clone(),
        fault: attempt.fault,
        clauses: vec!["SEC-01"],
        opening,
        prefix,
        outcome: match attempt.framed && settled {
            true => outcome::on_channel(amqp, command, channel),
            false => outcome::ended(amqp),
        },
        trial: attempt.lines,
        bystander,
        ..Draft::default()
    }
}

/// Any attempt on a channel.
fn any(amqp: &Amqp, dice: &mut Dice, channel: u16) -> Attempt {
    match dice.below(10) {
        0..4 => with_values(amqp, dice, channel),
        4..7 => with_wrong_octets(amqp, dice, channel),
        7 => unknown_method(amqp, dice, channel),
        8 => frame(dice, channel),
        _ => raw(dice),
    }
}

/// The line that sends a command with some of its fields.
fn sent(dice: &mut Dice, command: &Command, channel: u16) -> String {
    let stream = match command.class_name() == "connection" && !dice.one_in(20) {
        true => 0,
        false => channel,
    };
    let mut line = format!("a/{stream} > {}", command.name);
    for field in &command.fields {
        // A request that wants no reply is seldom of use here.
        let left_out = match field.domain.as_deref() {
            Some("no-wait") => !dice.one_in(5),
            _ => dice.one_in(3),
        };
        if !left_out && (!field.reserved || dice.one_in(8)) {
            line.push_str(&format!(
                " {}={}",
                field.name,
                value::field(dice, command, field)
            ));
        }
    }
    line
}

/// A command with values that nobody chose.
fn with_values(amqp: &Amqp, dice: &mut Dice, channel: u16) -> Attempt {
    let all = dice.one_in(5);
    let Some(command) = dice.pick(&commands(amqp, all)).copied() else {
        return raw(dice);
    };
    let mut line = sent(dice, command, channel);
    if command.content {
        line.push_str(&content(dice));
    }
    Attempt {
        lines: vec![line],
        name: command.name.clone(),
        fault: match command.sent_by(Peer::Client) {
            true => "odd-values",
            false => "wrong-direction",
        },
        framed: true,
    }
}

/// Some properties and a body.
fn content(dice: &mut Dice) -> String {
    let mut text = String::new();
    for property in ["content-type", "reply-to", "expiration", "user-id", "type"] {
        if dice.one_in(6) {
            let value = value::of_type(dice, mqspec_specs::Type::Shortstr);
            text.push_str(&format!(" {property}={value}"));
        }
    }
    if dice.one_in(4) {
        let value = value::of_type(dice, mqspec_specs::Type::Table);
        text.push_str(&format!(" headers={value}"));
    }
    if dice.one_in(4) {
        text.push_str(dice.word(&[" delivery-mode=2", " delivery-mode=255", " priority=255"]));
    }
    text.push_str(dice.word(&[
        " body=m",
        "",
        " body=\"b\" * 5000",
        " body=\"x\" with body-frames=[0, 1, 0]",
    ]));
    text
}

/// A command whose octets are not what they say.
fn with_wrong_octets(amqp: &Amqp, dice: &mut Dice, channel: u16) -> Attempt {
    let Some(command) = dice.pick(&commands(amqp, false)).copied() else {
        return raw(dice);
    };
    let mut line = sent(dice, command, channel);
    let (with, fault, framed) = wrong(dice);
    line.push_str(" with ");
    line.push_str(&with);
    if command.content {
        line.push_str(" content=none");
    }
    Attempt {
        lines: vec![line],
        name: command.name.clone(),
        fault,
        framed,
    }
}

/// What can be wrong with a frame, what that is called, and whether the next frame can still be found.
pub(super) fn wrong(dice: &mut Dice) -> (String, &'static str, bool) {
    let few = 1 + dice.below(9);
    match dice.below(9) {
        0 | 1 => (format!("truncate={few}"), "truncated", true),
        2 | 3 => {
            let octets = dice.octets(few);
            (format!("append={}", hex(&octets)), "over-long", true)
        }
        4 => (
            format!("frame-end={}", dice.below(206)),
            "wrong-frame-end",
            false,
        ),
        5 => {
            let by = dice.word(&["1", "-1", "7", "-4", "100000", "4294967000"]);
            match by {
                "4294967000" => (format!("size={by}"), "wrong-size", false),
                by => (format!("size-by={by}"), "wrong-size", false),
            }
        }
        6 => {
            let kind = dice.word(&["0", "2", "3", "4", "8", "9", "255"]);
            (format!("type={kind}"), "wrong-frame-type", false)
        }
        7 => {
            let channel = dice.word(&["0", "3", "2047", "65535"]);
            (format!("channel={channel}"), "wrong-channel", false)
        }
        _ => {
            let method = dice.word(&["0", "10", "20", "30", "40", "65535"]);
            (format!("method-id={method}"), "wrong-method-id", true)
        }
    }
}

/// A method frame with any ids and any arguments.
fn unknown_method(amqp: &Amqp, dice: &mut Dice, channel: u16) -> Attempt {
    let all = commands(amqp, true);
    let known = dice.pick(&all).copied();
    let (class, method, name, fault) = match known {
        Some(command) if !dice.one_in(3) => (
            command.class,
            command.method,
            command.name.clone(),
            "noise-as-arguments",
        ),
        _ => {
            let class = dice.word(&["0", "10", "20", "60", "61", "90", "65535"]);
            let class = class.parse().unwrap_or_default();
            (class, 99, "method".to_owned(), "unknown-ids")
        }
    };
    let arguments = value::noise(dice);
    let stream = if class == 10 { 0 } else { channel };
    Attempt {
        lines: vec![format!(
            "a/{stream} > method class-id={class} method-id={method} arguments={arguments}"
        )],
        // Whatever the octets happen to say, a reply may be owed.
        name,
        fault,
        framed: true,
    }
}

/// A frame of any type.
fn frame(dice: &mut Dice, channel: u16) -> Attempt {
    let kind = dice.word(&["1", "2", "3", "8", "0", "4", "255"]);
    let payload = value::noise(dice);
    let framed = ["1", "2", "3", "8"].contains(&kind);
    Attempt {
        lines: vec![format!("a/{channel} > frame type={kind} payload={payload}")],
        name: "frame".to_owned(),
        fault: match kind {
            "1" => "noise-as-method",
            "2" => "noise-as-header",
            "3" => "body-out-of-place",
            "8" => "heartbeat-with-payload",
            _ => "unknown-type",
        },
        framed,
    }
}

/// Octets that are no frame.
fn raw(dice: &mut Dice) -> Attempt {
    let (data, fault) = match dice.below(5) {
        // The head of a frame that promises more than will ever come.
        0 => (hex(&[1, 0, 1, 0xff, 0xff, 0xff, 0xff]), "boundless-frame"),
        1 => (hex(&[1, 0, 1, 0, 0, 0, 200, 0, 10]), "half-a-frame"),
        2 => (hex(&[3, 0, 1]), "half-a-head"),
        3 => (hex(b"GET / HTTP/1.1\r\n\r\n"), "another-protocol"),
        _ => (value::noise(dice), "noise"),
    };
    Attempt {
        lines: vec![format!("a > raw data={data}")],
        name: "raw".to_owned(),
        fault,
        framed: false,
    }
}

/// A protocol header that is not quite one.
fn header(dice: &mut Dice) -> Attempt {
    let part = dice.word(&["id", "major", "minor", "revision"]);
    let number = dice.word(&["0", "1", "2", "3", "8", "9", "10", "255"]);
    Attempt {
        lines: vec![format!("a > protocol-header {part}={number}")],
        name: "raw".to_owned(),
        fault: "odd-protocol-header",
        framed: false,
    }
}

/// The state that a case's own `open` leads to.
pub(super) fn stage(at: Option<&str>) -> &'static str {
    EARLY
        .into_iter()
        .find(|stage| at == Some(stage))
        .unwrap_or("channel")
}
