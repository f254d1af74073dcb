//! Values and patterns.

use std::time::Duration;

use mqspec::script::{Piece, Value, Value::*, parse_value};
use rstest::rstest;

fn text(text: &str) -> Value {
    Text(vec![Piece::Literal(text.as_bytes().to_vec())])
}

fn int(number: i128) -> Box<Value> {
    Box::new(Int(number))
}

fn var(name: &str) -> Box<Value> {
    Box::new(Var(name.to_owned()))
}

#[rstest]
#[case("404", Int(404), "404")]
#[case("-1", Int(-1), "-1")]
#[case("0x1F", Hex(31), "0x1f")]
#[case("-0x10", Hex(-16), "-0x10")]
#[case("18446744073709551615", Int(u64::MAX.into()), "18446744073709551615")]
#[case("1.5", Float(1.5), "1.5")]
#[case("1e3", Float(1000.0), "1000.0")]
#[case("2.5e-9", Float(2.5e-9), "2.5e-9")]
#[case("-inf", Float(f64::NEG_INFINITY), "-inf")]
#[case("500ms", Duration(Duration::from_millis(500)), "500ms")]
#[case("2000ms", Duration(Duration::from_secs(2)), "2s")]
#[case("1min", Duration(Duration::from_secs(60)), "60s")]
#[case("true", Bool(true), "true")]
#[case("\"true\"", text("true"), "\"true\"")]
#[case("direct", text("direct"), "direct")]
#[case("\"amq.fanout\"", text("amq.fanout"), "amq.fanout")]
#[case("\"\"", Text(vec![]), "\"\"")]
#[case("\"2nd\"", text("2nd"), "\"2nd\"")]
#[case("\"a # b\"", text("a # b"), "\"a # b\"")]
#[case(r#""\x41\u{20ac}\0\"\\""#, text("A€\0\"\\"), r#""A€\0\"\\""#)]
#[case(r#""\xff\u{7}""#, Text(vec![Piece::Literal(vec![0xff, 7])]), r#""\xff\x07""#)]
#[case("\"m${i}!\"", Text(vec![Piece::Literal(b"m".to_vec()), Piece::Var("i".into()), Piece::Literal(b"!".to_vec())]), "\"m${i}!\"")]
#[case(r#""\x24{i}""#, text("${i}"), r#""\x24{i}""#)]
#[case("hex\"00FF 0a\"", Bytes(vec![0, 255, 10]), "hex\"00 ff 0a\"")]
#[case("hex\"\"", Bytes(vec![]), "hex\"\"")]
#[case("$frame_max - 8", Sub(var("frame_max"), int(8)), "$frame_max - 8")]
#[case(
    "1 - (2 - 3)",
    Sub(int(1), Box::new(Sub(int(2), int(3)))),
    "1 - (2 - 3)"
)]
#[case(
    "(1 + 2) * 3",
    Mul(Box::new(Add(int(1), int(2))), int(3)),
    "(1 + 2) * 3"
)]
#[case("x * 5000", Mul(Box::new(text("x")), int(5000)), "\"x\" * 5000")]
#[case("{a=1, \"b c\"=true, n={}}", Table { pairs: vec![("a".into(), Int(1)), ("b c".into(), Bool(true)), ("n".into(), Table { pairs: vec![], open: false })], open: false }, "{a=1, \"b c\"=true, n={}}")]
#[case("{a=x,...}", Table { pairs: vec![("a".into(), text("x"))], open: true }, "{a=\"x\", ...}")]
#[case("[1, void, ...]", Array { values: vec![Int(1), Void], open: true }, "[1, void, ...]")]
#[case("[...]", Array { values: vec![], open: true }, "[...]")]
#[case("S:x", Typed("S".into(), Box::new(text("x"))), "S:\"x\"")]
#[case("D:[2, 314]", Typed("D".into(), Box::new(Array { values: vec![Int(2), Int(314)], open: false })), "D:[2, 314]")]
#[case("s:(1..10)", Typed("s".into(), Box::new(Range(Some(int(1)), Some(int(10))))), "s:(1..10)")]
#[case("shortstr(\"x\")", Call("shortstr".into(), vec![text("x")]), "shortstr(\"x\")")]
#[case("cover(2, 4..5)", Cover(vec![Int(2), Range(Some(int(4)), Some(int(5)))]), "cover(2, 4..5)")]
#[case("_", Any, "_")]
#[case("absent", Absent, "absent")]
#[case("?tag", Bind("tag".into()), "?tag")]
#[case("404|530", Either(vec![Int(404), Int(530)]), "404|530")]
#[case("PLAIN|\"EXTERNAL\"", Either(vec![text("PLAIN"), text("EXTERNAL")]), "PLAIN|EXTERNAL")]
#[case("?t & 1..10", All(vec![Bind("t".into()), Range(Some(int(1)), Some(int(10)))]), "?t & 1..10")]
#[case("?t&1..", All(vec![Bind("t".into()), Range(Some(int(1)), None)]), "?t & 1..")]
#[case("..10", Range(None, Some(int(10))), "..10")]
#[case(
    "$n - 8..$n",
    Range(Some(Box::new(Sub(var("n"), int(8)))), Some(var("n"))),
    "$n - 8..$n"
)]
#[case(
    "1s..3s",
    Range(
        Some(Box::new(Duration(Duration::from_secs(1)))),
        Some(Box::new(Duration(Duration::from_secs(3))))
    ),
    "1s..3s"
)]
#[case("-5..-1", Range(Some(int(-5)), Some(int(-1))), "-5..-1")]
#[case("~\"^amq\\\\.gen-\"", Matches("^amq\\.gen-".into()), "~\"^amq\\\\.gen-\"")]
#[case("!x", Not(Box::new(text("x"))), "!x")]
#[case("!(1|2)", Not(Box::new(Either(vec![Int(1), Int(2)]))), "!(1|2)")]
#[case("!1|2", Either(vec![Not(int(1)), Int(2)]), "!1|2")]
#[case("(1|2)|3", Either(vec![Either(vec![Int(1), Int(2)]), Int(3)]), "(1|2)|3")]
fn a_value_reads_and_prints(#[case] source: &str, #[case] value: Value, #[case] printed: &str) {
    assert_eq!(parse_value(source), Ok(value.clone()));
    assert_eq!(value.to_string(), printed);
    assert_eq!(parse_value(printed), Ok(value));
}

