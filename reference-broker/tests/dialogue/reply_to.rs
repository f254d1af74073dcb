//! Replies without a queue of one's own: `amq.rabbitmq.reply-to`.

use mqspec_codec::{
    BasicProperties, Command, Method, ShortStr, basic, channel, confirm, queue, tx,
};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, delivered, ids, name, on_1, queues};

const PSEUDO_QUEUE: &str = "amq.rabbitmq.reply-to";

fn consume(queue: &str, tag: &str) -> basic::Consume {
    basic::Consume {
        queue: name(queue),
        consumer_tag: name(tag),
        no_ack: true,
        ..Default::default()
    }
}

/// Starts the consumer of replies under the tag `replies`.
fn await_replies(bench: &mut Bench, client: Client) {
    let ok = basic::ConsumeOk {
        consumer_tag: name("replies"),
    };
    assert_eq!(
        bench.ask(client, consume(PSEUDO_QUEUE, "replies")),
        on_1(ok)
    );
}

fn cancel(bench: &mut Bench, client: Client) {
    let cancel = basic::Cancel {
        consumer_tag: name("replies"),
        no_wait: true,
    };
    assert_eq!(bench.ask(client, cancel), Heard::Nothing);
}

/// Publishes a message to the queue `q` that asks for a reply.
fn request(bench: &mut Bench, client: Client) {
    let publish = basic::Publish {
        routing_key: name("q"),
        ..Default::default()
    };
    let properties = BasicProperties {
        reply_to: Some(name(PSEUDO_QUEUE)),
        correlation_id: Some(name("id")),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &properties, b"request");
}

/// Fetches a request and tells where its reply goes.
fn take_request(bench: &mut Bench, client: Client) -> ShortStr {
    let get = basic::Get {
        queue: name("q"),
        no_ack: true,
    };
    match bench.ask(client, get) {
        Heard::Content(1, Method::BasicGetOk(_), properties, _) => {
            assert_eq!(properties.correlation_id, Some(name("id")));
            properties.reply_to.expect("a name to reply to")
        }
        other => panic!("no request: {other:?}"),
    }
}

/// A client that waits for a reply, another that has its request, and where the reply goes.
fn requested() -> (Bench, Client, Client, ShortStr) {
    let mut bench = Bench::new();
    let (asks, replies) = (bench.open(), bench.open());
    bench.queue(replies, "q");
    await_replies(&mut bench, asks);
    request(&mut bench, asks);
    let to = take_request(&mut bench, replies);
    (bench, asks, replies, to)
}

fn reply(bench: &mut Bench, client: Client, to: &str, mandatory: bool) {
    let publish = basic::Publish {
        routing_key: name(to),
        mandatory,
        ..Default::default()
    };
    bench.publish(client, 1, publish, &BasicProperties::default(), b"reply");
}

fn is_returned(bench: &mut Bench, client: Client) -> bool {
    matches!(
        bench.hear(client),
        Heard::Content(1, Method::BasicReturn(_), _, _)
    )
}

#[test]
fn a_reply_reaches_the_channel_that_asked() {
    let (mut bench, asks, replies, to) = requested();
    assert!(to.starts_with("amq.rabbitmq.reply-to."));
    reply(&mut bench, replies, &to, true);
    let deliver = basic::Deliver {
        consumer_tag: name("replies"),
        delivery_tag: 1,
        redelivered: false,
        exchange: name(""),
        routing_key: to,
    };
    let expected = Heard::Content(1, deliver.into(), Box::default(), b"reply".to_vec());
    assert_eq!(bench.hear(asks), expected);
    // It was no queue's fault that there was none: nothing is returned.
    assert_eq!(bench.hear(replies), Heard::Nothing);
}

