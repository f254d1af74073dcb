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
