//! Heartbeats, and how long anything may take.

use std::time::Duration;

use mqspec_codec::connection;
use reference_broker::Alarm;

use crate::bench::{Bench, Client, Heard, name, on_0};

const SECOND: Duration = Duration::from_secs(1);
const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 206];

#[test]
fn who_says_nothing_is_cut_off() {
    let stages: [fn(&mut Bench) -> Client; 3] =
        [Bench::connect, Bench::greet, |bench| bench.log_in(&[])];
    for stage in stages {
        let mut bench = Bench::new();
        let client = stage(&mut bench);
        assert_eq!(bench.broker.next_deadline(), Some(10 * SECOND));
        bench.wait(10 * SECOND - Duration::from_millis(1));
        assert_eq!(bench.hear(client), Heard::Nothing);
        bench.wait(Duration::from_millis(1));
        assert_eq!(bench.hear(client), Heard::End);
        assert_eq!(bench.broker.next_deadline(), None);
    }
}

#[test]
fn an_open_connection_without_heartbeats_lives_for_ever() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.wait(1000 * SECOND);
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.broker.connection_count(), 1);
}

#[test]
fn a_heartbeat_is_sent_after_half_an_interval_of_silence() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 0, 0, 10);
    bench.wait(5 * SECOND);
    assert_eq!(bench.hear(client), Heard::Heartbeat);
    bench.wait(3 * SECOND);
    bench.open_channel(client, 1);
    bench.wait(4 * SECOND);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.wait(SECOND);
    assert_eq!(bench.hear(client), Heard::Heartbeat);
    assert_eq!(bench.hear(client), Heard::Nothing);
}

#[test]
fn heartbeats_begin_with_tune_ok() {
    let mut bench = Bench::new();
    let client = bench.log_in(&[]);
    bench.say(
        client,
        0,
        connection::TuneOk {
            heartbeat: 2,
            ..Default::default()
        },
    );
    bench.wait(SECOND);
    assert_eq!(bench.hear(client), Heard::Heartbeat);
}

#[test]
fn two_intervals_of_silence_are_the_end() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 0, 0, 10);
    for _ in 0..3 {
        bench.wait(19 * SECOND);
        bench.send_octets(client, &HEARTBEAT);
    }
    bench.wait(20 * SECOND - Duration::from_millis(1));
    while bench.hear(client) == Heard::Heartbeat {}
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn any_octet_is_a_sign_of_life() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 0, 0, 10);
    for octet in HEARTBEAT {
        bench.wait(19 * SECOND);
        bench.send_octets(client, &[octet]);
    }
    assert_eq!(bench.broker.connection_count(), 1);
}

#[test]
fn a_blocked_connection_cannot_be_silent() {
    let mut bench = Bench::new();
    let client = bench.tuned(&["connection.blocked"], 0, 0, 10);
    bench.open_channel(client, 1);
    bench.publish_to(client, "amq.direct", "", "1");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.wait(100 * SECOND);
    assert!(matches!(bench.hear(client), Heard::Method(0, _)));
    while bench.hear(client) == Heard::Heartbeat {}
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    assert_eq!(bench.hear(client), on_0(connection::Unblocked));
    bench.wait(19 * SECOND);
    assert_eq!(bench.broker.connection_count(), 1);
    bench.wait(SECOND);
    assert_eq!(bench.broker.connection_count(), 0);
}

#[test]
fn heartbeats_go_on_while_leave_is_taken() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 0, 0, 2);
    bench.say(
        client,
        0,
        connection::Open {
            virtual_host: name("/"),
        },
    );
    assert!(matches!(bench.hear(client), Heard::Method(0, _)));
    bench.wait(SECOND);
    assert_eq!(bench.hear(client), Heard::Heartbeat);
    bench.wait(SECOND);
    assert_eq!(bench.hear(client), Heard::Heartbeat);
    bench.wait(SECOND);
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn deadlines_move_on_and_are_forgotten() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 0, 0, 10);
    assert!(
        bench
            .broker
            .next_deadline()
            .is_some_and(|deadline| deadline <= 5 * SECOND)
    );
    bench.wait(5 * SECOND);
    assert_eq!(bench.broker.next_deadline(), Some(10 * SECOND));
    bench.cut(client);
    assert_eq!(bench.broker.next_deadline(), None);
}

#[test]
fn writing_is_a_sign_of_life_of_a_peer_that_is_not_read_from() {
    let limits = reference_broker::Limits {
        unread_replies: 10,
        ..Default::default()
    };
    let config = reference_broker::Config {
        limits,
        ..Default::default()
    };
    let mut bench = Bench::with(config);
    let client = bench.tuned(&[], 0, 0, 10);
    bench.open_channel(client, 1);
    bench.writable = false;
    bench.say_1(client, mqspec_codec::basic::Recover { requeue: true });
    bench.wait(19 * SECOND);
    assert!(bench.ends[&client].paused);
    bench.broker.written(client, 1, bench.now);
    bench.wait(19 * SECOND);
    assert_eq!(bench.broker.connection_count(), 1);
    bench.wait(SECOND);
    assert_eq!(bench.broker.connection_count(), 0);
}
