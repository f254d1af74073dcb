//! Opening, tuning, closing, heartbeats.

use rstest::rstest;

use super::{CHANNEL, OPENED, judged, on_channel};

const START: &str =
    "> protocol-header\n< connection.start mechanisms=\"PLAIN\" locales=\"en_US\"\n";
const KNOWN: &str = r#"client-properties={product="p", version="v", platform="p", copyright="c", information="i"} response="x""#;

/// With the choice of `connection.start-ok`.
fn start_ok(choice: &str) -> Vec<&'static str> {
    judged(
        false,
        &format!("{START}> connection.start-ok {KNOWN} {choice}"),
    )
}

/// With the limits of `connection.tune-ok`, which 10 channels and 8192 octets are proposed for.
fn tune_ok(limits: &str) -> Vec<&'static str> {
    let lines = format!(
        "{START}> connection.start-ok {KNOWN} mechanism=\"PLAIN\" locale=\"en_US\"\n\
         < connection.tune channel-max=10 frame-max=8192 heartbeat=60\n> connection.tune-ok {limits}"
    );
    judged(false, &lines)
}

#[test]
fn a_connection_in_good_order_breaks_nothing() {
    let lines = "> heartbeat\n> channel.close\n< channel.close-ok\n> channel.open\n< channel.open-ok\n\
                 > connection.close reply-code=200\n< connection.close-ok\n> end";
    assert_eq!(on_channel(lines), [""; 0]);
}

#[rstest]
#[case("> connection.start-ok\n", &["HDR-01", "CON-02"])]
#[case("> raw data=\"GET / HTTP/1.1\"", &["HDR-01", "FRM-04"])]
#[case("> protocol-header\n> protocol-header", &["HDR-01"])]
#[case("> protocol-header\n> connection.start-ok mechanism=\"PLAIN\"", &["CON-02"])]
#[case("> protocol-header\n> connection.open", &["CON-02"])]
// Another protocol is not judged.
#[case("> protocol-header minor=8\n> connection.open", &[])]
#[case("> protocol-header\n< protocol-header\n> end", &[])]
#[case("> protocol-header\n< protocol-header minor=8\n> connection.start-ok", &["connection.start.client-support"])]
fn a_connection_begins_with_the_header_and_goes_on_in_order(
    #[case] lines: &str,
    #[case] broken: &[&str],
) {
    assert_eq!(judged(false, lines), broken);
}

#[rstest]
#[case(r#"mechanism="PLAIN" locale="en_US""#, &[])]
#[case(r#"mechanism="AMQPLAIN" locale="en_US""#, &["connection.start-ok.mechanism.validity"])]
#[case(r#"mechanism="PLAIN" locale="en_GB""#, &["CON-14"])]
fn what_is_chosen_was_offered(#[case] choice: &str, #[case] broken: &[&str]) {
    assert_eq!(start_ok(choice), broken);
}

#[test]
fn a_client_tells_what_it_is() {
    let lines = format!(
        "{START}> connection.start-ok mechanism=\"PLAIN\" locale=\"en_US\" client-properties={{product=\"p\"}}"
    );
    let clause = "connection.start-ok.client-properties.required-fields";
    assert_eq!(judged(false, &lines), [clause]);
}

#[rstest]
#[case("channel-max=10 frame-max=8192", &[])]
#[case("channel-max=1 frame-max=4096", &[])]
// Whether zero is more than a limit is not said.
#[case("channel-max=0 frame-max=0", &[])]
#[case("channel-max=11 frame-max=8192", &["connection.tune-ok.channel-max.upper-limit"])]
#[case("channel-max=10 frame-max=8193", &["connection.tune-ok.frame-max.upper-limit"])]
#[case("channel-max=10 frame-max=4095", &["connection.tune-ok.frame-max.minimum"])]
fn limits_are_lowered_and_not_raised(#[case] limits: &str, #[case] broken: &[&str]) {
    assert_eq!(tune_ok(limits), broken);
}

#[rstest]
#[case("/10 > channel.open", &[])]
#[case("/11 > channel.open", &["CON-04"])]
#[case("> basic.publish body=\"x\" * 16384 with body-frames=[8184, 8184]", &[])]
#[case("> basic.publish body=\"x\" * 8185", &["FRM-06"])]
#[case("> heartbeat", &[])]
#[case("/1 > heartbeat", &["HB-01"])]
#[case("/1 > frame type=9", &["FRM-04"])]
#[case("> channel.close with frame-end=0", &["FRM-01"])]
#[case("/1 > connection.close", &["FRM-08"])]
#[case("/0 > channel.open", &["FRM-09"])]
#[case("> method class-id=99 method-id=1", &["MTH-01"])]
#[case("> queue.purge with truncate=1", &["MTH-02"])]
#[case("> queue.purge with append=hex\"00\"", &["MTH-02"])]
#[case("> frame type=1 payload=hex\"00\"", &["FRM-15"])]
#[case("> basic.get-empty", &["MTH-09"])]
#[case("> connection.open", &["CON-06"])]
fn frames_keep_to_their_form_and_to_what_was_agreed(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(lines), broken, "{lines}");
}

#[rstest]
#[case("< connection.close reply-code=320\n> queue.purge queue=\"q\"\n> connection.close-ok\n> end", &[])]
#[case("< connection.close reply-code=320\n> connection.close-ok\n> heartbeat", &["CON-16"])]
#[case("< connection.close reply-code=320\n+1\n> end", &["CON-08"])]
// It may not have been read.
#[case("< connection.close reply-code=320\n> end", &[])]
#[case("< connection.close reply-code=320\n+1\n< end\n> end", &[])]
#[case("> connection.close\n< connection.close reply-code=320\n+1\n> end", &["CON-09"])]
#[case("> connection.close\n< connection.close reply-code=320\n> connection.close-ok\n< connection.close-ok\n+1\n> end", &[])]
#[case("> connection.close-ok", &["MTH-07"])]
#[case("> connection.close class-id=20 method-id=11", &[])]
#[case("> connection.close class-id=60 method-id=60", &["CON-10"])]
fn a_connection_is_closed_in_form(#[case] lines: &str, #[case] broken: &[&str]) {
    assert_eq!(on_channel(lines), broken, "{lines}");
}

#[rstest]
#[case("+2\n> heartbeat\n< heartbeat\n+2\n> heartbeat\n", &[])]
#[case("< heartbeat\n+3\n< heartbeat\n> channel.close", &["HB-09"])]
#[case("+2\n> heartbeat\n+2\n> heartbeat\n+2\n> heartbeat", &[])]
#[case("+2\n> heartbeat\n+2\n> heartbeat\n+2\n> heartbeat\n+2\n> heartbeat\n+2\n> heartbeat", &["HB-06"])]
fn silence_is_noticed(#[case] lines: &str, #[case] broken: &[&str]) {
    let tuned = OPENED.replace("8192 heartbeat=0", "8192 heartbeat=1");
    assert_eq!(judged(false, &format!("{tuned}{CHANNEL}{lines}")), broken);
}

#[test]
fn after_what_cannot_be_read_nobody_knows_what_the_client_knows() {
    let lines =
        "< basic.deliver delivery-tag=1 with frame-end=0\n> basic.ack delivery-tag=1\n> tx.commit";
    assert_eq!(on_channel(lines), [""; 0]);
    assert_eq!(
        on_channel(&format!("{lines}\n> channel.close with frame-end=0")),
        ["FRM-01"]
    );
}
