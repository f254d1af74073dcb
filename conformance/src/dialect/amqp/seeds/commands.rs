//! Each command with default and with extreme values, and with each argument alone.

use mqspec_specs::Field;
use mqspec_specs::protocol::Type;

use super::super::super::Datum;
use super::{Seed, bare, octets, senders, telling, told};

pub(super) fn add(seeds: &mut Vec<Seed>) {
    for command in &mqspec_specs::amqp_0_9_1().commands {
        let name = &command.name;
        let mut push = |slug: &str, what: String, octets: Vec<u8>| {
            seeds.push(Seed::valid(format!("method.{name}.{slug}"), what, octets));
        };
        let all = |value: fn(&Field) -> Datum| {
            let fields = command.fields.iter();
            let fields = fields.map(|field| (field.name.clone(), value(field)));
            octets(&bare(command, fields.collect()))
        };
        let sender = senders(command);
        push(
            "default",
            format!("{name}, which {sender} sends, with every argument zero or empty"),
            octets(&bare(command, Vec::new())),
        );
        if command.fields.is_empty() {
            continue;
        }
        push(
            "telling",
            format!("{name} with its arguments' names in them"),
            told(command),
        );
        push(
            "greatest",
            format!("{name} with every argument as great as it can be"),
            all(greatest),
        );
        for field in &command.fields {
            let fields = vec![(field.name.clone(), telling(field))];
            let what = format!("{name} with {} alone", field.name);
            push(
                &format!("only-{}", field.name),
                what,
                octets(&bare(command, fields)),
            );
        }
    }
}

/// The greatest number, the longest short string, a long string of every octet, a table of many entries.
pub(super) fn greatest(field: &Field) -> Datum {
    let number = |width: u32| Datum::Int((1_i128 << width) - 1);
    match field.native {
        Type::Bit => Datum::Bool(true),
        Type::Octet => number(8),
        Type::Short => number(16),
        Type::Long => number(32),
        Type::Longlong | Type::Timestamp => number(64),
        // 85 letters of three octets each.
        Type::Shortstr => Datum::text(&"€".repeat(85)),
        Type::Longstr => Datum::Octets((0..=255).collect()),
        Type::Table => {
            let entries = (0..16).map(|number| (format!("x{number}"), Datum::Int(i32::MAX.into())));
            Datum::Table(entries.collect())
        }
    }
}
