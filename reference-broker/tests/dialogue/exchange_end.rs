//! Class exchange: bindings between exchanges, and how an exchange comes to an end.

use mqspec_codec::{exchange, queue};

use crate::bench::exchanges::{bind, declare, passive, unbind};
use crate::bench::{Bench, Client, Heard, name, on_1};

fn exists(bench: &mut Bench, client: Client, exchange: &str) -> bool {
    bench.say_1(client, passive(exchange));
    match bench.hear(client) {
        Heard::Method(1, mqspec_codec::Method::ExchangeDeclareOk(_)) => true,
        Heard::Method(1, mqspec_codec::Method::ChannelClose(close)) => {
            assert_eq!(close.reply_code, 404);
            bench.say_1(client, mqspec_codec::channel::CloseOk);
            bench.open_channel(client, 1);
            false
        }
        other => panic!("neither there nor not: {other:?}"),
    }
}

#[test]
fn success_is_not_told_to_those_who_do_not_wait() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.say_1(
        client,
        exchange::Declare {
            no_wait: true,
            ..declare("e", "direct")
        },
    );
    bench.say_1(
        client,
        exchange::Declare {
            no_wait: true,
            ..passive("e")
        },
    );
    bench.say_1(
        client,
        exchange::Bind {
            no_wait: true,
            ..bind("e", "amq.direct", "k")
        },
    );
    bench.say_1(
        client,
        exchange::Unbind {
            no_wait: true,
            ..unbind("e", "amq.direct", "k")
        },
    );
    let delete = exchange::Delete {
        exchange: name("e"),
        no_wait: true,
        ..Default::default()
    };
    bench.say_1(client, delete);
    assert_eq!(bench.hear(client), Heard::Nothing);
    assert!(!exists(&mut bench, client, "e"));
}

#[test]
fn an_exchange_with_bindings_is_in_use() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "e", "direct");
    bench.queue(client, "q");
    bench.bind(client, "q", "e", "k");
    let delete = exchange::Delete {
        exchange: name("e"),
        if_unused: true,
        no_wait: false,
    };
    bench.say_1(client, delete.clone());
    assert_eq!(bench.refused(client), (406, 40, 20));
    let unbind = queue::Unbind {
        queue: name("q"),
        exchange: name("e"),
        routing_key: name("k"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, unbind), on_1(queue::UnbindOk));
    assert_eq!(bench.ask(client, delete), on_1(exchange::DeleteOk));
    assert!(!exists(&mut bench, client, "e"));
}

#[test]
fn deleting_an_exchange_removes_its_bindings() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "e", "direct");
    bench.queue(client, "q");
    bench.bind(client, "q", "e", "k");
    let delete = exchange::Delete {
        exchange: name("e"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, delete), on_1(exchange::DeleteOk));
    bench.exchange(client, "e", "direct");
    bench.publish_to(client, "e", "k", "1");
    assert_eq!(bench.count(client, "q"), (0, 0));
}

#[test]
fn an_auto_delete_exchange_goes_with_its_last_binding() {
    let mut bench = Bench::new();
    let client = bench.open();
    let auto_delete = |name| exchange::Declare {
        auto_delete: true,
        ..declare(name, "fanout")
    };
    for name in ["first", "second"] {
        assert_eq!(
            bench.ask(client, auto_delete(name)),
            on_1(exchange::DeclareOk)
        );
    }
    bench.queue(client, "q");
    // Being a destination is not being in use.
    assert_eq!(
        bench.ask(client, bind("first", "amq.fanout", "")),
        on_1(exchange::BindOk)
    );
    assert_eq!(
        bench.ask(client, unbind("first", "amq.fanout", "")),
        on_1(exchange::UnbindOk)
    );
    let nothing = queue::Unbind {
        queue: name("q"),
        exchange: name("first"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, nothing), on_1(queue::UnbindOk));
    assert!(exists(&mut bench, client, "first"));

    bench.bind(client, "q", "first", "a");
    bench.bind(client, "q", "first", "b");
    let unbind_key = |key| queue::Unbind {
        queue: name("q"),
        exchange: name("first"),
        routing_key: name(key),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, unbind_key("a")), on_1(queue::UnbindOk));
    assert!(exists(&mut bench, client, "first"));
    assert_eq!(bench.ask(client, unbind_key("b")), on_1(queue::UnbindOk));
    assert!(!exists(&mut bench, client, "first"));

    // One that goes may take others with it.
    assert_eq!(
        bench.ask(client, auto_delete("first")),
        on_1(exchange::DeclareOk)
    );
    assert_eq!(
        bench.ask(client, bind("second", "first", "")),
        on_1(exchange::BindOk)
    );
    bench.bind(client, "q", "second", "");
    let delete = queue::Delete {
        queue: name("q"),
        ..Default::default()
    };
    assert_eq!(
        bench.ask(client, delete),
        on_1(queue::DeleteOk { message_count: 0 })
    );
    assert!(!exists(&mut bench, client, "second"));
    assert!(!exists(&mut bench, client, "first"));
}

#[test]
fn a_long_chain_of_auto_delete_exchanges_goes_at_once() {
    let mut bench = Bench::new();
    let client = bench.open();
    for number in 0..200 {
        let one = exchange::Declare {
            auto_delete: true,
            no_wait: true,
            ..declare(&format!("e{number}"), "fanout")
        };
        bench.say_1(client, one);
        if number > 0 {
            let before = format!("e{}", number - 1);
            let link = bind(&format!("e{number}"), &before, "");
            bench.say_1(
                client,
                exchange::Bind {
                    no_wait: true,
                    ..link
                },
            );
        }
    }
    assert!(exists(&mut bench, client, "e0"));
    let delete = exchange::Delete {
        exchange: name("e199"),
        ..Default::default()
    };
    assert_eq!(bench.ask(client, delete), on_1(exchange::DeleteOk));
    assert!(!exists(&mut bench, client, "e0"));
}

#[test]
fn the_same_binding_again_changes_nothing() {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.exchange(client, "e", "fanout");
    bench.queue(client, "q");
    bench.bind(client, "q", "e", "");
    for _ in 0..2 {
        assert_eq!(
            bench.ask(client, bind("e", "amq.fanout", "")),
            on_1(exchange::BindOk)
        );
    }
    bench.publish_to(client, "amq.fanout", "", "1");
    assert_eq!(bench.count(client, "q"), (1, 0));
    assert_eq!(
        bench.ask(client, unbind("e", "amq.fanout", "")),
        on_1(exchange::UnbindOk)
    );
    bench.publish_to(client, "amq.fanout", "", "2");
    assert_eq!(bench.count(client, "q"), (1, 0));
}
