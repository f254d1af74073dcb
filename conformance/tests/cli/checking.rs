//! `mqspec check`

use super::support::{mqspec, script};

/// What a pika program said to RabbitMQ 3.10.8.
const PIKA: &str = "tests/fixtures/record/pika-rabbitmq.mqs";
/// Three of its connections: one that publishes, one that gives back, one within transactions.
const WORKERS: &str = "tests/fixtures/record/workers-rabbitmq.mqs";
/// What tcpdump saw of such a program and the reference broker.
const CAPTURE: &str = "tests/fixtures/record/pika-reference.pcap";
/// pika sets a field that is reserved.
const KNOWN: [&str; 2] = ["--ignore", "MTH-04"];

fn check(file: &str, more: &[&str]) -> (Option<i32>, String) {
    let ran = mqspec(&[&["check", file], &KNOWN[..], more].concat());
    (ran.status, format!("{}{}", ran.stdout, ran.stderr))
}

/// The recording with one text in place of another.
fn changed(recording: &str, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(recording).expect("a fixture");
    assert!(text.contains(from), "nothing says `{from}`");
    text.replacen(from, to, 1)
}

/// Whether the first breach of a changed recording is that side's, and of that clause.
#[track_caller]
fn finds(name: &str, text: &str, side: &str, clause: &str, more: &[&str]) {
    let path = script(&format!("check-{name}"), text);
    let (status, said) = check(&path, more);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.starts_with(&format!("── THE {side} DEVIATES")),
        "{said}"
    );
    let head = said.lines().nth(1).unwrap_or_default();
    assert!(head.contains(&format!(" {clause} ")), "{said}");
    assert!(said.contains("  ▶ "), "{said}");
}

#[test]
fn what_real_programs_and_brokers_say_is_clean() {
    for file in [PIKA, WORKERS, CAPTURE] {
        for more in [&[][..], &["--alone"]] {
            let (status, said) = check(file, more);
            assert_eq!(status, Some(0), "{said}");
            assert!(said.contains("clean: "), "{said}");
        }
    }
}

#[test]
fn a_reply_to_something_else_is_the_brokers_fault() {
    let text = changed(PIKA, "< queue.bind-ok", "< queue.unbind-ok");
    finds("reply", &text, "BROKER", "MTH-07", &[]);
    let text = changed(
        PIKA,
        "class-id=50 method-id=10 ",
        "class-id=50 method-id=20 ",
    );
    finds("blame", &text, "BROKER", "CON-10", &[]);
}

#[test]
fn a_delivery_that_never_came_leaves_a_gap() {
    let text = std::fs::read_to_string(PIKA).expect("a fixture");
    let begin = text.find("  a < basic.deliver").expect("a delivery");
    let end = text[begin + 5..]
        .find("  a < basic.deliver")
        .expect("another")
        + begin
        + 5;
    let text = format!("{}{}", &text[..begin], &text[end..]);
    finds("gap", &text, "BROKER", "DOC-18", &[]);
}

#[test]
fn a_delivery_that_comes_twice_is_the_brokers_fault() {
    let text = std::fs::read_to_string(PIKA).expect("a fixture");
    let begin = text.find("  a < basic.deliver").expect("a delivery");
    let end = text[begin + 5..]
        .find("  a < basic.deliver")
        .expect("another")
        + begin
        + 5;
    let text = format!("{}{}", &text[..end], &text[begin..]);
    finds("twice", &text, "BROKER", "DOC-18", &[]);
}

#[test]
fn a_frame_that_ends_wrongly_is_the_fault_of_whoever_sent_it() {
    let text = changed(
        PIKA,
        "> confirm.select\n",
        "> confirm.select with frame-end=0\n",
    );
    finds("client-end", &text, "CLIENT", "FRM-01", &[]);
    let raw = "< raw data=hex\"01 00 01 00 00 00 04 00 32 00 15 00\"";
    let text = changed(PIKA, "< queue.bind-ok", raw);
    finds("broker-end", &text, "BROKER", "FRM-01", &[]);
}

#[test]
fn an_acknowledgement_of_nothing_is_the_clients_fault() {
    let text = changed(
        PIKA,
        "> basic.ack delivery-tag=2",
        "> basic.ack delivery-tag=7",
    );
    finds("ack", &text, "CLIENT", "basic.ack.multiple.exists-ext", &[]);
}

#[test]
fn a_command_behind_a_close_is_the_fault_of_whoever_sent_it() {
    let close = "  a < connection.close-ok\n";
    let text = changed(
        PIKA,
        close,
        &format!("{close}  a < basic.deliver consumer-tag=x delivery-tag=9\n"),
    );
    finds("broker-after", &text, "BROKER", "CON-16", &[]);
    let close = "  a/2 > channel.close-ok\n";
    let text = changed(
        PIKA,
        close,
        &format!("{close}  a/2 > basic.qos prefetch-count=1\n"),
    );
    finds("client-after", &text, "CLIENT", "FRM-12", &[]);
}

