//! Whatever is printed reads as what it was; whatever is read prints the same twice; nothing panics.

use std::time::Duration;

use mqspec::script::laws::placeless;
use mqspec::script::{
    Arm, Case, Field, File, Grade, Item, Lane, Message, Piece, Span, Spanned, Stage, Step,
    StepKind, Value, parse, parse_value,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn spanned(value: String) -> Spanned<String> {
    Spanned {
        value,
        span: Span::default(),
    }
}

fn field_name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9.-]{0,6}".prop_filter("`with` begins another part", |name| name != "with")
}

fn variable() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,5}"
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let octets = prop_oneof![
        "[A-Za-z][A-Za-z0-9._-]{0,5}".prop_map(String::into_bytes),
        "\\PC{1,6}".prop_map(String::into_bytes),
        "[\"\\\\$#{}\n\r\t\0]{1,4}".prop_map(String::into_bytes),
        vec(any::<u8>(), 1..6),
        Just(b"absent".to_vec()),
    ];
    let piece = prop_oneof![
        octets.prop_map(Piece::Literal),
        variable().prop_map(Piece::Var)
    ];
    vec(piece, 0..4).prop_map(|pieces| {
        // Two literals in a row read as one.
        let mut merged: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (merged.last_mut(), piece) {
                (Some(Piece::Literal(last)), Piece::Literal(next)) => last.extend(next),
                (_, piece) => merged.push(piece),
            }
        }
        merged
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i128>().prop_map(Value::Int),
        (-20i128..20).prop_map(Value::Int),
        (-300i128..70_000).prop_map(Value::Hex),
        any::<f64>()
            .prop_filter("nan is unlike itself", |number| !number.is_nan())
            .prop_map(Value::Float),
        any::<u64>().prop_map(|nanos| Value::Duration(Duration::from_nanos(nanos))),
        (0u64..100_000).prop_map(|millis| Value::Duration(Duration::from_millis(millis))),
        pieces().prop_map(Value::Text),
        vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
        variable().prop_map(Value::Var),
        variable().prop_map(Value::Bind),
        Just(Value::Void),
        Just(Value::Any),
        Just(Value::Absent),
        "\\PC{0,6}".prop_map(Value::Matches),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let several = || vec(inner.clone(), 2..4);
        let name = "[A-Za-z][A-Za-z0-9_-]{0,4}";
        let key = prop_oneof![name, "\\PC{0,4}"];
        prop_oneof![
            (boxed(), boxed()).prop_map(|(left, right)| Value::Add(left, right)),
            (boxed(), boxed()).prop_map(|(left, right)| Value::Sub(left, right)),
            (boxed(), boxed()).prop_map(|(left, right)| Value::Mul(left, right)),
            (vec((key, inner.clone()), 0..3), any::<bool>())
                .prop_map(|(pairs, open)| Value::Table { pairs, open }),
            (vec(inner.clone(), 0..3), any::<bool>())
                .prop_map(|(values, open)| Value::Array { values, open }),
            (name, boxed()).prop_map(|(tag, value)| Value::Typed(tag, value)),
            (
                name.prop_filter("cover is its own", |name| name != "cover"),
                vec(inner.clone(), 0..3)
            )
                .prop_map(|(name, arguments)| Value::Call(name, arguments)),
            several().prop_map(Value::Either),
            several().prop_map(Value::All),
            several().prop_map(Value::Cover),
            (boxed(), option::of(boxed())).prop_map(|(from, to)| Value::Range(Some(from), to)),
            boxed().prop_map(|to| Value::Range(None, Some(to))),
            boxed().prop_map(Value::Not),
        ]
    })
}

fn field() -> impl Strategy<Value = Field> {
    (field_name(), value()).prop_map(|(name, value)| Field {
        name: spanned(name),
        value,
    })
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    vec(field(), 0..4)
}

fn lane() -> impl Strategy<Value = Lane> {
    (option::of("[a-z][a-z0-9-]{0,3}"), option::of(any::<u16>()))
        .prop_map(|(connection, stream)| Lane { connection, stream })
        // A statement's name in its place reads as the statement.
        .prop_filter("keyword", |lane| {
            lane.connection
                .as_deref()
                .is_none_or(|name| name.len() <= 3)
        })
}

fn message() -> impl Strategy<Value = Message> {
    let command = field_name()
        .prop_filter("a keyword", |name| name != "eventually")
        .prop_map(spanned);
    (lane(), command, fields(), fields()).prop_map(|(lane, command, fields, with)| Message {
        lane,
        command,
        fields,
        with,
    })
}

fn lead() -> impl Strategy<Value = Vec<String>> {
    let comment = prop_oneof![
        Just(String::new()),
        Just(" ".to_owned()),
        "[ ]{0,2}[!-~]{1,5}"
    ];
    vec(comment, 0..3).prop_map(|mut lead| {
        lead.dedup_by(|next, last| next.is_empty() && last.is_empty());
        lead
    })
}

