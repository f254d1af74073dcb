//! Commands to octets, right or wrong on purpose.

use mqspec_specs::{Command, Field, Protocol, Type};

use super::super::{Datum, EncodeError, Outgoing};
use super::table;

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;
const FRAME_END: u8 = 0xCE;
/// Type, channel, size and the end octet.
pub(super) const FRAME_OVERHEAD: usize = 8;

/// The pseudo-commands that scripts may send beside the protocol's own, with their fields.
pub(super) const SENT: &[(&str, &[&str])] = &[
    ("protocol-header", &["id", "major", "minor", "revision"]),
    ("heartbeat", &[]),
    ("frame", &["type", "channel", "payload"]),
    (
        "content-header",
        &["class-id", "weight", "body-size", "flags", "list"],
    ),
    ("content-body", &["payload"]),
    ("method", &["class-id", "method-id", "arguments"]),
    ("raw", &["data"]),
];

/// What scripts may write behind `with` in what they send.
pub(super) const OPTIONS: &[&str] = &[
    "frame-end",
    "type",
    "channel",
    "size",
    "size-by",
    "class-id",
    "method-id",
    "truncate",
    "append",
    "content",
    "body-frames",
    "split",
];

struct Frame {
    kind: u8,
    channel: u16,
    payload: Vec<u8>,
}

impl Frame {
    fn new(kind: u8, channel: u16, payload: Vec<u8>) -> Self {
        Frame {
            kind,
            channel,
            payload,
        }
    }

    fn octets(self) -> Vec<u8> {
        let size = self.payload.len() as u32;
        frame_octets(self.kind, self.channel, size, &self.payload, FRAME_END)
    }
}

fn frame_octets(kind: u8, channel: u16, size: u32, payload: &[u8], end: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + FRAME_OVERHEAD);
    out.push(kind);
    out.extend(channel.to_be_bytes());
    out.extend(size.to_be_bytes());
    out.extend(payload);
    out.push(end);
    out
}

fn error<T>(message: impl Into<String>) -> Result<T, EncodeError> {
    Err(EncodeError(message.into()))
}

/// The octets of a message, in the pieces in which they are to be written.
pub(super) fn encode(
    protocol: &Protocol,
    message: &Outgoing,
    frame_max: usize,
) -> Result<Vec<Vec<u8>>, EncodeError> {
    let octets = match message.command.as_str() {
        "protocol-header" => protocol_header(message)?,
        "raw" => match message.field("data").and_then(Datum::octets) {
            Some(octets) => octets.to_vec(),
            None => return error("`raw` wants data=\"…\" or data=hex\"…\""),
        },
        _ => {
            let mut frames = frames(protocol, message, frame_max)?.into_iter();
            let mut octets = match frames.next() {
                Some(first) => spoil(first, message)?,
                None => Vec::new(),
            };
            frames.for_each(|frame| octets.extend(frame.octets()));
            octets
        }
    };
    pieces(octets, message.with("split"))
}

fn protocol_header(message: &Outgoing) -> Result<Vec<u8>, EncodeError> {
    let mut octets = b"AMQP".to_vec();
    for (name, default) in [("id", 0), ("major", 0), ("minor", 9), ("revision", 1)] {
        octets.extend(table::integer(
            message.field(name).unwrap_or(&Datum::Int(default)),
            1,
        )?);
    }
    Ok(octets)
}

/// Cuts octets as `split=N` or `split=[N, …]` says.
fn pieces(octets: Vec<u8>, split: Option<&Datum>) -> Result<Vec<Vec<u8>>, EncodeError> {
    let size = |value: &Datum| match value.int().map(usize::try_from) {
        Some(Ok(size)) if size > 0 => Ok(size),
        _ => error("`split` wants a number of octets above zero, or an array of such"),
    };
    match split.map(Datum::bare) {
        None => Ok(vec![octets]),
        Some(Datum::Array(sizes)) => {
            let mut rest = octets.as_slice();
            let mut pieces = Vec::new();
            for wanted in sizes {
                let (piece, tail) = rest.split_at(size(wanted)?.min(rest.len()));
                pieces.push(piece.to_vec());
                rest = tail;
            }
            pieces.push(rest.to_vec());
            pieces.retain(|piece| !piece.is_empty());
            Ok(pieces)
        }
        Some(one) => Ok(octets.chunks(size(one)?).map(<[u8]>::to_vec).collect()),
    }
}

