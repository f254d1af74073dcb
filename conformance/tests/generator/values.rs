//! What a message carries: values of each type, and each property.

use mqspec_specs::Protocol;
use mqspec_specs::protocol::{Field, Type};

use super::case::Case;

/// A value: a slug and the notation.
type Sample = (&'static str, &'static str);

/// Tag, the clause that gives it its meaning, and values.
const VALUES: [(&str, &str, &[Sample]); 17] = [
    ("t", "DAT-14", &[("true", "true"), ("false", "false")]),
    (
        "b",
        "DAT-14",
        &[
            ("least", "-128"),
            ("minus-one", "-1"),
            ("zero", "0"),
            ("greatest", "127"),
        ],
    ),
    (
        "B",
        "DAT-11",
        &[("zero", "0"), ("high-bit", "128"), ("greatest", "255")],
    ),
    (
        "s",
        "DAT-09",
        &[
            ("least", "-32768"),
            ("minus-one", "-1"),
            ("zero", "0"),
            ("greatest", "32767"),
        ],
    ),
    (
        "u",
        "DAT-11",
        &[("zero", "0"), ("high-bit", "32768"), ("greatest", "65535")],
    ),
    (
        "I",
        "DAT-14",
        &[
            ("least", "-2147483648"),
            ("minus-one", "-1"),
            ("zero", "0"),
            ("greatest", "2147483647"),
        ],
    ),
    (
        "i",
        "DAT-11",
        &[
            ("zero", "0"),
            ("high-bit", "2147483648"),
            ("greatest", "4294967295"),
        ],
    ),
    (
        "l",
        "DAT-10",
        &[
            ("least", "-9223372036854775808"),
            ("minus-one", "-1"),
            ("zero", "0"),
            ("greatest", "9223372036854775807"),
        ],
    ),
    (
        "f",
        "DAT-14",
        &[
            ("zero", "0.0"),
            ("half", "0.5"),
            ("negative", "-1.5"),
            ("infinite", "inf"),
        ],
    ),
    (
        "d",
        "DAT-14",
        &[
            ("zero", "0.0"),
            ("fraction", "0.1"),
            ("huge", "1e300"),
            ("infinite", "-inf"),
        ],
    ),
    (
        "D",
        "DAT-08",
        &[
            ("zero", "[0, 0]"),
            ("cents", "[2, 314]"),
            ("greatest", "[255, 2147483647]"),
        ],
    ),
    (
        "S",
        "DAT-03",
        &[
            ("empty", "\"\""),
            ("text", "\"text\""),
            ("octets", "hex\"00 ff ce\""),
            ("long", "\"x\" * 4000"),
        ],
    ),
    (
        "x",
        "DAT-12",
        &[
            ("empty", "\"\""),
            ("octets", "hex\"00 ff ce\""),
            ("long", "\"x\" * 4000"),
        ],
    ),
    (
        "T",
        "DAT-04",
        &[
            ("zero", "0"),
            ("today", "1700000000"),
            ("greatest", "9223372036854775807"),
        ],
    ),
    ("V", "DAT-14", &[("void", "void")]),
    (
        "A",
        "DAT-13",
        &[
            ("empty", "[]"),
            ("mixed", "[I:1, S:\"two\", t:true, V:void]"),
            ("of-tables", "[F:{a=I:1}, F:{}]"),
        ],
    ),
    (
        "F",
        "DAT-14",
        &[
            ("empty", "{}"),
            ("mixed", "{a=I:1, b=S:\"two\", c=V:void}"),
            ("of-arrays", "{a=A:[I:1], b=A:[]}"),
        ],
    ),
];

/// Tags that differ from another one in the case of the letter alone have a word of their own in ids.
fn slug(tag: &str) -> &str {
    match tag {
        "t" => "boolean",
        "b" => "octet",
        "B" => "unsigned-octet",
        "s" => "short",
        "u" => "unsigned-short",
        "I" => "long",
        "i" => "unsigned-long",
        "l" => "long-long",
        "f" => "float",
        "d" => "double",
        "D" => "decimal",
        "S" => "long-string",
        "x" => "byte-array",
        "T" => "timestamp",
        "V" => "void",
        "A" => "array",
        "F" => "table",
        other => panic!("no word for tag {other}"),
    }
}

