//! Class basic: ack, reject, nack, recover.

use mqspec_codec::{Method, basic, channel, queue};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, delivered, name, on_1, with_messages};

fn fetch_all(bench: &mut Bench, client: Client) -> u64 {
    let mut last = 0;
    while let Some(delivery) = bench.fetch(client, "q") {
        last = delivery.tag;
    }
    last
}

/// What is left once everything unsettled has returned.
fn left(bench: &mut Bench, client: Client) -> Vec<String> {
    assert_eq!(
        bench.ask(client, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    bench.open_channel(client, 1);
    std::iter::from_fn(|| bench.fetch(client, "q").map(|delivery| delivery.body)).collect()
}

#[test]
fn an_acknowledged_message_is_gone() {
    let (mut bench, client) = with_messages(3);
    fetch_all(&mut bench, client);
    bench.ack(client, 2);
    assert_eq!(left(&mut bench, client), ["1", "3"]);
}

#[test]
fn multiple_means_all_up_to_the_tag() {
    let (mut bench, client) = with_messages(4);
    fetch_all(&mut bench, client);
    bench.say_1(
        client,
        basic::Ack {
            delivery_tag: 3,
            multiple: true,
        },
    );
    assert_eq!(left(&mut bench, client), ["4"]);
}

#[test]
fn tag_0_with_multiple_means_all() {
    let (mut bench, client) = with_messages(3);
    fetch_all(&mut bench, client);
    bench.say_1(
        client,
        basic::Ack {
            delivery_tag: 0,
            multiple: true,
        },
    );
    assert_eq!(left(&mut bench, client), Vec::<String>::new());
    bench.say_1(
        client,
        basic::Ack {
            delivery_tag: 0,
            multiple: true,
        },
    );
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 0,
            multiple: true,
            requeue: true,
        },
    );
    assert_eq!(bench.hear(client), Heard::Nothing);
}

#[rstest]
#[case::unknown(basic::Ack { delivery_tag: 4, multiple: false }.into(), 80)]
#[case::unknown_multiple(basic::Ack { delivery_tag: 4, multiple: true }.into(), 80)]
#[case::settled(basic::Ack { delivery_tag: 2, multiple: false }.into(), 80)]
#[case::settled_multiple(basic::Ack { delivery_tag: 2, multiple: true }.into(), 80)]
#[case::zero(basic::Ack { delivery_tag: 0, multiple: false }.into(), 80)]
#[case::reject(basic::Reject { delivery_tag: 2, requeue: true }.into(), 90)]
#[case::reject_zero(basic::Reject { delivery_tag: 0, requeue: true }.into(), 90)]
#[case::nack(basic::Nack { delivery_tag: 2, multiple: false, requeue: true }.into(), 120)]
#[case::nack_multiple(basic::Nack { delivery_tag: 4, multiple: true, requeue: true }.into(), 120)]
fn a_tag_that_is_not_outstanding_is_refused(#[case] method: Method, #[case] method_id: u16) {
    let (mut bench, client) = with_messages(3);
    fetch_all(&mut bench, client);
    bench.ack(client, 2);
    bench.say_1(client, method);
    assert_eq!(bench.refused(client), (406, 60, method_id));
    assert_eq!(left(&mut bench, client), ["1", "3"]);
}

#[test]
fn a_tag_means_nothing_on_another_channel() {
    let (mut bench, client) = with_messages(1);
    bench.open_channel(client, 2);
    assert!(bench.fetch(client, "q").is_some());
    bench.say(
        client,
        2,
        basic::Ack {
            delivery_tag: 1,
            multiple: false,
        },
    );
    assert!(matches!(
        bench.hear(client),
        Heard::Method(2, Method::ChannelClose(_))
    ));
    bench.ack(client, 1);
    assert_eq!(left(&mut bench, client), Vec::<String>::new());
}

#[test]
fn rejected_for_good_is_gone() {
    let (mut bench, client) = with_messages(3);
    fetch_all(&mut bench, client);
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: false,
        },
    );
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 3,
            multiple: true,
            requeue: false,
        },
    );
    assert_eq!(left(&mut bench, client), Vec::<String>::new());
}

