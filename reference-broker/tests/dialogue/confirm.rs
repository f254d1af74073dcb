//! Class confirm.

use mqspec_codec::{BasicProperties, Method, basic, confirm, tx};

use crate::bench::{Bench, Heard, name, on_1};

fn acked(delivery_tag: u64) -> Heard {
    on_1(basic::Ack {
        delivery_tag,
        multiple: false,
    })
}

#[test]
fn every_publish_after_select_is_acknowledged_from_1() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.put(client, "q", "before");
    assert_eq!(
        bench.ask(client, confirm::Select { nowait: false }),
        on_1(confirm::SelectOk)
    );
    bench.put(client, "q", "1");
    assert_eq!(bench.hear(client), acked(1));
    bench.put(client, "nobody", "2");
    assert_eq!(bench.hear(client), acked(2));
    // To ask again changes nothing.
    assert_eq!(
        bench.ask(client, confirm::Select { nowait: false }),
        on_1(confirm::SelectOk)
    );
    bench.put(client, "q", "3");
    assert_eq!(bench.hear(client), acked(3));
    assert_eq!(bench.count(client, "q"), (3, 0));
}

#[test]
fn who_does_not_wait_is_not_told() {
    let mut bench = Bench::new();
    let client = bench.open();
    assert_eq!(
        bench.ask(client, confirm::Select { nowait: true }),
        Heard::Nothing
    );
    bench.put(client, "nobody", "1");
    assert_eq!(bench.hear(client), acked(1));
}

#[test]
fn a_return_precedes_its_acknowledgement() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, confirm::Select { nowait: true });
    let mandatory = basic::Publish {
        routing_key: name("nobody"),
        mandatory: true,
        ..Default::default()
    };
    bench.publish(client, 1, mandatory, &BasicProperties::default(), b"1");
    assert!(matches!(
        bench.hear(client),
        Heard::Content(1, Method::BasicReturn(_), _, _)
    ));
    assert_eq!(bench.hear(client), acked(1));
}

#[test]
fn each_channel_counts_for_itself() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.open_channel(client, 2);
    bench.say_1(client, confirm::Select { nowait: true });
    bench.put(client, "nobody", "1");
    assert_eq!(bench.hear(client), acked(1));
    let publish = basic::Publish {
        routing_key: name("nobody"),
        ..Default::default()
    };
    bench.publish(client, 2, publish, &BasicProperties::default(), b"");
    assert_eq!(bench.hear(client), Heard::Nothing);
}

#[test]
fn a_refused_publish_is_not_acknowledged() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, confirm::Select { nowait: true });
    bench.publish_to(client, "none", "", "1");
    assert_eq!(bench.refused(client), (404, 60, 40));
    assert_eq!(bench.hear(client), Heard::Nothing);
}

#[test]
fn confirms_and_transactions_exclude_each_other() {
    let mut bench = Bench::new();
    let client = bench.open();
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    bench.say_1(client, confirm::Select { nowait: false });
    assert_eq!(bench.refused(client), (406, 85, 10));
    assert_eq!(
        bench.ask(client, confirm::Select { nowait: false }),
        on_1(confirm::SelectOk)
    );
    bench.say_1(client, tx::Select);
    assert_eq!(bench.refused(client), (406, 90, 10));
}

#[test]
fn a_message_is_acknowledged_once_however_many_queues_take_it() {
    let mut bench = Bench::new();
    let client = bench.open();
    for queue in ["a", "b", "c"] {
        bench.queue(client, queue);
        bench.bind(client, queue, "amq.fanout", "");
    }
    bench.say_1(client, confirm::Select { nowait: true });
    for number in 1..=3 {
        bench.publish_to(client, "amq.fanout", "", "m");
        assert_eq!(bench.hear(client), acked(number));
    }
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert_eq!(bench.count(client, "c"), (3, 0));
}

#[test]
fn after_an_exception_nothing_is_confirmed_until_asked_for_and_then_from_1() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(client, confirm::Select { nowait: true });
    bench.put(client, "nobody", "1");
    bench.publish_to(client, "none", "", "2");
    // What went before has its answer.
    assert_eq!(bench.hear(client), acked(1));
    assert_eq!(bench.refused(client), (404, 60, 40));
    bench.put(client, "nobody", "3");
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.say_1(client, confirm::Select { nowait: true });
    bench.say_1(client, confirm::Select { nowait: true });
    bench.put(client, "nobody", "4");
    assert_eq!(bench.hear(client), acked(1));
}

#[test]
fn each_return_stands_right_before_its_own_acknowledgement() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.say_1(client, confirm::Select { nowait: true });
    for (number, key) in (1..).zip(["q", "nobody", "q", "nobody"]) {
        let mandatory = basic::Publish {
            routing_key: name(key),
            mandatory: true,
            ..Default::default()
        };
        bench.publish(client, 1, mandatory, &BasicProperties::default(), b"m");
        if key == "nobody" {
            let Heard::Content(1, Method::BasicReturn(returned), _, body) = bench.hear(client)
            else {
                panic!("no return")
            };
            assert_eq!((returned.reply_code, &*body), (312, &b"m"[..]));
        }
        assert_eq!(bench.hear(client), acked(number));
    }
}

#[test]
fn what_confirms_itself_also_delivers() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    bench.consume(client, "q");
    bench.say_1(client, confirm::Select { nowait: true });
    for number in 1..=2 {
        bench.put(client, "q", "m");
        // Numbers of publishes and tags of deliveries know nothing of each other.
        assert_eq!(
            bench.delivered(client),
            crate::bench::delivered(number, false, "m")
        );
        assert_eq!(bench.hear(client), acked(number));
    }
}