#[rstest]
#[case::unclosed_text("\"x")]
#[case::half_an_octet("hex\"0\"")]
#[case::no_digit("hex\"0g\"")]
#[case::unit("5h")]
#[case::huge_number("999999999999999999999999999999999999999999")]
#[case::huge_hexadecimal("0xffffffffffffffffffffffffffffffff")]
#[case::no_hexadecimal("0x")]
#[case::unclosed_table("{a=1")]
#[case::nameless_pair("{1}")]
#[case::behind_ellipsis("[..., 1]")]
#[case::escape("\"\\q\"")]
#[case::cut_escape("\"\\x4\"")]
#[case::surrogate("\"\\u{d800}\"")]
#[case::variable("$Q")]
#[case::bare_dollar("\"${}\"")]
#[case::missing_operand("1 +")]
#[case::lonely_sign("+4")]
#[case::typed_range("s:1..10")]
#[case::expression("~5")]
#[case::two_values("1 2")]
#[case::nothing("")]
#[case::other_sign("ä")]
fn what_is_no_value_is_refused(#[case] source: &str) {
    let found = parse_value(source).expect_err("a finding");
    assert!(!found.is_empty());
}

#[test]
fn a_value_too_deep_is_refused_and_not_followed() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a=", "}"),
        ("!", ""),
        ("s:", ""),
        ("u8(", ")"),
    ] {
        let source = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(parse_value(&source).is_err(), "{open}");
    }
    assert!(parse_value(&format!("1{}", " + 1".repeat(100_000))).is_err());
    assert!(parse_value(&format!("{}1{}", "[".repeat(30), "]".repeat(30))).is_ok());
}
