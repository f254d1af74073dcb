//! Seeds made from the command table, for each target by its name.

use super::support::{Fill, commands, framed, payload, string};

pub type Seeds = Vec<(String, Vec<u8>)>;

/// Each command as a frame, then what else a stream can hold, sound and broken.
pub fn decode() -> Seeds {
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
pub fn round_trip() -> Seeds {
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
pub fn two_codecs() -> Seeds {
    let mut seeds: Seeds = commands()
        .iter()
        .map(|command| {
            let name = string(&command["name"]).to_owned();
            (name, payload(command, Fill::Values))
        })
        .collect();
    for (name, octets) in decode() {
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
    seeds.extend(round_trip().into_iter().filter_map(|(name, octets)| {
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

/// A stream of several frames, and frames made of octets, in pieces of several sizes.
pub fn splits() -> Seeds {
    let decode = decode();
    let stream = |name: &str| {
        let found = decode.iter().find(|(other, _)| other == name);
        found.map(|(_, octets)| octets.clone()).unwrap_or_default()
    };
    let publish = stream("publish");
    let broken = [&publish[..], &stream("frame-end")].concat();
    let too_large = [stream("queue.declare"), stream("frame-too-large")].concat();
    let made = round_trip().swap_remove(0).1;
    let several = [&made[..], &made[..], &made[..]].concat();
    let pieces: [(&str, u8, [u8; 4], &[u8]); 6] = [
        ("octets", 0, [0, 0, 0, 0], &publish),
        ("uneven", 0, [6, 0, 12, 1], &publish),
        ("broken", 0, [2, 0, 7, 30], &broken),
        ("too-large", 0, [0, 6, 0, 40], &too_large),
        ("unlimited", 2, [3, 3, 9, 1], &too_large),
        ("made", 1, [0, 7, 3, 200], &several),
    ];
    pieces
        .into_iter()
        .map(|(name, mode, sizes, stream)| {
            let octets = [&[mode][..], &sizes, stream].concat();
            (name.to_owned(), octets)
        })
        .collect()
}

/// Pairs of every type, values of an array, the deepest nesting that is allowed, and octets that tables
/// are made of.
pub fn tables() -> Seeds {
    let mut seeds: Seeds = decode()
        .into_iter()
        .filter(|(name, _)| name == "table-of-all-types" || name == "array")
        .collect();
    for (name, levels) in [("deepest", 63), ("too-deep", 64)] {
        seeds.push((name.to_owned(), nested(levels)));
    }
    seeds.extend((0..4).map(|seed| (format!("made-{seed}"), filler(2000 + seed))));
    seeds
}

/// Payloads of content headers, property lists, and octets that headers are made of.
pub fn headers() -> Seeds {
    let wanted = ["header-payload", "properties"];
    let mut seeds: Seeds = decode()
        .into_iter()
        .filter(|(name, _)| wanted.contains(&name.as_str()))
        .collect();
    seeds.extend((0..4).map(|seed| (format!("made-{seed}"), filler(3000 + seed))));
    seeds
}

/// Each command as a frame, and each known difference to the other codec under its name.
pub fn peer() -> Seeds {
    let header = |class: u8, weight: u8, flags: u16| {
        let flags = flags.to_be_bytes();
        let octets = [&[0, class, 0, weight][..], &[0; 8], &flags].concat();
        framed(2, 1, &octets)
    };
    let declare = |pairs: &[u8]| {
        let length = (pairs.len() as u32).to_be_bytes();
        let octets = [b"\x00\x32\x00\x0a\0\0\0\0", &length[..], pairs].concat();
        framed(1, 1, &octets)
    };
    let mut seeds: Seeds = decode()
        .into_iter()
        .filter(|(name, _)| name.contains('.') || name == "publish" || name == "header-full")
        .collect();
    let differences: [(&str, Vec<u8>); 13] = [
        ("heartbeat-on-a-channel", framed(8, 1, b"")),
        ("heartbeat-with-a-payload", framed(8, 0, b"x")),
        ("weight", header(60, 1, 0)),
        ("class-of-a-header", header(50, 0, 0)),
        ("flags-without-a-property", header(60, 0, 2)),
        (
            "zero-octet-in-a-short-string",
            framed(1, 1, b"\x00\x3c\x00\x1f\x01\0"),
        ),
        ("short-int-of-the-text", declare(b"\x01kU\0\x01")),
        ("depth-of-tables", declare(&nested(64))),
        ("protocol-header-as-a-frame", b"AMQP\0\0\x09\x01".to_vec()),
        ("equal-names-in-a-table", declare(b"\x01kt\x01\x01kb\x01")),
        ("order-of-a-table", declare(b"\x01lt\x01\x01kb\x01")),
        ("ticket", framed(1, 1, b"\x00\x1e\x00\x0b\0\x02")),
        (
            "two-tags-for-one-number",
            declare(b"\x01kL\0\0\0\0\0\0\0\x01"),
        ),
    ];
    seeds.extend(differences.map(|(name, octets)| (name.to_owned(), octets)));
    seeds
}

/// A table in so many others.
fn nested(levels: usize) -> Vec<u8> {
    (0..levels).fold(b"\x01kV".to_vec(), |inner, _| {
        let length = (inner.len() as u32).to_be_bytes();
        [&b"\x01kF"[..], &length, &inner].concat()
    })
}
