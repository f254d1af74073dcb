//! Messages and queues that expire.

use mqspec_codec::{BasicProperties, basic, queue};

use crate::bench::{Bench, Client, Heard, delivered, milliseconds, name, on_1, queues, text};

fn expiring(expiration: &str) -> BasicProperties {
    BasicProperties {
        expiration: Some(name(expiration)),
        ..Default::default()
    }
}

/// A client and a queue in which messages may wait for that long.
fn with_ttl(time: i32) -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    bench.queue_with(client, "q", &[("x-message-ttl", time.into())]);
    (bench, client)
}

#[test]
fn a_message_is_gone_when_its_time_is_over() {
    let (mut bench, client) = with_ttl(100);
    bench.put(client, "q", "1");
    bench.wait(milliseconds(60));
    bench.put(client, "q", "2");
    assert_eq!(bench.until_deadline(), Some(milliseconds(40)));
    bench.wait(milliseconds(39));
    assert_eq!(bench.count(client, "q"), (2, 0));
    bench.wait(milliseconds(1));
    assert_eq!(bench.count(client, "q"), (1, 0));
    assert_eq!(bench.until_deadline(), Some(milliseconds(60)));
    assert_eq!(bench.fetch_all(client, "q"), ["2"]);
    bench.wait(milliseconds(60));
    assert_eq!(bench.until_deadline(), None);
}

#[test]
fn nobody_has_to_say_that_time_has_passed() {
    let (mut bench, client) = with_ttl(100);
    bench.put(client, "q", "1");
    bench.now += milliseconds(100);
    assert_eq!(bench.fetch(client, "q"), None);
}

#[test]
fn what_was_delivered_does_not_expire_until_it_comes_back() {
    let (mut bench, client) = with_ttl(100);
    bench.put(client, "q", "1");
    bench.put(client, "q", "2");
    assert_eq!(bench.fetch(client, "q"), delivered(1, false, "1"));
    bench.wait(milliseconds(50));
    assert_eq!(bench.fetch(client, "q"), delivered(2, false, "2"));
    let give_back = |delivery_tag| basic::Reject {
        delivery_tag,
        requeue: true,
    };
    bench.say_1(client, give_back(1));
    assert_eq!(bench.fetch(client, "q"), delivered(3, true, "1"));
    bench.wait(milliseconds(1000));
    bench.say_1(client, give_back(2));
    bench.say_1(client, give_back(3));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn the_lower_of_two_times_counts() {
    let (mut bench, client) = with_ttl(100);
    bench.put_with(client, "q", &expiring("50"), "own");
    bench.wait(milliseconds(50));
    assert_eq!(bench.count(client, "q"), (0, 0));
    bench.put_with(client, "q", &expiring("5000"), "queue's");
    bench.wait(milliseconds(99));
    assert_eq!(bench.count(client, "q"), (1, 0));
    bench.wait(milliseconds(1));
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn a_message_waits_for_those_before_it_to_expire() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    bench.put_with(client, "q", &expiring("50"), "2");
    bench.put(client, "q", "3");
    bench.wait(milliseconds(100));
    assert_eq!(bench.count(client, "q"), (3, 0));
    let get = basic::Get {
        queue: name("q"),
        no_ack: true,
    };
    let Heard::Content(1, mqspec_codec::Method::BasicGetOk(ok), _, body) = bench.ask(client, get)
    else {
        panic!("no message")
    };
    assert_eq!((ok.message_count, &*body), (1, b"1".as_slice()));
    assert_eq!(bench.fetch_all(client, "q"), ["3"]);
}

#[test]
fn a_consumer_is_not_delivered_what_has_expired_behind_another_message() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    bench.put_with(client, "q", &expiring("50"), "2");
    bench.put(client, "q", "3");
    bench.wait(milliseconds(100));
    bench.consume(client, "q");
    assert_eq!(bench.delivered(client), delivered(1, false, "1"));
    assert_eq!(bench.delivered(client), delivered(2, false, "3"));
}

#[test]
fn with_no_time_at_all_a_message_goes_to_a_consumer_or_nowhere() {
    let (mut bench, client) = with_ttl(0);
    bench.put(client, "q", "1");
    assert_eq!(bench.count(client, "q"), (0, 0));
    bench.prefetch(client, 1);
    bench.consume(client, "q");
    bench.put(client, "q", "2");
    assert_eq!(bench.delivered(client), delivered(1, false, "2"));
    bench.put(client, "q", "3");
    bench.ack(client, 1);
    assert_eq!(bench.hear(client), Heard::Nothing);
    bench.queue(client, "r");
    bench.put_with(client, "r", &expiring("0"), "4");
    assert_eq!(bench.count(client, "r"), (0, 0));
}

