//! Content headers, body frames, whole contents; heartbeats and protocol headers, which carry nothing.

use mqspec_specs::Field;

use super::super::super::{Datum, Outgoing};
use super::commands::greatest;
use super::{Seed, frame, octets, telling};

/// What a property list holds: each property's name and value.
type List = Vec<(String, Datum)>;

pub(super) fn add(seeds: &mut Vec<Seed>) {
    let properties = properties();
    let mut push = |slug: String, what: String, octets: Vec<u8>| {
        seeds.push(Seed::valid(slug, what, octets));
    };
    let list = |value: fn(&Field) -> Datum, wanted: &dyn Fn(usize) -> bool| -> List {
        let chosen = properties.iter().enumerate();
        let chosen = chosen.filter(|(place, _)| wanted(*place));
        chosen
            .map(|(_, field)| (field.name.clone(), value(field)))
            .collect()
    };
    push(
        "header.none".into(),
        "a content header without properties".into(),
        header(5, Vec::new()),
    );
    push(
        "header.all".into(),
        "a content header with every property".into(),
        header(5, list(telling, &|_| true)),
    );
    push(
        "header.greatest".into(),
        "a content header with every property as great as it can be".into(),
        header(5, list(greatest, &|_| true)),
    );
    for (place, field) in properties.iter().enumerate() {
        let name = &field.name;
        push(
            format!("header.only-{name}"),
            format!("a content header with the property {name} alone"),
            header(5, list(telling, &|other| other == place)),
        );
        push(
            format!("header.greatest-{name}"),
            format!("a content header with the property {name} as great as it can be"),
            header(5, list(greatest, &|other| other == place)),
        );
        push(
            format!("header.all-but-{name}"),
            format!("a content header with every property but {name}"),
            header(5, list(telling, &|other| other != place)),
        );
        push(
            format!("header.from-{name}"),
            format!("a content header with {name} and every second property behind it"),
            header(
                5,
                list(telling, &|other| other >= place && (other - place) % 2 == 0),
            ),
        );
    }
    for (slug, size) in [
        ("zero", 0),
        ("one", 1),
        ("32-bits", 1 << 32),
        ("63-bits", 1 << 63),
        ("greatest", u64::MAX.into()),
    ] {
        push(
            format!("header.body-size-{slug}"),
            format!("a content header that announces a body of {size} octets"),
            header(size, Vec::new()),
        );
    }
    for (slug, body) in [
        ("empty", Vec::new()),
        ("text", b"hello".to_vec()),
        ("frame-ends", vec![0xCE; 16]),
        ("every-octet", (0..=255).collect()),
        ("a-frame", frame(8, 0, b"")),
        ("longest-before-tuning", vec![b'x'; 4088]),
    ] {
        push(
            format!("body.{slug}"),
            format!("a body frame of {} octets", body.len()),
            frame(3, 1, &body),
        );
    }
    push(
        "body.highest-channel".into(),
        "a body frame on channel 65535".into(),
        frame(3, u16::MAX, b"hello"),
    );
    push("heartbeat".into(), "a heartbeat".into(), frame(8, 0, b""));
    push(
        "protocol-header".into(),
        "the protocol header of AMQP 0-9-1".into(),
        octets(&Outgoing::new(0, "protocol-header", Vec::new())),
    );
    for command in mqspec_specs::amqp_0_9_1()
        .commands
        .iter()
        .filter(|command| command.content)
    {
        let name = &command.name;
        for (slug, body, pieces) in [
            ("empty", "", vec![]),
            ("whole", "hello", vec![5]),
            ("in-pieces", "hello", vec![0, 2, 0, 3]),
        ] {
            let mut fields: Vec<(String, Datum)> = command
                .fields
                .iter()
                .map(|field| (field.name.clone(), telling(field)))
                .collect();
            fields.push(("content-type".to_owned(), Datum::text("text/plain")));
            fields.push(("body".to_owned(), Datum::text(body)));
            let mut message = Outgoing::new(1, name, fields);
            let pieces = pieces.into_iter().map(Datum::Int).collect();
            message.with = vec![("body-frames".to_owned(), Datum::Array(pieces))];
            push(
                format!("content.{name}.{slug}"),
                format!(
                    "{name} with its content header and a body of {} octets",
                    body.len()
                ),
                octets(&message),
            );
        }
    }
}

/// The properties of the class that carries contents.
pub(super) fn properties() -> &'static [Field] {
    let classes = mqspec_specs::amqp_0_9_1().classes.iter();
    let mut lists = classes.map(|class| class.properties.as_slice());
    lists.find(|list| !list.is_empty()).unwrap_or_default()
}

/// A content header frame.
pub(super) fn header(body_size: i128, mut list: List) -> Vec<u8> {
    list.push(("body-size".to_owned(), Datum::Int(body_size)));
    octets(&Outgoing::new(1, "content-header", list))
}
