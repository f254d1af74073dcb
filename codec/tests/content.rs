//! Content headers and properties as octets.

mod support;

use bytes::{Bytes, BytesMut};
use mqspec_codec::{
    BasicProperties, ContentHeader, DecodeError, Fault, FieldTable, Properties, ShortStr,
};
use rstest::rstest;
use support::{array, protocol, string};

fn decode(octets: &[u8]) -> Result<ContentHeader, DecodeError> {
    ContentHeader::decode(Bytes::copy_from_slice(octets))
}

fn encode(header: &ContentHeader) -> Vec<u8> {
    let mut out = BytesMut::new();
    header.encode(&mut out);
    out.to_vec()
}

/// A header of class basic with body size 5, up to its flags.
fn with(rest: &[u8]) -> Vec<u8> {
    [b"\x00\x3c\x00\x00\0\0\0\0\0\0\0\x05", rest].concat()
}

fn all() -> BasicProperties {
    let text = |text| Some(ShortStr::from_static(text));
    BasicProperties {
        content_type: text("v1"),
        content_encoding: text("v2"),
        headers: FieldTable::new().with("k", true).ok(),
        delivery_mode: Some(4),
        priority: Some(5),
        correlation_id: text("v6"),
        reply_to: text("v7"),
        expiration: text("v8"),
        message_id: text("v9"),
        timestamp: Some(10),
        r#type: text("v11"),
        user_id: text("v12"),
        app_id: text("v13"),
        cluster_id: text("v14"),
    }
}

/// The value that the table's property has in [`all`].
fn octets(number: usize, kind: &str) -> Vec<u8> {
    match kind {
        "octet" => vec![number as u8],
        "timestamp" => (number as u64).to_be_bytes().to_vec(),
        "table" => vec![0, 0, 0, 4, 1, b'k', b't', 1],
        _ => {
            let text = format!("v{number}");
            [&[text.len() as u8], text.as_bytes()].concat()
        }
    }
}

#[test]
fn each_property_has_the_flag_and_the_place_that_the_table_gives_it() {
    let classes = array(&protocol()["classes"]);
    let basic = classes.iter().find(|class| class["name"] == "basic");
    let table = array(&basic.expect("class basic")["properties"]);
    assert_eq!(table.len(), 14);
    let full = format!("{:?}", all());
    let mut list = Vec::new();
    for (index, property) in table.iter().enumerate() {
        let value = octets(index + 1, string(&property["type"]));
        list.extend(&value);
        let flag = 0x8000_u16 >> index;
        let alone = decode(&with(&[&flag.to_be_bytes()[..], &value].concat()));
        let alone = alone.expect("one property").properties.decode();
        let name = string(&property["name"]).replace('-', "_");
        let shown = format!("{alone:?}");
        let (_, shown) = shown
            .split_once(&format!("{name}: Some("))
            .expect("it is there");
        let (value, _) = shown.split_once(')').expect("a value in parentheses");
        assert!(
            full.contains(&format!("{name}: Some({value})")),
            "{name} {value}"
        );
    }
    let header = ContentHeader {
        body_size: 5,
        properties: all().into(),
    };
    let octets = with(&[b"\xff\xfc".as_slice(), &list].concat());
    assert_eq!(encode(&header), octets);
    assert_eq!(decode(&octets), Ok(header));
    assert_eq!(
        decode(&octets).expect("a header").properties.decode(),
        all()
    );
}

#[test]
fn absent_properties_stay_absent() {
    let header = decode(&with(&[0, 0])).expect("a header without properties");
    assert_eq!(header.body_size, 5);
    assert_eq!(header.class_id(), 60);
    assert_eq!(header.properties, Properties::default());
    assert_eq!(header.properties.decode(), BasicProperties::default());
    assert_eq!(encode(&header), with(&[0, 0]));
}

#[test]
fn properties_go_out_as_they_came_in() {
    // A boolean other than 0 and 1 has no value of its own, and is kept all the same.
    let list = b"\x20\x00\x00\x00\x00\x08\x01a\x74\x07\x01a\x74\x02";
    let header = decode(&with(list)).expect("a header");
    assert_eq!(header.properties.as_bytes().as_ref(), list);
    assert_eq!(encode(&header), with(list));
    assert_eq!(
        Properties::from(header.properties.decode()),
        header.properties
    );
    let kept = header.properties.detached();
    assert_eq!(Properties::from_bytes(kept.as_bytes().clone()), Ok(kept));
}