#[test]
fn the_verdict_for_a_program_says_the_same() {
    let text = changed(PIKA, "< queue.bind-ok", "< queue.unbind-ok");
    let path = script("check-json", &text);
    let ran = mqspec(&["check", &path, "--json", "-", "--ignore", "MTH-04"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let breach = &told["recordings"][0]["breaches"][0];
    assert_eq!(breach["side"], "broker");
    assert_eq!(breach["clause"], "MTH-07");
    assert_eq!(breach["came"], "a < queue.unbind-ok");
    assert_eq!(breach["acceptable"][0], "queue.bind-ok");
}

#[test]
fn what_is_no_recording_is_refused_with_what_was_expected() {
    for (name, text, said) in [
        (
            "script",
            "protocol amqp-0-9-1\ncase a/b\n  \"x\"\n  > channel.close\n",
            "was not opened",
        ),
        (
            "open",
            "protocol amqp-0-9-1\ncase a/b\n  \"x\"\n  open a\n",
            "no record",
        ),
        ("other", "hello\n", "mistake"),
        ("empty", "protocol amqp-0-9-1\n", "no case"),
    ] {
        let path = script(&format!("check-no-{name}"), text);
        let (status, told) = check(&path, &[]);
        assert_eq!(status, Some(2), "{told}");
        assert!(told.contains(said), "{told}");
    }
    let (status, told) = check("nowhere.mqs", &[]);
    assert_eq!(status, Some(2), "{told}");
    let path = script("check-no-text", "");
    std::fs::write(&path, [0xff, 0xfe, 0, 1]).expect("a file can be written");
    let (status, told) = check(&path, &[]);
    assert_eq!((status, told.contains("pcapng")), (Some(2), true), "{told}");
    std::fs::write(&path, [0xd4, 0xc3, 0xb2, 0xa1, 9]).expect("a file can be written");
    let (status, told) = check(&path, &[]);
    assert_eq!((status, told.contains("pcap")), (Some(2), true), "{told}");
}

#[test]
fn a_capture_that_is_cut_short_is_judged_as_far_as_it_goes() {
    let whole = std::fs::read(CAPTURE).expect("a fixture");
    let path = script("check-cut", "");
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("a file can be written");
    let (status, told) = check(&path, &[]);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("cut short"), "{told}");
}

#[test]
fn a_message_that_was_lost_is_missed_when_a_later_one_comes() {
    // The second delivery never happened, and the third has its tag.
    let text = std::fs::read_to_string(PIKA).expect("a fixture");
    let second = text
        .find("delivery-tag=2 redelivered")
        .expect("the second delivery");
    let begin = text[..second]
        .rfind("  a < basic.deliver")
        .expect("its line");
    let end = text[second..]
        .find("  a < basic.deliver")
        .expect("the third")
        + second;
    let text = format!("{}{}", &text[..begin], &text[end..]);
    let text = text
        .replacen(
            "delivery-tag=3 redelivered",
            "delivery-tag=2 redelivered",
            1,
        )
        .replacen("  a > basic.ack delivery-tag=3\n", "", 1)
        .replacen(
            "delivery-tag=4 redelivered",
            "delivery-tag=3 redelivered",
            1,
        );
    finds("lost", &text, "BROKER", "ORD-01", &[]);
}

#[test]
fn a_message_that_was_settled_does_not_come_again() {
    // Another worker had acknowledged it.
    let text = std::fs::read_to_string(WORKERS).expect("a fixture");
    let at = text.find("c < basic.deliver").expect("a delivery");
    let (before, after) = text.split_at(at);
    let after = after
        .replacen("order.6.eu", "order.0.eu", 1)
        .replacen("message-id=m6", "message-id=m0", 1)
        .replacen("order 6", "order 0", 1);
    let text = format!("{before}{after}");
    finds("settled", &text, "BROKER", "ORD-02", &["--alone"]);
    // Somebody else may have published the same.
    let (status, said) = check(&script("check-shared", &text), &[]);
    assert_eq!(status, Some(0), "{said}");
}

/// A recording that begins as the one of pika does, and goes on with these lines.
fn begun(lines: &[&str]) -> String {
    let text = std::fs::read_to_string(PIKA).expect("a fixture");
    let end = text.find("  a > confirm.select").expect("its line");
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("{}{lines}", &text[..end])
}

#[test]
fn what_a_broker_made_is_there_until_it_is_gone() {
    let refused = begun(&[
        "a > queue.declare queue=$made1 passive=true",
        "a < channel.close reply-code=404 class-id=50 method-id=10",
        "a > channel.close-ok",
    ]);
    finds("there", &refused, "BROKER", "VIS-01", &[]);
    let gone = begun(&[
        "a > queue.delete queue=$made1",
        "a < queue.delete-ok message-count=0",
        "a > queue.declare queue=$made1 passive=true",
        "a < queue.declare-ok queue=$made1 message-count=0 consumer-count=0",
    ]);
    finds(
        "gone",
        &gone,
        "BROKER",
        "queue.declare.passive.passive",
        &["--alone"],
    );
    let other = begun(&[
        "a > queue.declare queue=mine exclusive=true",
        "a < queue.declare-ok queue=mine message-count=0 consumer-count=0",
        "a > queue.declare queue=mine exclusive=true durable=true",
        "a < queue.declare-ok queue=mine message-count=0 consumer-count=0",
    ]);
    finds(
        "other",
        &other,
        "BROKER",
        "queue.declare.passive.equivalent",
        &[],
    );
}

#[test]
fn what_was_there_before_is_no_ones_fault() {
    let text = begun(&[
        "a > queue.declare queue=old passive=true",
        "a < queue.declare-ok queue=old message-count=5 consumer-count=1",
        "a > queue.bind queue=old exchange=elsewhere",
        "a < queue.bind-ok",
        "a > basic.get queue=old no-ack=true",
        "a < basic.get-ok delivery-tag=1 redelivered=true exchange=elsewhere routing-key=k message-count=4 body=m",
        "a > basic.publish exchange=elsewhere body=n",
        "a > queue.declare queue=locked passive=true",
        "a < channel.close reply-code=405 class-id=50 method-id=10",
        "a > channel.close-ok",
    ]);
    let path = script("check-before", &text);
    for more in [&[][..], &["--alone"]] {
        let (status, said) = check(&path, more);
        assert_eq!(status, Some(0), "{said}");
        let before = "existed before, or others made them: exchange `elsewhere`, queue `old`";
        assert!(said.contains(before), "{said}");
    }
}

#[test]
fn a_consumer_is_not_handed_more_than_it_asked_for_and_a_message_is_confirmed_once() {
    let deliver =
        "a < basic.deliver consumer-tag=c redelivered=false exchange=\"\" routing-key=work";
    let one = format!("{deliver} delivery-tag=1 body=m");
    let two = format!("{deliver} delivery-tag=2 body=n");
    let text = begun(&[
        "a > basic.qos prefetch-count=1",
        "a < basic.qos-ok",
        "a > basic.consume queue=work consumer-tag=c",
        "a < basic.consume-ok consumer-tag=c",
        &one,
        &two,
    ]);
    finds(
        "window",
        &text,
        "BROKER",
        "basic.qos.prefetch-count.01",
        &[],
    );
    let text = begun(&[
        "a > confirm.select",
        "a < confirm.select-ok",
        "a > basic.publish routing-key=work body=m",
        "a < basic.ack delivery-tag=1",
        "a < basic.ack delivery-tag=1",
    ]);
    finds(
        "confirm",
        &text,
        "BROKER",
        "confirm.all-messages-acknowledged",
        &[],
    );
}

/// Where these octets stand in others.
fn place(octets: &[u8], wanted: &[u8]) -> usize {
    let found = octets.windows(wanted.len()).position(|it| it == wanted);
    found.expect("they stand there")
}

#[test]
fn a_capture_tells_who_sent_a_frame_that_ends_wrongly_and_in_which_packet() {
    let whole = std::fs::read(CAPTURE).expect("a fixture");
    for (name, payload, side) in [
        ("select", [0, 85, 0, 10, 0, 0xCE].as_slice(), "CLIENT"),
        ("bind-ok", [0, 50, 0, 21, 0xCE].as_slice(), "BROKER"),
    ] {
        let mut octets = whole.clone();
        let end = place(&octets, payload) + payload.len() - 1;
        octets[end] = 0;
        let path = script(&format!("check-capture-{name}"), "");
        std::fs::write(&path, &octets).expect("a file can be written");
        let (status, said) = check(&path, &[]);
        assert_eq!(status, Some(1), "{said}");
        let head = format!("── THE {side} DEVIATES ─ {path}, packet");
        assert!(said.replace('\n', " ").contains(&head[..60]), "{said}");
        assert!(said.contains("FRM-01"), "{said}");
    }
}

#[test]
fn a_capture_that_begins_too_late_is_not_judged() {
    let whole = std::fs::read(CAPTURE).expect("a fixture");
    // The first packets are left out: a file's head of 24 octets, and 16 before each packet.
    let mut at = 24;
    for _ in 0..6 {
        let length = whole[at + 8..at + 12].try_into().expect("four octets");
        at += 16 + u32::from_le_bytes(length) as usize;
    }
    let path = script("check-capture-late", "");
    let late = [&whole[..24], &whole[at..]].concat();
    std::fs::write(&path, late).expect("a file can be written");
    let port = broker_port(&whole);
    let (status, said) = check(&path, &["--port", &port.to_string()]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("began before the capture"), "{said}");
}

/// The port that the first packet, on an Ethernet, is for.
fn broker_port(capture: &[u8]) -> u16 {
    let tcp = 24 + 16 + 14 + 20;
    u16::from_be_bytes([capture[tcp + 2], capture[tcp + 3]])
}
