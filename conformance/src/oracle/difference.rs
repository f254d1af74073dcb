//! What is different, in words that tell one kind of difference from another.

use std::collections::BTreeSet;
use std::fmt;

use super::duel::Difference;
use crate::dialect::Datum;
use crate::dialect::generated::{Act, Move, Said};

/// A kind of difference: whatever names and numbers it has, it is met again and again and told once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The step, without its names: see [`shape`].
    pub step: String,
    /// What is different, in a word.
    pub aspect: String,
    /// What the left one did.
    pub left: String,
    /// What the right one did.
    pub right: String,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}: {} | {}",
            self.step, self.aspect, self.left, self.right
        )
    }
}

impl Kind {
    /// The kind of a difference.
    pub fn of(difference: &Difference) -> Kind {
        let (left, right) = (&difference.left, &difference.right);
        Kind {
            step: shape(&difference.after),
            aspect: difference.aspect.to_owned(),
            left: told(left, right),
            right: told(right, left),
        }
    }

    /// What the first line of a difference's script says of its kind.
    pub(super) fn read(line: &str) -> Option<Kind> {
        let (_, told) = line.split_once(" part: ")?;
        let (step, told) = told.split_once(", ")?;
        let (aspect, told) = told.split_once(": ")?;
        let (left, right) = told.strip_suffix('.')?.split_once(" | ")?;
        let [step, aspect, left, right] = [step, aspect, left, right].map(str::to_owned);
        Some(Kind {
            step,
            aspect,
            left,
            right,
        })
    }

    /// A name for a file.
    pub fn slug(&self) -> String {
        let words = format!("{}-{}-{}", self.step, self.aspect, self.right);
        let mut slug = String::new();
        for letter in words.chars() {
            match letter {
                'a'..='z' | '0'..='9' | '.' => slug.push(letter),
                _ if !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
        }
        slug.truncate(80);
        slug.trim_matches(['-', '.']).to_owned()
    }
}

/// A step without its names: the command, the flags that are set, the arguments and properties that it has, such as
/// `queue.declare durable x-max-length`.
pub fn shape(step: &Move) -> String {
    let message = match &step.act {
        Act::Cut => return "cut".to_owned(),
        Act::Wait(_) => return "wait".to_owned(),
        Act::Say { message, .. } => message,
    };
    let mut words = vec![message.command.clone()];
    for (name, value) in &message.fields {
        match value {
            Datum::Bool(true) => words.push(name.clone()),
            Datum::Table(pairs) => words.extend(pairs.iter().map(|(name, _)| name.clone())),
            Datum::Int(_) if name != "delivery-tag" => words.push(name.clone()),
            Datum::Octets(octets) if name == "type" => {
                words.push(String::from_utf8_lossy(octets).into_owned())
            }
            Datum::Octets(_) if !NAMES.contains(&name.as_str()) => words.push(name.clone()),
            _ => {}
        }
    }
    if let Act::Say { binds: Some(_), .. } = &step.act {
        words.push(UNNAMED.to_owned());
    }
    words.join(" ")
}

/// What stands behind a step in which the broker is to make a name.
const UNNAMED: &str = "unnamed";

/// Fields that only say which thing a step is about.
const NAMES: [&str; 9] = [
    "queue",
    "exchange",
    "routing-key",
    "body",
    "consumer-tag",
    "source",
    "destination",
    "reply-text",
    "message-id",
];

/// What one side said, as far as the other one did not.
fn told(here: &[Said], there: &[Said]) -> String {
    if here.is_empty() {
        return "nothing".to_owned();
    }
    let commands = |all: &[Said]| all.iter().map(|it| it.command.clone()).collect::<Vec<_>>();
    if commands(here) != commands(there) {
        let all: Vec<String> = here.iter().map(headline).collect();
        let mut counted: Vec<(String, usize)> = Vec::new();
        for it in all {
            match counted.iter_mut().find(|(known, _)| *known == it) {
                Some((_, count)) => *count += 1,
                None => counted.push((it, 1)),
            }
        }
        let more = here.len() > there.len();
        let words = counted.into_iter().map(|(it, count)| match count {
            1 => it,
            _ if more => format!("more {it}"),
            _ => format!("fewer {it}"),
        });
        return words.collect::<Vec<_>>().join(", ");
    }
    let differing = here.iter().zip(there).find(|(here, there)| here != there);
    let Some((here, there)) = differing else {
        return "the same".to_owned();
    };
    let body = |said: &Said| {
        said.fields
            .iter()
            .find(|(it, _)| it == "body")
            .map(|(_, it)| it.clone())
    };
    if body(here) != body(there) {
        return format!("{} another message", here.command);
    }
    let names: BTreeSet<&String> = here
        .fields
        .iter()
        .chain(&there.fields)
        .map(|(name, _)| name)
        .collect();
    let value = |said: &Said, name: &str| {
        said.fields
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, it)| it.clone())
    };
    let words = names
        .into_iter()
        .filter(|name| value(here, name) != value(there, name))
        .map(|name| match (value(here, name), value(there, name)) {
            (None, _) => format!("no {name}"),
            (Some(Datum::Int(one)), Some(Datum::Int(other))) if name.ends_with("-count") => {
                match one > other {
                    true => format!("more {name}"),
                    false => format!("less {name}"),
                }
            }
            (Some(Datum::Table(one)), Some(Datum::Table(other))) => {
                let lacks = |one: &[(String, Datum)], other: &[(String, Datum)]| {
                    let lacking = other
                        .iter()
                        .filter(|(key, it)| !one.iter().any(|(k, v)| k == key && v == it));
                    lacking.map(|(key, _)| key.clone()).collect::<Vec<_>>()
                };
                let own = lacks(&other, &one);
                format!(
                    "{name} with {}",
                    if own.is_empty() {
                        "less".to_owned()
                    } else {
                        own.join(", ")
                    }
                )
            }
            (Some(value), _) if matches!(value, Datum::Bool(_) | Datum::Int(_)) => {
                format!("{name}={}", value.to_value())
            }
            (Some(_), _) => format!("another {name}"),
        });
    format!("{} {}", here.command, words.collect::<Vec<_>>().join(", "))
}

/// A command with what makes it what it is.
fn headline(said: &Said) -> String {
    let code = said
        .fields
        .iter()
        .find(|(name, _)| name == "reply-code")
        .and_then(|(_, it)| it.int());
    match code {
        Some(code) => format!("{} {code}", said.command),
        None => said.command.clone(),
    }
}
