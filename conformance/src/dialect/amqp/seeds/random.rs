//! Frames that are made up: legal ones out of the table, and such as octets that were changed.

use mqspec_specs::Field;
use mqspec_specs::protocol::Type;

use super::super::super::{Datum, Outgoing};
use super::super::inspect::Frame;
use super::super::{encode, table::TAGS};
use super::contents::properties;
use super::values::typed;
use super::{HEAD, bare, frame, octets};
use crate::dice::Dice;

/// One of what is never empty.
fn one_of<'a, T>(dice: &mut Dice, from: &'a [T]) -> &'a T {
    &from[dice.below(from.len())]
}

/// A legal frame, in whose tables there is no value of the tags that `avoid` names.
pub fn legal(dice: &mut Dice, avoid: &[String]) -> Vec<u8> {
    let protocol = mqspec_specs::amqp_0_9_1();
    match dice.below(20) {
        0 => frame(8, 0, b""),
        1 | 2 => {
            let length = dice.below(40);
            let body: Vec<u8> = (0..length).map(|_| dice.bits() as u8).collect();
            frame(3, 1 + dice.below(0xFFFF) as u16, &body)
        }
        3..=8 => {
            let mut list = vec![("body-size".to_owned(), Datum::Int(number(dice, 64)))];
            for field in properties() {
                if dice.one_in(3) {
                    list.push((field.name.clone(), value(dice, field, avoid)));
                }
            }
            octets(&Outgoing::new(1, "content-header", list))
        }
        _ => {
            let command = one_of(dice, &protocol.commands);
            let mut fields = Vec::new();
            for field in &command.fields {
                if !field.reserved && !dice.one_in(3) {
                    fields.push((field.name.clone(), value(dice, field, avoid)));
                }
            }
            octets(&bare(command, fields))
        }
    }
}

/// Octets with a change or a few. The head's size is made to fit mostly, so that it is the payload which is wrong.
pub fn mutated(dice: &mut Dice, sound: &[u8], other: &[u8]) -> Vec<u8> {
    let mut octets = sound.to_vec();
    let begin = if dice.one_in(4) || octets.len() <= HEAD + 1 {
        0
    } else {
        HEAD
    };
    for _ in 0..1 + dice.below(2) {
        let place = |dice: &mut Dice, octets: &[u8]| {
            let room = octets.len().saturating_sub(begin + 1).max(1);
            (begin + dice.below(room)).min(octets.len().saturating_sub(1))
        };
        if octets.is_empty() {
            break;
        }
        let at = place(dice, &octets);
        match dice.below(7) {
            0 => octets[at] ^= 1 << dice.below(8),
            1 => octets[at] = *one_of(dice, &[0, 1, 0x7F, 0x80, 0xCE, 0xFF]),
            2 => octets[at] = dice.bits() as u8,
            3 => {
                octets.remove(at);
            }
            4 => octets.insert(at, dice.bits() as u8),
            5 => octets[at] = *one_of(dice, b"tbBsuIilLfdDSxAFTVUZ"),
            _ => {
                let from =
                    other.len().min(HEAD) + dice.below(other.len().saturating_sub(HEAD).max(1));
                let piece = other.get(from..).unwrap_or_default();
                let piece = &piece[..piece.len().min(1 + dice.below(8))];
                octets.splice(at..at, piece.iter().copied());
            }
        }
    }
    if !dice.one_in(8) && octets.len() > HEAD {
        fit(&mut octets);
    }
    octets
}

/// Gives a frame the size that its octets have.
pub fn fit(octets: &mut [u8]) {
    if octets.len() > HEAD {
        let size = (octets.len() - HEAD - 1) as u32;
        octets[3..HEAD].copy_from_slice(&size.to_be_bytes());
    }
}

/// The octets of a frame that was taken apart and changed; nothing if it cannot be written.
pub fn rebuilt(frame_read: &Frame) -> Option<Vec<u8>> {
    let mut fields = frame_read.fields.clone();
    // The flags are to follow from the properties.
    fields.retain(|(name, _)| name != "flags");
    let mut message = Outgoing::new(frame_read.channel.unwrap_or(0), &frame_read.command, fields);
    message.with = vec![("content".to_owned(), Datum::text("none"))];
    let pieces = encode::encode(mqspec_specs::amqp_0_9_1(), &message, 1 << 20);
    pieces.ok().map(|pieces| pieces.concat())
}

