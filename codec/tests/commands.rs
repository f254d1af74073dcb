//! All commands against the table they were generated from.

mod support;

use bytes::{Bytes, BytesMut};
use mqspec_codec::{
    Command, DecodeError, Fault, Method, MethodId, ShortStr, basic, connection, queue, tx,
};
use rstest::rstest;
use support::{Fill, array, commands, id, payload, shown, string};

fn decode(payload: &[u8]) -> Result<Method, DecodeError> {
    Method::decode(Bytes::copy_from_slice(payload))
}

fn encode(method: &Method) -> Vec<u8> {
    let mut out = BytesMut::new();
    method.encode(&mut out);
    out.to_vec()
}

#[test]
fn every_command_round_trips_with_all_its_fields_in_place() {
    let commands = commands();
    assert_eq!(commands.len(), 66);
    for command in &commands {
        for fill in [Fill::Blank, Fill::Values] {
            let octets = payload(command, fill);
            let method = decode(&octets).expect("a well-formed command");
            assert_eq!(encode(&method), octets, "{method:?}");
        }
        let debug = format!("{:?}", decode(&payload(command, Fill::Values)));
        for field in shown(command) {
            assert!(debug.contains(&field), "{field} in {debug}");
        }
    }
}

#[test]
fn every_command_knows_what_the_table_says_of_it() {
    for command in &commands() {
        let method = decode(&payload(command, Fill::Blank)).expect("a well-formed command");
        let name = string(&command["name"]);
        assert_eq!(method.name(), name);
        assert_eq!(method.to_string(), name);
        assert_eq!(method.class_id(), id(&command["class"]), "{name}");
        assert_eq!(method.method_id(), id(&command["method"]), "{name}");
        assert_eq!(method.id().name(), Some(name));
        assert_eq!(method.is_sync(), command["sync"] == true, "{name}");
        assert_eq!(method.has_content(), command["content"] == true, "{name}");
        let sent_by = array(&command["sent-by"]);
        assert_eq!(
            method.sent_by_client(),
            sent_by.iter().any(|peer| peer == "client"),
            "{name}"
        );
        assert_eq!(
            method.sent_by_server(),
            sent_by.iter().any(|peer| peer == "server"),
            "{name}"
        );
        let replies: Vec<_> = method.replies().iter().map(MethodId::name).collect();
        let expected = array(&command["replies"]);
        let expected: Vec<_> = expected.iter().map(|reply| Some(string(reply))).collect();
        assert_eq!(replies, expected, "{name}");
    }
}

#[test]
fn a_command_struct_knows_its_name_and_ids() {
    assert_eq!(queue::Declare::NAME, "queue.declare");
    assert_eq!(queue::Declare::ID, MethodId::new(50, 10));
    let method: Method = tx::Select.into();
    assert_eq!(method.id(), tx::Select::ID);
}

#[test]
fn reserved_fields_are_ignored_and_written_blank() {
    for command in &commands() {
        let plain = decode(&payload(command, Fill::Values));
        let method = decode(&payload(command, Fill::ReservedToo));
        assert_eq!(method, plain);
        let method = method.expect("a well-formed command");
        assert_eq!(encode(&method), payload(command, Fill::Values), "{method}");
    }
}

#[test]
fn a_reserved_field_must_be_well_formed() {
    let error = decode(&[0, 20, 0, 10, 1, 0xff]).expect_err("not UTF-8");
    assert_eq!(error.fault(), Fault::ShortStrNotUtf8);
    assert_eq!(error.field(), Some("reserved-1"));
}

#[rstest]
#[case::zero(b"\x00\x3c\x00\x1e\x03a\0b\0", Fault::ShortStrZeroOctet)]
#[case::utf8(b"\x00\x3c\x00\x1e\x01\xff\0", Fault::ShortStrNotUtf8)]
fn a_short_string_is_text_without_zero_octets(#[case] octets: &[u8], #[case] fault: Fault) {
    let error = decode(octets).expect_err("a malformed consumer tag");
    assert_eq!(error.fault(), fault);
    assert_eq!((error.clause(), error.reply_code()), ("DAT-02", Some(502)));
    assert_eq!(error.field(), Some("consumer-tag"));
}

#[test]
fn arguments_cut_anywhere_are_refused() {
    for command in &commands() {
        let octets = payload(command, Fill::Values);
        for end in 4..octets.len() {
            let error = decode(&octets[..end]).expect_err("truncated arguments");
            let at = format!("{} cut at {end}: {error}", command["name"]);
            match error.fault() {
                Fault::ArgumentsTruncated => {
                    assert_eq!(
                        (error.clause(), error.reply_code()),
                        ("MTH-02", Some(501)),
                        "{at}"
                    );
                }
                fault => {
                    assert_eq!(fault, Fault::TableLength, "{at}");
                    assert_eq!(
                        (error.clause(), error.reply_code()),
                        ("DAT-15", Some(502)),
                        "{at}"
                    );
                }
            }
            assert_eq!(error.class_id(), id(&command["class"]));
            assert_eq!(error.method_id(), id(&command["method"]));
            assert!(error.field().is_some(), "{at}");
        }
    }
}