/// The first frame's octets with the faults that the script asks for.
fn spoil(frame: Frame, message: &Outgoing) -> Result<Vec<u8>, EncodeError> {
    let Frame {
        mut kind,
        mut channel,
        mut payload,
    } = frame;
    let number = |name: &str, limit: i128| match message.with(name) {
        None => Ok(None),
        Some(value) => match value.int() {
            Some(number) if number <= limit => Ok(Some(number)),
            _ => error(format!("`{name}` wants a number up to {limit}")),
        },
    };
    for (name, at) in [("class-id", 0), ("method-id", 2)] {
        if let Some(id) = number(name, 0xFFFF)? {
            match payload.get_mut(at..at + 2) {
                Some(octets) => octets.copy_from_slice(&(id as u16).to_be_bytes()),
                None => return error(format!("`{name}`: the frame holds no ids")),
            }
        }
    }
    if let Some(count) = number("truncate", payload.len() as i128)? {
        payload.truncate(payload.len() - count as usize);
    }
    match message.with("append") {
        None => {}
        Some(value) => match value.octets() {
            Some(octets) => payload.extend(octets),
            None => return error("`append` wants octets"),
        },
    }
    if let Some(octet) = number("type", 0xFF)? {
        kind = octet as u8;
    }
    if let Some(number) = number("channel", 0xFFFF)? {
        channel = number as u16;
    }
    let by = number("size-by", 1 << 32)?.unwrap_or(0);
    let size = number("size", 0xFFFF_FFFF)?.unwrap_or(payload.len() as i128 + by);
    let end = number("frame-end", 0xFF)?.unwrap_or(FRAME_END.into());
    Ok(frame_octets(
        kind,
        channel,
        size as u32,
        &payload,
        end as u8,
    ))
}

fn frames(
    protocol: &Protocol,
    message: &Outgoing,
    frame_max: usize,
) -> Result<Vec<Frame>, EncodeError> {
    let channel = message.stream;
    let integer = |name: &str, width, default| {
        table::integer(message.field(name).unwrap_or(&Datum::Int(default)), width)
    };
    let octets = |name: &str| match message.field(name) {
        None => Ok(Vec::new()),
        Some(value) => match value.octets() {
            Some(octets) => Ok(octets.to_vec()),
            None => error(format!("`{name}` wants text or octets")),
        },
    };
    Ok(match message.command.as_str() {
        "heartbeat" => vec![Frame::new(HEARTBEAT, channel, Vec::new())],
        "frame" => {
            let kind = integer("type", 1, 1)?[0];
            let number = integer("channel", 2, i128::from(channel))?;
            let number = u16::from_be_bytes([number[0], number[1]]);
            vec![Frame::new(kind, number, octets("payload")?)]
        }
        "method" => {
            let ids = [
                integer("class-id", 2, 0)?,
                integer("method-id", 2, 0)?,
                octets("arguments")?,
            ];
            vec![Frame::new(METHOD, channel, ids.concat())]
        }
        "content-header" => {
            let mut payload = [
                integer("class-id", 2, 60)?,
                integer("weight", 2, 0)?,
                integer("body-size", 8, 0)?,
            ]
            .concat();
            payload.extend(property_list(protocol, message)?);
            vec![Frame::new(HEADER, channel, payload)]
        }
        "content-body" => vec![Frame::new(BODY, channel, octets("payload")?)],
        name => {
            let Some(command) = protocol.command(name) else {
                return error(format!("`{name}` is no command of the table"));
            };
            let mut frames = vec![Frame::new(METHOD, channel, method(command, message)?)];
            let without_content = message.with("content").and_then(Datum::as_text) == Some("none");
            if command.content && !without_content {
                content(protocol, message, octets("body")?, frame_max, &mut frames)?;
            }
            frames
        }
    })
}

