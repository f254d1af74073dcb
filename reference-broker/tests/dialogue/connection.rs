//! Class connection.

use mqspec_codec::{
    BasicProperties, FieldTable, FieldValue, LongStr, Method, basic, channel, connection, queue,
};
use reference_broker::users::{PasswordHash, Permission, User};
use reference_broker::{Config, Mechanism};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, ids, name, on_0, start_ok};

const OURS: Heard = Heard::Header([0, 0, 9, 1]);

#[rstest]
#[case(b"AMQP\x00\x00\x09\x00")]
#[case(b"AMQP\x00\x00\x09\x02")]
#[case(b"AMQP\x01\x01\x00\x09")]
#[case(b"AMQP\x03\x01\x00\x00")]
#[case(b"GET / HT")]
#[case(b"\x16\x03\x01\x00\x00\x00\x00\x00")]
fn any_other_header_is_answered_with_ours(#[case] header: &[u8]) {
    let mut bench = Bench::new();
    let client = bench.connect();
    bench.send_octets(client, header);
    assert_eq!(bench.hear(client), OURS);
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn a_header_may_come_octet_by_octet() {
    let mut bench = Bench::new();
    let client = bench.connect();
    for octet in b"AMQP\x00\x00\x09" {
        bench.send_octets(client, &[*octet]);
        assert_eq!(bench.hear(client), Heard::Nothing);
    }
    bench.send_octets(client, &[1]);
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionStart(_))
    ));
}

#[test]
fn start_says_what_the_broker_is() {
    let mut bench = Bench::new();
    let client = bench.connect();
    bench.send_octets(client, b"AMQP\x00\x00\x09\x01");
    let Heard::Method(0, Method::ConnectionStart(start)) = bench.hear(client) else {
        panic!("no start");
    };
    assert_eq!((start.version_major, start.version_minor), (0, 9));
    assert_eq!(&*start.locales, b"en_US en_GB");
    assert_eq!(&*start.mechanisms, b"PLAIN AMQPLAIN RABBIT-CR-DEMO");
    let text = |name| match start.server_properties.get(name) {
        Some(FieldValue::LongString(text)) => String::from_utf8(text.to_vec()).expect("text"),
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!(text("product"), "mqspec reference broker");
    assert_eq!(text("host"), "localhost");
    for name in ["version", "platform", "copyright", "information"] {
        assert!(!text(name).is_empty());
    }
    let Some(FieldValue::Table(capabilities)) = start.server_properties.get("capabilities") else {
        panic!("no capabilities");
    };
    for name in [
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "authentication_failure_close",
        "per_consumer_qos",
        "direct_reply_to",
    ] {
        assert_eq!(
            capabilities.get(name),
            Some(FieldValue::Boolean(true)),
            "{name}"
        );
    }
}

#[test]
fn only_configured_mechanisms_are_offered_and_taken() {
    let config = Config {
        mechanisms: vec![Mechanism::Plain],
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let client = bench.connect();
    bench.send_octets(client, b"AMQP\x00\x00\x09\x01");
    let Heard::Method(0, Method::ConnectionStart(start)) = bench.hear(client) else {
        panic!("no start");
    };
    assert_eq!(&*start.mechanisms, b"PLAIN");
    bench.say(client, 0, start_ok("AMQPLAIN", "", &[]));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn tune_offers_what_is_configured() {
    let config = Config {
        channel_max: 7,
        frame_max: 5000,
        heartbeat: 9,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let client = bench.greet();
    bench.say(client, 0, start_ok("PLAIN", "\0guest\0guest", &[]));
    let tune = connection::Tune {
        channel_max: 7,
        frame_max: 5000,
        heartbeat: 9,
    };
    assert_eq!(bench.hear(client), on_0(tune));
}

#[rstest]
#[case(100, 4096)]
#[case(0, 0)]
fn no_frame_limit_below_the_smallest_is_offered(#[case] configured: u32, #[case] offered: u32) {
    let mut bench = Bench::with(Config {
        frame_max: configured,
        ..Config::default()
    });
    let client = bench.greet();
    bench.say(client, 0, start_ok("PLAIN", "\0guest\0guest", &[]));
    let Heard::Method(0, Method::ConnectionTune(tune)) = bench.hear(client) else {
        panic!("no tune");
    };
    assert_eq!(tune.frame_max, offered);
}

#[test]
fn a_challenge_leads_to_tune_as_well() {
    let mut bench = Bench::new();
    let client = bench.greet();
    bench.say(client, 0, start_ok("RABBIT-CR-DEMO", "guest", &[]));
    let challenge = LongStr::from_static("Please tell me your password");
    assert_eq!(bench.hear(client), on_0(connection::Secure { challenge }));
    let response = LongStr::from_static("My password is guest");
    bench.say(client, 0, connection::SecureOk { response });
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionTune(_))
    ));
}

#[test]
fn any_locale_that_is_offered_may_be_chosen() {
    let mut bench = Bench::new();
    for locale in ["en_US", "en_GB"] {
        let client = bench.greet();
        let plain = start_ok("PLAIN", "\0guest\0guest", &[]);
        let chosen = connection::StartOk {
            locale: name(locale),
            ..plain
        };
        bench.say(client, 0, chosen);
        assert!(matches!(
            bench.hear(client),
            Heard::Method(0, Method::ConnectionTune(_))
        ));
    }
}

#[rstest]
#[case::unoffered_mechanism(start_ok("EXTERNAL", "", &["authentication_failure_close"]))]
#[case::bad_password(start_ok("PLAIN", "\0guest\0wrong", &[]))]
#[case::malformed(start_ok("PLAIN", "guest", &["consumer_cancel_notify"]))]
#[case::other_locale(connection::StartOk { locale: name("de_DE"), ..start_ok("PLAIN", "\0guest\0guest", &[]) })]
fn a_wrong_start_ok_is_met_with_silence(#[case] wrong: connection::StartOk) {
    let mut bench = Bench::new();
    let client = bench.greet();
    bench.say(client, 0, wrong);
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn bad_credentials_are_told_to_clients_that_want_to_know() {
    let mut bench = Bench::new();
    let client = bench.greet();
    bench.say(
        client,
        0,
        start_ok("PLAIN", "\0guest\0no", &["authentication_failure_close"]),
    );
    assert_eq!(bench.ended(client), (403, 10, 11));

    let client = bench.greet();
    bench.say(
        client,
        0,
        start_ok("RABBIT-CR-DEMO", "guest", &["authentication_failure_close"]),
    );
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionSecure(_))
    ));
    let response = LongStr::from_static("My password is wrong");
    bench.say(client, 0, connection::SecureOk { response });
    assert_eq!(bench.ended(client), (403, 10, 21));
}

