//! What a client may not make the broker hold.

use mqspec_codec::{FieldTable, LongStr, basic, exchange, queue, tx};
use reference_broker::{Config, Limits};

use crate::bench::{Bench, Heard, name, on_1};

fn limited(limits: Limits) -> Bench {
    Bench::with(Config {
        limits,
        ..Config::default()
    })
}

#[test]
fn connections() {
    let mut bench = limited(Limits {
        connections: 2,
        ..Limits::default()
    });
    let (a, _) = (bench.connect(), bench.connect());
    let one_too_many = bench.connect();
    assert_eq!(bench.hear(one_too_many), Heard::End);
    assert_eq!(bench.broker.connection_count(), 2);
    bench.cut(a);
    let next = bench.connect();
    assert_eq!(bench.hear(next), Heard::Nothing);
}

#[test]
fn queues() {
    let mut bench = limited(Limits {
        queues: 2,
        ..Limits::default()
    });
    let client = bench.open();
    for queue in ["a", "b", "a"] {
        bench.queue(client, queue);
    }
    let delete = queue::Delete {
        queue: name("a"),
        ..Default::default()
    };
    assert_eq!(
        bench.ask(client, delete),
        on_1(queue::DeleteOk { message_count: 0 })
    );
    bench.queue(client, "c");
    bench.say_1(
        client,
        queue::Declare {
            queue: name("d"),
            ..Default::default()
        },
    );
    assert_eq!(bench.ended(client), (506, 50, 10));
}

#[test]
fn exchanges() {
    // Six are there from the beginning.
    let mut bench = limited(Limits {
        exchanges: 7,
        ..Limits::default()
    });
    let client = bench.open();
    bench.exchange(client, "a", "direct");
    bench.exchange(client, "a", "direct");
    let declare = exchange::Declare {
        exchange: name("b"),
        r#type: name("direct"),
        ..Default::default()
    };
    bench.say_1(client, declare);
    assert_eq!(bench.ended(client), (506, 40, 10));
}

#[test]
fn bindings() {
    let mut bench = limited(Limits {
        bindings: 2,
        ..Limits::default()
    });
    let client = bench.open();
    for queue in ["q", "r"] {
        bench.queue(client, queue);
    }
    bench.exchange(client, "e", "direct");
    let bind = |queue: &str, key: &str| queue::Bind {
        queue: name(queue),
        exchange: name("e"),
        routing_key: name(key),
        ..Default::default()
    };
    for (queue, key) in [("q", "1"), ("r", "2"), ("q", "1")] {
        assert_eq!(bench.ask(client, bind(queue, key)), on_1(queue::BindOk));
    }
    // Whatever removes bindings makes room for others.
    let unbind = queue::Unbind {
        queue: name("q"),
        exchange: name("e"),
        routing_key: name("1"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, unbind), on_1(queue::UnbindOk));
    assert_eq!(bench.ask(client, bind("q", "3")), on_1(queue::BindOk));
    let _ = bench.ask(
        client,
        queue::Delete {
            queue: name("r"),
            ..Default::default()
        },
    );
    assert_eq!(bench.ask(client, bind("q", "4")), on_1(queue::BindOk));
    let _ = bench.ask(
        client,
        exchange::Delete {
            exchange: name("e"),
            ..Default::default()
        },
    );
    bench.exchange(client, "e", "direct");
    for key in ["5", "6"] {
        assert_eq!(bench.ask(client, bind("q", key)), on_1(queue::BindOk));
    }
    bench.say_1(client, bind("q", "7"));
    assert_eq!(bench.ended(client), (506, 50, 20));
}

#[test]
fn consumers() {
    let mut bench = limited(Limits {
        consumers: 1,
        ..Limits::default()
    });
    let client = bench.open();
    bench.queue(client, "q");
    for _ in 0..2 {
        bench.consume(client, "q");
        bench.say_1(
            client,
            basic::Cancel {
                consumer_tag: name("q"),
                no_wait: true,
            },
        );
    }
    bench.consume(client, "q");
    bench.say_1(
        client,
        basic::Consume {
            queue: name("q"),
            ..Default::default()
        },
    );
    assert_eq!(bench.ended(client), (506, 60, 20));
}

#[test]
fn octets_of_messages() {
    let mut bench = limited(Limits {
        stored: 100_000,
        ..Limits::default()
    });
    let client = bench.open();
    bench.queue(client, "q");
    let body = "x".repeat(60_000);
    // As often as one likes, as long as it does not stay.
    for _ in 0..5 {
        bench.put(client, "q", &body);
        assert!(bench.fetch(client, "q").is_some());
        bench.say_1(
            client,
            basic::Ack {
                delivery_tag: 0,
                multiple: true,
            },
        );
    }
    for _ in 0..2 {
        bench.put(client, "q", &body);
    }
    let purged = bench.ask(
        client,
        queue::Purge {
            queue: name("q"),
            no_wait: false,
        },
    );
    assert_eq!(purged, on_1(queue::PurgeOk { message_count: 2 }));
    for _ in 0..3 {
        bench.put(client, "q", &body);
    }
    assert_eq!(bench.ended(client), (506, 60, 40));
}

#[test]
fn octets_of_unsettled_and_uncommitted_messages() {
    let mut bench = limited(Limits {
        stored: 100_000,
        ..Limits::default()
    });
    let client = bench.open();
    bench.queue(client, "q");
    let body = "x".repeat(60_000);
    bench.put(client, "q", &body);
    assert!(bench.fetch(client, "q").is_some());
    assert_eq!(bench.ask(client, tx::Select), on_1(tx::SelectOk));
    bench.put(client, "q", &body);
    bench.put(client, "q", &body);
    assert_eq!(bench.ended(client), (506, 60, 40));
}

#[test]
fn small_messages_are_not_free() {
    let mut bench = limited(Limits {
        stored: 100_000,
        ..Limits::default()
    });
    let client = bench.open();
    bench.queue(client, "q");
    for _ in 0..1000 {
        bench.put(client, "q", "");
    }
    assert_eq!(bench.ended(client), (506, 60, 40));
}

#[test]
fn every_copy_of_a_message_counts() {
    let mut bench = limited(Limits {
        stored: 100_000,
        ..Limits::default()
    });
    let client = bench.open();
    for number in 0..100 {
        let queue = number.to_string();
        bench.queue(client, &queue);
        bench.bind(client, &queue, "amq.fanout", "");
    }
    for _ in 0..10 {
        bench.publish_to(client, "amq.fanout", "", "");
    }
    assert_eq!(bench.ended(client), (506, 60, 40));
}

#[test]
fn octets_of_arguments() {
    let mut bench = limited(Limits {
        stored: 10_000,
        ..Limits::default()
    });
    let long = LongStr::new(vec![0; 3000]).expect("a long string");
    let arguments = FieldTable::new().with("long", long).expect("a legal table");
    let declare = |number: u32| queue::Declare {
        queue: name(&number.to_string()),
        arguments: arguments.clone(),
        ..Default::default()
    };
    let client = bench.open();
    for round in 0..3 {
        for number in 0..3 {
            bench.declare(client, declare(number));
        }
        if round < 2 {
            for number in 0..3 {
                let delete = queue::Delete {
                    queue: name(&number.to_string()),
                    ..Default::default()
                };
                assert_eq!(
                    bench.ask(client, delete),
                    on_1(queue::DeleteOk { message_count: 0 })
                );
            }
        }
    }
    bench.declare(client, declare(3));
    bench.say_1(client, declare(4));
    assert_eq!(bench.ended(client), (506, 50, 10));
}
