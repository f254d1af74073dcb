//! Clients that do not read what they are sent.

use mqspec_codec::{Method, basic, channel};
use reference_broker::{Config, Limits, Peer};

use crate::bench::{Bench, Heard, delivered, name, on_1};

#[test]
fn a_client_that_does_not_read_gets_no_more_than_its_backlog() {
    let limits = Limits {
        backlog: 1000,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let (slow, quick) = (bench.open(), bench.open());
    bench.queue(slow, "q");
    bench.queue(slow, "other");
    bench.consume(slow, "q");
    bench.consume(quick, "other");
    bench.writable = false;
    let publisher = bench.broker.connect(&Peer::default(), bench.now);
    assert!(bench.broker.connection_count() == 3, "{publisher:?}");
    let body = "x".repeat(400);
    for _ in 0..10 {
        bench.put(quick, "q", &body);
    }
    bench.put(quick, "other", "1");
    assert!(!bench.ends[&quick].paused && !bench.ends[&slow].paused);
    // Three went out before the mark was passed; seven wait.
    bench.write_all();
    assert_eq!(bench.delivered(quick), delivered(1, false, "1"));
    for tag in 1..=10 {
        assert_eq!(bench.delivered(slow), delivered(tag, false, &body));
    }
    assert_eq!(bench.hear(slow), Heard::Nothing);
}

#[test]
fn deliveries_go_on_when_half_of_the_backlog_is_taken() {
    let limits = Limits {
        backlog: 1000,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let (slow, other) = (bench.open(), bench.open());
    bench.queue(slow, "q");
    bench.consume(slow, "q");
    bench.writable = false;
    let body = "x".repeat(400);
    for _ in 0..10 {
        bench.put(other, "q", &body);
    }
    let waiting = bench.waiting(slow);
    assert!((1001..1500).contains(&waiting), "{waiting}");
    bench.broker.written(slow, waiting - 501, bench.now);
    bench.carry();
    assert_eq!(bench.waiting(slow), waiting);
    bench.broker.written(slow, 1, bench.now);
    bench.carry();
    assert!(bench.waiting(slow) > waiting);
}

#[test]
fn what_a_slow_client_does_not_take_goes_to_others() {
    let limits = Limits {
        backlog: 1000,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let (slow, quick) = (bench.open(), bench.open());
    bench.queue(slow, "q");
    bench.consume(slow, "q");
    bench.writable = false;
    let body = "x".repeat(400);
    for _ in 0..10 {
        bench.put(slow, "q", &body);
    }
    bench.say_1(
        quick,
        basic::Get {
            queue: name("q"),
            no_ack: true,
        },
    );
    bench.writable = true;
    let Heard::Content(1, Method::BasicGetOk(ok), _, _) = bench.hear(quick) else {
        panic!("nothing left");
    };
    assert_eq!(ok.message_count, 6);
}

#[test]
fn a_client_that_does_not_read_its_answers_is_not_read_from() {
    let limits = Limits {
        unread_replies: 1000,
        ..Limits::default()
    };
    let mut bench = Bench::with(Config {
        limits,
        ..Config::default()
    });
    let client = bench.open();
    bench.writable = false;
    for _ in 0..200 {
        bench.say_1(client, channel::Flow { active: true });
    }
    assert!(bench.ends[&client].paused);
    bench.writable = true;
    for _ in 0..200 {
        assert_eq!(bench.hear(client), on_1(channel::FlowOk { active: true }));
    }
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert!(!bench.ends[&client].paused);
}

#[test]
fn the_marks_themselves_are_still_allowed() {
    let stopped_at = |backlog| {
        let limits = Limits {
            backlog,
            ..Limits::default()
        };
        let mut bench = Bench::with(Config {
            limits,
            ..Config::default()
        });
        let (slow, other) = (bench.open(), bench.open());
        bench.queue(slow, "q");
        bench.consume(slow, "q");
        bench.writable = false;
        for _ in 0..10 {
            bench.put(other, "q", "body");
        }
        bench.waiting(slow)
    };
    let one = stopped_at(1);
    assert_eq!(stopped_at(one - 1), one);
    assert_eq!(stopped_at(one), 2 * one);

    // A flow-ok takes 13 octets.
    for (unread_replies, paused) in [(12, true), (13, false)] {
        let limits = Limits {
            unread_replies,
            ..Limits::default()
        };
        let mut bench = Bench::with(Config {
            limits,
            ..Config::default()
        });
        let client = bench.open();
        bench.writable = false;
        bench.say_1(client, channel::Flow { active: true });
        assert_eq!(
            (bench.waiting(client), bench.ends[&client].paused),
            (13, paused)
        );
    }
}
