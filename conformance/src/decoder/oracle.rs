//! What the text says about a frame, as far as both of our codecs say the same.

use bytes::BytesMut;
use mqspec_codec::{DecodeError, Fault, FrameDecoder};

use crate::dialect::Datum;
use crate::dialect::amqp::seeds::contested;
use crate::dialect::amqp::{Frame, inspect};

/// What a decoder owes to some octets.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// One frame that no clause forbids. If the text has another reading of it, the clause tells.
    Taken(Frame, Option<&'static str>),
    /// Octets that break a clause.
    Refused(Refused),
    /// More than one frame, or octets that our codecs do not agree on.
    Unsure,
}

/// Octets that break a clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The clause.
    pub clause: &'static str,
    /// What is wrong, in a sentence.
    pub what: String,
    /// The same without where it is, so that frames which are wrong in the same way have it in common.
    pub fault: String,
    /// Whether they cannot be read, so that a decoder has to notice. Otherwise it may hand over what it read.
    pub unreadable: bool,
    /// What can be read, where that is clear.
    pub frame: Option<Frame>,
}

/// Judges octets.
pub fn expect(octets: &[u8]) -> Expected {
    let frames = inspect(octets);
    let Some(frame) = frames.first() else {
        return Expected::Unsure;
    };
    if octets.first() == Some(&b'A') {
        return greeting(octets, frame);
    }
    let mut buf = BytesMut::from(octets);
    let decoded = FrameDecoder::new(0).decode(&mut buf);
    let refused = |clause, what: String, unreadable, frame| {
        Expected::Refused(Refused {
            clause,
            fault: what.clone(),
            what,
            unreadable,
            frame,
        })
    };
    match (decoded, &frame.fault) {
        (Err(error), fault) => {
            let unreadable = is_unreadable(&error);
            match fault.is_none() && unreadable {
                true => Expected::Unsure,
                false => Expected::Refused(Refused {
                    clause: error.clause(),
                    what: error.to_string(),
                    fault: format!("{}{}", error.fault(), within(&error)),
                    unreadable,
                    frame: None,
                }),
            }
        }
        (Ok(None), Some(fault)) if fault.clause.is_none() => {
            refused("FRM-01", fault.what.clone(), true, None)
        }
        (Ok(Some(_)), fault) if buf.is_empty() => match fault {
            Some(fault) if fault.clause == Some("FRM-10") => {
                let frame = Frame {
                    fault: None,
                    ..frame.clone()
                };
                refused("FRM-10", fault.what.clone(), false, Some(frame))
            }
            Some(_) => Expected::Unsure,
            None => match forbidden(frame) {
                Some((clause, what)) => {
                    let whole = clause != "DAT-07";
                    refused(clause, what, false, whole.then(|| frame.clone()))
                }
                None => Expected::Taken(frame.clone(), contested_in(frame)),
            },
        },
        _ => Expected::Unsure,
    }
}

fn greeting(octets: &[u8], frame: &Frame) -> Expected {
    match (octets.len(), &frame.fault) {
        (8, None) if octets[4..] == [0, 0, 9, 1] => Expected::Taken(frame.clone(), None),
        (8, None) => Expected::Refused(Refused {
            clause: "HDR-02",
            fault: "another version".to_owned(),
            what: "the protocol header of another version".to_owned(),
            unreadable: false,
            frame: None,
        }),
        (_, Some(fault)) => Expected::Refused(Refused {
            clause: "HDR-03",
            fault: "no protocol header".to_owned(),
            what: fault.what.clone(),
            unreadable: true,
            frame: None,
        }),
        _ => Expected::Unsure,
    }
}

/// The type of the argument or property that is wrong.
fn within(error: &DecodeError) -> String {
    let protocol = mqspec_specs::amqp_0_9_1();
    let command = protocol.command_by_id(error.class_id(), error.method_id());
    let properties = protocol
        .class(error.class_id())
        .map(|class| class.properties.as_slice());
    let fields = command
        .map(|command| command.fields.as_slice())
        .or(properties);
    let named = fields
        .unwrap_or_default()
        .iter()
        .find(|field| Some(field.name.as_str()) == error.field());
    named.map_or(String::new(), |field| {
        format!(" in a {:?}", field.native).to_lowercase()
    })
}

/// Whether a decoder that goes on has made something up, and not merely handed over what it read.
fn is_unreadable(error: &DecodeError) -> bool {
    !matches!(
        error.fault(),
        Fault::ShortStrNotUtf8
            | Fault::ShortStrZeroOctet
            | Fault::TableTooDeep
            | Fault::HeaderClass(_)
            | Fault::HeaderWeight(_)
            | Fault::PropertyFlags(_)
            | Fault::HeartbeatChannel(_)
            | Fault::HeartbeatPayload
            | Fault::FrameTooLarge { .. }
    )
}

/// What no decoder needs to care about, and a peer has to refuse.
fn forbidden(frame: &Frame) -> Option<(&'static str, String)> {
    if frame.kind == "method" {
        let on_zero = frame.channel == Some(0);
        let about_connection = frame.command.starts_with("connection.");
        if on_zero != about_connection {
            let clause = if on_zero { "FRM-09" } else { "FRM-08" };
            return Some((
                clause,
                format!(
                    "{} on channel {}",
                    frame.command,
                    frame.channel.unwrap_or(0)
                ),
            ));
        }
    }
    frame.fields.iter().find_map(|(_, value)| names(value))
}

/// What is wrong with the names of a table. A dash and a point are no letters of a name by the text, and are taken
/// everywhere.
fn names(value: &Datum) -> Option<(&'static str, String)> {
    match value.bare() {
        Datum::Table(pairs) => {
            for (place, (name, inner)) in pairs.iter().enumerate() {
                if pairs[..place].iter().any(|(other, _)| other == name) {
                    return Some(("DAT-07", format!("the name {name:?} is in a table twice")));
                }
                let begins =
                    name.starts_with(|c: char| c.is_ascii_alphabetic() || "$#".contains(c));
                let goes_on = name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "$#_-.".contains(c));
                if !begins || !goes_on || name.len() > 128 {
                    return Some(("DAT-05", format!("a table has the name {name:?}")));
                }
                if let Some(found) = names(inner) {
                    return Some(found);
                }
            }
            None
        }
        Datum::Array(values) => values.iter().find_map(names),
        _ => None,
    }
}

fn contested_in(frame: &Frame) -> Option<&'static str> {
    frame.fields.iter().find_map(|(_, value)| contested(value))
}
