//! The committed seeds of the fuzz targets, sent through what the targets assert.
//!
//! `BLESS=1 cargo test -p mqspec-codec --test corpus` writes the seeds anew from
//! `specs/amqp-0-9-1/protocol.json`; seeds that a fuzzer added under other names stay.

mod seeds;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use allocation_counter::measure;
use bytes::{Bytes, BytesMut};
use mqspec_codec::check::peer::{known, peer};
use mqspec_codec::{ContentHeader, DecodeError, Frame, Method, check};
use seeds::Seeds;
use support::{commands, corpus};

/// All committed seeds together, in octets.
const ROOM: u64 = 2_000_000;

fn replay(target: &str, expected: &Seeds, mut check: impl FnMut(&[u8])) {
    let folder = corpus(target);
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(&folder).expect("a writable folder");
        for (name, octets) in expected {
            fs::write(folder.join(name), octets).expect("a writable folder");
        }
    }
    for (name, octets) in expected {
        let found = fs::read(folder.join(name)).unwrap_or_default();
        assert!(
            found == *octets,
            "fuzz/corpus/{target}/{name} is out of date; run with BLESS=1"
        );
    }
    for entry in fs::read_dir(&folder).expect("a readable folder") {
        let octets = fs::read(entry.expect("a readable entry").path()).expect("a readable seed");
        check(&octets);
    }
}

#[test]
fn any_octets_are_decoded_or_refused() {
    replay("decode", &seeds::decode(), |octets| {
        check::decode_any(octets, |work| measure(work).bytes_total);
    });
}

#[test]
fn frames_come_back_as_they_went_out() {
    replay("round_trip", &seeds::round_trip(), check::round_trip);
}

/// The codec against itself. Against the other one the seeds are held where both can be seen.
#[test]
fn a_codec_agrees_with_itself() {
    fn method(payload: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let method = Method::decode(Bytes::copy_from_slice(payload))?;
        let mut out = BytesMut::new();
        method.encode(&mut out);
        Ok(out.to_vec())
    }
    fn header(payload: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let header = ContentHeader::decode(Bytes::copy_from_slice(payload))?;
        let mut out = BytesMut::new();
        header.encode(&mut out);
        Ok(out.to_vec())
    }
    replay("two_codecs", &seeds::two_codecs(), |octets| {
        check::two_codecs(octets, method, header);
    });
}

#[test]
fn the_round_trip_seeds_reach_every_command() {
    let reached: BTreeSet<_> = seeds::round_trip()
        .iter()
        .flat_map(|(_, octets)| check::frames(octets))
        .filter_map(|frame| match frame {
            Frame::Method { method, .. } => Some(method.name()),
            _ => None,
        })
        .collect();
    assert_eq!(reached.len(), commands().len());
}

#[test]
fn streams_say_the_same_in_pieces() {
    replay("splits", &seeds::splits(), check::splits);
}

#[test]
fn tables_come_out_as_they_went_in() {
    replay("tables", &seeds::tables(), check::tables);
}

#[test]
fn headers_come_out_as_they_went_in() {
    replay("headers", &seeds::headers(), check::headers);
}

/// The list can only shrink: what no seed shows any more has to leave it.
#[test]
fn the_other_codec_differs_where_it_is_known_to() {
    let mut seen = BTreeSet::new();
    replay("peer", &seeds::peer(), |octets| seen.extend(peer(octets)));
    let listed = known().iter().map(|difference| difference.name.as_str());
    assert_eq!(seen, listed.collect());
}

#[test]
fn each_known_difference_names_a_clause_and_a_reason() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/amqp-0-9-1/clauses.toml");
    let clauses = fs::read_to_string(file).expect("clauses.toml is readable");
    for difference in known() {
        let id = format!("id = \"{}\"", difference.clause);
        assert!(clauses.contains(&id), "{difference:?}");
        assert!(difference.reason.ends_with('.'), "{difference:?}");
    }
}

#[test]
fn the_committed_seeds_stay_small() {
    let folders = fs::read_dir(corpus("")).expect("a readable folder");
    let size: u64 = folders
        .flat_map(|folder| fs::read_dir(folder.expect("an entry").path()).expect("a folder"))
        .map(|seed| seed.and_then(|seed| seed.metadata()).expect("a seed").len())
        .sum();
    assert!(
        size < ROOM,
        "{size} octets: `cargo fuzz cmin` makes them fewer"
    );
}