#[test]
fn what_is_given_back_returns_to_its_place() {
    let (mut bench, client) = with_messages(4);
    let other = bench.open();
    for _ in 0..3 {
        assert!(bench.fetch(client, "q").is_some());
    }
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 2,
            requeue: true,
        },
    );
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 1,
            multiple: false,
            requeue: true,
        },
    );
    assert_eq!(bench.count(client, "q"), (3, 0));
    assert_eq!(bench.fetch(other, "q"), delivered(1, true, "1"));
    assert_eq!(bench.fetch(other, "q"), delivered(2, true, "2"));
    assert_eq!(bench.fetch(other, "q"), delivered(3, false, "4"));
}

#[test]
fn a_refused_message_does_not_come_back_to_the_channel() {
    let (mut bench, client) = with_messages(3);
    let other = bench.open();
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 2,
            multiple: false,
            requeue: true,
        },
    );
    assert_eq!(bench.delivered(client), delivered(3, false, "3"));
    bench.ack(client, 3);
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.count(client, "q"), (2, 1));
    // Another consumer of the same channel is no other client; one of another channel is.
    let again = basic::Consume {
        queue: name("q"),
        consumer_tag: name("again"),
        ..Default::default()
    };
    assert_eq!(
        bench.ask(client, again),
        on_1(basic::ConsumeOk {
            consumer_tag: name("again")
        })
    );
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.consume(other, "q");
    assert_eq!(bench.delivered(other), delivered(1, true, "1"));
    assert_eq!(bench.delivered(other), delivered(2, true, "2"));
}

#[test]
fn a_refused_message_can_be_fetched() {
    let (mut bench, client) = with_messages(1);
    assert!(bench.fetch(client, "q").is_some());
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(bench.fetch(client, "q"), delivered(2, true, "1"));
}

#[test]
fn who_refused_a_message_gets_the_ones_behind_it() {
    let (mut bench, client) = with_messages(1);
    bench.consume(client, "q");
    assert!(bench.delivered(client).is_some());
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered(client), delivered(2, false, "2"));
}

#[test]
fn a_message_that_all_refuse_waits_for_somebody_else() {
    let (mut bench, a) = with_messages(1);
    let (b, c) = (bench.open(), bench.open());
    bench.consume(a, "q");
    bench.consume(b, "q");
    assert_eq!(bench.delivered(a), delivered(1, false, "1"));
    bench.say_1(
        a,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(bench.delivered(b), delivered(1, true, "1"));
    bench.say_1(
        b,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(bench.hear(a), Heard::Nothing);
    assert_eq!(bench.hear(b), Heard::Nothing);
    bench.consume(c, "q");
    assert_eq!(bench.delivered(c), delivered(1, true, "1"));
}

#[test]
fn a_channel_that_is_opened_again_has_refused_nothing() {
    let (mut bench, client) = with_messages(1);
    assert!(bench.fetch(client, "q").is_some());
    bench.say_1(
        client,
        basic::Reject {
            delivery_tag: 1,
            requeue: true,
        },
    );
    assert_eq!(
        bench.ask(client, channel::Close::default()),
        on_1(channel::CloseOk)
    );
    bench.open_channel(client, 1);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, true, "1"));
}

#[test]
fn a_lost_connection_returns_what_it_had() {
    let (mut bench, client) = with_messages(2);
    bench.consume(client, "q");
    for tag in 1..=2 {
        assert_eq!(
            bench.delivered(client),
            delivered(tag, false, &tag.to_string())
        );
    }
    bench.ack(client, 1);
    let other = bench.open();
    bench.consume(other, "q");
    bench.cut(client);
    assert_eq!(bench.delivered(other), delivered(1, true, "2"));
    assert_eq!(bench.hear(other), Heard::Nothing);
}

#[test]
fn settling_works_after_the_queue_is_gone() {
    let (mut bench, client) = with_messages(3);
    fetch_all(&mut bench, client);
    let delete = queue::Delete {
        queue: name("q"),
        ..Default::default()
    };
    assert_eq!(
        bench.ask(client, delete),
        on_1(queue::DeleteOk { message_count: 0 })
    );
    bench.ack(client, 1);
    bench.say_1(
        client,
        basic::Nack {
            delivery_tag: 2,
            multiple: false,
            requeue: true,
        },
    );
    assert_eq!(
        bench.ask(client, basic::Recover { requeue: true }),
        on_1(basic::RecoverOk)
    );
    bench.queue(client, "q");
    assert_eq!(bench.count(client, "q"), (0, 0));
}