fn number(dice: &mut Dice, width: u32) -> i128 {
    let greatest = (1_i128 << width) - 1;
    match dice.below(6) {
        0 => 0,
        1 => 1,
        2 => greatest,
        3 => 1_i128 << (width - 1),
        4 => dice.below(1000) as i128 & greatest,
        _ => i128::from(dice.bits()) & greatest,
    }
}

fn value(dice: &mut Dice, field: &Field, avoid: &[String]) -> Datum {
    match field.native {
        Type::Bit => Datum::Bool(dice.one_in(2)),
        Type::Octet => Datum::Int(number(dice, 8)),
        Type::Short => Datum::Int(number(dice, 16)),
        Type::Long => Datum::Int(number(dice, 32)),
        Type::Longlong => Datum::Int(number(dice, 64)),
        // Later ones are the vectors' affair: few languages have dates for them.
        Type::Timestamp => Datum::Int(number(dice, 32)),
        Type::Shortstr => Datum::Octets(text(dice)),
        Type::Longstr => Datum::Octets(any(dice)),
        Type::Table => table(dice, avoid, 0),
    }
}

fn text(dice: &mut Dice) -> Vec<u8> {
    let length = if dice.one_in(20) { 80 } else { dice.below(12) };
    let letters = [
        "a", "b", "Z", "0", ".", "-", " ", "é", "€", "🔑", "\n", "\"", "\\", "\u{7f}", "\u{85}",
    ];
    let text: String = (0..length).map(|_| *one_of(dice, &letters)).collect();
    let mut octets = text.into_bytes();
    while octets.len() > 255 {
        octets.pop();
    }
    while std::str::from_utf8(&octets).is_err() {
        octets.pop();
    }
    octets
}

fn any(dice: &mut Dice) -> Vec<u8> {
    match dice.one_in(2) {
        true => text(dice),
        false => {
            let length = dice.below(20);
            (0..length).map(|_| dice.bits() as u8).collect()
        }
    }
}

fn table(dice: &mut Dice, avoid: &[String], depth: usize) -> Datum {
    let count = dice.below(5);
    let pairs = (0..count).map(|place| {
        (
            format!("{}{place}", one_of(dice, &["k", "x-", "Key_", "$", "#"])),
            tagged(dice, avoid, depth),
        )
    });
    Datum::Table(pairs.collect())
}

fn tagged(dice: &mut Dice, avoid: &[String], depth: usize) -> Datum {
    let usable: Vec<&str> = TAGS
        .iter()
        .copied()
        .filter(|tag| !avoid.iter().any(|avoided| avoided == tag))
        .filter(|tag| depth < 3 || !matches!(*tag, "A" | "F"))
        .collect();
    if usable.is_empty() {
        return typed("V", Datum::Void);
    }
    let tag = *one_of(dice, &usable);
    let unsigned = |dice: &mut Dice, width| Datum::Int(number(dice, width));
    let signed = |dice: &mut Dice, width| {
        let number = number(dice, width);
        Datum::Int(if number >> (width - 1) == 0 {
            number
        } else {
            number - (1 << width)
        })
    };
    let value = match tag {
        "t" => Datum::Bool(dice.one_in(2)),
        "b" => signed(dice, 8),
        "s" => signed(dice, 16),
        "I" => signed(dice, 32),
        // Above the highest bit the text has two readings.
        "l" | "L" => unsigned(dice, 63),
        "B" => unsigned(dice, 8),
        "u" => unsigned(dice, 16),
        "i" => unsigned(dice, 32),
        "T" => unsigned(dice, 32),
        "f" => Datum::Float(f64::from(f32::from_bits(dice.bits() as u32 & 0xFF7F_FFFF))),
        "d" => Datum::Float(f64::from_bits(dice.bits() & 0xFFEF_FFFF_FFFF_FFFF)),
        "D" => Datum::Array(vec![Datum::Int(dice.below(29) as i128), unsigned(dice, 31)]),
        "S" | "x" => Datum::Octets(any(dice)),
        "A" => {
            let count = dice.below(4);
            Datum::Array((0..count).map(|_| tagged(dice, avoid, depth + 1)).collect())
        }
        "F" => table(dice, avoid, depth + 1),
        _ => Datum::Void,
    };
    typed(tag, value)
}