#[test]
fn octets_after_the_arguments_are_refused() {
    for command in &commands() {
        let mut octets = payload(command, Fill::Values);
        octets.push(0);
        let error = decode(&octets).expect_err("octets too many");
        assert_eq!(error.fault(), Fault::ArgumentsTrailing);
        assert_eq!((error.clause(), error.reply_code()), ("MTH-02", Some(501)));
        assert_eq!(error.method_id(), id(&command["method"]));
    }
}

#[rstest]
#[case(&[])]
#[case(&[0])]
#[case(&[0, 10])]
#[case(&[0, 10, 0])]
fn a_payload_without_both_ids_is_refused(#[case] octets: &[u8]) {
    let error = decode(octets).expect_err("no ids");
    assert_eq!(error.fault(), Fault::MethodTooShort);
    assert_eq!((error.clause(), error.reply_code()), ("FRM-15", Some(501)));
    assert_eq!((error.class_id(), error.method_id()), (0, 0));
}

#[rstest]
#[case::class(99, 10)]
#[case::method(50, 99)]
#[case::zero(0, 0)]
#[case::private(0xf000, 1)]
#[case::class_and_method_that_exist_apart(90, 11_111)]
fn ids_that_no_command_has_are_told_apart(#[case] class_id: u16, #[case] method_id: u16) {
    let [c0, c1] = class_id.to_be_bytes();
    let [m0, m1] = method_id.to_be_bytes();
    let error = decode(&[c0, c1, m0, m1, 1, 2, 3]).expect_err("an unknown command");
    assert_eq!(
        error.fault(),
        Fault::UnknownMethod {
            class_id,
            method_id
        }
    );
    assert_eq!((error.clause(), error.reply_code()), ("MTH-01", Some(540)));
    assert_eq!((error.class_id(), error.method_id()), (class_id, method_id));
}

#[rstest]
#[case(0b0000_0001, queue::Declare { passive: true, ..Default::default() })]
#[case(0b0000_0010, queue::Declare { durable: true, ..Default::default() })]
#[case(0b0000_0100, queue::Declare { exclusive: true, ..Default::default() })]
#[case(0b0000_1000, queue::Declare { auto_delete: true, ..Default::default() })]
#[case(0b0001_0000, queue::Declare { no_wait: true, ..Default::default() })]
fn bits_fill_an_octet_from_the_low_end(#[case] bits: u8, #[case] command: queue::Declare) {
    let octets = [0, 50, 0, 10, 0, 0, 0, bits, 0, 0, 0, 0];
    let method = Method::from(command);
    assert_eq!(encode(&method), octets);
    assert_eq!(decode(&octets), Ok(method));
}

#[test]
fn bits_beyond_the_last_field_say_nothing() {
    assert_eq!(
        decode(&[0, 90, 0, 10]),
        Ok(tx::Select.into()),
        "a command without fields"
    );
    let octets = [0, 60, 0, 110, 0xff];
    let recover = basic::Recover { requeue: true };
    assert_eq!(decode(&octets), Ok(recover.into()));
}

#[test]
fn a_field_that_is_no_bit_ends_a_run_of_bits() {
    let deliver = basic::Deliver {
        consumer_tag: ShortStr::from_static("c"),
        delivery_tag: 258,
        redelivered: true,
        exchange: ShortStr::from_static("e"),
        routing_key: ShortStr::from_static("k"),
    };
    let octets = [
        0, 60, 0, 60, 1, b'c', 0, 0, 0, 0, 0, 0, 1, 2, 1, 1, b'e', 1, b'k',
    ];
    assert_eq!(encode(&deliver.into()), octets);
}

#[test]
fn an_error_reads_as_a_sentence_about_the_command() {
    let error = decode(&[0, 50, 0, 10, 0, 0, 3, b'a']).expect_err("a truncated name");
    assert_eq!(
        error.to_string(),
        "queue.declare: queue: arguments end too early"
    );
    let error = decode(&[0, 50, 0, 99]).expect_err("an unknown command");
    assert_eq!(
        error.to_string(),
        "no command has class id 50 and method id 99"
    );
}

#[test]
fn strings_are_slices_of_the_payload() {
    let payload = Bytes::copy_from_slice(b"\0\x0a\0\x15\0\0\0\x05token");
    let Ok(Method::ConnectionSecureOk(connection::SecureOk { response })) =
        Method::decode(payload.clone())
    else {
        panic!("not a connection.secure-ok");
    };
    assert_eq!(response.as_bytes().as_ptr(), payload[8..].as_ptr());
}
