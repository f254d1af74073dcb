//! Class basic: recover, with requeue and without.

use mqspec_codec::{basic, channel};

use crate::bench::{Heard, delivered, name, on_1, with_messages};

#[test]
fn recover_gives_everything_back_in_its_order() {
    let (mut bench, client) = with_messages(3);
    bench.consume(client, "q");
    for tag in 1..=3 {
        assert_eq!(
            bench.delivered(client),
            delivered(tag, false, &tag.to_string())
        );
    }
    bench.ack(client, 2);
    bench.put(client, "q", "4");
    assert_eq!(bench.delivered(client), delivered(4, false, "4"));
    assert_eq!(
        bench.ask(client, basic::Recover { requeue: true }),
        on_1(basic::RecoverOk)
    );
    for (tag, body) in [(5, "1"), (6, "3"), (7, "4")] {
        assert_eq!(bench.delivered(client), delivered(tag, true, body));
    }
    bench.ack(client, 1);
    assert_eq!(bench.refused(client), (406, 60, 80));
}

#[test]
fn recover_async_is_not_answered() {
    let (mut bench, client) = with_messages(1);
    bench.consume(client, "q");
    assert!(bench.delivered(client).is_some());
    bench.say_1(client, basic::RecoverAsync { requeue: true });
    assert_eq!(bench.delivered(client), delivered(2, true, "1"));
    bench.say_1(client, basic::RecoverAsync { requeue: false });
    assert_eq!(bench.delivered(client), delivered(3, true, "1"));
}

#[test]
fn recovered_messages_may_go_to_others() {
    let (mut bench, a) = with_messages(1);
    let b = bench.open();
    bench.consume(a, "q");
    assert!(bench.delivered(a).is_some());
    bench.consume(b, "q");
    assert_eq!(
        bench.ask(a, basic::Recover { requeue: true }),
        on_1(basic::RecoverOk)
    );
    // It is the second consumer's turn only after the first one's.
    let to_a = bench.delivered(a);
    let to_b = bench.delivered(b);
    assert_eq!(to_a.or(to_b), delivered(2, true, "1"));
}

#[test]
fn without_requeue_recovered_messages_go_where_they_went_before() {
    let (mut bench, a) = with_messages(2);
    let b = bench.open();
    bench.consume(a, "q");
    for tag in 1..=2 {
        assert_eq!(bench.delivered(a), delivered(tag, false, &tag.to_string()));
    }
    bench.consume(b, "q");
    for round in 1..=2 {
        assert_eq!(
            bench.ask(a, basic::Recover { requeue: false }),
            on_1(basic::RecoverOk)
        );
        assert_eq!(bench.delivered(a), delivered(2 * round + 1, true, "1"));
        assert_eq!(bench.delivered(a), delivered(2 * round + 2, true, "2"));
    }
    bench.say_1(a, basic::RecoverAsync { requeue: false });
    assert_eq!(bench.delivered(a), delivered(7, true, "1"));
    assert_eq!(bench.delivered(a), delivered(8, true, "2"));
    assert_eq!(bench.hear(b), Heard::Nothing);
}

#[test]
fn what_was_kept_for_a_consumer_is_kept_once() {
    let (mut bench, a) = with_messages(1);
    let b = bench.open();
    bench.consume(a, "q");
    assert!(bench.delivered(a).is_some());
    bench.consume(b, "q");
    assert_eq!(
        bench.ask(a, basic::Recover { requeue: false }),
        on_1(basic::RecoverOk)
    );
    assert_eq!(bench.delivered(a), delivered(2, true, "1"));
    bench.say_1(
        a,
        basic::Reject {
            delivery_tag: 2,
            requeue: true,
        },
    );
    assert_eq!(bench.delivered(b), delivered(1, true, "1"));
}

#[test]
fn what_was_kept_for_a_consumer_is_free_when_it_goes() {
    let (mut bench, a) = with_messages(1);
    let b = bench.open();
    bench.consume(a, "q");
    assert!(bench.delivered(a).is_some());
    bench.consume(b, "q");
    let _ = bench.ask(a, channel::Flow { active: false });
    assert_eq!(
        bench.ask(a, basic::Recover { requeue: false }),
        on_1(basic::RecoverOk)
    );
    bench.put(a, "q", "2");
    assert_eq!(bench.delivered(b), delivered(1, false, "2"));
    assert_eq!(bench.hear(b), Heard::Nothing);
    bench.say_1(
        a,
        basic::Cancel {
            consumer_tag: name("q"),
            no_wait: true,
        },
    );
    assert_eq!(bench.delivered(b), delivered(2, true, "1"));
}

#[test]
fn without_requeue_a_message_whose_consumer_has_gone_is_there_for_all() {
    let (mut bench, a) = with_messages(2);
    let b = bench.open();
    bench.prefetch(a, 1);
    bench.consume(a, "q");
    assert!(bench.delivered(a).is_some());
    bench.say_1(
        a,
        basic::Cancel {
            consumer_tag: name("q"),
            no_wait: true,
        },
    );
    assert_eq!(bench.fetch(a, "q"), delivered(2, false, "2"));
    assert_eq!(
        bench.ask(a, basic::Recover { requeue: false }),
        on_1(basic::RecoverOk)
    );
    bench.consume(b, "q");
    assert_eq!(bench.delivered(b), delivered(1, true, "1"));
    assert_eq!(bench.delivered(b), delivered(2, true, "2"));
}

#[test]
fn recover_opens_the_window() {
    let (mut bench, client) = with_messages(2);
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    assert_eq!(
        bench.ask(client, basic::Recover { requeue: true }),
        on_1(basic::RecoverOk)
    );
    assert_eq!(bench.delivered(client), delivered(2, true, "1"));
    bench.ack(client, 2);
    assert_eq!(bench.delivered(client), delivered(3, false, "2"));
}
