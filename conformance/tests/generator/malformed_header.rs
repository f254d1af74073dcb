//! Content headers that are not what the table says.

use mqspec_specs::Protocol;
use mqspec_specs::protocol::{Field, Type};

use super::arguments::BROKEN_TABLES;
use super::case::Case;
use super::values::sample;

const CLAUSES: &str = "CNT-12 SEC-01";

pub fn cases(protocol: &Protocol) -> Vec<Case> {
    let mut cases = vec![
        short("within-class-id", "its class id", "00"),
        short("within-weight", "its weight", "00 3c 00"),
        short(
            "within-body-size",
            "its body size",
            "00 3c 00 00 00 00 00 00 00 00 00",
        ),
        short("without-body-size", "its body size at all", "00 3c 00 00"),
        short(
            "within-flags",
            "its flags",
            "00 3c 00 00 00 00 00 00 00 00 00 00 00",
        ),
    ];
    let basic = protocol.class(60).expect("class basic");
    for (place, property) in basic.properties.iter().enumerate() {
        let name = &property.name;
        let flags = 0x8000_u32 >> place;
        let (value, right, cut) = octets(property);
        let case = |id: &str, title: &str, list: &str| {
            let case = Case::new(
                format!("{id}/{name}"),
                format!(
                    "A content header {} is malformed",
                    title.replace("PROPERTY", name)
                ),
                CLAUSES,
            );
            play(
                case,
                format!("> content-header body-size=0 flags=0x{flags:04x} list={right}"),
                format!("{name}={value}"),
                format!("> content-header body-size=0 flags=0x{flags:04x}{list}"),
            )
        };
        cases.push(case(
            "malformed.property-missing",
            "whose flags promise a PROPERTY that is not there",
            "",
        ));
        if let Some(cut) = cut {
            cases.push(case(
                "malformed.property-truncated",
                "that ends within its PROPERTY",
                &format!(" list={cut}"),
            ));
        }
        cases.push(case(
            "malformed.property-overlong",
            "that goes on behind its PROPERTY",
            &format!(" list={right} + u8(0)"),
        ));
        if property.native == Type::Table {
            for (slug, words, octets) in BROKEN_TABLES {
                let title = format!("whose table PROPERTY {words}");
                cases.push(case(
                    &format!("malformed.header-table-{slug}"),
                    &title,
                    &format!(" list={octets}"),
                ));
            }
        }
    }
    cases.push(play(
        Case::new(
            "malformed.property-missing/all",
            "A content header whose flags promise every property, and that holds none, is malformed",
            CLAUSES,
        ),
        "> content-header body-size=0 flags=0".to_owned(),
        "content-type=absent".to_owned(),
        "> content-header body-size=0 flags=0xfffc".to_owned(),
    ));
    cases
}

/// The value in the notation, its octets, and these without the end.
fn octets(property: &Field) -> (String, String, Option<String>) {
    let value = sample(property);
    let quoted = match value.starts_with('$') {
        true => value.clone(),
        false => format!("\"{}\"", value.trim_matches('"')),
    };
    let (right, cut) = match property.native {
        Type::Shortstr => (
            format!("shortstr({quoted})"),
            Some(format!("u8(255) + {quoted}")),
        ),
        Type::Table => (format!("table({value})"), Some("u16(0) + u8(0)".to_owned())),
        Type::Timestamp => (
            format!("u64({value})"),
            Some("u32(0) + u16(0) + u8(0)".to_owned()),
        ),
        _ => (format!("u8({value})"), None),
    };
    (value, right, cut)
}

fn short(slug: &str, words: &str, payload: &str) -> Case {
    play(
        Case::new(
            format!("malformed.header/{slug}"),
            match slug.starts_with("within") {
                true => format!("A content header that ends within {words} is malformed"),
                false => format!("A content header that does not hold {words} is malformed"),
            },
            CLAUSES,
        ),
        "> frame type=2 payload=hex\"00 3c 00 00 00 00 00 00 00 00 00 00 00 00\"".to_owned(),
        "content-type=absent".to_owned(),
        format!("> frame type=2 payload=hex\"{payload}\""),
    )
}

/// The message is asked for in both runs: some brokers look at the properties no sooner.
fn play(case: Case, right: String, property: String, wrong: String) -> Case {
    let get = "> basic.get queue=$q no-ack=true";
    case.steps([
        "> queue.declare queue=$q exclusive=true",
        "< queue.declare-ok queue=$q",
        "> basic.publish routing-key=$q with content=none",
    ])
    .control([
        right,
        get.to_owned(),
        format!("< basic.get-ok {property} body=\"\""),
    ])
    .fault([
        wrong,
        get.to_owned(),
        "< closed reply-code=501|502|505".to_owned(),
    ])
}
