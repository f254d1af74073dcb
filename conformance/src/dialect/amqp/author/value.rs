//! Values that a field may be given, as the notation writes them.

use crate::dice::Dice;
use crate::script::Value;
use mqspec_specs::protocol::Type;
use mqspec_specs::{Command, Field};

/// How deep tables within tables go: somewhat deeper than anybody needs.
const DEEP: usize = 12;

/// Octets as the notation writes them.
pub(super) fn hex(octets: &[u8]) -> String {
    Value::Bytes(octets.to_vec()).to_string()
}

/// Some octets, few more often than many.
pub(super) fn noise(dice: &mut Dice) -> String {
    let most = match dice.below(10) {
        0 => 600,
        1..4 => 64,
        _ => 12,
    };
    let count = dice.below(most);
    match count {
        0..64 => hex(&dice.octets(count)),
        _ => format!("noise({}, {count})", dice.below(1000)),
    }
}

/// A value for a field of a command: legal, at a border, or beyond what anybody expects there.
pub(super) fn field(dice: &mut Dice, command: &Command, field: &Field) -> String {
    match field.name.as_str() {
        "queue" | "routing-key" => dice
            .word(&["$q", "$q", "$q2", "$q_none", "\"\"", "amq.nothing"])
            .to_owned(),
        "exchange" | "source" | "destination" => dice
            .word(&["$x", "$x", "$x_none", "\"\"", "amq.topic", "amq.nothing"])
            .to_owned(),
        "type" => dice
            .word(&["direct", "fanout", "topic", "headers", "\"\"", "x-none"])
            .to_owned(),
        "consumer-tag" => dice.word(&["t", "t", "u", "\"\""]).to_owned(),
        "delivery-tag" => dice
            .word(&["0", "1", "1", "2", "7", "18446744073709551615"])
            .to_owned(),
        "virtual-host" => dice.word(&["$vhost", "\"\"", "nowhere"]).to_owned(),
        "reply-code" => dice.word(&["0", "200", "320", "404", "65535"]).to_owned(),
        _ if command.name == "connection.start-ok" && field.name == "response" => {
            match dice.one_in(2) {
                true => "$response".to_owned(),
                false => noise(dice),
            }
        }
        _ => of_type(dice, field.native),
    }
}

/// A value of a type, whatever it stands for.
pub(super) fn of_type(dice: &mut Dice, native: Type) -> String {
    match native {
        Type::Bit => dice.word(&["true", "false"]).to_owned(),
        Type::Octet => integer(dice, 8),
        Type::Short => integer(dice, 16),
        Type::Long => integer(dice, 32),
        Type::Longlong | Type::Timestamp => integer(dice, 64),
        Type::Shortstr => match dice.below(7) {
            0 => "\"\"".to_owned(),
            1 => "\"s\" * 255".to_owned(),
            2 => hex(&[0xff, 0xfe]),
            3 => "\"a\\0b\"".to_owned(),
            4 => "\"\\u{20ac}\" * 85".to_owned(),
            _ => "word".to_owned(),
        },
        Type::Longstr => match dice.below(4) {
            0 => "\"\"".to_owned(),
            1 => "\"l\" * 5000".to_owned(),
            _ => noise(dice),
        },
        Type::Table => table(dice, 0),
    }
}

fn integer(dice: &mut Dice, bits: u32) -> String {
    let most = u64::MAX >> (64 - bits);
    let number = match dice.below(6) {
        0 => 0,
        1 => 1,
        2 => most,
        3 => most / 2 + 1,
        4 => most / 2,
        _ => dice.bits() & most,
    };
    number.to_string()
}

/// A table. What is within it is less and less likely to hold others.
fn table(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 && dice.one_in(12) {
        return nested(dice);
    }
    let names = [
        "a",
        "x-message-ttl",
        "x-expires",
        "x-max-length",
        "x-max-priority",
        "x-dead-letter-exchange",
        "x-match",
        "alternate-exchange",
        "x-priority",
        "x-overflow",
        "x-queue-type",
        "CC",
    ];
    let mut pairs = Vec::new();
    for _ in 0..dice.below(4) {
        let name = dice.word(&names);
        if !pairs.iter().any(|(other, _)| *other == name) {
            pairs.push((name, value(dice, depth)));
        }
    }
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

/// A table in a table in a table.
fn nested(dice: &mut Dice) -> String {
    let depth = 1 + dice.below(DEEP);
    format!("{}1{}", "{a=".repeat(depth), "}".repeat(depth))
}

/// A value of any tag.
fn value(dice: &mut Dice, depth: usize) -> String {
    match dice.below(if depth < 3 { 20 } else { 18 }) {
        0 => "t:true".to_owned(),
        1 => "b:-128".to_owned(),
        2 => "B:255".to_owned(),
        3 => "s:-1".to_owned(),
        4 => "u:65535".to_owned(),
        5 => "I:-2147483648".to_owned(),
        6 => "i:4294967295".to_owned(),
        7 => "l:9223372036854775807".to_owned(),
        8 => "f:nan".to_owned(),
        9 => "d:inf".to_owned(),
        10 => "D:[255, 1]".to_owned(),
        11 => "S:\"\"".to_owned(),
        12 => format!("S:{}", noise(dice)),
        13 => "T:18446744073709551615".to_owned(),
        14 => "void".to_owned(),
        15 => format!("x:{}", noise(dice)),
        16 => "0".to_owned(),
        17 => "-1".to_owned(),
        18 => format!("[{}, {}]", value(dice, depth + 1), value(dice, depth + 1)),
        _ => table(dice, depth + 1),
    }
}