#[rstest]
#[case(2048, 0)]
#[case(0, 131_073)]
#[case(0, 4095)]
#[case(0, 1)]
fn a_limit_that_was_not_offered_ends_the_connection(
    #[case] channel_max: u16,
    #[case] frame_max: u32,
) {
    let mut bench = Bench::new();
    let client = bench.log_in(&[]);
    bench.say(
        client,
        0,
        connection::TuneOk {
            channel_max,
            frame_max,
            heartbeat: 0,
        },
    );
    assert_eq!(bench.hear(client), Heard::End);
}

#[rstest]
#[case(2047, 131_072)]
#[case(1, 4096)]
#[case(0, 0)]
fn limits_up_to_the_offer_are_agreed(#[case] channel_max: u16, #[case] frame_max: u32) {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], channel_max, frame_max, 0);
    bench.open_channel(client, 1);
}

#[test]
fn without_limits_of_the_broker_the_client_sets_them() {
    let config = Config {
        channel_max: 0,
        frame_max: 0,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let client = bench.tuned(&[], 5, 0, 0);
    bench.open_channel(client, 5);
    bench.say(client, 6, channel::Open);
    assert_eq!(bench.ended(client), (504, 20, 10));
    let client = bench.tuned(&[], 0, 1 << 24, 0);
    bench.open_channel(client, u16::MAX);
}

#[test]
fn an_unknown_virtual_host_is_an_invalid_path() {
    let mut bench = Bench::new();
    let client = bench.log_in(&[]);
    bench.say(client, 0, connection::TuneOk::default());
    bench.say(
        client,
        0,
        connection::Open {
            virtual_host: name("elsewhere"),
        },
    );
    assert_eq!(bench.ended(client), (402, 10, 40));
}

#[test]
fn a_user_opens_only_what_is_theirs() {
    let mut config = Config {
        virtual_hosts: vec!["/".into(), "two".into()],
        ..Config::default()
    };
    let guest = User::new(PasswordHash::new("guest")).with("two", Permission::default());
    config.users.insert("guest".into(), guest);
    let mut bench = Bench::with(config);
    for (host, expected) in [("/", Some((530, 10, 40))), ("two", None)] {
        let client = bench.log_in(&[]);
        bench.say(client, 0, connection::TuneOk::default());
        bench.say(
            client,
            0,
            connection::Open {
                virtual_host: name(host),
            },
        );
        match expected {
            Some(expected) => assert_eq!(bench.ended(client), expected),
            None => assert_eq!(bench.hear(client), on_0(connection::OpenOk)),
        }
    }
}

#[rstest]
#[case::start_ok(start_ok("PLAIN", "\0guest\0guest", &[]).into(), 11)]
#[case::secure_ok(connection::SecureOk::default().into(), 21)]
#[case::tune_ok(connection::TuneOk::default().into(), 31)]
#[case::open(connection::Open { virtual_host: name("/") }.into(), 40)]
#[case::close_ok(connection::CloseOk.into(), 51)]
#[case::start(connection::Start::default().into(), 10)]
#[case::open_ok(connection::OpenOk.into(), 41)]
#[case::blocked(connection::Blocked::default().into(), 60)]
fn once_open_the_handshake_is_over(#[case] method: Method, #[case] method_id: u16) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say(client, 0, method);
    assert_eq!(bench.ended(client), (503, 10, method_id));
}

#[test]
fn no_step_of_the_handshake_can_be_left_out() {
    let tune_ok = || Method::from(connection::TuneOk::default());
    let open = || {
        Method::from(connection::Open {
            virtual_host: name("/"),
        })
    };
    let secure_ok = || Method::from(connection::SecureOk::default());
    let stages: [fn(&mut Bench) -> Client; 2] = [Bench::greet, |bench| bench.log_in(&[])];
    for (stage, wrong) in [
        (0, tune_ok()),
        (0, open()),
        (0, secure_ok()),
        (0, channel::Open.into()),
        (1, open()),
        (1, secure_ok()),
        (1, start_ok("PLAIN", "\0guest\0guest", &[]).into()),
        (1, queue::Declare::default().into()),
    ] {
        let mut bench = Bench::new();
        let client = stages[stage](&mut bench);
        bench.say(client, 0, wrong.clone());
        assert_eq!(bench.hear(client), Heard::End, "{wrong}");
    }
}

#[test]
fn opening_a_connection_happens_on_channel_0() {
    let mut bench = Bench::new();
    let client = bench.greet();
    bench.say(client, 1, start_ok("PLAIN", "\0guest\0guest", &[]));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn a_new_secret_is_taken_note_of() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say(client, 0, connection::UpdateSecret::default());
    assert_eq!(bench.hear(client), on_0(connection::UpdateSecretOk));
}

#[test]
fn virtual_hosts_know_nothing_of_each_other() {
    let config = Config {
        virtual_hosts: vec!["/".into(), "two".into()],
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let a = bench.open();
    bench.queue(a, "q");
    let b = bench.log_in(&[]);
    bench.say(b, 0, connection::TuneOk::default());
    bench.say(
        b,
        0,
        connection::Open {
            virtual_host: name("two"),
        },
    );
    assert_eq!(bench.hear(b), on_0(connection::OpenOk));
    bench.open_channel(b, 1);
    bench.say_1(
        b,
        queue::Declare {
            queue: name("q"),
            passive: true,
            ..Default::default()
        },
    );
    assert_eq!(bench.refused(b).0, 404);
    bench.queue(b, "q");
    bench.put(b, "q", "for two");
    assert_eq!(bench.count(a, "q"), (0, 0));
    bench.consume(b, "q");
    assert!(bench.delivered(b).is_some());
}

#[test]
fn the_connections_commands_travel_on_channel_0() {
    let mut bench = Bench::new();
    for channel in [1, 2] {
        let client = bench.open();
        bench.say(client, channel, connection::Close::default());
        assert_eq!(bench.ended(client), (503, 10, 50));
    }
}

#[test]
fn reply_texts_fit_whatever_they_quote() {
    let mut bench = Bench::new();
    let client = bench.open();
    let long = "q".repeat(255);
    bench.say_1(
        client,
        queue::Declare {
            queue: name(&long),
            passive: true,
            ..Default::default()
        },
    );
    let Heard::Method(1, Method::ChannelClose(close)) = bench.hear(client) else {
        panic!("not refused");
    };
    assert_eq!(close.reply_text.len(), 255);
    assert!(close.reply_text.starts_with("NOT_FOUND - no queue 'qqq"));
}

#[test]
fn no_command_is_named_where_none_failed() {
    let mut bench = Bench::new();
    let client = bench.open();
    let frame = [2, 0, 1, 0, 0, 0, 0, 206];
    bench.send_octets(client, &frame);
    assert_eq!(bench.ended(client), (505, 0, 0));
}

#[test]
fn capabilities_that_are_not_true_are_not_there() {
    let mut bench = Bench::new();
    let client = bench.greet();
    let capabilities = FieldTable::new()
        .with("authentication_failure_close", false)
        .expect("a legal table");
    let mut wrong = start_ok("PLAIN", "\0guest\0wrong", &[]);
    wrong.client_properties = FieldTable::new()
        .with("capabilities", capabilities)
        .expect("a legal table");
    bench.say(client, 0, wrong);
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn the_failing_command_is_named() {
    let mut bench = Bench::new();
    let client = bench.open();
    let publish = basic::Publish {
        exchange: name("none"),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &BasicProperties::default(), b"");
    let (class_id, method_id) = ids::<basic::Publish>();
    assert_eq!(bench.refused(client), (404, class_id, method_id));
}