#[test]
fn replies_count_among_the_channels_deliveries_and_are_not_acknowledged() {
    let (mut bench, asks, replies, to) = requested();
    bench.put(asks, "q", "other");
    assert_eq!(bench.fetch(asks, "q"), delivered(1, false, "other"));
    reply(&mut bench, replies, &to, false);
    assert_eq!(bench.delivered(asks), delivered(2, false, "reply"));
    bench.ack(asks, 2);
    assert_eq!(bench.refused(asks), (406, 60, 80));
}

#[test]
fn no_window_holds_replies_back() {
    let (mut bench, asks, replies, to) = requested();
    let qos = basic::Qos {
        prefetch_count: 1,
        global: true,
        ..Default::default()
    };
    assert_eq!(bench.ask(asks, qos), on_1(basic::QosOk));
    for tag in 1..=3 {
        reply(&mut bench, replies, &to, false);
        assert_eq!(bench.delivered(asks), delivered(tag, false, "reply"));
    }
}

#[test]
fn each_channel_has_replies_of_its_own() {
    let (mut bench, asks, replies, first) = requested();
    bench.open_channel(asks, 2);
    bench.say(asks, 2, consume(PSEUDO_QUEUE, "replies"));
    let ok = basic::ConsumeOk {
        consumer_tag: name("replies"),
    };
    assert_eq!(bench.hear(asks), Heard::Method(2, ok.into()));
    let publish = basic::Publish {
        routing_key: name("q"),
        ..Default::default()
    };
    let properties = BasicProperties {
        reply_to: Some(name(PSEUDO_QUEUE)),
        correlation_id: Some(name("id")),
        ..Default::default()
    };
    bench.publish(asks, 2, publish, &properties, b"request");
    let second = take_request(&mut bench, replies);
    assert_ne!(first, second);
    reply(&mut bench, replies, &second, false);
    assert_eq!(bench.delivered_on(asks, 2), delivered(1, false, "reply"));
    reply(&mut bench, replies, &first, false);
    assert_eq!(bench.delivered_on(asks, 1), delivered(1, false, "reply"));
}

#[test]
fn without_a_consumer_nobody_may_ask() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    request(&mut bench, client);
    assert_eq!(bench.refused(client), (406, 60, 40));
    await_replies(&mut bench, client);
    request(&mut bench, client);
    cancel(&mut bench, client);
    request(&mut bench, client);
    assert_eq!(bench.refused(client), (406, 60, 40));
    assert_eq!(bench.count(client, "q"), (1, 0));
}

#[test]
fn one_channel_waits_once_and_without_acknowledgements() {
    let mut bench = Bench::new();
    let client = bench.open();
    let acknowledges = basic::Consume {
        no_ack: false,
        ..consume(PSEUDO_QUEUE, "")
    };
    bench.say_1(client, acknowledges);
    assert_eq!(bench.refused(client), (406, 60, 20));
    await_replies(&mut bench, client);
    for tag in ["second", "replies"] {
        bench.say_1(client, consume(PSEUDO_QUEUE, tag));
        assert_eq!(bench.refused(client), (406, 60, 20));
        // A new channel under the same number may.
        await_replies(&mut bench, client);
    }
    cancel(&mut bench, client);
    await_replies(&mut bench, client);
}

#[test]
fn a_tag_that_is_in_use_is_refused() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.consume(client, "q");
    bench.say_1(client, consume(PSEUDO_QUEUE, "q"));
    assert_eq!(bench.ended(client), (530, 60, 20));
}

#[test]
fn a_declare_tells_whether_somebody_waits() {
    let (mut bench, asks, replies, to) = requested();
    for declare in [queues::passive(&to), queues::declare(&to)] {
        assert_eq!(bench.ask(replies, declare), queues::ok(&to, 0, 1));
    }
    cancel(&mut bench, asks);
    for declare in [queues::passive(&to), queues::declare(&to)] {
        bench.say_1(replies, declare);
        assert_eq!(bench.refused(replies), (404, 50, 10));
    }
    let ok = queues::ok(PSEUDO_QUEUE, 0, 1);
    assert_eq!(bench.ask(replies, queues::passive(PSEUDO_QUEUE)), ok);
    assert_eq!(bench.ask(replies, queues::declare(PSEUDO_QUEUE)), ok);
}

