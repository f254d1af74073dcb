//! This codec and the one of `lapin`, `amq-protocol`.
//!
//! They agree but for the differences in `known.toml`, which says of each how it is recognised, why it is there and
//! whose side the text is on. A difference that is not listed is a finding; one that no seed shows any more has to
//! leave the list.

mod meaning;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use amq_protocol::frame::{WriteContext, gen_frame, parse_frame};
use bytes::Bytes;
use serde::Deserialize;

use super::{encoded, frames};
use crate::error::{DecodeError, Fault};
use crate::frame::{Deframer, Frame};
use meaning::Rewriting;

/// One way in which the codecs are known to differ.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Difference {
    /// A name that says what is different.
    pub name: String,
    /// How it is recognised.
    pub how: How,
    /// The clause that settles it; an id of `specs/amqp-0-9-1/clauses.toml`.
    pub clause: String,
    /// Whose side the text is on.
    pub text: Side,
    /// Why it is there.
    pub reason: String,
}

/// How a difference is recognised.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum How {
    /// This codec refuses with this [`Fault`], by its name; the other one takes the octets or waits for more.
    OnlyWeRefuse(String),
    /// This codec refuses with this [`Fault`], and the other one is better not asked.
    NotAsked(String),
    /// The other codec refuses this command.
    OnlyTheyRefuse(String),
    /// Both take the octets, and the other one reads something else out of them.
    TheyRewrite(Rewriting),
}

/// Whose side the text of the specification is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// That of this codec.
    Ours,
    /// That of the other one.
    Theirs,
    /// It leaves the choice, or contradicts itself.
    Open,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    difference: Vec<Difference>,
}

static KNOWN: LazyLock<Vec<Difference>> = LazyLock::new(|| {
    let list: List = toml::from_str(include_str!("known.toml")).expect("known.toml is in order");
    list.difference
});

/// The known differences.
///
/// # Panics
///
/// If `known.toml` is malformed, which a test would show.
pub fn known() -> &'static [Difference] {
    &KNOWN
}

/// Shows `octets` to both codecs as a stream, and each of the frames made of them. Yields the names of the known
/// differences that showed.
///
/// # Panics
///
/// If they differ in another way: which octets they take, how many, or what they read out of them.
pub fn peer(octets: &[u8]) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    let mut rest = octets;
    while let Some(taken) = first(rest, &mut seen) {
        rest = &rest[taken..];
    }
    for frame in frames(octets) {
        first(&encoded(|out| frame.encode(out)), &mut seen);
    }
    seen
}

/// What a codec makes of the first frame.
enum Read<F, E> {
    Frame(usize, F),
    Incomplete,
    Refused(E),
}

/// Compares the first frame, and says how long it is if both took it.
fn first(octets: &[u8], seen: &mut BTreeSet<&'static str>) -> Option<usize> {
    let ours = ours(octets);
    let not_asked = |how: &How| match (how, &ours) {
        (How::NotAsked(fault), Read::Refused(error)) => *fault == name(error.fault()),
        _ => false,
    };
    if let Some(difference) = known().iter().find(|known| not_asked(&known.how)) {
        seen.insert(&difference.name);
        return None;
    }
    match (ours, theirs(octets)) {
        (Read::Frame(taken, here), Read::Frame(their_taken, rewritten)) => {
            assert_eq!(taken, their_taken, "octets of {here:?}");
            same(here, &rewritten, seen);
            Some(taken)
        }
        (Read::Incomplete, Read::Incomplete) | (Read::Refused(_), Read::Refused(())) => None,
        (Read::Refused(error), Read::Frame(..) | Read::Incomplete) => {
            let fault = name(error.fault());
            excuse(
                |how| matches!(how, How::OnlyWeRefuse(known) if *known == fault),
                seen,
                || format!("only we refuse {octets:02x?}: {error} ({fault})"),
            );
            None
        }
        (Read::Frame(taken, here), Read::Refused(()) | Read::Incomplete) => {
            excuse(
                |how| matches!((how, &here), (How::OnlyTheyRefuse(known), Frame::Method { method, .. }) if known == method.name()),
                seen,
                || format!("only they refuse {here:?}"),
            );
            Some(taken)
        }
        (Read::Incomplete, Read::Frame(..) | Read::Refused(())) => {
            panic!("only we wait for more of {octets:02x?}")
        }
    }
}

fn excuse(
    known: impl Fn(&How) -> bool,
    seen: &mut BTreeSet<&'static str>,
    what: impl Fn() -> String,
) {
    let difference = self::known()
        .iter()
        .find(|difference| known(&difference.how));
    match difference {
        Some(difference) => seen.insert(&difference.name),
        None => panic!("a difference that is not known: {}", what()),
    };
}

/// What both took means the same, once the other codec's known rewritings are done to ours as well.
fn same(here: Frame, rewritten: &[u8], seen: &mut BTreeSet<&'static str>) {
    let Read::Frame(_, there) = ours(rewritten) else {
        panic!("we do not read what they write for {here:?}: {rewritten:02x?}");
    };
    if here == there {
        return;
    }
    let mut expected = meaning::respelt(here.clone());
    let there = meaning::respelt(there);
    for difference in known() {
        if let How::TheyRewrite(rewriting) = difference.how {
            let before = expected.clone();
            expected = rewriting.apply(expected);
            if expected != before {
                seen.insert(&difference.name);
            }
        }
    }
    assert_eq!(there, expected, "they read something else out of {here:?}");
}

fn ours(octets: &[u8]) -> Read<Frame, DecodeError> {
    let split = match Deframer::new(0).split(octets) {
        Ok(Some(split)) => split,
        Ok(None) => return Read::Incomplete,
        Err(error) => return Read::Refused(error),
    };
    let (raw, rest) = split;
    match raw.parse() {
        Ok(frame) => Read::Frame(octets.len() - rest.len(), frame.into_owned()),
        Err(error) => Read::Refused(error),
    }
}

/// The frame as the other codec writes it again.
fn theirs(octets: &[u8]) -> Read<Bytes, ()> {
    match parse_frame(octets) {
        Ok((rest, frame)) => {
            let written = gen_frame(&frame)(WriteContext::from(Vec::new()));
            let (rewritten, _) = written.expect("a vector has room").into_inner();
            Read::Frame(octets.len() - rest.len(), rewritten.into())
        }
        Err(error) if error.is_incomplete() => Read::Incomplete,
        Err(_) => Read::Refused(()),
    }
}

/// The name of a fault's kind.
fn name(fault: Fault) -> String {
    let shown = format!("{fault:?}");
    let end = shown.find([' ', '(']).unwrap_or(shown.len());
    shown[..end].to_owned()
}
