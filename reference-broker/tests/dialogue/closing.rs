//! Class connection: how a connection ends, and what an alarm does to it.

use std::time::Duration;

use mqspec_codec::{Method, basic, channel, connection, queue};

use reference_broker::Alarm;

use crate::bench::{Bench, Client, Heard, delivered, name, on_0, on_1};

#[test]
fn a_client_may_leave_at_any_step() {
    let stages: [fn(&mut Bench) -> Client; 3] =
        [Bench::greet, |bench| bench.log_in(&[]), Bench::open];
    for stage in stages {
        let mut bench = Bench::new();
        let client = stage(&mut bench);
        bench.say(client, 0, connection::Close::default());
        assert_eq!(bench.hear(client), on_0(connection::CloseOk));
        assert_eq!(bench.hear(client), Heard::End);
        assert_eq!(bench.broker.connection_count(), 0);
    }
}

#[test]
fn exclusive_queues_are_gone_before_close_ok() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    let declare = queue::Declare {
        queue: name("q"),
        exclusive: true,
        ..Default::default()
    };
    bench.declare(a, declare.clone());
    bench.say(a, 0, connection::Close::default());
    assert_eq!(bench.hear(a), on_0(connection::CloseOk));
    bench.say_1(
        b,
        queue::Declare {
            queue: name("q"),
            passive: true,
            ..Default::default()
        },
    );
    assert_eq!(bench.refused(b), (404, 50, 10));

    bench.declare(b, declare);
    bench.cut(b);
    let c = bench.open();
    bench.say_1(
        c,
        queue::Declare {
            queue: name("q"),
            passive: true,
            ..Default::default()
        },
    );
    assert_eq!(bench.refused(c), (404, 50, 10));
}

#[test]
fn after_our_close_only_leave_is_taken() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.say(client, 0, channel::Open);
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionClose(_))
    ));
    bench.put(client, "q", "too late");
    bench.say_1(
        client,
        queue::Declare {
            queue: name("q"),
            ..Default::default()
        },
    );
    bench.say_1(client, connection::CloseOk);
    bench.say_1(client, connection::Close::default());
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say(client, 0, connection::Close::default());
    assert_eq!(bench.hear(client), on_0(connection::CloseOk));
    bench.say(client, 0, connection::CloseOk);
    assert_eq!(bench.hear(client), Heard::End);
    let other = bench.open();
    assert_eq!(bench.count(other, "q"), (0, 0));
}

#[test]
fn a_close_that_is_not_answered_ends_after_a_while() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say(client, 0, channel::Open);
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionClose(_))
    ));
    bench.wait(Duration::from_millis(2999));
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.hear(client), Heard::End);
}

#[test]
fn shutting_down_takes_leave_of_everybody() {
    let mut bench = Bench::new();
    let (open, greeted, closing) = (bench.open(), bench.greet(), bench.open());
    bench.say(closing, 0, channel::Open);
    assert!(matches!(
        bench.hear(closing),
        Heard::Method(0, Method::ConnectionClose(_))
    ));
    bench.broker.shut_down(bench.now);
    assert_eq!(bench.hear(greeted), Heard::End);
    assert_eq!(bench.ended(open), (320, 0, 0));
    assert_eq!(bench.hear(closing), Heard::Nothing);
    bench.say(closing, 0, connection::CloseOk);
    assert_eq!(bench.hear(closing), Heard::End);
    let late = bench.connect();
    assert_eq!(bench.hear(late), Heard::End);
    assert_eq!(bench.broker.connection_count(), 0);
}

#[test]
fn while_resources_are_short_publishers_wait() {
    let mut bench = Bench::new();
    let (publisher, quiet) = (bench.open_with(&["connection.blocked"]), bench.open());
    bench.queue(publisher, "q");
    bench.put(publisher, "q", "1");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    let Heard::Method(0, Method::ConnectionBlocked(blocked)) = bench.hear(publisher) else {
        panic!("not blocked");
    };
    assert!(!blocked.reason.is_empty());
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    assert_eq!(bench.hear(publisher), Heard::Nothing);
    assert!(bench.ends[&publisher].paused);
    bench.put(publisher, "q", "2");
    assert_eq!(bench.count(quiet, "q"), (1, 0));
    assert!(!bench.ends[&quiet].paused);
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    assert_eq!(bench.hear(publisher), on_0(connection::Unblocked));
    assert_eq!(bench.hear(publisher), Heard::Nothing);
    assert!(!bench.ends[&publisher].paused);
    assert_eq!(bench.count(quiet, "q"), (2, 0));
}

#[test]
fn who_begins_to_publish_during_an_alarm_waits_from_then_on() {
    let mut bench = Bench::new();
    let client = bench.open_with(&["connection.blocked"]);
    bench.say_1(client, mqspec_codec::confirm::Select { nowait: true });
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionBlocked(_))
    ));
    bench.put(client, "q", "2");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    assert_eq!(bench.hear(client), on_0(connection::Unblocked));
    // One answer for both, which are confirmed together.
    assert_eq!(
        bench.hear(client),
        on_1(basic::Ack {
            delivery_tag: 2,
            multiple: true
        })
    );
    assert_eq!(bench.count(client, "q"), (2, 0));
}

#[test]
fn clients_that_do_not_know_the_extension_wait_without_being_told() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.put(client, "q", "2");
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert!(bench.ends[&client].paused);
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    assert_eq!(bench.count(client, "q"), (2, 0));
}

#[test]
fn a_blocked_connection_can_be_shut_down() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.put(client, "q", "2");
    bench.broker.shut_down(bench.now);
    assert_eq!(bench.ended(client), (320, 0, 0));
}

#[test]
fn a_blocked_connection_still_gets_its_deliveries() {
    let mut bench = Bench::new();
    let (client, other) = (bench.open(), bench.open());
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    assert!(bench.fetch(other, "q").is_some());
    bench.consume(client, "q");
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.cut(other);
    assert!(bench.ends[&client].paused);
    assert_eq!(bench.delivered(client), delivered(1, true, "1"));
}

#[test]
fn an_alarm_is_of_no_interest_to_who_is_leaving() {
    let mut bench = Bench::new();
    let client = bench.open_with(&["connection.blocked"]);
    bench.publish_to(client, "amq.direct", "", "1");
    bench.say(client, 0, channel::Open);
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionClose(_))
    ));
    bench.broker.set_alarm(Alarm::Operator, true, bench.now);
    bench.broker.set_alarm(Alarm::Operator, false, bench.now);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say(client, 0, connection::CloseOk);
    assert_eq!(bench.hear(client), Heard::End);
}
