//! An answer against what a frame is: agreement, a choice that the text leaves, or a finding.

use std::collections::BTreeSet;

use mqspec_specs::Type;
use serde_json::Value;

use super::answer::{Answer, Decoded, plain};
use super::compare::{self, Difference, integer};
use super::oracle::{Expected, Refused};
use super::program::Reply;
use crate::corpus::export::hex;
use crate::dialect::Datum;
use crate::dialect::amqp::Frame;

/// What an answer is worth.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// It says what the text says.
    Agrees,
    /// The program was not made for such frames.
    Skips(String),
    /// The text leaves it to a decoder: by this clause.
    Free {
        /// The clause.
        clause: &'static str,
        /// What the program does, in words.
        what: String,
    },
    /// It is against the text.
    Finding(Kind),
    /// Nobody says what it should be.
    Unjudged,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The frame breaks a clause so that it cannot be read, and the program reads it.
    Takes {
        /// The clause.
        clause: &'static str,
        /// What is wrong with the frame.
        what: String,
        /// The same without where it is.
        fault: String,
    },
    /// The frame is legal, and the program refuses it.
    Refuses {
        /// What it says.
        said: String,
    },
    /// The program reads something else out of a legal frame than it holds.
    Differs(Difference),
    /// The program ends.
    Dies {
        /// How.
        how: String,
        /// The last lines of its standard error.
        said: Vec<String>,
    },
    /// The program says nothing in time.
    Hangs,
    /// The program says what no answer is.
    Garbles {
        /// What is wrong with the answer.
        what: String,
    },
}

impl Kind {
    /// What findings of the same kind have in common, before they are shrunk.
    pub fn key(&self) -> String {
        match self {
            Kind::Takes { clause, fault, .. } => format!("takes {clause} {}", skeleton(fault)),
            Kind::Refuses { said } => format!("refuses {}", skeleton(said)),
            Kind::Differs(difference) => {
                let root = difference.path.split(['.', '[']).next().unwrap_or_default();
                match difference.kind.starts_with("tag ") {
                    true => format!("differs {}", difference.kind),
                    false => format!("differs {} {root}", difference.kind),
                }
            }
            Kind::Dies { how, said } => {
                let last = said.last().map(|line| skeleton(line)).unwrap_or_default();
                format!("dies {how} {last}")
            }
            Kind::Hangs => "hangs".to_owned(),
            Kind::Garbles { what } => format!("garbles {}", skeleton(what)),
        }
    }
}

/// A message without what differs from frame to frame: quoted text, numbers, lists of octets.
fn skeleton(message: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let hexadecimal = |word: &str| {
        word.strip_prefix("0x")
            .is_some_and(|digits| u64::from_str_radix(digits, 16).is_ok())
    };
    let words = message
        .split(' ')
        .map(|word| if hexadecimal(word) { "0" } else { word });
    let message = words.collect::<Vec<_>>().join(" ");
    for letter in message.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            None if letter == '<' => quote = Some('>'),
            Some(_) => {}
            None if matches!(letter, '"' | '\'' | '`') => quote = Some(letter),
            None if letter.is_ascii_digit() => {
                if !text.ends_with('#') {
                    text.push('#');
                }
            }
            None => text.push(letter),
        }
    }
    text.chars().take(70).collect()
}

/// Fields that a program has named in some answer: it may not keep silent about them where a frame holds them.
pub type Named = BTreeSet<(String, String)>;

/// Adds what an answer names.
pub fn learn(named: &mut Named, expected: &Expected, reply: &Reply) {
    if let (Expected::Taken(frame, _), Reply::Line(line)) = (expected, reply)
        && let Ok(Answer::Decoded(decoded)) = Answer::read(line)
    {
        let told = decoded.fields.iter().filter(|(_, value)| !value.is_null());
        named.extend(told.map(|(name, _)| (frame.command.clone(), name.clone())));
        if frame.kind != "method" {
            named.extend(
                decoded
                    .own
                    .keys()
                    .map(|name| (frame.command.clone(), name.clone())),
            );
        }
    }
}

