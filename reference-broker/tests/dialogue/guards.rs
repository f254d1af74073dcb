//! What guards a broker against clients that sleep, come too often or bring too much.

use std::time::Duration;

use mqspec_codec::{basic, confirm, connection};
use reference_broker::{Alarm, Config, Limits};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, delivered, name, on_0, on_1};

const SECOND: Duration = Duration::from_secs(1);
/// `basic.qos` for one message.
const FRAME: [u8; 19] = [1, 0, 1, 0, 0, 0, 11, 0, 60, 0, 10, 0, 0, 0, 0, 0, 1, 0, 206];

fn limited(limits: Limits) -> Bench {
    Bench::with(Config {
        limits,
        ..Config::default()
    })
}

/// The first octets of it.
fn begin_a_frame(bench: &mut Bench, client: Client) {
    bench.send_octets(client, &FRAME[..9]);
}

#[test]
fn who_sleeps_in_the_middle_of_a_frame_is_cut_off() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.wait(1000 * SECOND);
    begin_a_frame(&mut bench, client);
    bench.wait(60 * SECOND - Duration::from_millis(1));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn who_is_slow_is_not() {
    let mut bench = Bench::new();
    let client = bench.open();
    for _ in 0..3 {
        begin_a_frame(&mut bench, client);
        bench.wait(59 * SECOND);
        bench.send_octets(client, &FRAME[9..]);
        assert_eq!(bench.hear(client), on_1(basic::QosOk));
        bench.wait(59 * SECOND);
        assert_eq!(bench.hear(client), Heard::Nothing);
    }
}

#[test]
fn any_octet_shows_that_a_client_is_awake() {
    let mut bench = Bench::new();
    let client = bench.open();
    for octet in &FRAME {
        bench.wait(59 * SECOND);
        bench.send_octets(client, &[*octet]);
    }
    assert_eq!(bench.hear(client), on_1(basic::QosOk));
}

#[test]
fn who_may_not_publish_is_not_asked_for_the_rest_of_a_frame() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.put(client, "q", "m");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.carry();
    begin_a_frame(&mut bench, client);
    bench.wait(1000 * SECOND);
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    bench.send_octets(client, &FRAME[9..]);
    assert_eq!(bench.hear(client), on_1(basic::QosOk));
}

#[test]
fn a_user_has_so_many_connections_and_no_more() {
    let mut bench = limited(Limits {
        user_connections: 2,
        ..Limits::default()
    });
    let (a, _) = (bench.open(), bench.open());
    let open = || connection::Open {
        virtual_host: name("/"),
    };
    let late = bench.log_in(&[]);
    bench.say(late, 0, connection::TuneOk::default());
    bench.say(late, 0, open());
    assert_eq!(bench.ended(late), (530, 10, 40));
    bench.cut(a);
    let next = bench.log_in(&[]);
    bench.say(next, 0, connection::TuneOk::default());
    bench.say(next, 0, open());
    assert_eq!(bench.hear(next), on_0(connection::OpenOk));
}

fn publish_confirmed(bench: &mut Bench, client: Client, queue: &str, delivery_tag: u64) -> bool {
    bench.put(client, queue, &delivery_tag.to_string());
    let multiple = false;
    let heard = bench.hear(client);
    let ack = basic::Ack {
        delivery_tag,
        multiple,
    };
    let nack = basic::Nack {
        delivery_tag,
        multiple,
        requeue: false,
    };
    match heard {
        heard if heard == on_1(ack) => true,
        heard if heard == on_1(nack) => false,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::without_a_length_of_its_own(None, &["1", "2"])]
#[case::that_may_be_longer(Some(3), &["1", "2"])]
#[case::that_drops_messages_before(Some(2), &["2", "3"])]
fn a_queue_takes_no_more_than_the_operator_says(#[case] own: Option<i64>, #[case] left: &[&str]) {
    let mut bench = limited(Limits {
        queue_length: 2,
        ..Limits::default()
    });
    let client = bench.open();
    let arguments = own.map(|own| ("x-max-length", own.into()));
    bench.queue_with(client, "q", arguments.as_slice());
    let select = confirm::Select { nowait: false };
    assert_eq!(bench.ask(client, select), on_1(confirm::SelectOk));
    assert!(publish_confirmed(&mut bench, client, "q", 1));
    assert!(publish_confirmed(&mut bench, client, "q", 2));
    let taken = publish_confirmed(&mut bench, client, "q", 3);
    assert_eq!(taken, left.contains(&"3"));
    assert_eq!(bench.fetch_all(client, "q"), left);
}

#[test]
fn above_the_high_water_mark_publishers_wait_until_there_is_room() {
    let mut bench = limited(Limits {
        high_water: 100_000,
        ..Limits::default()
    });
    let publisher = bench.open_with(&["connection.blocked"]);
    let consumer = bench.open();
    bench.queue(consumer, "q");
    let body = "m".repeat(20_000);
    for _ in 0..4 {
        bench.put(publisher, "q", &body);
        assert_eq!(bench.hear(publisher), Heard::Nothing);
    }
    bench.put(publisher, "q", &body);
    assert!(matches!(
        bench.hear(publisher),
        Heard::Method(0, mqspec_codec::Method::ConnectionBlocked(_))
    ));
    bench.put(publisher, "q", "late");
    assert_eq!(bench.count(consumer, "q"), (5, 0));
    // One message less is room, but not enough.
    assert!(bench.fetch(consumer, "q").is_some());
    bench.ack(consumer, 1);
    assert_eq!(bench.hear(publisher), Heard::Nothing);
    assert!(bench.fetch(consumer, "q").is_some());
    bench.ack(consumer, 2);
    assert_eq!(bench.hear(publisher), on_0(connection::Unblocked));
    for tag in 3..6 {
        assert!(bench.fetch(consumer, "q").is_some(), "{tag}");
    }
    assert_eq!(bench.fetch(consumer, "q"), delivered(6, false, "late"));
}

#[test]
fn an_operators_alarm_outlasts_the_memorys() {
    let mut bench = limited(Limits {
        high_water: 30_000,
        ..Limits::default()
    });
    let publisher = bench.open_with(&["connection.blocked"]);
    let consumer = bench.open();
    bench.queue(consumer, "q");
    bench.put(publisher, "q", &"m".repeat(40_000));
    assert!(matches!(
        bench.hear(publisher),
        Heard::Method(0, mqspec_codec::Method::ConnectionBlocked(_))
    ));
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    assert!(bench.fetch(consumer, "q").is_some());
    bench.ack(consumer, 1);
    assert_eq!(bench.hear(publisher), Heard::Nothing);
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    assert_eq!(bench.hear(publisher), on_0(connection::Unblocked));
}