fn step(kind: StepKind, lead: Vec<String>, comment: Option<String>) -> Step {
    Step {
        lead,
        comment,
        line: 0,
        span: Span::default(),
        kind,
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wrap = |kind: BoxedStrategy<StepKind>| {
        (kind, lead(), option::of("[!-~]{1,5}"))
            .prop_map(|(kind, lead, comment)| step(kind, lead, comment))
    };
    let open = (vec(lane(), 0..3), fields());
    let leaf = prop_oneof![
        message().prop_map(StepKind::Send),
        (message(), any::<bool>()).prop_map(|(message, eventually)| StepKind::Expect {
            message,
            eventually
        }),
        open.prop_map(|(lanes, options)| StepKind::Open {
            lanes: lanes
                .into_iter()
                .filter(|lane| *lane != Lane::default())
                .collect(),
            options
        }),
        (0u64..100_000).prop_map(|millis| StepKind::Wait(Duration::from_millis(millis))),
        "[a-z-]{1,5}".prop_map(StepKind::Target),
        (field(), fields()).prop_map(|(first, rest)| StepKind::Until([vec![first], rest].concat())),
        (field(), fields()).prop_map(|(first, rest)| StepKind::Check([vec![first], rest].concat())),
    ];
    let step = wrap(leaf.boxed()).prop_recursive(3, 12, 3, move |inner| {
        let block = || vec(inner.clone(), 1..3);
        let grade = prop_oneof![Just(Grade::Pass), Just(Grade::Lenient)];
        let arm = (
            grade,
            option::of("\\PC{0,5}"),
            lead(),
            option::of("[!-~]{1,5}"),
            vec(inner.clone(), 0..3),
        );
        let arm = arm.prop_map(|(grade, note, lead, comment, steps)| Arm {
            lead,
            comment,
            line: 0,
            grade,
            note,
            steps,
        });
        let kind = prop_oneof![
            vec(arm, 1..3).prop_map(StepKind::OneOf),
            block().prop_map(StepKind::Unordered),
            block().prop_map(StepKind::Ordered),
            (message(), vec(inner.clone(), 0..3))
                .prop_map(|(message, steps)| StepKind::Whenever { message, steps }),
            block().prop_map(StepKind::Control),
            block().prop_map(StepKind::Fault),
            (value(), option::of(variable()), block())
                .prop_map(|(count, name, steps)| StepKind::Repeat { count, name, steps }),
        ];
        wrap(kind.boxed())
    });
    vec(step, 0..4)
}

fn file() -> impl Strategy<Value = File> {
    let names = || vec("[A-Za-z0-9.-]{1,12}".prop_map(spanned), 0..4);
    let text = || "[!-~]\\PC{0,8}";
    let case = (
        lead(),
        "[a-z0-9./-]{1,8}",
        text(),
        names(),
        names(),
        option::of("[a-z]{1,5}"),
        option::of(text()),
    );
    let case = (case, steps()).prop_map(
        |((lead, id, title, clauses, needs, group, no_control), steps)| {
            Item::Case(Case {
                lead,
                id,
                title,
                line: 0,
                clauses,
                needs,
                group,
                no_control,
                steps,
            })
        },
    );
    let stage = (lead(), "[a-z]{1,5}", steps()).prop_map(|(lead, name, steps)| {
        Item::Stage(Stage {
            lead,
            name,
            line: 0,
            steps,
        })
    });
    let items = vec(prop_oneof![3 => case, 1 => stage], 0..3);
    (lead(), option::of("[a-z0-9-]{1,8}"), items, lead()).prop_map(
        |(lead, protocol, items, trailer)| File {
            name: "x.mqs".into(),
            lead,
            protocol,
            items,
            trailer,
        },
    )
}

proptest! {
    // What fails here becomes a test of its own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_value_reads_as_itself(value in value()) {
        let printed = value.to_string();
        prop_assert_eq!(parse_value(&printed), Ok(value), "{}", printed);
    }

    #[test]
    fn a_printed_file_reads_as_itself(file in file()) {
        let printed = file.to_string();
        let read = parse("x.mqs", &printed).map_err(|found| TestCaseError::fail(format!("{}\n{printed}", found[0])))?;
        prop_assert_eq!(read.to_string(), printed.as_str());
        prop_assert_eq!(placeless(read), placeless(file), "{}", printed);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|[ \n\"#=\\\\>]){0,60}") {
        if let Err(found) = parse("x.mqs", &text) {
            prop_assert!(!found.is_empty());
            found.iter().for_each(|finding| drop(finding.render(&text, true)));
        }
    }

    #[test]
    fn a_script_with_a_piece_missing_is_read_or_refused(start in 0usize..11_000, length in 0usize..200) {
        let text = include_str!("../../../specs/notation.mqs");
        let start = (0..=start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let end = (start + length..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let text = format!("{}{}", &text[..start], &text[end.min(text.len()).max(start)..]);
        match parse("x.mqs", &text) {
            Ok(file) => {
                let even = file.to_string();
                prop_assert_eq!(parse("x.mqs", &even).map(|file| file.to_string()), Ok(even));
            }
            Err(found) => found.iter().for_each(|finding| drop(finding.render(&text, true))),
        }
    }
}
