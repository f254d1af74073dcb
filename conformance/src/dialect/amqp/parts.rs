//! One frame's octets, part by part: what each of them is, as deep as tables go.

use mqspec_specs::{Field, Protocol, Type};

use super::super::Datum;
use super::decode;
use super::encode::FRAME_OVERHEAD;
use super::table::Reader;

/// Type, channel and size.
const HEAD: usize = FRAME_OVERHEAD - 1;
/// Deeper values are one part with what surrounds them.
const DEPTH: usize = 8;

/// What a part is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Part of a frame's head, its end, or an id.
    Fixed,
    /// An argument or a property of that type; a run of bits is one part.
    Value(Type),
    /// A name and a tagged value within a table, or a tagged value within an array.
    Entry(char),
    /// Octets that cannot be read.
    Unreadable,
}

/// Some octets of a frame that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Where it begins, in octets.
    pub offset: usize,
    /// How long it is, in octets, with its inner parts.
    pub length: usize,
    /// What it is called.
    pub name: String,
    /// What it says, in the notation.
    pub value: String,
    /// What it is written as.
    pub form: Form,
    /// The entries of a table or an array.
    pub inner: Vec<Part>,
}

impl Part {
    fn new(offset: usize, length: usize, name: &str, value: impl ToString, form: Form) -> Part {
        Part {
            offset,
            length,
            name: name.to_owned(),
            value: value.to_string(),
            form,
            inner: Vec::new(),
        }
    }

    /// Behind its last octet.
    pub fn end(&self) -> usize {
        self.offset + self.length
    }

    /// How many octets it has before its first inner part.
    pub fn own(&self) -> usize {
        self.inner
            .first()
            .map_or(self.length, |inner| inner.offset - self.offset)
    }
}

/// The parts of the frame, or of the protocol header, with which the octets begin.
pub fn parts(octets: &[u8]) -> Vec<Part> {
    if octets.starts_with(b"AMQP") && octets.len() >= 8 {
        let version = &octets[4..8];
        return vec![
            Part::new(0, 4, "protocol", "AMQP", Form::Fixed),
            Part::new(4, 4, "version", format!("{version:?}"), Form::Fixed),
        ];
    }
    let Some(head) = octets.get(..HEAD) else {
        return vec![unread(0, octets.len(), "a frame's head has seven octets")];
    };
    let kind = match head[0] {
        1 => "method",
        2 => "header",
        3 => "body",
        8 => "heartbeat",
        _ => "unknown",
    };
    let channel = u16::from_be_bytes([head[1], head[2]]);
    let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
    let mut parts = vec![
        Part::new(0, 1, "type", format!("{} {kind}", head[0]), Form::Fixed),
        Part::new(1, 2, "channel", channel, Form::Fixed),
        Part::new(3, 4, "size", size, Form::Fixed),
    ];
    let end = HEAD.saturating_add(size as usize).min(octets.len());
    let mut walk = Walk {
        octets,
        at: HEAD,
        end,
        parts: Vec::new(),
    };
    let protocol = mqspec_specs::amqp_0_9_1();
    let done = match head[0] {
        1 => walk.method(protocol),
        2 => walk.header(protocol),
        _ => {
            if end > HEAD {
                let value = Datum::Octets(octets[HEAD..end].to_vec()).to_value();
                walk.take(end - HEAD, "payload", value, Form::Fixed);
            }
            Ok(())
        }
    };
    if let Err(what) = done {
        let part = unread(walk.at, end - walk.at, &what);
        walk.parts.push(part);
    } else if walk.at < end {
        let part = unread(walk.at, end - walk.at, "nothing is due here");
        walk.parts.push(part);
    }
    parts.extend(walk.parts);
    if let Some(octet) = octets.get(HEAD + size as usize) {
        let said = if *octet == 0xCE { "" } else { "not 0xCE" };
        parts.push(Part::new(HEAD + size as usize, 1, "end", said, Form::Fixed));
    }
    parts
}

fn unread(offset: usize, length: usize, what: &str) -> Part {
    Part::new(offset, length, "?", what, Form::Unreadable)
}

struct Walk<'a> {
    octets: &'a [u8],
    at: usize,
    end: usize,
    parts: Vec<Part>,
}

