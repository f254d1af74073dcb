//! How a recording writes a command: without secrets, and so that it can be said again to another broker.

use mqspec_specs::Protocol;

use super::super::{Datum, Noted, Overheard, Secrets, Side};
use super::inspect::{Frame, inspect};
use crate::script::{Piece, Value};

/// What `mqspec run` has for the first answer of SASL PLAIN, and for the password alone.
const RESPONSE: &str = "response";
const PASSWORD: &str = "password";
/// What stands for a secret of a form that is not known.
const MASK: &str = "masked";

/// See [`Dialect::noted`](super::super::Dialect::noted).
pub(super) fn noted(protocol: &Protocol, said: &Overheard, secrets: Secrets) -> Noted {
    let mut noted = Noted {
        silent: said.command == "heartbeat",
        ..Noted::default()
    };
    let frames = inspect(&said.octets);
    let carries = protocol.command(&said.command).is_some_and(|it| it.content);
    noted.as_octets = said.command == "raw"
        || frames.iter().any(|frame| frame.fault.is_some())
        || carries && is_cut_short(&frames);
    noted.without_content = carries && frames.len() == 1;
    leave_out(protocol, said, &mut noted);
    if secrets == Secrets::Masked {
        mask(said, &mut noted);
    }
    match (said.side, said.command.as_str()) {
        (Side::Broker, "connection.start") => greeting(said, &mut noted),
        (Side::Broker, "channel.close" | "connection.close" | "basic.return") => {
            noted.comment = said.field("reply-text").and_then(text);
            noted.instead.push(("reply-text".to_owned(), None));
        }
        _ => {}
    }
    noted
}

/// Leaves out a client's arguments that have the value which they have when they are left out, and a broker's that mean
/// nothing.
fn leave_out(protocol: &Protocol, said: &Overheard, noted: &mut Noted) {
    let Some(command) = protocol.command(&said.command) else {
        return;
    };
    for field in &command.fields {
        let nought = match said.field(&field.name).map(Datum::bare) {
            Some(Datum::Bool(flag)) => !flag,
            Some(Datum::Int(number)) => *number == 0,
            Some(Datum::Octets(octets)) => octets.is_empty(),
            Some(Datum::Table(pairs)) => pairs.is_empty(),
            _ => false,
        };
        let known = match said.side {
            Side::Client => nought,
            Side::Broker => nought && field.reserved,
        };
        if known {
            noted.instead.push((field.name.clone(), None));
        }
    }
}

/// Whether a content was begun and not brought to its end.
fn is_cut_short(frames: &[Frame]) -> bool {
    let number = |frame: &Frame, name: &str| {
        let field = frame.fields.iter().find(|(field, _)| field == name);
        field.and_then(|(_, value)| value.int()).unwrap_or(0)
    };
    let Some(header) = frames.iter().find(|frame| frame.kind == "header") else {
        return frames.len() > 1;
    };
    let bodies = frames.iter().filter(|frame| frame.kind == "body");
    let octets: usize = bodies.map(|frame| frame.length - 8).sum();
    octets as i128 != number(header, "body-size")
}

fn text(value: &Datum) -> Option<String> {
    let text = value.as_text().filter(|text| !text.is_empty())?;
    Some(text.chars().filter(|c| !c.is_control()).collect())
}

/// What a broker calls itself differs from one to the next; what it can do matters to what follows.
fn greeting(said: &Overheard, noted: &mut Noted) {
    let properties = said.field("server-properties");
    let own = |name: &str| properties.and_then(|it| it.get(name)).and_then(text);
    let names: Vec<String> = ["product", "version"].into_iter().filter_map(own).collect();
    noted.comment = (!names.is_empty()).then(|| names.join(" "));
    let capabilities = properties.and_then(|it| it.get("capabilities"));
    let pairs = capabilities.map(|it| {
        let open = match it.to_value() {
            Value::Table { pairs, .. } => Value::Table { pairs, open: true },
            other => other,
        };
        ("capabilities".to_owned(), open)
    });
    let pairs = pairs.into_iter().collect();
    let open = Value::Table { pairs, open: true };
    noted
        .instead
        .push(("server-properties".to_owned(), Some(open)));
    // Another broker may offer one of these and others beside it.
    for name in ["mechanisms", "locales"] {
        let offered = said
            .field(name)
            .and_then(Datum::as_text)
            .unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_ ".contains(c);
        if !offered.is_empty() && offered.chars().all(plain) {
            let any = Value::Matches(offered.replace(' ', "|"));
            noted.instead.push((name.to_owned(), Some(any)));
        }
    }
}

