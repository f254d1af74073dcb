//! What a broker's refusal proves.

use rstest::rstest;

use super::{on_channel, on_trust};

/// A command, the code and the text of its refusal and the clause that it breaks.
#[rstest]
#[case(
    "exchange.delete exchange=\"e\"",
    404,
    "",
    "exchange.delete.exchange.exists"
)]
#[case(
    "exchange.bind destination=\"d\" source=\"s\"",
    404,
    "no exchange 'd'",
    "exchange.bind.destination.exchange-existence"
)]
#[case(
    "exchange.bind destination=\"d\" source=\"s\"",
    404,
    "no exchange 's'",
    "exchange.bind.source.exchange-existence"
)]
#[case(
    "exchange.unbind destination=\"d\" source=\"s\"",
    404,
    "no exchange 'd'",
    "exchange.unbind.destination.must-exist"
)]
#[case(
    "exchange.unbind destination=\"d\" source=\"s\"",
    404,
    "no exchange 's'",
    "exchange.unbind.source.must-exist"
)]
#[case(
    "queue.bind queue=\"q\" exchange=\"q\"",
    404,
    "no queue 'q'",
    "queue.bind.queue.must-exist"
)]
#[case(
    "queue.bind queue=\"q\" exchange=\"q\"",
    404,
    "no exchange 'q'",
    "queue.bind.exchange.exchange-existence"
)]
#[case(
    "queue.unbind queue=\"q\" exchange=\"e\"",
    404,
    "no queue 'q'",
    "queue.unbind.queue.must-exist"
)]
#[case(
    "queue.unbind queue=\"q\" exchange=\"e\"",
    404,
    "no exchange 'e'",
    "queue.unbind.exchange.must-exist"
)]
#[case("queue.purge queue=\"q\"", 404, "", "queue.purge.queue.must-exist")]
#[case("queue.delete queue=\"q\"", 404, "", "queue.delete.queue.must-exist")]
#[case(
    "basic.publish exchange=\"e\" body=\"\"",
    404,
    "",
    "basic.publish.exchange.must-exist"
)]
#[case(
    "basic.consume queue=\"q\" exclusive=true",
    403,
    "",
    "basic.consume.exclusive.01"
)]
#[case("basic.get queue=\"q\"", 405, "", "queue.declare.exclusive.exclusive")]
#[case(
    "queue.declare queue=\"q\" passive=true",
    405,
    "",
    "queue.declare.exclusive.exclusive"
)]
fn a_broker_that_is_right_proves_what_cannot_be_seen(
    #[case] command: &str,
    #[case] code: u16,
    #[case] text: &str,
    #[case] clause: &str,
) {
    let name = command.split(' ').next().unwrap_or_default();
    let id = mqspec_specs::amqp_0_9_1().command(name).expect("a command");
    let lines = format!(
        "> {command}\n< channel.close reply-code={code} reply-text=\"{text}\" class-id={} method-id={}",
        id.class, id.method
    );
    assert_eq!(on_trust(&lines), [clause]);
    assert_eq!(
        on_channel(&lines),
        [""; 0],
        "another broker is not believed"
    );
}

#[rstest]
#[case("> exchange.declare exchange=\"amq.mine\" type=\"direct\"\n< channel.close reply-code=403 class-id=40 method-id=10", &["exchange.declare.exchange.reserved"])]
#[case("> exchange.declare exchange=\"amq.direct\" type=\"direct\"\n< exchange.declare-ok", &[])]
#[case("> exchange.declare exchange=\"mine\" type=\"direct\"\n< channel.close reply-code=403 class-id=40 method-id=10", &[])]
#[case("> queue.declare queue=\"amq.mine\"\n< channel.close reply-code=403 class-id=50 method-id=10", &["queue.declare.queue.reserved"])]
#[case("> queue.declare queue=\"amq.gen-1\"\n< queue.declare-ok queue=\"amq.gen-1\"", &[])]
#[case("> exchange.declare exchange=\"e\" type=\"x-odd\"\n/0 < connection.close reply-code=503 class-id=40 method-id=10", &["exchange.declare.type.support"])]
#[case("> exchange.declare exchange=\"amq.direct\" type=\"topic\"\n/0 < connection.close reply-code=530 class-id=40 method-id=10", &["exchange.declare.type.typed"])]
#[case("> exchange.declare exchange=\"e\" type=\"topic\"\n< exchange.declare-ok\n> exchange.declare exchange=\"e\" type=\"direct\"\n< channel.close reply-code=406 class-id=40 method-id=10", &["exchange.declare.type.typed"])]
#[case("> exchange.declare exchange=\"e\" type=\"topic\"\n< exchange.declare-ok\n> exchange.declare exchange=\"e\" type=\"topic\" durable=true\n< channel.close reply-code=406 class-id=40 method-id=10", &[])]
// It asked whether the queue is there, and was told.
#[case("> queue.declare queue=\"q\" passive=true\n< channel.close reply-code=404 class-id=50 method-id=10", &[])]
fn where_the_command_shows_the_fault_any_refusal_will_do(
    #[case] lines: &str,
    #[case] broken: &[&str],
) {
    assert_eq!(on_channel(lines), broken, "{lines}");
}
