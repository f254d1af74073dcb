//! Names, strings, tables and reserved fields.

use rstest::rstest;

use super::on_channel;

#[rstest]
#[case("> exchange.declare exchange=\"a-b_c.d:E9\" type=\"direct\"", &[])]
#[case("> exchange.declare exchange=\"a b\" type=\"direct\"", &["exchange.declare.exchange.syntax"])]
#[case("> exchange.declare exchange=\"\" type=\"direct\"", &["exchange.declare.exchange.syntax"])]
#[case("> exchange.declare exchange=\"\" type=\"direct\" passive=true", &[])]
#[case("> queue.declare queue=\"\"", &[])]
#[case("> queue.declare queue=\"a/b\"", &["queue.declare.queue.syntax"])]
#[case("> queue.purge queue=\"a\\0b\"", &["DAT-02"])]
#[case("> queue.purge queue=\"q\" reserved-1=1", &["MTH-04"])]
#[case("> queue.purge queue=\"q\" reserved-1=0", &[])]
#[case("> access.request realm=\"/data\"\n> queue.purge queue=\"q\" reserved-1=1", &[])]
#[case("> queue.declare queue=\"q\" arguments={x-max-length=1, n={a=1, b=2}}", &[])]
#[case("> queue.declare queue=\"q\" arguments={n=[{\"\"=1}]}", &["DAT-05"])]
#[case("> queue.declare queue=\"q\" arguments=hex\"00000008 016174 01 016174 00\"", &["DAT-07"])]
#[case("> basic.publish headers={\"\"=1} body=\"\"", &["DAT-05"])]
#[case("> basic.publish message-id=\"a\\0\" body=\"\"", &["DAT-02"])]
fn values_are_well_formed(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(lines), broken, "{lines}");
}
