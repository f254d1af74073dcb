//! Frames with a wrong head or end, or where they do not belong; broken method and content headers.

use mqspec_specs::protocol::Type;

use super::super::super::{Datum, Outgoing};
use super::contents::{header, properties};
use super::faults::spoiled;
use super::{
    HEAD, Seed, arguments, frame, octets, payload, refusable, telling, unreadable, with_payload,
};
use crate::corpus::Breach;

pub(super) fn add(seeds: &mut Vec<Seed>) {
    frames(seeds);
    methods(seeds);
    headers(seeds);
    greetings(seeds);
}

fn push(seeds: &mut Vec<Seed>, slug: String, what: String, octets: Vec<u8>, breach: Breach) {
    seeds.push(Seed::valid(slug, what, octets).breaking(breach));
}

/// A sound frame of each type.
fn sound() -> [(&'static str, Vec<u8>); 4] {
    let open = Outgoing::new(1, "channel.open", Vec::new());
    [
        ("method", octets(&open)),
        ("header", header(5, Vec::new())),
        ("body", frame(3, 1, b"hello")),
        ("heartbeat", frame(8, 0, b"")),
    ]
}

fn frames(seeds: &mut Vec<Seed>) {
    for (kind, sound) in sound() {
        let last = sound.len() - 1;
        for end in [0x00, 0xCD, 0xCF, 0xFF] {
            let mut octets = sound.clone();
            octets[last] = end;
            push(
                seeds,
                format!("frame.{kind}.end-{end:02x}"),
                format!("a {kind} frame that ends in {end:#04x}"),
                octets,
                unreadable("FRM-02"),
            );
        }
        if last > HEAD {
            let mut octets = sound.clone();
            octets[6] -= 1;
            push(
                seeds,
                format!("frame.{kind}.size-too-small"),
                format!("a {kind} frame whose size is one octet short"),
                octets,
                unreadable("FRM-02"),
            );
        }
        for (slug, size) in [("by-one", sound[6] as u32 + 1), ("by-far", u32::MAX)] {
            let mut octets = sound.clone();
            octets[3..7].copy_from_slice(&size.to_be_bytes());
            let clause = if size == u32::MAX { "FRM-16" } else { "FRM-01" };
            push(
                seeds,
                format!("frame.{kind}.size-too-great-{slug}"),
                format!("a {kind} frame that announces {size} octets, with fewer behind it"),
                octets,
                unreadable(clause),
            );
        }
        for length in [1, 3, 6, 7, last] {
            push(
                seeds,
                format!("frame.{kind}.first-{length}-octets"),
                format!("the first {length} octets of a {kind} frame"),
                sound[..length.min(last)].to_vec(),
                unreadable("FRM-01"),
            );
        }
    }
    for kind in
        (0..=255_u8).filter(|kind| matches!(kind, 0 | 4..=7 | 9..=11 | 64 | 127 | 128 | 254 | 255))
    {
        push(
            seeds,
            format!("frame.type-{kind}"),
            format!("a frame of type {kind}, which does not exist"),
            frame(kind, 0, b""),
            unreadable("FRM-04"),
        );
    }
    push(
        seeds,
        "frame.heartbeat.on-channel-1".into(),
        "a heartbeat on channel 1".into(),
        frame(8, 1, b""),
        refusable("FRM-08"),
    );
    push(
        seeds,
        "frame.heartbeat.with-payload".into(),
        "a heartbeat with a payload".into(),
        frame(8, 0, b"x"),
        refusable("HB-01"),
    );
    for (kind, sound) in &sound()[1..3] {
        let octets = frame(sound[0], 0, payload(sound));
        push(
            seeds,
            format!("frame.{kind}.on-channel-0"),
            format!("a {kind} frame on channel 0"),
            octets,
            refusable("FRM-10"),
        );
    }
    push(
        seeds,
        "frame.body.over-the-limit".into(),
        "a frame of 4097 octets, one more than may be sent before tuning".into(),
        frame(3, 1, &[b'x'; 4089]),
        refusable("FRM-05"),
    );
}

fn methods(seeds: &mut Vec<Seed>) {
    for length in 0..4 {
        push(
            seeds,
            format!("frame.method.{length}-octets"),
            format!("a method frame of {length} octets, too short for its ids"),
            frame(1, 1, &[0, 20, 0, 10][..length]),
            unreadable("FRM-15"),
        );
    }
    let protocol = mqspec_specs::amqp_0_9_1();
    let beyond = protocol.classes.iter().flat_map(|class| {
        let highest = protocol
            .commands
            .iter()
            .filter(|command| command.class == class.id);
        let highest = highest.map(|command| command.method).max().unwrap_or(0);
        [(class.id, 0), (class.id, highest + 1), (class.id, u16::MAX)]
    });
    let nowhere = [
        (0, 0),
        (0, 10),
        (61, 40),
        (0x3C00, 0x2800),
        (0xF000, 1),
        (u16::MAX, u16::MAX),
    ];
    for (class, method) in beyond.chain(nowhere) {
        let ids = [class.to_be_bytes(), method.to_be_bytes()].concat();
        push(
            seeds,
            format!("frame.method.unknown-{class}-{method}"),
            format!("a method frame of class {class} and method {method}, which do not exist"),
            frame(1, 1, &ids),
            unreadable("MTH-01"),
        );
    }
}

fn headers(seeds: &mut Vec<Seed>) {
    let list = properties()
        .iter()
        .map(|field| (field.name.clone(), telling(field)));
    let sound = header(5, list.collect());
    let plain = header(5, Vec::new());
    for length in [0, 1, 2, 3, 4, 8, 11, 12, 13] {
        push(
            seeds,
            format!("header.first-{length}-octets"),
            format!("a content header of {length} octets, which ends within its fixed part"),
            with_payload(&plain, &payload(&plain)[..length]),
            unreadable("CNT-12"),
        );
    }
    for (part, native) in arguments(&sound) {
        let property = &part.name;
        push(
            seeds,
            format!("header.cut-in-{property}"),
            format!("a content header that ends within its property {property}"),
            with_payload(&sound, &sound[HEAD..part.end() - 1]),
            unreadable(if native == Type::Table {
                "DAT-15"
            } else {
                "CNT-12"
            }),
        );
        for (slug, said, octets, breach) in spoiled(&sound, &part, native) {
            push(
                seeds,
                format!("header.{slug}-{property}"),
                format!("a content header whose property {property} {said}"),
                octets,
                breach,
            );
        }
    }
    let with = |fields: Vec<(&str, Datum)>| {
        let mut fields: Vec<(String, Datum)> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        fields.push(("body-size".to_owned(), Datum::Int(5)));
        octets(&Outgoing::new(1, "content-header", fields))
    };
    push(
        seeds,
        "header.trailing".into(),
        "a content header with an octet behind its last property".into(),
        with(vec![("list", Datum::Octets(vec![0]))]),
        unreadable("CNT-12"),
    );
    push(
        seeds,
        "header.flags-without-values".into(),
        "a content header that announces every property and holds none".into(),
        with(vec![("flags", Datum::Int(0xFFFC))]),
        unreadable("CNT-12"),
    );
    for (slug, flags) in [("bit-0", 1), ("bit-1", 2), ("bits-0-and-1", 3)] {
        push(
            seeds,
            format!("header.flags-{slug}"),
            format!(
                "a content header with the property flags {flags:#06x}, which name no property"
            ),
            with(vec![("flags", Datum::Int(flags))]),
            refusable("CNT-11"),
        );
    }
    push(
        seeds,
        "header.flags-go-on".into(),
        "a content header with a second word of property flags".into(),
        with(vec![
            ("flags", Datum::Int(1)),
            ("list", Datum::Octets(vec![0, 0])),
        ]),
        refusable("CNT-11"),
    );
    for weight in [1, 0xFFFF] {
        push(
            seeds,
            format!("header.weight-{weight}"),
            format!("a content header whose weight is {weight}"),
            with(vec![("weight", Datum::Int(weight))]),
            refusable("CNT-04"),
        );
    }
    let protocol = mqspec_specs::amqp_0_9_1();
    let without = protocol
        .classes
        .iter()
        .filter(|class| class.properties.is_empty());
    for class in without.map(|class| class.id).chain([0, 61, u16::MAX]) {
        push(
            seeds,
            format!("header.class-{class}"),
            format!("a content header of class {class}, which carries no content"),
            with(vec![("class-id", Datum::Int(class.into()))]),
            refusable("CNT-03"),
        );
    }
}

/// What clients of other protocols, and of other versions, say first.
fn greetings(seeds: &mut Vec<Seed>) {
    for (slug, version) in [
        ("0-8", [1, 1, 8, 0]),
        ("0-9", [1, 1, 0, 9]),
        ("0-10", [1, 1, 0, 10]),
        ("1-0", [0, 1, 0, 0]),
        ("1-0-tls", [2, 1, 0, 0]),
        ("1-0-sasl", [3, 1, 0, 0]),
    ] {
        push(
            seeds,
            format!("protocol-header.{slug}"),
            format!("the protocol header of AMQP {slug}"),
            [b"AMQP".as_slice(), &version].concat(),
            refusable("HDR-02"),
        );
    }
    let others: [(&str, &str, &[u8]); 4] = [
        (
            "http",
            "a request of HTTP",
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "tls",
            "the first octets of TLS",
            b"\x16\x03\x01\x00\x05\x01\0\0\x01\x03",
        ),
        (
            "stomp",
            "a frame of STOMP",
            b"CONNECT\naccept-version:1.2\nhost:/\n\n\0",
        ),
        (
            "mqtt",
            "a packet of MQTT",
            b"\x10\x0c\x00\x04MQTT\x04\x02\0\0\0\0",
        ),
    ];
    for (slug, what, octets) in others {
        push(
            seeds,
            format!("protocol-header.{slug}"),
            what.into(),
            octets.to_vec(),
            unreadable("HDR-03"),
        );
    }
}