impl Walk<'_> {
    fn take(&mut self, length: usize, name: &str, value: impl ToString, form: Form) {
        self.parts
            .push(Part::new(self.at, length, name, value, form));
        self.at += length;
    }

    fn number(&mut self, width: usize, name: &str) -> Result<u64, String> {
        let number = Reader::new(&self.octets[self.at..self.end]).unsigned(width)?;
        self.take(width, name, number, Form::Fixed);
        Ok(number)
    }

    fn method(&mut self, protocol: &Protocol) -> Result<(), String> {
        let class = self.number(2, "class-id")? as u16;
        let method = self.number(2, "method-id")? as u16;
        let Some(command) = protocol.command_by_id(class, method) else {
            return Err(format!("no command has class {class} and method {method}"));
        };
        if let Some(part) = self.parts.last_mut() {
            part.value = format!("{method} {}", command.name);
        }
        let mut fields = command.fields.as_slice();
        while let Some(field) = fields.first() {
            let bits = fields
                .iter()
                .take_while(|field| field.native == Type::Bit)
                .take(8)
                .count();
            match bits {
                0 => self.value(field)?,
                _ => self.bits(&fields[..bits])?,
            }
            fields = &fields[bits.max(1)..];
        }
        Ok(())
    }

    fn header(&mut self, protocol: &Protocol) -> Result<(), String> {
        let class = self.number(2, "class-id")? as u16;
        self.number(2, "weight")?;
        self.number(8, "body-size")?;
        let flags = self.number(2, "flags")?;
        if let Some(part) = self.parts.last_mut() {
            part.value = format!("{flags:#06x}");
        }
        let class = protocol.class(class).into_iter();
        for (place, property) in class.flat_map(|class| &class.properties).enumerate() {
            if flags & 0x8000 >> place != 0 {
                self.value(property)?;
            }
        }
        Ok(())
    }

    fn bits(&mut self, fields: &[Field]) -> Result<(), String> {
        let octet = Reader::new(&self.octets[self.at..self.end]).unsigned(1)?;
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let set = (0..fields.len()).filter(|place| octet >> place & 1 == 1);
        let set: Vec<&str> = set.map(|place| names[place]).collect();
        let said = match set.is_empty() {
            true => "none is set".to_owned(),
            false => format!("set: {}", set.join(" ")),
        };
        self.take(1, &names.join(" "), said, Form::Value(Type::Bit));
        Ok(())
    }

    fn value(&mut self, field: &Field) -> Result<(), String> {
        let rest = &self.octets[self.at..self.end];
        let mut reader = Reader::new(rest);
        let value =
            decode::value(field, &mut reader).map_err(|what| format!("{}: {what}", field.name))?;
        let length = rest.len() - reader.rest().len();
        let (at, said) = (self.at, value.to_value());
        self.take(length, &field.name, said, Form::Value(field.native));
        if field.native == Type::Table
            && let Some(part) = self.parts.last_mut()
        {
            part.value = format!("table of {} octets", length - 4);
            part.inner = entries(&self.octets[..at + length], at + 4, true, 0);
        }
        Ok(())
    }
}

/// The entries of a sound table or array, whose octets begin at `at` and go on to the end.
fn entries(octets: &[u8], mut at: usize, named: bool, depth: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    while at < octets.len() && depth < DEPTH {
        let begin = at;
        let mut name = String::new();
        if named {
            let length = usize::from(octets[at]);
            name = String::from_utf8_lossy(&octets[at + 1..at + 1 + length]).into_owned();
            at += 1 + length;
        }
        let tag = char::from(octets[at]);
        let mut reader = Reader::new(&octets[at..]);
        let Ok(value) = reader.tagged(0) else { break };
        let end = octets.len() - reader.rest().len();
        let mut part = Part::new(
            begin,
            end - begin,
            &name,
            format!("{tag}:{}", value.bare().to_value()),
            Form::Entry(tag),
        );
        if matches!(tag, 'F' | 'A') {
            let what = if tag == 'F' { "table" } else { "array" };
            part.value = format!("{tag}: {what} of {} octets", end - at - 5);
            part.inner = entries(&octets[..end], at + 5, tag == 'F', depth + 1);
        }
        parts.push(part);
        at = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_frame_are_all_of_it() {
        let octets = b"\x01\0\x01\0\0\0\x18\0\x32\0\x0a\0\0\x01q\x06\0\0\0\x0b\x01kF\0\0\0\x04\x01nt\x01\xce";
        let parts = parts(octets);
        let told: Vec<(usize, usize, &str, &str)> = parts
            .iter()
            .map(|part| {
                (
                    part.offset,
                    part.length,
                    part.name.as_str(),
                    part.value.as_str(),
                )
            })
            .collect();
        assert_eq!(told[4], (9, 2, "method-id", "10 queue.declare"));
        assert_eq!(told[6], (13, 2, "queue", "q"));
        let bits = "passive durable exclusive auto-delete no-wait";
        assert_eq!(told[7], (15, 1, bits, "set: durable exclusive"));
        assert_eq!(parts[8].inner[0].inner[0].value, "t:true");
        assert_eq!(
            parts.iter().map(|part| part.length).sum::<usize>(),
            octets.len()
        );
    }
}