pub fn tables() -> Vec<Case> {
    let mut cases = Vec::new();
    for (tag, clause, values) in VALUES {
        let word = slug(tag);
        let (article, spoken) = (
            if word.starts_with(['a', 'o', 'u']) {
                "An"
            } else {
                "A"
            },
            word.replace('-', " "),
        );
        for (value_slug, value) in values {
            let case = Case::new(
                format!("header-value/{word}.{value_slug}"),
                format!(
                    "{article} {spoken} (tag {tag}, {}) comes through the broker as it is",
                    value_slug.replace('-', " ")
                ),
                &format!("{clause} DAT-17"),
            );
            cases.push(through(
                case,
                &format!("{{before=t:true, v={tag}:{value}, behind=t:false}}"),
            ));
        }
        for (kind, open, close) in [("array", "A:[", "]"), ("table", "F:{v=", "}")] {
            let all: Vec<String> = values
                .iter()
                // What a broker cannot hold at all is a case by itself.
                .filter(|(slug, _)| *slug != "infinite")
                .map(|(_, value)| format!("{open}{tag}:{value}{close}"))
                .collect();
            let case = Case::new(
                format!("header-value/{word}.in-{kind}"),
                format!(
                    "{article} {spoken} (tag {tag}) within a {kind} comes through the broker as it is"
                ),
                &format!("{clause} DAT-17"),
            );
            cases.push(through(case, &format!("{{v=A:[{}]}}", all.join(", "))));
        }
    }
    for depth in [2, 4, 8, 12] {
        for (kind, open, close) in [
            ("arrays", "A:[", "]"),
            ("tables", "F:{v=", "}"),
            ("both", "A:[F:{v=", "}]"),
        ] {
            let value = format!("{}I:206{}", open.repeat(depth), close.repeat(depth));
            let case = Case::new(
                format!("header-value/{kind}-{depth}-deep"),
                match kind {
                    "both" => format!(
                        "Arrays of tables, {depth} deep, come through the broker as they are"
                    ),
                    _ => format!("A value within {depth} {kind} comes through the broker as it is"),
                },
                "DAT-13 DAT-14 DAT-17",
            );
            cases.push(through(case, &format!("{{v={value}}}")));
        }
    }
    cases
}

fn through(case: Case, headers: &str) -> Case {
    case.steps([
        "> queue.declare queue=$q exclusive=true".to_owned(),
        format!("> basic.publish routing-key=$q headers={headers}"),
        "> basic.get queue=$q no-ack=true".to_owned(),
        "< queue.declare-ok queue=$q".to_owned(),
        format!("< basic.get-ok headers={headers} body=\"\""),
    ])
}

/// A legal value of a property, in the notation.
pub fn sample(property: &Field) -> String {
    match (property.name.as_str(), property.native) {
        // A broker may hold it against who logged in.
        ("user-id", _) => "$user".to_owned(),
        // A time, in milliseconds, as text.
        ("expiration", _) => "\"60000\"".to_owned(),
        ("delivery-mode", _) => "1".to_owned(),
        (_, Type::Octet) => "5".to_owned(),
        (_, Type::Timestamp) => "1700000000".to_owned(),
        (_, Type::Table) => "{n=I:1}".to_owned(),
        (name, _) => format!("\"{name}\""),
    }
}

pub fn properties(protocol: &Protocol) -> Vec<Case> {
    let properties = &protocol.class(60).expect("class basic").properties;
    let mut cases = Vec::new();
    for one in properties {
        for (family, words, held) in [
            (
                "properties.alone",
                "alone is there on delivery, and no other",
                true,
            ),
            (
                "properties.all-but",
                "is absent on delivery where all others are there",
                false,
            ),
        ] {
            let there = |field: &&Field| (field.name == one.name) == held;
            let given: Vec<String> = properties
                .iter()
                .filter(there)
                .map(|field| format!("{}={}", field.name, sample(field)))
                .collect();
            let absent: Vec<String> = properties
                .iter()
                .filter(|field| !there(field))
                .map(|field| format!("{}=absent", field.name))
                .collect();
            let (given, absent) = (given.join(" "), absent.join(" "));
            let case = Case::new(
                format!("{family}/{}", one.name),
                format!("Property {} {words}", one.name),
                "CNT-10 CNT-14 CNT-15",
            );
            cases.push(case.steps([
                "> queue.declare queue=$q exclusive=true".to_owned(),
                format!("> basic.publish routing-key=$q {given}"),
                "> basic.get queue=$q no-ack=true".to_owned(),
                "< queue.declare-ok queue=$q".to_owned(),
                format!("< basic.get-ok {given} {absent} body=\"\""),
            ]));
        }
    }
    cases
}
