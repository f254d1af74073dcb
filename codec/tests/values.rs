//! Strings, tables and values as octets.

use bytes::Bytes;
use mqspec_codec::types::MAX_DEPTH;
use mqspec_codec::{
    DecodeError, Fault, FieldArray, FieldTable, FieldValue, LongStr, ShortStr, ValueError,
};
use rstest::rstest;

fn table(pairs: &[u8]) -> Result<FieldTable, DecodeError> {
    FieldTable::from_bytes(Bytes::copy_from_slice(pairs))
}

fn pair(value: &[u8]) -> Vec<u8> {
    [b"\x01k", value].concat()
}

fn long(text: &'static str) -> LongStr {
    LongStr::from_static(text)
}

#[rstest]
#[case(b"t\x00", FieldValue::Boolean(false))]
#[case(b"t\x01", FieldValue::Boolean(true))]
#[case(b"b\xff", FieldValue::ShortShortInt(-1))]
#[case(b"B\xff", FieldValue::ShortShortUint(255))]
#[case(b"s\xff\xfe", FieldValue::ShortInt(-2))]
#[case(b"u\xff\xfe", FieldValue::ShortUint(65534))]
#[case(b"I\xff\xff\xff\xfd", FieldValue::LongInt(-3))]
#[case(b"i\xff\xff\xff\xfd", FieldValue::LongUint(4_294_967_293))]
#[case(b"l\xff\xff\xff\xff\xff\xff\xff\xfc", FieldValue::LongLongInt(-4))]
#[case(b"L\xff\xff\xff\xff\xff\xff\xff\xfc", FieldValue::LongLongIntUpper(-4))]
#[case(b"f\x3f\x80\x00\x00", FieldValue::Float(1.0))]
#[case(b"f\x7f\xc0\x00\x01", FieldValue::Float(f32::from_bits(0x7fc0_0001)))]
#[case(b"d\xbf\xf0\x00\x00\x00\x00\x00\x00", FieldValue::Double(-1.0))]
#[case(b"D\x02\xff\xff\xff\xff", FieldValue::Decimal { scale: 2, value: u32::MAX })]
#[case(b"S\x00\x00\x00\x02\x00\xff", FieldValue::LongString(LongStr::new(vec![0, 255]).unwrap()))]
#[case(b"x\x00\x00\x00\x01a", FieldValue::ByteArray(long("a")))]
#[case(b"A\x00\x00\x00\x00", FieldValue::Array(FieldArray::new()))]
#[case(b"T\x00\x00\x00\x00\x00\x00\x01\x00", FieldValue::Timestamp(256))]
#[case(b"F\x00\x00\x00\x00", FieldValue::Table(FieldTable::new()))]
#[case(b"V", FieldValue::Void)]
fn a_value_keeps_its_tag_and_its_octets(#[case] octets: &[u8], #[case] value: FieldValue) {
    let read = table(&pair(octets)).expect("a table");
    assert_eq!(read.get("k"), Some(value.clone()));
    let mut written = FieldTable::new();
    written.push("k", value.clone()).expect("a value that fits");
    assert_eq!(written.as_bytes(), read.as_bytes());
    assert_eq!(written, read);
    let mut array = FieldArray::new();
    array.push(value.clone()).expect("a value that fits");
    assert_eq!(array.as_bytes(), octets);
    assert!(array.iter().eq([value]));
}

#[test]
fn a_boolean_is_true_unless_zero_and_keeps_its_octet() {
    let read = table(&pair(b"t\x07")).expect("a table");
    assert_eq!(read.get("k"), Some(FieldValue::Boolean(true)));
    assert_eq!(read.as_bytes().as_ref(), pair(b"t\x07"));
}

#[test]
fn every_other_tag_is_unknown() {
    let known = b"tbBsuIilLfdDSxATFV";
    for tag in (0..=255).filter(|tag| !known.contains(tag)) {
        let error = table(&pair(&[tag, 0, 0, 0, 0, 0, 0, 0, 0])).expect_err("an unknown tag");
        assert_eq!(error.fault(), Fault::UnknownTag(tag));
        assert_eq!(error.reply_code(), Some(502));
    }
}

#[rstest]
#[case::name_past_the_end(b"\x05k")]
#[case::no_tag(b"\x01k")]
#[case::no_value(b"\x01kt")]
#[case::short_number(b"\x01kI\0\0\0")]
#[case::short_decimal(b"\x01kD\0\0\0\0")]
#[case::string_past_the_end(b"\x01kS\0\0\0\x02a")]
#[case::string_beyond_memory(b"\x01kS\xff\xff\xff\xffa")]
#[case::table_past_the_end(b"\x01kF\0\0\0\x01")]
#[case::table_beyond_memory(b"\x01kF\xff\xff\xff\xff")]
#[case::inner_table_too_short(b"\x01kF\0\0\0\x03\x01kt\x01")]
#[case::array_past_the_end(b"\x01kA\0\0\0\x05t\x01")]
#[case::array_length_as_a_count(b"\x01kA\0\0\0\x01t\x01")]
fn lengths_that_disagree_are_refused(#[case] pairs: &[u8]) {
    let error = table(pairs).expect_err("lengths that disagree");
    assert_eq!(error.fault(), Fault::TableLength);
    assert_eq!((error.clause(), error.reply_code()), ("DAT-15", Some(502)));
}