#[rstest]
#[case::nothing(b"", Fault::HeaderTruncated, "CNT-12", 501)]
#[case::half_a_class(b"\x00", Fault::HeaderTruncated, "CNT-12", 501)]
#[case::class_alone(b"\x00\x3c", Fault::HeaderTruncated, "CNT-12", 501)]
#[case::no_size(b"\x00\x3c\x00\x00\0\0\0", Fault::HeaderTruncated, "CNT-12", 501)]
#[case::no_flags(
    b"\x00\x3c\x00\x00\0\0\0\0\0\0\0\x05",
    Fault::HeaderTruncated,
    "CNT-12",
    501
)]
#[case::other_class(
    b"\x00\x32\x00\x00\0\0\0\0\0\0\0\0\0\0",
    Fault::HeaderClass(50),
    "CNT-03",
    501
)]
#[case::weight(
    b"\x00\x3c\x00\x01\0\0\0\0\0\0\0\0\0\0",
    Fault::HeaderWeight(1),
    "CNT-04",
    501
)]
fn a_malformed_fixed_part_is_refused(
    #[case] octets: &[u8],
    #[case] fault: Fault,
    #[case] clause: &str,
    #[case] code: u16,
) {
    let error = decode(octets).expect_err("a malformed header");
    assert_eq!(error.fault(), fault);
    assert_eq!((error.clause(), error.reply_code()), (clause, Some(code)));
}

#[rstest]
#[case::continued(&[0, 1, 0, 0], Fault::PropertyFlags(1), "CNT-11", 501, "property-flags")]
#[case::fifteenth(&[0, 2], Fault::PropertyFlags(2), "CNT-11", 501, "property-flags")]
#[case::missing_value(&[0x80, 0], Fault::HeaderTruncated, "CNT-12", 501, "content-type")]
#[case::cut_value(&[0x80, 0, 3, b'a'], Fault::HeaderTruncated, "CNT-12", 501, "content-type")]
#[case::missing_octet(&[0x10, 0], Fault::HeaderTruncated, "CNT-12", 501, "delivery-mode")]
#[case::cut_timestamp(&[0, 0x40, 0, 0], Fault::HeaderTruncated, "CNT-12", 501, "timestamp")]
#[case::text(&[0x80, 0, 1, 0xff], Fault::ShortStrNotUtf8, "DAT-02", 502, "content-type")]
#[case::zero(&[0, 4, 1, 0], Fault::ShortStrZeroOctet, "DAT-02", 502, "cluster-id")]
#[case::table(&[0x20, 0, 0, 0, 0, 9], Fault::TableLength, "DAT-15", 502, "headers")]
fn a_malformed_property_is_refused_by_name(
    #[case] list: &[u8],
    #[case] fault: Fault,
    #[case] clause: &str,
    #[case] code: u16,
    #[case] field: &str,
) {
    let error = decode(&with(list)).expect_err("a malformed property");
    assert_eq!(error.fault(), fault);
    assert_eq!((error.clause(), error.reply_code()), (clause, Some(code)));
    assert_eq!(
        (error.class_id(), error.method_id(), error.field()),
        (60, 0, Some(field))
    );
}

#[test]
fn octets_after_the_last_property_are_refused() {
    let error = decode(&with(&[0, 0, 0])).expect_err("octets too many");
    assert_eq!(error.fault(), Fault::HeaderTrailing);
    assert_eq!((error.clause(), error.reply_code()), ("CNT-12", Some(501)));
    assert_eq!(
        error.to_string(),
        "content header: octets follow the last property"
    );
}

#[test]
fn a_header_cut_anywhere_is_refused() {
    let octets = encode(&ContentHeader {
        body_size: 5,
        properties: all().into(),
    });
    for end in 0..octets.len() {
        assert!(decode(&octets[..end]).is_err(), "cut at {end}");
    }
}
