//! Octets to commands.

use mqspec_specs::{Command, Field, Protocol, Type};

use super::super::{Breach, Datum};
use super::table::{Malformed, Reader};

/// The fields of a decoded command, and what is wrong with its octets.
pub(super) struct Decoded {
    pub(super) name: String,
    pub(super) fields: Vec<(String, Datum)>,
    pub(super) breach: Option<Breach>,
    /// How many octets of the payload make sense: where the breach is, if there is one.
    pub(super) sound: usize,
}

fn breach(clause: &'static str, what: impl Into<String>) -> Option<Breach> {
    Some(Breach {
        clause,
        what: what.into(),
    })
}

/// The command of a method frame's payload.
pub(super) fn method(protocol: &Protocol, payload: &[u8]) -> Decoded {
    let mut reader = Reader::new(payload);
    let (Ok(class), Ok(method)) = (reader.unsigned(2), reader.unsigned(2)) else {
        let breach = breach("FRM-15", "a method frame is too short for its ids");
        return Decoded {
            name: "malformed".to_owned(),
            fields: Vec::new(),
            breach,
            sound: 0,
        };
    };
    let Some(command) = protocol.command_by_id(class as u16, method as u16) else {
        return Decoded {
            name: format!("unknown-{class}-{method}"),
            fields: Vec::new(),
            breach: breach(
                "MTH-01",
                format!("no command has class {class} and method {method}"),
            ),
            sound: 0,
        };
    };
    let mut fields = Vec::new();
    let breach = match arguments(command, &mut reader, &mut fields) {
        Err(what) => breach("MTH-02", what),
        Ok(()) if !reader.rest().is_empty() => breach(
            "MTH-02",
            format!("{} octets follow the last argument", reader.rest().len()),
        ),
        Ok(()) => None,
    };
    Decoded {
        name: command.name.clone(),
        fields,
        breach,
        sound: payload.len() - reader.rest().len(),
    }
}

fn arguments(
    command: &Command,
    reader: &mut Reader<'_>,
    fields: &mut Vec<(String, Datum)>,
) -> Result<(), Malformed> {
    let mut bits: Option<(u64, u8)> = None;
    for field in &command.fields {
        let value = if field.native == Type::Bit {
            let (octet, place) = match bits {
                Some((octet, place)) if place < 8 => (octet, place),
                _ => (reader.unsigned(1)?, 0),
            };
            bits = Some((octet, place + 1));
            Datum::Bool(octet >> place & 1 == 1)
        } else {
            bits = None;
            value(field, reader).map_err(|what| format!("`{}`: {what}", field.name))?
        };
        fields.push((field.name.clone(), value));
    }
    Ok(())
}

/// The next value; the reader stays before one that is malformed.
pub(super) fn value(field: &Field, reader: &mut Reader<'_>) -> Result<Datum, Malformed> {
    let mut ahead = *reader;
    let value = match field.native {
        Type::Bit | Type::Octet => Datum::Int(ahead.unsigned(1)?.into()),
        Type::Short => Datum::Int(ahead.unsigned(2)?.into()),
        Type::Long => Datum::Int(ahead.unsigned(4)?.into()),
        Type::Longlong | Type::Timestamp => Datum::Int(ahead.unsigned(8)?.into()),
        Type::Shortstr => ahead.short_string()?,
        Type::Longstr => ahead.long_string()?,
        Type::Table => ahead.table()?,
    };
    *reader = ahead;
    Ok(value)
}

/// Class id, weight, body size and properties of a header frame's payload.
pub(super) fn header(protocol: &Protocol, payload: &[u8]) -> Decoded {
    let mut fields = Vec::new();
    let mut reader = Reader::new(payload);
    let breach = properties(protocol, &mut reader, &mut fields)
        .err()
        .map(|(clause, what)| Breach { clause, what });
    Decoded {
        name: "content-header".to_owned(),
        fields,
        breach,
        sound: payload.len() - reader.rest().len(),
    }
}

fn properties(
    protocol: &Protocol,
    reader: &mut Reader<'_>,
    fields: &mut Vec<(String, Datum)>,
) -> Result<(), (&'static str, Malformed)> {
    let short = |what| ("CNT-12", what);
    let class = reader.unsigned(2).map_err(short)?;
    let weight = reader.unsigned(2).map_err(short)?;
    let size = reader.unsigned(8).map_err(short)?;
    let flags = reader.unsigned(2).map_err(short)?;
    for (name, number) in [
        ("class-id", class),
        ("weight", weight),
        ("body-size", size),
        ("flags", flags),
    ] {
        fields.push((name.to_owned(), Datum::Int(number.into())));
    }
    if weight != 0 {
        return Err(("CNT-04", format!("the weight is {weight}")));
    }
    let Some(class) = protocol
        .class(class as u16)
        .filter(|class| !class.properties.is_empty())
    else {
        return Err(("CNT-03", format!("class {class} carries no content")));
    };
    if flags & 0b11 != 0 {
        return Err(("CNT-11", format!("the property flags are {flags:#06x}")));
    }
    for (place, property) in class.properties.iter().enumerate() {
        if flags & 0x8000 >> place != 0 {
            let value = value(property, reader)
                .map_err(|what| ("CNT-12", format!("`{}`: {what}", property.name)))?;
            fields.push((property.name.clone(), value));
        }
    }
    match reader.rest().len() {
        0 => Ok(()),
        count => Err(("CNT-12", format!("{count} octets follow the last property"))),
    }
}