/// Class id, method id and arguments.
fn method(command: &Command, message: &Outgoing) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    out.extend(command.class.to_be_bytes());
    out.extend(command.method.to_be_bytes());
    let mut bits: Option<(u8, u8)> = None;
    for field in &command.fields {
        let given = message.field(&field.name);
        if field.native == Type::Bit {
            let set = match given.map(Datum::bare) {
                None => false,
                Some(Datum::Bool(flag)) => *flag,
                Some(Datum::Int(number @ 0..=1)) => *number == 1,
                Some(_) => return error(format!("`{}` wants true or false", field.name)),
            };
            let (octet, place) = bits.unwrap_or((0, 0));
            bits = Some((octet | u8::from(set) << place, place + 1));
            if place == 7 {
                out.extend(bits.take().map(|(octet, _)| octet));
            }
            continue;
        }
        out.extend(bits.take().map(|(octet, _)| octet));
        out.extend(argument(field, given)?);
    }
    out.extend(bits.take().map(|(octet, _)| octet));
    Ok(out)
}

fn argument(field: &Field, given: Option<&Datum>) -> Result<Vec<u8>, EncodeError> {
    let zero = Datum::Int(0);
    let empty = Datum::Octets(Vec::new());
    let none = Datum::Table(Vec::new());
    let octets = match field.native {
        Type::Bit | Type::Octet => table::integer(given.unwrap_or(&zero), 1),
        Type::Short => table::integer(given.unwrap_or(&zero), 2),
        Type::Long => table::integer(given.unwrap_or(&zero), 4),
        Type::Longlong | Type::Timestamp => table::integer(given.unwrap_or(&zero), 8),
        Type::Shortstr => table::short_string(given.unwrap_or(&empty)),
        Type::Longstr => table::long_string(given.unwrap_or(&empty)),
        Type::Table => match given {
            // A table may be given as its octets, length included, where its form is the subject.
            Some(Datum::Octets(octets)) => Ok(octets.clone()),
            other => table::table(other.unwrap_or(&none)),
        },
    };
    octets.map_err(|cause| EncodeError(format!("`{}`: {cause}", field.name)))
}

/// Property flags and the values of those that are set.
fn property_list(protocol: &Protocol, message: &Outgoing) -> Result<Vec<u8>, EncodeError> {
    let mut flags = 0u16;
    let mut values = Vec::new();
    let basic = protocol
        .classes
        .iter()
        .find(|class| !class.properties.is_empty());
    for (place, property) in basic
        .iter()
        .flat_map(|class| class.properties.iter().enumerate())
    {
        if let Some(given) = message.field(&property.name) {
            flags |= 0x8000 >> place;
            values.extend(argument(property, Some(given))?);
        }
    }
    let flags = match message.field("flags") {
        Some(given) => table::integer(given, 2)?,
        None => flags.to_be_bytes().to_vec(),
    };
    if let Some(list) = message.field("list").and_then(Datum::octets) {
        values = list.to_vec();
    }
    Ok([flags, values].concat())
}

/// The header frame and the body frames of a content.
fn content(
    protocol: &Protocol,
    message: &Outgoing,
    body: Vec<u8>,
    frame_max: usize,
    frames: &mut Vec<Frame>,
) -> Result<(), EncodeError> {
    let channel = message.stream;
    let mut header = Vec::new();
    header.extend(60u16.to_be_bytes());
    header.extend(0u16.to_be_bytes());
    header.extend((body.len() as u64).to_be_bytes());
    header.extend(property_list(protocol, message)?);
    frames.push(Frame::new(HEADER, channel, header));
    let mut rest = body.as_slice();
    if let Some(Datum::Array(sizes)) = message.with("body-frames").map(Datum::bare) {
        for size in sizes {
            let Some(Ok(size)) = size.int().map(usize::try_from) else {
                return error("`body-frames` wants an array of numbers");
            };
            let (piece, tail) = rest.split_at(size.min(rest.len()));
            frames.push(Frame::new(BODY, channel, piece.to_vec()));
            rest = tail;
        }
    }
    for piece in rest.chunks(frame_max.saturating_sub(FRAME_OVERHEAD).max(1)) {
        frames.push(Frame::new(BODY, channel, piece.to_vec()));
    }
    Ok(())
}