#[derive(Debug, Clone, Copy)]
enum Departure {
    Cancel,
    ChannelClose,
    Cut,
}

#[rstest]
fn who_has_gone_gets_no_replies(
    #[values(Departure::Cancel, Departure::ChannelClose, Departure::Cut)] departure: Departure,
) {
    let (mut bench, asks, replies, to) = requested();
    match departure {
        Departure::Cancel => cancel(&mut bench, asks),
        Departure::ChannelClose => {
            let close = channel::Close::default();
            assert_eq!(bench.ask(asks, close), on_1(channel::CloseOk));
        }
        Departure::Cut => bench.cut(asks),
    }
    reply(&mut bench, replies, &to, false);
    assert_eq!(bench.hear(replies), Heard::Nothing);
    reply(&mut bench, replies, &to, true);
    assert!(is_returned(&mut bench, replies));
    if matches!(departure, Departure::Cancel) {
        // Who waits again waits under another name.
        await_replies(&mut bench, asks);
        reply(&mut bench, replies, &to, true);
        assert!(is_returned(&mut bench, replies));
        assert_eq!(bench.hear(asks), Heard::Nothing);
    }
}

#[test]
fn to_publish_is_all_that_can_be_done_with_the_name() {
    let (mut bench, asks, replies, to) = requested();
    fn refused<C: Command + Into<Method>>(bench: &mut Bench, client: Client, command: C) {
        let (class_id, method_id) = ids::<C>();
        bench.say_1(client, command);
        assert_eq!(bench.refused(client), (404, class_id, method_id));
    }
    let purge = queue::Purge {
        queue: to.clone(),
        ..Default::default()
    };
    let get = basic::Get {
        queue: to.clone(),
        ..Default::default()
    };
    refused(&mut bench, replies, get);
    refused(&mut bench, replies, consume(&to, "c"));
    refused(&mut bench, replies, purge);
    refused(&mut bench, replies, queues::delete(&to));
    refused(&mut bench, replies, queues::bind(&to, "amq.direct", "k"));
    reply(&mut bench, replies, &to, false);
    assert_eq!(bench.delivered(asks), delivered(1, false, "reply"));
}

#[test]
fn the_name_that_everybody_uses_leads_nowhere() {
    let mut bench = Bench::new();
    let client = bench.open();
    await_replies(&mut bench, client);
    reply(&mut bench, client, PSEUDO_QUEUE, true);
    assert!(is_returned(&mut bench, client));
}

#[test]
fn confirms_and_transactions_take_replies_like_any_message() {
    let (mut bench, asks, replies, to) = requested();
    assert_eq!(bench.ask(replies, tx::Select), on_1(tx::SelectOk));
    reply(&mut bench, replies, &to, false);
    assert_eq!(bench.ask(replies, tx::Rollback), on_1(tx::RollbackOk));
    reply(&mut bench, replies, &to, false);
    assert_eq!(bench.hear(asks), Heard::Nothing);
    assert_eq!(bench.ask(replies, tx::Commit), on_1(tx::CommitOk));
    assert_eq!(bench.delivered(asks), delivered(1, false, "reply"));

    bench.open_channel(replies, 2);
    bench.say(replies, 2, confirm::Select { nowait: true });
    let publish = basic::Publish {
        routing_key: to,
        ..Default::default()
    };
    bench.publish(replies, 2, publish, &BasicProperties::default(), b"reply");
    let ack = basic::Ack {
        delivery_tag: 1,
        multiple: false,
    };
    assert_eq!(bench.hear(replies), Heard::Method(2, ack.into()));
    assert_eq!(bench.delivered(asks), delivered(2, false, "reply"));
}