#[rstest]
#[case::utf8(b"\x01\xfft\x01", Fault::ShortStrNotUtf8)]
#[case::zero(b"\x02a\0t\x01", Fault::ShortStrZeroOctet)]
#[case::inside(b"\x01kF\0\0\0\x04\x01\xfft\x01", Fault::ShortStrNotUtf8)]
fn names_are_short_strings(#[case] pairs: &[u8], #[case] fault: Fault) {
    let error = table(pairs).expect_err("a malformed name");
    assert_eq!(error.fault(), fault);
    assert_eq!((error.clause(), error.reply_code()), ("DAT-02", Some(502)));
}

/// `depth` tables or arrays, one inside the other, around nothing.
fn nested(tag: u8, depth: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    for _ in 1..depth {
        let mut outer = match tag {
            b'F' => vec![0, tag],
            _ => vec![tag],
        };
        outer.extend((octets.len() as u32).to_be_bytes());
        outer.extend(octets);
        octets = outer;
    }
    octets
}

#[test]
fn depth_is_limited_and_costs_no_stack_beyond() {
    assert!(table(&nested(b'F', MAX_DEPTH)).is_ok());
    for depth in [MAX_DEPTH + 1, 2000] {
        let error = table(&nested(b'F', depth)).expect_err("nested too deep");
        assert_eq!(error.fault(), Fault::TableTooDeep);
        assert_eq!((error.clause(), error.reply_code()), ("DAT-16", Some(502)));
    }
    assert!(FieldArray::from_bytes(nested(b'A', MAX_DEPTH).into()).is_ok());
    assert!(FieldArray::from_bytes(nested(b'A', MAX_DEPTH + 1).into()).is_err());
}

#[test]
fn a_value_nested_too_deep_for_the_wire_cannot_be_pushed() {
    let mut inner = FieldTable::new();
    for _ in 1..MAX_DEPTH {
        inner = FieldTable::new().with("", inner).expect("within the limit");
    }
    let octets = inner.as_bytes().clone();
    assert!(FieldTable::from_bytes(octets).is_ok());
    let mut outer = FieldTable::new();
    assert_eq!(outer.push("", inner), Err(ValueError::TooDeep));
    assert!(outer.is_empty(), "a refused pair leaves nothing behind");
}

#[test]
fn order_and_duplicates_are_kept_and_the_first_counts() {
    let pairs = FieldTable::new()
        .with("b", 1)
        .and_then(|pairs| pairs.with("a", 2_i64))
        .and_then(|pairs| pairs.with("b", long("3")))
        .expect("small values");
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["b", "a", "b"]);
    assert_eq!(pairs.get("b").and_then(|value| value.as_integer()), Some(1));
    assert_eq!(pairs.get("c"), None);
    assert_eq!(pairs.get(""), None, "a beginning is not the name");
    assert_eq!(
        format!("{pairs:?}"),
        r#"{"b": LongInt(1), "a": LongLongInt(2), "b": LongString(b"3")}"#
    );
    let kept = pairs.detached();
    assert_eq!(kept, pairs);
    assert_ne!(kept.as_bytes().as_ptr(), pairs.as_bytes().as_ptr());
}

#[test]
fn values_under_different_tags_differ() {
    type Value = FieldValue;
    assert_ne!(Value::LongLongInt(1), Value::LongLongIntUpper(1));
    assert_ne!(Value::LongString(long("a")), Value::ByteArray(long("a")));
    assert_ne!(Value::Double(0.0), Value::Double(-0.0));
}

#[rstest]
#[case(FieldValue::ShortShortInt(-1), Some(-1))]
#[case(FieldValue::LongUint(u32::MAX), Some(4_294_967_295))]
#[case(FieldValue::LongLongIntUpper(i64::MIN), Some(i64::MIN))]
#[case(FieldValue::Double(1.0), None)]
#[case(FieldValue::Timestamp(1), None)]
fn every_integer_type_can_be_read_as_one(#[case] value: FieldValue, #[case] number: Option<i64>) {
    assert_eq!(value.as_integer(), number);
}

#[test]
fn a_short_string_holds_255_octets_and_no_zero() {
    let longest = "é".repeat(127) + "x";
    assert_eq!(
        ShortStr::new(&longest).expect("255 octets"),
        longest.as_str()
    );
    let too_long = "x".repeat(256);
    assert_eq!(
        ShortStr::new(&too_long),
        Err(ValueError::ShortStrTooLong(256))
    );
    assert_eq!(
        ShortStr::try_from(too_long),
        Err(ValueError::ShortStrTooLong(256))
    );
    assert_eq!(ShortStr::new("a\0b"), Err(ValueError::ShortStrZeroOctet));
    let octets = Bytes::from_static(b"\xff");
    assert_eq!(ShortStr::try_from(octets), Err(ValueError::ShortStrNotUtf8));
}

#[test]
fn a_text_too_long_is_cut_between_two_characters() {
    assert_eq!(ShortStr::truncated("short"), "short");
    assert_eq!(
        ShortStr::truncated(&"é".repeat(200)),
        "é".repeat(127).as_str()
    );
    assert_eq!(ShortStr::truncated("no queue 'a\0b'"), "no queue 'a b'");
}

#[test]
fn a_short_string_can_be_looked_up_as_text() {
    let map = std::collections::HashMap::from([(ShortStr::from_static("q"), 1)]);
    assert_eq!(map.get("q"), Some(&1));
}

#[test]
fn a_long_string_is_shown_the_same_where_it_stands() {
    let octets = b"\0'\"\\\n\xff";
    let table = FieldTable::new()
        .with("k", LongStr::new(octets.to_vec()).unwrap())
        .unwrap();
    let shown = format!("{table:?}");
    assert_eq!(shown, r#"{"k": LongString(b"\x00\'\"\\\n\xff")}"#);
    assert_eq!(format!("{:?}", table.borrowed()), shown);
}