#[test]
fn an_expiration_is_a_number_of_milliseconds() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    bench.queue(client, "q");
    for bad in [
        "",
        "abc",
        "-1",
        "1.5",
        " 5",
        "5 ",
        "315360000001",
        "99999999999999999999",
    ] {
        bench.put_with(client, "q", &expiring(bad), "m");
        assert_eq!(bench.refused(client), (406, 60, 40), "{bad:?}");
    }
    for good in ["1", "05", "315360000000"] {
        bench.put_with(client, "q", &expiring(good), "m");
    }
    assert_eq!(bench.count(client, "q"), (3, 0));
}

#[test]
fn the_two_levels_of_a_plain_queue_do_not_keep_each_other() {
    let (mut bench, client) = with_ttl(100);
    bench.put(client, "q", "low");
    bench.wait(milliseconds(50));
    let high = BasicProperties {
        priority: Some(9),
        ..Default::default()
    };
    bench.put_with(client, "q", &high, "high");
    bench.wait(milliseconds(50));
    assert_eq!(bench.fetch_all(client, "q"), ["high"]);
}

#[test]
fn with_priorities_only_the_first_of_all_expires() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    let arguments = [("x-message-ttl", 100.into()), ("x-max-priority", 5.into())];
    bench.queue_with(client, "q", &arguments);
    bench.put(client, "q", "low");
    bench.wait(milliseconds(50));
    let high = BasicProperties {
        priority: Some(5),
        ..Default::default()
    };
    bench.put_with(client, "q", &high, "high");
    bench.wait(milliseconds(50));
    assert_eq!(bench.count(client, "q"), (2, 0));
    assert_eq!(bench.fetch_all(client, "q"), ["high"]);
}

fn unused(bench: &mut Bench, client: Client) {
    bench.queue_with(client, "q", &[("x-expires", 100.into())]);
}

#[test]
fn a_queue_that_nobody_uses_goes_with_its_messages() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    bench.queue(client, "dead");
    let arguments = [
        ("x-expires", 100.into()),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text("dead")),
    ];
    bench.queue_with(client, "q", &arguments);
    for _ in 0..9 {
        // To publish is not to use.
        bench.put(client, "q", "m");
        bench.wait(milliseconds(10));
    }
    assert_eq!(bench.until_deadline(), Some(milliseconds(10)));
    bench.wait(milliseconds(10));
    bench.say_1(client, queues::passive("q"));
    assert_eq!(bench.refused(client).0, 404);
    assert_eq!(bench.count(client, "dead"), (0, 0));
    assert_eq!(bench.until_deadline(), None);
}

#[test]
fn whoever_declares_or_fetches_uses_a_queue() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    unused(&mut bench, client);
    let uses: [fn(&mut Bench, Client); 4] = [
        unused,
        |bench, client| assert_eq!(bench.count(client, "q"), (0, 0)),
        |bench, client| assert_eq!(bench.fetch(client, "q"), None),
        |bench, client| {
            bench.consume(client, "q");
            let cancel = basic::Cancel {
                consumer_tag: name("q"),
                no_wait: true,
            };
            bench.say_1(client, cancel);
        },
    ];
    for use_it in uses {
        bench.wait(milliseconds(99));
        use_it(&mut bench, client);
    }
    bench.wait(milliseconds(99));
    bench.bind(client, "q", "amq.fanout", "");
    bench.wait(milliseconds(1));
    bench.say_1(client, queues::passive("q"));
    assert_eq!(bench.refused(client).0, 404);
}

#[test]
fn a_queue_with_consumers_is_used() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    unused(&mut bench, client);
    bench.consume(client, "q");
    bench.wait(milliseconds(1000));
    assert_eq!(bench.count(client, "q"), (0, 1));
    bench.wait(milliseconds(50));
    let other = bench.open();
    bench.cut(client);
    bench.wait(milliseconds(99));
    assert_eq!(bench.until_deadline(), Some(milliseconds(1)));
    bench.wait(milliseconds(1));
    bench.say_1(other, queues::passive("q"));
    assert_eq!(bench.refused(other).0, 404);
}

#[test]
fn a_queue_that_was_deleted_does_not_expire_under_its_successor() {
    let mut bench = Bench::new();
    let client = bench.open_and_wait();
    unused(&mut bench, client);
    bench.ask(client, queues::delete("q"));
    assert_eq!(bench.until_deadline(), None);
    bench.queue(client, "q");
    bench.put(client, "q", "1");
    bench.wait(milliseconds(1000));
    let purge = queue::Purge {
        queue: name("q"),
        no_wait: false,
    };
    let purged = bench.ask(client, purge);
    assert_eq!(purged, on_1(queue::PurgeOk { message_count: 1 }));
}
