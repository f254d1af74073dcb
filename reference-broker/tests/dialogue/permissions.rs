//! What a user may do: which command needs which right, and that it closes the channel to have none.

use mqspec_codec::{FieldTable, Method, basic, connection, exchange, queue};
use reference_broker::users::{PasswordHash, Permission, User};
use reference_broker::{Config, Peer};
use rstest::rstest;

use crate::bench::{Bench, Client, Heard, name, on_0, on_1, start_ok, table, text};

/// Rights to what begins with `own`, and to what the broker names.
fn own() -> Permission {
    let pattern = |text: &str| text.parse().expect("a legal expression");
    Permission {
        configure: pattern("^(own|amq\\.gen)"),
        write: pattern("^(own|amq\\.default$)"),
        read: pattern("^(own|amq\\.gen)"),
    }
}

/// A user with these rights on channel 1, beside everything that others have made.
fn bench(permission: Permission) -> (Bench, Client) {
    let mut config = Config::default();
    let shop = User::new(PasswordHash::new("secret")).with("/", permission);
    config.users.insert("shop".to_owned(), shop);
    let mut bench = Bench::with(config);
    let other = bench.open();
    for queue in ["other", "own"] {
        bench.queue(other, queue);
    }
    for exchange in ["other.x", "own.x"] {
        let declare = exchange::Declare {
            exchange: name(exchange),
            r#type: name("fanout"),
            ..Default::default()
        };
        assert_eq!(bench.ask(other, declare), on_1(exchange::DeclareOk));
    }
    let client = bench.greet();
    bench.say(client, 0, start_ok("PLAIN", "\0shop\0secret", &[]));
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionTune(_))
    ));
    bench.say(client, 0, connection::TuneOk::default());
    bench.say(
        client,
        0,
        connection::Open {
            virtual_host: name("/"),
        },
    );
    assert_eq!(bench.hear(client), on_0(connection::OpenOk));
    bench.open_channel(client, 1);
    (bench, client)
}

fn declare_exchange(exchange: &str, alternate: Option<&str>) -> Method {
    let arguments = alternate.map(|alternate| table(&[("alternate-exchange", text(alternate))]));
    exchange::Declare {
        exchange: name(exchange),
        r#type: name("direct"),
        arguments: arguments.unwrap_or_default(),
        ..Default::default()
    }
    .into()
}

fn declare_queue(queue: &str, dead_letters: Option<&str>) -> Method {
    let arguments =
        dead_letters.map(|exchange| table(&[("x-dead-letter-exchange", text(exchange))]));
    queue::Declare {
        queue: name(queue),
        arguments: arguments.unwrap_or_default(),
        ..Default::default()
    }
    .into()
}

fn bind_queue(queue: &str, exchange: &str) -> Method {
    queue::Bind {
        queue: name(queue),
        exchange: name(exchange),
        ..Default::default()
    }
    .into()
}

fn unbind_queue(queue: &str, exchange: &str) -> Method {
    queue::Unbind {
        queue: name(queue),
        exchange: name(exchange),
        routing_key: name("k"),
        arguments: FieldTable::new(),
    }
    .into()
}

fn bind_exchange(destination: &str, source: &str) -> Method {
    exchange::Bind {
        destination: name(destination),
        source: name(source),
        ..Default::default()
    }
    .into()
}

fn unbind_exchange(destination: &str, source: &str) -> Method {
    exchange::Unbind {
        destination: name(destination),
        source: name(source),
        ..Default::default()
    }
    .into()
}

fn delete_exchange(exchange: &str) -> Method {
    exchange::Delete {
        exchange: name(exchange),
        ..Default::default()
    }
    .into()
}

fn delete_queue(queue: &str) -> Method {
    queue::Delete {
        queue: name(queue),
        ..Default::default()
    }
    .into()
}

fn purge(queue: &str) -> Method {
    queue::Purge {
        queue: name(queue),
        no_wait: false,
    }
    .into()
}

fn consume(queue: &str) -> Method {
    basic::Consume {
        queue: name(queue),
        no_ack: true,
        ..Default::default()
    }
    .into()
}

fn get(queue: &str) -> Method {
    basic::Get {
        queue: name(queue),
        no_ack: true,
    }
    .into()
}

#[rstest]
#[case::declare_an_exchange(declare_exchange("other.y", None))]
#[case::declare_one_that_is_there(declare_exchange("other.x", None))]
#[case::send_on_elsewhere(declare_exchange("own.y", Some("other.x")))]
#[case::delete_an_exchange(delete_exchange("other.x"))]
#[case::write_to_the_destination(bind_exchange("other.x", "own.x"))]
#[case::read_from_the_source(bind_exchange("own.x", "other.x"))]
#[case::unbind_from_the_destination(unbind_exchange("other.x", "own.x"))]
#[case::unbind_the_source(unbind_exchange("own.x", "other.x"))]
#[case::declare_a_queue(declare_queue("others", None))]
#[case::dead_letters_elsewhere(declare_queue("own2", Some("other.x")))]
#[case::delete_a_queue(delete_queue("other"))]
#[case::write_to_the_queue(bind_queue("other", "own.x"))]
#[case::read_from_the_exchange(bind_queue("own", "other.x"))]
#[case::unbind_the_queue(unbind_queue("other", "own.x"))]
#[case::unbind_from_the_exchange(unbind_queue("own", "other.x"))]
#[case::purge(purge("other"))]
#[case::consume(consume("other"))]
#[case::get(get("other"))]
fn without_the_right_a_command_closes_the_channel(#[case] method: Method) {
    let (mut bench, client) = bench(own());
    let id = method.id();
    bench.say(client, 1, method);
    let expected = (403, id.class_id, id.method_id);
    assert_eq!(bench.refused(client), expected);
}

