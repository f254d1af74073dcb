//! Each command's octets, spoiled in every way that its arguments allow.

use mqspec_specs::protocol::Type;

use super::super::parts::Part;
use super::{
    HEAD, Seed, arguments, bare, channel, octets, payload, refusable, told, unreadable,
    with_payload,
};

pub(super) fn add(seeds: &mut Vec<Seed>) {
    for command in &mqspec_specs::amqp_0_9_1().commands {
        let name = &command.name;
        let sound = told(command);
        let mut push = |slug: String, what: String, octets: Vec<u8>, breach| {
            let seed = Seed::valid(format!("method.{name}.{slug}"), what, octets);
            seeds.push(seed.breaking(breach));
        };
        let longer = [payload(&sound), &[0]].concat();
        push(
            "trailing".into(),
            format!("{name} with an octet behind its last argument"),
            with_payload(&sound, &longer),
            unreadable("MTH-02"),
        );
        let mut elsewhere = bare(command, Vec::new());
        elsewhere.stream = 1 - channel(command);
        let (clause, said) = match elsewhere.stream {
            0 => (
                "FRM-09",
                "channel 0, where only the connection is spoken about",
            ),
            _ => (
                "FRM-08",
                "channel 1, where the connection is not spoken about",
            ),
        };
        push(
            format!("on-channel-{}", elsewhere.stream),
            format!("{name} on {said}"),
            octets(&elsewhere),
            refusable(clause),
        );
        let found = arguments(&sound);
        if !found.is_empty() {
            push(
                "without-arguments".into(),
                format!("{name} without its arguments"),
                with_payload(&sound, &payload(&sound)[..4]),
                unreadable("MTH-02"),
            );
        }
        for (part, native) in found {
            let argument = part.name.split(' ').next().unwrap_or_default();
            push(
                format!("cut-in-{argument}"),
                format!("{name} that ends within its argument {argument}"),
                with_payload(&sound, &sound[HEAD..part.end() - 1]),
                unreadable(if native == Type::Table {
                    "DAT-15"
                } else {
                    "MTH-02"
                }),
            );
            for (slug, said, octets, breach) in spoiled(&sound, &part, native) {
                push(
                    format!("{slug}-{argument}"),
                    format!("{name} whose argument {argument} {said}"),
                    octets,
                    breach,
                );
            }
        }
    }
}

type Spoiled = (&'static str, &'static str, Vec<u8>, crate::corpus::Breach);

/// What can be wrong with one argument or property, at least one octet long.
pub(super) fn spoiled(sound: &[u8], part: &Part, native: Type) -> Vec<Spoiled> {
    let changed = |at: usize, with: &[u8]| {
        let mut octets = sound.to_vec();
        octets[at..at + with.len()].copy_from_slice(with);
        octets
    };
    let class = if sound[0] == 1 { "MTH-02" } else { "CNT-12" };
    let at = part.offset;
    match native {
        Type::Shortstr => vec![
            (
                "overrun-in",
                "announces 255 octets, which go beyond the frame",
                changed(at, &[255]),
                unreadable(class),
            ),
            (
                "no-utf-8-in",
                "is not UTF-8",
                changed(at + 1, &[0xFF]),
                refusable("DAT-02"),
            ),
            (
                "zero-octet-in",
                "holds a zero octet",
                changed(at + 1, &[0]),
                refusable("DAT-02"),
            ),
        ],
        Type::Longstr => vec![
            (
                "overrun-in",
                "announces 65536 octets and more, which go beyond the frame",
                changed(at + 1, &[1]),
                unreadable(class),
            ),
            (
                "overrun-by-far-in",
                "announces four thousand million octets",
                changed(at, &[0xFF; 4]),
                unreadable(class),
            ),
        ],
        Type::Table => {
            let mut spoiled = vec![
                (
                    "overrun-in",
                    "announces 65536 octets and more, which go beyond the frame",
                    changed(at + 1, &[1]),
                    unreadable("DAT-15"),
                ),
                (
                    "overrun-by-far-in",
                    "announces four thousand million octets",
                    changed(at, &[0xFF; 4]),
                    unreadable("DAT-15"),
                ),
            ];
            if let Some(entry) = part.inner.first() {
                let tag = entry.offset + 1 + usize::from(sound[entry.offset]);
                let mut shorter = sound.to_vec();
                shorter[at + 3] -= 1;
                spoiled.extend([
                    (
                        "unknown-tag-in",
                        "holds a value of a type that does not exist",
                        changed(tag, b"Z"),
                        unreadable("DAT-14"),
                    ),
                    (
                        "name-overrun-in",
                        "holds a name that goes beyond the table",
                        changed(entry.offset, &[255]),
                        unreadable("DAT-15"),
                    ),
                    (
                        "value-overrun-in",
                        "holds a string that goes beyond the table",
                        changed(tag + 3, &[1]),
                        unreadable("DAT-15"),
                    ),
                    (
                        "short-by-one-in",
                        "ends within the value of its field",
                        shorter,
                        unreadable("DAT-15"),
                    ),
                ]);
            }
            spoiled
        }
        _ => Vec::new(),
    }
}
