//! The committed seeds of the fuzz targets, sent through what the targets assert.
//!
//! `BLESS=1 cargo test -p mqspec-codec --test corpus` writes the seeds anew from
//! `specs/amqp-0-9-1/protocol.json`; seeds that a fuzzer added under other names stay.

mod support;

use std::collections::BTreeSet;
use std::{env, fs};

use bytes::{Bytes, BytesMut};
use mqspec_codec::{ContentHeader, DecodeError, Frame, Method, check};
use support::{Fill, commands, corpus, framed, payload, string};

type Seeds = Vec<(String, Vec<u8>)>;

/// Each command as a frame, then what else a stream can hold, sound and broken.
fn decode_seeds() -> Seeds {
    let mut seeds: Seeds = commands()
        .iter()
        .map(|command| {
            let name = string(&command["name"]).to_owned();
            (name, framed(1, 1, &payload(command, Fill::Values)))
        })
        .collect();
    let header = |rest: &[u8]| [b"\x00\x3c\x00\x00\0\0\0\0\0\0\0\x02", rest].concat();
    let full = [
        b"\xff\xfc\x02v1\x02v2".as_slice(),
        b"\0\0\0\x04\x01kt\x01\x02\x05\x02v6\x02v7\x02v8\x02v9",
        b"\0\0\0\0\0\0\0\x0a\x03v11\x03v12\x03v13\x03v14",
    ]
    .concat();
    let values = [
        b"\x01at\x01\x01bb\xff\x01BB\xff\x01ss\xff\xff\x01uu\xff\xff\x01II\xff\xff\xff\xff"
            .as_slice(),
        b"\x01ii\xff\xff\xff\xff\x01ll\0\0\0\0\0\0\0\x01\x01LL\0\0\0\0\0\0\0\x01\x01ff\x3f\x80\0\0",
        b"\x01dd\x3f\xf0\0\0\0\0\0\0\x01DD\x02\0\0\0\x01\x01SS\0\0\0\x01s\x01xx\0\0\0\x01x",
        b"\x01AA\0\0\0\x02t\x01\x01TT\0\0\0\0\0\0\0\x01\x01FF\0\0\0\x03\x01vV\x01VV",
    ]
    .concat();
    let publish = [
        framed(1, 1, b"\x00\x3c\x00\x28\0\0\0\x01q\0"),
        framed(2, 1, &header(&[0x10, 0, 2])),
        framed(3, 1, b"h"),
        framed(3, 1, b"i"),
    ]
    .concat();
    let others: [(&str, Vec<u8>); 16] = [
        ("protocol-header", b"AMQP\0\0\x09\x01".to_vec()),
        ("heartbeat", framed(8, 0, b"")),
        ("heartbeat-with-payload", framed(8, 0, b"x")),
        ("body", framed(3, 1, b"hi")),
        ("header", framed(2, 1, &header(&[0, 0]))),
        ("header-full", framed(2, 1, &header(&full))),
        ("header-continued", framed(2, 1, &header(&[0, 1, 0, 0]))),
        ("header-payload", header(&full)),
        ("properties", full),
        ("table-of-all-types", values),
        (
            "array",
            b"t\x01S\0\0\0\x01sA\0\0\0\x01VF\0\0\0\x03\x01kV".to_vec(),
        ),
        ("publish", publish),
        ("frame-end", b"\x08\0\0\0\0\0\0\xcd".to_vec()),
        ("frame-type", b"\x04\0\0\0\0\0\0\xce".to_vec()),
        ("frame-too-large", b"\x03\0\x01\xff\xff\xff\xff".to_vec()),
        ("unknown-command", framed(1, 1, b"\xf0\0\0\x01")),
    ];
    seeds.extend(others.map(|(name, octets)| (name.to_owned(), octets)));
    seeds
}

/// For each command octets out of which it is made, with arguments, and two headers.
fn round_trip_seeds() -> Seeds {
    let commands = commands();
    let count = commands.len() as u64;
    let mut seeds: Seeds = commands
        .iter()
        .zip(0_u64..)
        .map(|(command, index)| {
            // A derived enum takes the variant from the upper part of a 32-bit number.
            let variant = ((index << 32) / count + 1) as u32;
            let head = [&[3, 1, 0][..], &variant.to_le_bytes()].concat();
            (
                string(&command["name"]).to_owned(),
                [head, filler(index)].concat(),
            )
        })
        .collect();
    for index in 0..4 {
        let octets = [vec![2, 1, 0], filler(1000 + index)].concat();
        seeds.push((format!("header-{index}"), octets));
    }
    seeds
}

/// Payloads of method frames and of content header frames, and octets that frames are made of.
fn two_codecs_seeds() -> Seeds {
    let mut seeds: Seeds = commands()
        .iter()
        .map(|command| {
            let name = string(&command["name"]).to_owned();
            (name, payload(command, Fill::Values))
        })
        .collect();
    for (name, octets) in decode_seeds() {
        match name.as_str() {
            "header-payload" => seeds.push((name, octets)),
            "table-of-all-types" => {
                let length = (octets.len() as u32).to_be_bytes();
                let declare = [b"\x00\x32\x00\x0a\0\0\0\0", &length[..], &octets].concat();
                seeds.push((name, declare));
            }
            _ => {}
        }
    }
    seeds.extend(round_trip_seeds().into_iter().filter_map(|(name, octets)| {
        let bare = ["queue.declare", "basic.consume", "header-0", "header-1"];
        bare.contains(&name.as_str())
            .then(|| (format!("frames-{name}"), octets))
    }));
    seeds
}

/// 120 octets that look random and are the same every time: half of them letters.
fn filler(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..120)
        .map(|_| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let [octet, choice, ..] = state.to_be_bytes();
            if choice % 2 == 0 {
                b'a' + octet % 26
            } else {
                octet
            }
        })
        .collect()
}

fn replay(target: &str, expected: &Seeds, check: fn(&[u8])) {
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
    let mut size = 0;
    for entry in fs::read_dir(&folder).expect("a readable folder") {
        let octets = fs::read(entry.expect("a readable entry").path()).expect("a readable seed");
        size += octets.len();
        check(&octets);
    }
    assert!(
        size < 64 * 1024,
        "the committed seeds of {target} are to stay small"
    );
}

#[test]
fn any_octets_are_decoded_or_refused() {
    replay("decode", &decode_seeds(), check::decode_any);
}

#[test]
fn frames_come_back_as_they_went_out() {
    replay("round_trip", &round_trip_seeds(), check::round_trip);
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
    replay("two_codecs", &two_codecs_seeds(), |octets| {
        check::two_codecs(octets, method, header);
    });
}

#[test]
fn the_round_trip_seeds_reach_every_command() {
    let reached: BTreeSet<_> = round_trip_seeds()
        .iter()
        .flat_map(|(_, octets)| check::frames(octets))
        .filter_map(|frame| match frame {
            Frame::Method { method, .. } => Some(method.name()),
            _ => None,
        })
        .collect();
    assert_eq!(reached.len(), commands().len());
}
