//! Channels, and what is settled, consumed, committed and answered on them.

use rstest::rstest;

use super::on_channel;

const TWO: &str = "/2 > channel.open\n/2 < channel.open-ok\n";
const GET: &str = "> basic.get queue=\"q\"\n< basic.get-ok delivery-tag=1 body=\"m\"\n";
const CONSUMED: &str =
    "> basic.consume queue=\"q\" consumer-tag=\"c\"\n< basic.consume-ok consumer-tag=\"c\"\n";

#[rstest]
#[case("> channel.open", &["channel.open.state"])]
#[case("/2 > basic.qos", &["FRM-12"])]
#[case("> channel.close\n> basic.qos", &["CHN-05"])]
#[case("> channel.close\n> channel.open", &["CHN-05"])]
#[case("> channel.close\n< channel.close-ok\n> basic.qos", &["FRM-12"])]
#[case("< channel.close reply-code=404\n> basic.qos\n> channel.close-ok\n> channel.open", &[])]
#[case("< channel.close reply-code=404\n> channel.close-ok\n> basic.qos", &["FRM-12"])]
#[case("< channel.close reply-code=404\n> channel.open", &["CHN-04"])]
#[case("< channel.close reply-code=404\n+1\n> connection.close", &["CHN-04"])]
#[case("< channel.close reply-code=404\n+1\n> end", &["CHN-04"])]
#[case("< channel.close reply-code=404\n> connection.close", &[])]
#[case("> channel.close-ok", &["MTH-07"])]
#[case("> channel.close\n< channel.close reply-code=404\n> channel.close-ok\n< channel.close-ok\n> channel.open", &[])]
#[case("> channel.close\n< channel.close reply-code=404\n< channel.close-ok\n> channel.close-ok\n> channel.open", &[])]
fn a_channel_is_opened_and_closed_in_form(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(lines), broken, "{lines}");
}

#[rstest]
#[case("> basic.ack delivery-tag=1", &[])]
#[case("> basic.ack delivery-tag=0 multiple=true", &[])]
#[case("> basic.ack delivery-tag=2", &["basic.ack.multiple.exists-ext"])]
#[case("> basic.ack delivery-tag=1\n> basic.ack delivery-tag=1", &["basic.ack.multiple.exists-ext"])]
#[case("> basic.nack delivery-tag=2", &["basic.nack.multiple.exists"])]
#[case("> basic.nack delivery-tag=1 multiple=true\n> basic.nack delivery-tag=1", &["basic.nack.multiple.exists"])]
#[case("> basic.recover\n> basic.ack delivery-tag=1", &[])]
#[case("> tx.select\n> basic.ack delivery-tag=1\n> tx.rollback\n> basic.ack delivery-tag=1", &[])]
#[case("> tx.select\n> basic.ack delivery-tag=1\n> tx.commit\n> basic.ack delivery-tag=1", &["basic.ack.multiple.exists-ext"])]
#[case("/2 > basic.ack delivery-tag=1", &["domain.delivery-tag.channel-local"])]
#[case("/2 > basic.reject delivery-tag=1", &["domain.delivery-tag.channel-local"])]
#[case("/2 > basic.ack delivery-tag=9", &["basic.ack.multiple.exists-ext"])]
fn what_is_settled_is_unsettled_here(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(&format!("{TWO}{GET}{lines}")), broken, "{lines}");
}

#[test]
fn what_needs_no_acknowledgement_gets_none() {
    let consumed = "> basic.consume queue=\"q\" no-ack=true\n< basic.consume-ok consumer-tag=\"made\"\n\
                    < basic.deliver consumer-tag=\"made\" delivery-tag=1 body=\"\"\n";
    assert_eq!(
        on_channel(&format!("{consumed}> basic.ack delivery-tag=1")),
        ["DOC-13"]
    );
    let got = "> basic.get queue=\"q\"\n> basic.get queue=\"q\" no-ack=true\n< basic.get-empty\n\
               < basic.get-ok delivery-tag=1 body=\"\"\n";
    assert_eq!(
        on_channel(&format!("{got}> basic.ack delivery-tag=1")),
        ["DOC-13"]
    );
}

#[rstest]
#[case("> basic.consume queue=\"q\" consumer-tag=\"d\"", &[])]
#[case("> basic.consume queue=\"q\" consumer-tag=\"c\"", &["basic.consume.consumer-tag.01"])]
#[case("> basic.cancel consumer-tag=\"c\"\n> basic.consume queue=\"q\" consumer-tag=\"c\"", &[])]
#[case("< basic.cancel consumer-tag=\"c\" no-wait=true\n> basic.consume queue=\"q\" consumer-tag=\"c\"", &[])]
#[case("/2 > basic.consume queue=\"q\" consumer-tag=\"c\"", &[])]
#[case("/2 > basic.cancel consumer-tag=\"c\"", &["basic.consume.consumer-tag.02"])]
#[case("/2 > basic.cancel consumer-tag=\"unknown\"", &[])]
#[case("> basic.cancel-ok consumer-tag=\"c\"", &["MTH-07"])]
#[case("< basic.cancel consumer-tag=\"c\"\n> basic.cancel-ok consumer-tag=\"c\"", &[])]
#[case("> basic.cancel consumer-tag=\"c\"\n< basic.deliver consumer-tag=\"c\" delivery-tag=1 body=\"\"\n> basic.ack delivery-tag=1", &[])]
fn a_consumer_tag_is_for_one_consumer_of_one_channel(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(
        on_channel(&format!("{TWO}{CONSUMED}{lines}")),
        broken,
        "{lines}"
    );
}

#[rstest]
#[case("> tx.commit", &["tx.commit.transacted"])]
#[case("> tx.rollback", &["tx.rollback.transacted"])]
#[case("> tx.select\n> tx.commit\n> tx.rollback", &[])]
#[case("/2 > channel.open\n/2 > tx.select\n> tx.commit", &["tx.commit.transacted"])]
#[case("> queue.bind exchange=\"amq.direct\"", &["queue.bind.queue.queue-known"])]
#[case("> queue.unbind exchange=\"amq.direct\"", &["queue.unbind.queue.queue-known"])]
#[case("> queue.purge", &["queue.purge.queue.queue-known"])]
#[case("> queue.delete", &["queue.delete.queue.queue-known"])]
#[case("> basic.get", &["DOC-01"])]
#[case("> basic.consume", &["DOC-01"])]
#[case("> queue.declare\n> queue.purge\n> basic.consume", &[])]
#[case("< channel.flow active=false\n> basic.publish body=\"\"\n> channel.flow-ok active=false", &[])]
#[case("< channel.flow active=false\n> channel.flow-ok active=false\n> basic.publish body=\"\"", &["channel.flow.bidirectional"])]
#[case("< channel.flow active=false\n> channel.flow-ok active=true\n> basic.publish body=\"\"", &["CHN-07"])]
#[case("> channel.flow-ok active=true", &["MTH-07"])]
fn a_command_stands_where_it_has_a_meaning(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(lines), broken, "{lines}");
}