/// Judges a reply.
pub fn judge(expected: &Expected, reply: &Reply, named: &Named) -> Judgement {
    let answer = match reply {
        Reply::Died { how, said } => {
            return Judgement::Finding(Kind::Dies {
                how: how.clone(),
                said: said.clone(),
            });
        }
        Reply::Hung => return Judgement::Finding(Kind::Hangs),
        Reply::Line(line) => match Answer::read(line) {
            Ok(answer) => answer,
            Err(what) => return Judgement::Finding(Kind::Garbles { what }),
        },
    };
    match (expected, answer) {
        (_, Answer::Skipped(reason)) => Judgement::Skips(reason),
        (Expected::Unsure, _) => Judgement::Unjudged,
        (Expected::Taken(frame, None), Answer::Rejected(said)) => match extension(frame) {
            true => Judgement::Free {
                clause: "MTH-01",
                what: format!("refuses {}, which is an extension's: {said}", frame.command),
            },
            false => Judgement::Finding(Kind::Refuses { said }),
        },
        (Expected::Taken(_, Some(clause)), Answer::Rejected(said)) => Judgement::Free {
            clause,
            what: format!("refuses, with the words: {said}"),
        },
        (Expected::Taken(frame, contested), Answer::Decoded(decoded)) => {
            match (difference(frame, &decoded, named), contested) {
                (None, _) => Judgement::Agrees,
                (Some(found), Some(clause)) => Judgement::Free {
                    clause,
                    what: format!("reads {} as {}", found.kind, found.got),
                },
                (Some(found), None) => Judgement::Finding(Kind::Differs(found)),
            }
        }
        (Expected::Refused(_), Answer::Rejected(_)) => Judgement::Agrees,
        (Expected::Refused(refused), Answer::Decoded(decoded)) => taken(refused, &decoded, named),
    }
}

/// Whether it is a command that AMQP 0-9-1 itself does not have, so that a decoder need not know it.
fn extension(frame: &Frame) -> bool {
    let command = mqspec_specs::amqp_0_9_1().command(&frame.command);
    command.is_some_and(|command| command.origin != "AMQP 0-9-1")
}

/// A frame that breaks a clause was taken.
fn taken(refused: &Refused, decoded: &Decoded, named: &Named) -> Judgement {
    if refused.clause == "MTH-01" && decoded.method.is_none() && decoded.fields.is_empty() {
        // It hands over the ids, and leaves it to others to know the commands.
        return Judgement::Agrees;
    }
    if refused.unreadable {
        return Judgement::Finding(Kind::Takes {
            clause: refused.clause,
            what: refused.what.clone(),
            fault: refused.fault.clone(),
        });
    }
    match refused
        .frame
        .as_ref()
        .and_then(|frame| difference(frame, decoded, named))
    {
        Some(found) => Judgement::Finding(Kind::Differs(found)),
        None => Judgement::Free {
            clause: refused.clause,
            what: format!("takes what a peer has to refuse: {}", refused.what),
        },
    }
}

