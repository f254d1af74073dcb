//! Names, short strings, tables and reserved fields.

use std::collections::HashSet;

use mqspec_specs::{Field, Protocol, Type};

use super::super::super::{Breach, Datum};
use super::breach;
use super::half::Frame;

/// How long the name of a table's field may be, in characters (§4.2.5.5).
const NAME: usize = 128;

/// What the values of a frame are held to. `ticket` says whether the client had a reason to fill in the reserved field
/// that once held an access ticket.
pub(super) fn shape(protocol: &Protocol, frame: &Frame, ticket: bool) -> Vec<Breach> {
    let command = protocol.command(&frame.command);
    let fields: &[Field] = match command {
        Some(command) => &command.fields,
        None => protocol.class(60).map_or(&[], |class| &class.properties),
    };
    let mut found = Vec::new();
    for field in fields {
        let Some(value) = frame.field(&field.name) else {
            continue;
        };
        let name = format!("`{}` of {}", field.name, frame.command);
        if field.reserved && !is_nothing(value) && !(ticket && field.native == Type::Short) {
            let what = format!("{name} is reserved and holds {}", value.to_value());
            found.push(breach("MTH-04", what));
        }
        if field.native == Type::Shortstr && value.octets().is_some_and(|it| it.contains(&0)) {
            found.push(breach("DAT-02", format!("{name} holds a zero octet")));
        }
        if field.native == Type::Table {
            table(&name, value, &mut found);
        }
    }
    found.extend(entity(frame));
    found
}

fn is_nothing(value: &Datum) -> bool {
    match value.bare() {
        Datum::Bool(flag) => !flag,
        Datum::Int(number) => *number == 0,
        Datum::Octets(octets) => octets.is_empty(),
        _ => false,
    }
}

/// The names of a table's fields. That deployed names hold hyphens and periods is no one client's doing.
fn table(name: &str, value: &Datum, found: &mut Vec<Breach>) {
    match value.bare() {
        Datum::Table(pairs) => {
            let mut known = HashSet::new();
            for (key, value) in pairs {
                if !known.insert(key) {
                    found.push(breach(
                        "DAT-07",
                        format!("{name} has the field `{key}` twice"),
                    ));
                }
                if key.is_empty() || key.chars().count() > NAME {
                    let length = key.chars().count();
                    let what = format!("{name} has a field whose name has {length} characters");
                    found.push(breach("DAT-05", what));
                }
                table(name, value, found);
            }
        }
        Datum::Array(values) => values.iter().for_each(|value| table(name, value, found)),
        _ => {}
    }
}

/// The name of what is to be made. That it may not be reserved is for the broker to say, who knows what exists.
fn entity(frame: &Frame) -> Option<Breach> {
    let (field, clause, may_be_empty) = match frame.command.as_str() {
        "exchange.declare" => ("exchange", "exchange.declare.exchange.syntax", false),
        "queue.declare" => ("queue", "queue.declare.queue.syntax", true),
        _ => return None,
    };
    let name = frame.octets_of(field);
    let fits = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_.:".contains(octet);
    let fits = name.iter().all(fits) && (may_be_empty || !name.is_empty());
    let shown = frame.text(field);
    let what = || format!("the name `{shown}` is not made of letters, digits and - _ . :");
    (!fits && !frame.flag("passive")).then(|| breach(clause, what()))
}
