//! Seeds for fuzzers, made from the command table: what the protocol allows, and what it forbids.
//!
//! - `commands`: each command with default and with extreme values, and with each argument alone
//! - `contents`: content headers, with each property and many; body frames; heartbeats; whole contents
//! - `values`: field tables with each type, to the edges and in each other
//! - `faults`: each command's octets spoiled in every way that its arguments allow
//! - `framing`: frames with a wrong head or end, or where they do not belong; broken headers
//! - `nesting`: tables that are broken within, too deep, or named badly
//! - `random`: frames that are made up, legal or changed
//! - `words`: a fuzzer's dictionary

mod commands;
mod contents;
mod faults;
mod framing;
mod nesting;
mod random;
mod values;
mod words;

use mqspec_specs::protocol::{Peer, Type};
use mqspec_specs::{Command, Field};

use super::super::{Datum, Outgoing};
use super::encode;
use super::parts::{Part, parts};
use crate::corpus::{Breach, Seed};

pub use random::{fit, legal, mutated, rebuilt};
pub use values::contested;
pub use words::{Word, words};

/// Type, channel and size.
const HEAD: usize = encode::FRAME_OVERHEAD - 1;

/// All seeds that are made from the table, in a fixed order.
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    commands::add(&mut seeds);
    contents::add(&mut seeds);
    values::add(&mut seeds);
    faults::add(&mut seeds);
    framing::add(&mut seeds);
    nesting::add(&mut seeds);
    seeds
}

/// The octets of a message.
///
/// # Panics
/// If the table holds what the types of the protocol do not, which a test rules out.
fn octets(message: &Outgoing) -> Vec<u8> {
    match encode::encode(mqspec_specs::amqp_0_9_1(), message, 4096) {
        Ok(pieces) => pieces.concat(),
        Err(error) => panic!("{}: {error}", message.command),
    }
}

/// A frame without faults.
fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let fields = vec![
        ("type".to_owned(), Datum::Int(kind.into())),
        ("payload".to_owned(), Datum::Octets(payload.to_vec())),
    ];
    octets(&Outgoing::new(channel, "frame", fields))
}

/// The same frame with another payload, and the size that fits it.
fn with_payload(frame_octets: &[u8], payload: &[u8]) -> Vec<u8> {
    let channel = u16::from_be_bytes([frame_octets[1], frame_octets[2]]);
    frame(frame_octets[0], channel, payload)
}

/// The payload of one whole frame.
fn payload(frame: &[u8]) -> &[u8] {
    &frame[HEAD..frame.len() - 1]
}

/// The channel that a command belongs on.
fn channel(command: &Command) -> u16 {
    u16::from(command.class_name() != "connection")
}

/// The command alone, without the content that may follow it.
fn bare(command: &Command, fields: Vec<(String, Datum)>) -> Outgoing {
    let mut message = Outgoing::new(channel(command), &command.name, fields);
    message.with = vec![("content".to_owned(), Datum::text("none"))];
    message
}

/// A value that tells which field it is in.
fn telling(field: &Field) -> Datum {
    let number = 1 + field
        .name
        .bytes()
        .fold(0, |sum, octet| (sum + i128::from(octet)) % 97);
    match field.native {
        Type::Bit => Datum::Bool(true),
        Type::Octet | Type::Short | Type::Long | Type::Longlong => Datum::Int(number),
        Type::Timestamp => Datum::Int(1_700_000_000 + number),
        Type::Shortstr | Type::Longstr => Datum::text(&field.name),
        Type::Table => Datum::Table(vec![(
            field.name.clone(),
            Datum::Typed("S".to_owned(), Box::new(Datum::text("value"))),
        )]),
    }
}

/// Each command with a telling value in each field.
fn told(command: &Command) -> Vec<u8> {
    let fields = command.fields.iter();
    let fields = fields.map(|field| (field.name.clone(), telling(field)));
    octets(&bare(command, fields.collect()))
}

/// The arguments, or the properties, of a frame.
fn arguments(frame: &[u8]) -> Vec<(Part, Type)> {
    use super::parts::Form;
    let found = parts(frame).into_iter().filter_map(|part| match part.form {
        Form::Value(native) => Some((part, native)),
        _ => None,
    });
    found.collect()
}

/// Who sends it, in words.
fn senders(command: &Command) -> &'static str {
    match (command.sent_by(Peer::Client), command.sent_by(Peer::Server)) {
        (true, true) => "either peer",
        (true, false) => "the client",
        _ => "the broker",
    }
}

/// What octets break that any decoder has to notice.
fn unreadable(clause: &str) -> Breach {
    let nearest = match clause {
        "DAT-14" => Some(502),
        _ => None,
    };
    Breach::of(clause, nearest, true, mqspec_specs::amqp_0_9_1_clauses())
}

/// What octets break that a decoder may hand over.
fn refusable(clause: &str) -> Breach {
    let nearest = match clause {
        "CNT-04" => Some(501),
        "DAT-16" => Some(502),
        "DAT-05" | "DAT-07" => Some(503),
        _ => None,
    };
    Breach::of(clause, nearest, false, mqspec_specs::amqp_0_9_1_clauses())
}
