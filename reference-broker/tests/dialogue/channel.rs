//! Class channel, and class access.

use mqspec_codec::{Method, access, basic, channel, queue};
use rstest::rstest;

use crate::bench::{Bench, Heard, delivered, name, on_1};

#[test]
fn a_channel_is_opened_once() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, channel::Open);
    assert_eq!(bench.ended(client), (504, 20, 10));
}

#[test]
fn channel_numbers_end_at_the_agreed_one() {
    let mut bench = Bench::new();
    let client = bench.tuned(&[], 3, 0, 0);
    bench.open_channel(client, 3);
    bench.say(client, 4, channel::Open);
    assert_eq!(bench.ended(client), (504, 20, 10));
}

#[test]
fn nothing_happens_on_a_channel_that_is_not_open() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say(client, 2, queue::Declare::default());
    assert_eq!(bench.ended(client), (504, 50, 10));
    let client = bench.open();
    bench.say(client, 2, channel::CloseOk);
    assert_eq!(bench.ended(client), (504, 20, 41));
    let client = bench.open();
    bench.send_octets(client, &[3, 0, 2, 0, 0, 0, 0, 206]);
    assert_eq!(bench.ended(client), (504, 0, 0));
    let client = bench.open();
    bench.say_1(client, channel::Close::default());
    assert_eq!(bench.hear(client), on_1(channel::CloseOk));
    bench.say_1(client, basic::Qos::default());
    assert_eq!(bench.ended(client), (504, 60, 10));
}

#[rstest]
#[case(channel::Open.into(), (20, 10))]
#[case(queue::Declare::default().into(), (50, 10))]
#[case(basic::Publish::default().into(), (60, 40))]
fn channel_0_is_not_for_conversations(#[case] method: Method, #[case] ids: (u16, u16)) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say(client, 0, method);
    assert_eq!(bench.ended(client), (504, ids.0, ids.1));
}

#[test]
fn a_closed_number_begins_anew() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    assert_eq!(
        bench.ask(client, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    bench.open_channel(client, 1);
    bench.say_1(client, queue::Purge::default());
    assert_eq!(bench.refused(client), (404, 50, 30));
    bench.put(client, "q", "2");
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, true, "1"));
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
}

#[test]
fn closing_returns_what_was_not_settled_before_the_answer() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    bench.consume(b, "q");
    bench.say_1(
        b,
        basic::Cancel {
            consumer_tag: name("q"),
            no_wait: true,
        },
    );
    bench.put(a, "q", "1");
    bench.put(a, "q", "2");
    assert_eq!(bench.fetch(a, "q"), delivered(1, false, "1"));
    assert_eq!(
        bench.ask(a, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    assert_eq!(bench.count(b, "q"), (2, 0));
    assert_eq!(bench.fetch(b, "q"), delivered(1, true, "1"));
    assert_eq!(bench.fetch(b, "q"), delivered(2, false, "2"));
}

#[test]
fn an_exception_concerns_one_channel_only() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    bench.queue(client, "q");
    bench.consume_on(client, 2, "q");
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "1"));
    bench.say_1(
        client,
        queue::Purge {
            queue: name("none"),
            no_wait: false,
        },
    );
    assert_eq!(bench.refused(client), (404, 50, 30));
    bench.say(
        client,
        2,
        basic::Ack {
            delivery_tag: 1,
            multiple: false,
        },
    );
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered_on(client, 2), delivered(2, false, "2"));
}

#[test]
fn an_exception_returns_what_was_not_settled() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    bench.put(a, "q", "1");
    bench.consume(a, "q");
    assert!(bench.delivered(a).is_some());
    bench.ack(a, 7);
    assert!(matches!(
        bench.hear(a),
        Heard::Method(1, Method::ChannelClose(_))
    ));
    assert_eq!(bench.fetch(b, "q"), delivered(1, true, "1"));
}

#[test]
fn after_our_close_everything_else_is_discarded() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.ack(client, 7);
    assert!(matches!(
        bench.hear(client),
        Heard::Method(1, Method::ChannelClose(_))
    ));
    bench.put(client, "q", "1");
    bench.say_1(client, channel::Open);
    bench.say_1(
        client,
        queue::Delete {
            queue: name("q"),
            ..Default::default()
        },
    );
    bench.send_octets(client, &[1, 0, 1, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff, 206]);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say_1(client, channel::Close::default());
    assert_eq!(bench.hear(client), on_1(channel::CloseOk));
    bench.say_1(client, channel::CloseOk);
    bench.open_channel(client, 1);
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn no_deliveries_follow_our_close() {
    let mut bench = Bench::new();
    let (a, b) = (bench.open(), bench.open());
    bench.queue(a, "q");
    bench.consume(a, "q");
    bench.ack(a, 7);
    assert!(matches!(
        bench.hear(a),
        Heard::Method(1, Method::ChannelClose(_))
    ));
    bench.put(b, "q", "1");
    assert_eq!(bench.hear(a), Heard::Nothing);
    assert_eq!(bench.count(b, "q"), (1, 0));
}

#[test]
fn flow_stops_deliveries_and_lets_them_go_on() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.consume(client, "q");
    let stop = bench.ask(client, channel::Flow { active: false });
    assert_eq!(stop, on_1(channel::FlowOk { active: false }));
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    let go = bench.ask(client, channel::Flow { active: true });
    assert_eq!(go, on_1(channel::FlowOk { active: true }));
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
}

#[test]
fn flow_concerns_one_channel_only() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    bench.queue(client, "q");
    bench.consume_on(client, 2, "q");
    let _ = bench.ask(client, channel::Flow { active: false });
    bench.put(client, "q", "1");
    assert_eq!(bench.delivered_on(client, 2), delivered(1, false, "1"));
}

#[rstest]
#[case(channel::FlowOk { active: true }.into(), (20, 21))]
#[case(channel::CloseOk.into(), (20, 41))]
#[case(channel::OpenOk.into(), (20, 11))]
#[case(queue::DeclareOk::default().into(), (50, 11))]
#[case(basic::Deliver::default().into(), (60, 60))]
#[case(basic::Return::default().into(), (60, 50))]
#[case(basic::GetEmpty.into(), (60, 72))]
#[case(access::RequestOk { ticket: 1 }.into(), (30, 11))]
fn what_only_a_server_sends_is_refused(#[case] method: Method, #[case] ids: (u16, u16)) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, method);
    assert_eq!(bench.ended(client), (503, ids.0, ids.1));
}

#[test]
fn access_is_granted_to_everything() {
    let mut bench = Bench::new();
    let client = bench.open();
    let answer = bench.ask(client, access::Request::default());
    assert_eq!(answer, on_1(access::RequestOk { ticket: 1 }));
}

#[test]
fn requests_may_be_sent_in_one_go() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, basic::Qos::default());
    bench.say_1(
        client,
        queue::Declare {
            queue: name("q"),
            ..Default::default()
        },
    );
    bench.say_1(client, basic::Recover { requeue: true });
    assert_eq!(bench.hear(client), on_1(basic::QosOk));
    assert!(matches!(
        bench.hear(client),
        Heard::Method(1, Method::QueueDeclareOk(_))
    ));
    assert_eq!(bench.hear(client), on_1(basic::RecoverOk));
}