#[rstest]
#[case::declare_an_exchange(declare_exchange("own.y", Some("own.x")))]
#[case::delete_an_exchange(delete_exchange("own.x"))]
#[case::bind_exchanges(bind_exchange("own.x", "own.x"))]
#[case::unbind_exchanges(unbind_exchange("own.x", "own.x"))]
#[case::declare_a_queue(declare_queue("own2", Some("own.x")))]
#[case::delete_a_queue(delete_queue("own"))]
#[case::bind_a_queue(bind_queue("own", "own.x"))]
#[case::purge(purge("own"))]
#[case::consume(consume("own"))]
#[case::get(get("own"))]
#[case::let_the_broker_name_a_queue(declare_queue("", None))]
#[case::look_for_who_waits(declare_queue("amq.rabbitmq.reply-to", None))]
#[case::wait_for_replies(consume("amq.rabbitmq.reply-to"))]
fn with_the_right_it_is_carried_out(#[case] method: Method) {
    let (mut bench, client) = bench(own());
    let id = method.id();
    let Heard::Method(1, answer) = bench.ask(client, method) else {
        panic!("no answer")
    };
    assert_eq!(answer.id().class_id, id.class_id);
}

#[test]
fn whoever_only_looks_needs_no_right() {
    let (mut bench, client) = bench(own());
    let declare = exchange::Declare {
        exchange: name("other.x"),
        passive: true,
        ..Default::default()
    };
    assert_eq!(bench.ask(client, declare), on_1(exchange::DeclareOk));
    assert_eq!(bench.count(client, "other"), (0, 0));
}

#[test]
fn the_names_that_the_broker_makes_up_are_asked_for_as_they_will_be() {
    let pattern = |text: &str| text.parse().expect("a legal expression");
    let (mut bench, client) = bench(Permission {
        configure: pattern("^amq\\.gen-[0-9]+$"),
        ..own()
    });
    let answer = bench.ask(client, declare_queue("", None));
    assert!(matches!(
        answer,
        Heard::Method(1, Method::QueueDeclareOk(_))
    ));
    let (mut bench, client) = {
        let nothing = Permission {
            configure: pattern(""),
            ..own()
        };
        self::bench(nothing)
    };
    bench.say(client, 1, declare_queue("", None));
    assert_eq!(bench.refused(client), (403, 50, 10));
}

#[rstest]
#[case("other.x", "", Some((403, 60, 40)))]
#[case("own.x", "", None)]
#[case("", "other", None)]
fn publishing_needs_a_right_to_the_exchange_and_to_nothing_behind_it(
    #[case] exchange: &str,
    #[case] routing_key: &str,
    #[case] refused: Option<(u16, u16, u16)>,
) {
    let (mut bench, client) = bench(own());
    let publish = basic::Publish {
        exchange: name(exchange),
        routing_key: name(routing_key),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &Default::default(), b"m");
    match refused {
        Some(refused) => assert_eq!(bench.refused(client), refused),
        None => assert_eq!(bench.ask(client, get("own")), on_1(basic::GetEmpty)),
    }
}

#[test]
fn the_default_exchange_is_one_that_can_be_refused() {
    let pattern = |text: &str| text.parse().expect("a legal expression");
    let (mut bench, client) = bench(Permission {
        write: pattern("^own"),
        ..own()
    });
    let publish = basic::Publish {
        routing_key: name("own"),
        ..Default::default()
    };
    bench.publish(client, 1, publish, &Default::default(), b"m");
    assert_eq!(bench.refused(client), (403, 60, 40));
}

#[rstest]
#[case("127.0.0.1:4711", true)]
#[case("10.1.2.3:4711", false)]
fn guest_comes_from_this_machine(#[case] address: &str, #[case] accepted: bool) {
    let mut bench = Bench::new();
    // That somebody on this machine is known already changes nothing.
    bench.open();
    let peer = Peer {
        address: Some(address.parse().expect("an address")),
        certificate: None,
    };
    let client = bench.connect_as(&peer);
    bench.send_octets(client, b"AMQP\x00\x00\x09\x01");
    bench.hear(client);
    let capabilities = &["authentication_failure_close"];
    bench.say(client, 0, start_ok("PLAIN", "\0guest\0guest", capabilities));
    match accepted {
        true => assert!(matches!(
            bench.hear(client),
            Heard::Method(0, Method::ConnectionTune(_))
        )),
        false => assert_eq!(bench.ended(client), (403, 10, 11)),
    }
}

#[test]
fn what_follows_a_password_waits_until_it_was_looked_at() {
    let mut bench = Bench::new();
    let client = bench.greet();
    // All at once, as a client may that knows what it wants.
    bench.say(client, 0, start_ok("PLAIN", "\0guest\0guest", &[]));
    bench.say(client, 0, connection::TuneOk::default());
    bench.say(
        client,
        0,
        connection::Open {
            virtual_host: name("/"),
        },
    );
    assert!(matches!(
        bench.hear(client),
        Heard::Method(0, Method::ConnectionTune(_))
    ));
    assert_eq!(bench.hear(client), on_0(connection::OpenOk));
}