/// Hides what a client proves its identity by (AMQP 0-9-1 §4.7.3 and SASL).
fn mask(said: &Overheard, noted: &mut Noted) {
    if said.side != Side::Client {
        return;
    }
    let logs_in = ["connection.start-ok", "connection.secure-ok"].contains(&said.command.as_str());
    if !logs_in && !is_login(&said.octets) {
        return;
    }
    if noted.as_octets {
        // Nobody knows where in there a password stands.
        noted.as_octets = false;
        noted.comment = Some(format!(
            "{} octets that cannot be read, left out since they may hold a password",
            said.octets.len()
        ));
        noted.instead.push(("data".to_owned(), Some(word(MASK))));
    }
    let Some(response) = said.field("response").and_then(Datum::octets) else {
        return;
    };
    let mechanism = said.field("mechanism").and_then(Datum::as_text);
    let value = match mechanism {
        Some("PLAIN") => plain(response, noted),
        Some("AMQPLAIN") => amqplain(response),
        Some("EXTERNAL" | "ANONYMOUS") => None,
        _ => (!response.is_empty()).then(|| word(MASK)),
    };
    if let Some(value) = value {
        noted.instead.push(("response".to_owned(), Some(value)));
    }
}

/// Whether octets look like the frame of a login, whole or not.
fn is_login(octets: &[u8]) -> bool {
    let has = |needle: &[u8]| octets.windows(needle.len()).any(|it| it == needle);
    has(b"PLAIN")
        || octets.get(7..11) == Some(&[0, 10, 0, 11])
        || octets.get(7..11) == Some(&[0, 10, 0, 21])
}

fn word(text: &str) -> Value {
    literal(text.as_bytes())
}

fn literal(octets: &[u8]) -> Value {
    Value::Text(vec![Piece::Literal(octets.to_vec())])
}

/// `NUL user NUL password` (RFC 4616), which the variable of that name is for whoever runs the script.
fn plain(response: &[u8], noted: &mut Noted) -> Option<Value> {
    let mut parts = response.split(|octet| *octet == 0);
    let user = parts.nth(1).and_then(|user| std::str::from_utf8(user).ok());
    if let Some(user) = user {
        let user: String = user.chars().filter(|c| !c.is_control()).collect();
        noted.comment = Some(format!("user {user}, password masked"));
    }
    Some(Value::Var(RESPONSE.to_owned()))
}

/// The entries of a table, one of which is the password.
fn amqplain(response: &[u8]) -> Option<Value> {
    let key = b"\x08PASSWORDS";
    let place = response.windows(key.len()).position(|it| it == key);
    let value = place.and_then(|place| {
        let at = place + key.len();
        let length = response.get(at..at + 4)?.try_into().ok()?;
        let end = at + 4 + u32::from_be_bytes(length) as usize;
        let (before, after) = (response.get(..at)?, response.get(end..)?);
        let password = Value::Call("longstr".to_owned(), vec![Value::Var(PASSWORD.to_owned())]);
        let begun = Value::Add(Box::new(Value::Bytes(before.to_vec())), Box::new(password));
        Some(match after {
            [] => begun,
            after => Value::Add(Box::new(begun), Box::new(Value::Bytes(after.to_vec()))),
        })
    });
    Some(value.unwrap_or_else(|| word(MASK)))
}
