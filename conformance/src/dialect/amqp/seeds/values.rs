//! Field tables with values of each type, to the edges and in each other.

use super::super::super::Datum;
use super::super::table::TAGS;
use super::contents::header;
use super::{Seed, bare, octets};

pub(super) fn add(seeds: &mut Vec<Seed>) {
    for tag in TAGS {
        for (slug, value) in samples(tag) {
            let value = typed(tag, value);
            let contested = contested(&value);
            let what = format!("tag {tag}, {slug}");
            let shapes = [
                ("alone", "alone in a table", entry(value.clone())),
                ("between", "between two others", between(value.clone())),
                (
                    "in-array",
                    "in an array",
                    entry(typed("A", Datum::Array(vec![value.clone(), value.clone()]))),
                ),
                (
                    "in-table",
                    "in a table within the table",
                    entry(typed("F", entry(value.clone()))),
                ),
            ];
            for (shape, said, table) in shapes {
                let octets = header(0, vec![("headers".to_owned(), table)]);
                let seed = Seed::valid(
                    format!("value.{}.{slug}.{shape}", tag_name(tag)),
                    format!("a content header whose headers hold a value of {what}, {said}"),
                    octets,
                );
                seeds.push(match contested {
                    Some(clause) => seed.contested(clause),
                    None => seed,
                });
            }
        }
    }
    let all = |tags: &[&str]| {
        let values = tags.iter().filter_map(|tag| {
            let (_, value) = samples(tag).into_iter().next()?;
            Some((format!("k{tag}"), typed(tag, value)))
        });
        Datum::Table(values.collect())
    };
    let settled = ["t", "b", "I", "f", "d", "S", "x", "A", "F", "T", "V"];
    let declare = mqspec_specs::amqp_0_9_1()
        .commands
        .iter()
        .filter(|command| command.fields.iter().any(|field| field.name == "arguments"));
    for command in declare {
        let fields = vec![("arguments".to_owned(), all(&settled))];
        seeds.push(Seed::valid(
            format!("value.all.{}", command.name),
            format!(
                "{} whose arguments hold a value of each type that no text disputes",
                command.name
            ),
            octets(&bare(command, fields)),
        ));
    }
}

/// A tag as part of a file's name: where the case of letters does not count, `b` and `B` are to differ.
pub(super) fn tag_name(tag: &str) -> String {
    match tag.chars().all(char::is_uppercase) {
        true => format!("upper-{}", tag.to_lowercase()),
        false => tag.to_owned(),
    }
}

pub(super) fn typed(tag: &str, value: Datum) -> Datum {
    Datum::Typed(tag.to_owned(), Box::new(value))
}

fn entry(value: Datum) -> Datum {
    Datum::Table(vec![("v".to_owned(), value)])
}

fn between(value: Datum) -> Datum {
    Datum::Table(vec![
        ("before".to_owned(), typed("t", Datum::Bool(true))),
        ("v".to_owned(), value),
        ("behind".to_owned(), typed("S", Datum::text("end"))),
    ])
}

/// The clause that tells of the dispute, if the grammar (AMQP 0-9-1 §4.2.1) and the errata that peers follow give the
/// octets of a value, or of one within it, two meanings, or one of them gives none.
pub fn contested(value: &Datum) -> Option<&'static str> {
    match value {
        Datum::Typed(tag, inner) => match (tag.as_str(), inner.bare()) {
            ("s", _) => Some("DAT-09"),
            // Signed or not is all the same below the highest bit.
            ("l", Datum::Int(number)) if *number < 0 => Some("DAT-10"),
            ("L", _) => Some("DAT-10"),
            ("B" | "u" | "i", _) => Some("DAT-11"),
            ("D", Datum::Array(parts)) => {
                let digits = parts.get(1).and_then(Datum::int);
                (digits > Some(i32::MAX.into())).then_some("DAT-08")
            }
            (_, inner) => contested(inner),
        },
        Datum::Table(pairs) => pairs.iter().find_map(|(_, inner)| contested(inner)),
        Datum::Array(values) => values.iter().find_map(contested),
        _ => None,
    }
}

/// Values of a type, each with a word for it.
fn samples(tag: &str) -> Vec<(&'static str, Datum)> {
    let signed = |bits: u32| {
        vec![
            ("one", Datum::Int(1)),
            ("zero", Datum::Int(0)),
            ("minus-one", Datum::Int(-1)),
            ("least", Datum::Int(-(1_i128 << (bits - 1)))),
            ("greatest", Datum::Int((1_i128 << (bits - 1)) - 1)),
        ]
    };
    let unsigned = |bits: u32| {
        vec![
            ("one", Datum::Int(1)),
            ("zero", Datum::Int(0)),
            ("high-bit", Datum::Int(1_i128 << (bits - 1))),
            ("greatest", Datum::Int((1_i128 << bits) - 1)),
        ]
    };
    let floats = |least: f64, greatest: f64| {
        vec![
            ("half", Datum::Float(0.5)),
            ("zero", Datum::Float(0.0)),
            ("negative", Datum::Float(-0.25)),
            ("least", Datum::Float(least)),
            ("greatest", Datum::Float(greatest)),
            ("infinite", Datum::Float(f64::INFINITY)),
            ("not-a-number", Datum::Float(f64::NAN)),
        ]
    };
    let decimal =
        |scale: i128, digits: i128| Datum::Array(vec![Datum::Int(scale), Datum::Int(digits)]);
    match tag {
        "t" => vec![("true", Datum::Bool(true)), ("false", Datum::Bool(false))],
        "b" => signed(8),
        "s" => signed(16),
        "I" => signed(32),
        "l" | "L" => signed(64),
        "B" => unsigned(8),
        "u" => unsigned(16),
        "i" => unsigned(32),
        "T" => vec![
            ("2023", Datum::Int(1_700_000_000)),
            ("zero", Datum::Int(0)),
            ("2200", Datum::Int(7_258_118_400)),
            ("63-bits", Datum::Int(i64::MAX.into())),
            ("greatest", Datum::Int(u64::MAX.into())),
        ],
        "f" => floats(f32::MIN_POSITIVE.into(), f32::MAX.into()),
        "d" => floats(5e-324, f64::MAX),
        "D" => vec![
            ("3.14", decimal(2, 314)),
            ("zero", decimal(0, 0)),
            ("greatest-scale", decimal(255, 1)),
            ("31-bits", decimal(3, i32::MAX.into())),
            ("greatest", decimal(0, u32::MAX.into())),
        ],
        "S" | "x" => vec![
            ("text", Datum::text("text")),
            ("empty", Datum::Octets(Vec::new())),
            ("utf-8", Datum::text("ключ 🔑")),
            ("no-utf-8", Datum::Octets(vec![0xFF, 0xFE, 0x00, 0x80])),
            ("300-octets", Datum::Octets(vec![b'y'; 300])),
        ],
        "A" => vec![
            ("empty", Datum::Array(Vec::new())),
            (
                "mixed",
                Datum::Array(vec![
                    typed("I", Datum::Int(7)),
                    typed("S", Datum::text("x")),
                    typed("V", Datum::Void),
                ]),
            ),
        ],
        "F" => vec![
            ("empty", Datum::Table(Vec::new())),
            (
                "two",
                Datum::Table(vec![
                    ("a".to_owned(), typed("I", Datum::Int(7))),
                    ("b".to_owned(), typed("t", Datum::Bool(false))),
                ]),
            ),
        ],
        _ => vec![("void", Datum::Void)],
    }
}