/// The first thing in which the answer is not the frame.
fn difference(frame: &Frame, decoded: &Decoded, named: &Named) -> Option<Difference> {
    let differs = |path: &str, wanted: String, got: String| {
        Some(Difference {
            kind: "frame".to_owned(),
            path: path.to_owned(),
            wanted,
            got,
        })
    };
    let kind = frame.kind.replace(' ', "-");
    if decoded.kind != kind {
        return differs("type", kind, decoded.kind.clone());
    }
    if let (Some(wanted), Some(got)) = (frame.channel, &decoded.channel)
        && integer(got) != Some(wanted.into())
    {
        return differs("channel", wanted.to_string(), got.to_string());
    }
    if kind == "method" {
        if let Some(method) = &decoded.method
            && plain(method) != plain(&frame.command)
        {
            return differs("method", frame.command.clone(), method.clone());
        }
        let ids = mqspec_specs::amqp_0_9_1().command(&frame.command)?;
        for (name, wanted) in [("classid", ids.class), ("methodid", ids.method)] {
            if let Some(got) = decoded.own.get(name)
                && integer(got) != Some(wanted.into())
            {
                return differs(name, wanted.to_string(), got.to_string());
            }
        }
    }
    if let Some(found) = payload(frame, decoded) {
        return Some(found);
    }
    for field in fields(frame) {
        let held = frame.fields.iter().find(|(name, _)| name == field.name);
        let got = decoded
            .fields
            .get(&plain(field.name))
            // The ids of a command are no arguments, though `connection.close` has some of these names.
            .or_else(|| {
                decoded
                    .own
                    .get(&plain(field.name))
                    .filter(|_| kind != "method")
            });
        let found = match (held, got) {
            (Some((name, wanted)), Some(got)) => compare::argument(name, field.native, wanted, got),
            (Some((name, wanted)), None) => {
                let silent = named.contains(&(frame.command.clone(), plain(name)));
                silent.then(|| Difference {
                    kind: format!("{:?}", field.native).to_lowercase(),
                    path: name.clone(),
                    wanted: compare::shown(wanted),
                    got: "nothing, though it names it elsewhere".to_owned(),
                })
            }
            (None, Some(got)) if !got.is_null() => Some(Difference {
                kind: format!("{:?}", field.native).to_lowercase(),
                path: field.name.to_owned(),
                wanted: "nothing: the frame does not hold it".to_owned(),
                got: super::answer::brief(&got.to_string()),
            }),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// A body's octets, which are compared as hexadecimal digits.
fn payload(frame: &Frame, decoded: &Decoded) -> Option<Difference> {
    let (_, wanted) = frame.fields.iter().find(|(name, _)| name == "payload")?;
    let got = decoded
        .own
        .get("body")
        .or_else(|| decoded.own.get("payload"))?;
    let wanted = hex(wanted.octets().unwrap_or_default());
    let given = got
        .as_str()
        .or_else(|| got.get("hex").and_then(Value::as_str));
    (given.map(str::to_lowercase).as_deref() != Some(&wanted)).then(|| Difference {
        kind: "frame".to_owned(),
        path: "body".to_owned(),
        wanted: super::answer::brief(&wanted),
        got: super::answer::brief(&got.to_string()),
    })
}

/// A field that can be compared.
pub struct Comparable {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub native: Type,
}

/// The fields of a frame's kind that a program may tell. What is reserved says nothing (MTH-04).
pub fn fields(frame: &Frame) -> Vec<Comparable> {
    let protocol = mqspec_specs::amqp_0_9_1();
    let number = |name| Comparable {
        name,
        native: Type::Longlong,
    };
    let of = |fields: &'static [mqspec_specs::Field]| {
        let told = fields.iter().filter(|field| !field.reserved);
        told.map(|field| Comparable {
            name: &field.name,
            native: field.native,
        })
    };
    match frame.kind {
        "method" => protocol
            .command(&frame.command)
            .map(|command| of(&command.fields).collect())
            .unwrap_or_default(),
        "header" => {
            let own = ["class-id", "weight", "body-size"].map(number);
            let lists = protocol
                .classes
                .iter()
                .flat_map(|class| of(&class.properties));
            own.into_iter().chain(lists).collect()
        }
        "protocol header" => ["id", "major", "minor", "revision"].map(number).into(),
        _ => Vec::new(),
    }
}

/// What a frame holds that is not zero, empty or absent: the types of its values, and the tags in its tables.
pub fn features(frame: &Frame) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for field in fields(frame) {
        let held = frame.fields.iter().find(|(name, _)| name == field.name);
        let Some((name, value)) = held else { continue };
        let nothing = match value.bare() {
            Datum::Bool(flag) => !flag,
            Datum::Int(number) => {
                *number == 0 && frame.kind == "method"
                    || ["class-id", "weight"].contains(&name.as_str())
                    || *number == 0 && name == "body-size"
            }
            Datum::Octets(octets) => octets.is_empty() && frame.kind == "method",
            Datum::Table(pairs) => pairs.is_empty() && frame.kind == "method",
            _ => false,
        };
        if !nothing {
            found.insert(format!("{:?}", field.native).to_lowercase());
            tags(value, &mut found);
        }
    }
    found
}

/// The tags of the values within a table.
pub fn tags(value: &Datum, found: &mut BTreeSet<String>) {
    match value {
        Datum::Typed(tag, inner) => {
            found.insert(format!("tag {tag}"));
            tags(inner, found);
        }
        Datum::Table(pairs) => pairs.iter().for_each(|(_, inner)| tags(inner, found)),
        Datum::Array(values) => values.iter().for_each(|inner| tags(inner, found)),
        _ => {}
    }
}
