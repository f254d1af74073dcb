//! `mqspec record`

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;

use super::support::{Running, SMALL, folder, mqspec, nobody, server};

/// The proxy, where it listens, and where its script goes.
fn proxy(name: &str, to: &str, more: &[&str]) -> (Running, String, String) {
    let script = folder(name).join("recorded.mqs").display().to_string();
    let mut arguments = vec![
        "record",
        "--listen",
        "127.0.0.1:0",
        "--to",
        to,
        "--out",
        &script,
    ];
    arguments.extend(more);
    let mut proxy = Running::start(&arguments);
    let said = proxy.line();
    let address = said.strip_prefix("listening on ").expect("an address");
    let address = address.split(',').next().expect("it is first").to_owned();
    (proxy, address, script)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(path).expect("it was written")
}

/// Everything that comes until the end, however that is.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut all);
    all
}

/// Runs the small suite through a proxy to the reference broker.
fn recorded(name: &str, more: &[&str]) -> (String, String) {
    let (mut proxy, address, script) = proxy(name, "reference", more);
    let url = format!("amqp://{address}");
    let ran = mqspec(&[
        "run",
        &url,
        "--suite",
        SMALL,
        "--only",
        "queue.declare/reply",
        "--quiet",
    ]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
    let (said, status) = proxy.signal("INT");
    assert_eq!(status, Some(0), "{said}");
    (text(&script), said)
}

#[test]
fn what_passes_by_is_a_script_that_passes_and_is_clean() {
    let (script, said) = recorded("record-run", &[]);
    assert!(said.contains("commands recorded"), "{said}");
    assert!(script.contains("a > protocol-header"), "{script}");
    assert!(script.contains("> queue.declare queue="), "{script}");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-record-run/recorded.mqs");
    let path = path.display().to_string();
    let ran = mqspec(&["run", "--suite", &path, "--quiet"]);
    assert_eq!(ran.status, Some(0), "{}{}{script}", ran.stdout, ran.stderr);
    let ran = mqspec(&["check", &path]);
    assert_eq!(ran.status, Some(0), "{}{}{script}", ran.stdout, ran.stderr);
}

#[test]
fn a_password_is_written_only_if_somebody_wants_it() {
    let (script, _) = recorded("record-masked", &[]);
    assert!(script.contains("response=$response"), "{script}");
    assert!(!script.contains("guest\\0guest"), "{script}");
    let (script, _) = recorded("record-kept", &["--keep-secrets"]);
    assert!(script.contains("response=\"\\0guest\\0guest\""), "{script}");
}

#[test]
fn every_form_of_a_login_is_masked() {
    // A login table, and one in a frame whose end is wrong.
    let table = b"\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x07hush-77";
    for (mechanism, response, end) in [
        ("AMQPLAIN", &table[..], 0xCE),
        ("PLAIN", b"\0guest\0hush-77", 0xCE),
        ("AMQPLAIN", &table[..], 0),
        ("STRANGE", b"hush-77", 0xCE),
    ] {
        let mut payload = vec![0, 10, 0, 11, 0, 0, 0, 0, mechanism.len() as u8];
        payload.extend(mechanism.as_bytes());
        payload.extend((response.len() as u32).to_be_bytes());
        payload.extend(response);
        payload.extend(b"\x05en_US");
        let mut frame = vec![1, 0, 0];
        frame.extend((payload.len() as u32).to_be_bytes());
        frame.extend(payload);
        frame.push(end);
        let (mut proxy, address, script) =
            proxy("record-login", "reference", &["--connections", "1"]);
        let mut client = TcpStream::connect(&address).expect("it listens");
        client.write_all(b"AMQP\0\0\x09\x01").expect("it is there");
        let mut head = [0; 7];
        client.read_exact(&mut head).expect("a greeting");
        client.write_all(&frame).expect("it is there");
        client.shutdown(Shutdown::Write).expect("it is there");
        rest(&mut client);
        proxy.finish();
        let script = text(&script);
        assert!(script.contains("start-ok"), "{script}");
        assert!(!script.contains("hush-77"), "{script}");
        assert!(!script.contains("68 75 73 68"), "{script}");
    }
}

#[test]
fn octets_are_passed_on_as_they_are_and_so_are_the_ends_of_both_halves() {
    let echo = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).expect("the half is ended");
        stream.write_all(&all).expect("the other half is open");
    });
    let to = format!("amqp://{echo}");
    let (mut proxy, address, script) = proxy("record-echo", &to, &["--connections", "1"]);
    let mut client = TcpStream::connect(&address).expect("it listens");
    let octets: Vec<u8> = (0..200_000u32).map(|n| (n * 7 % 251) as u8).collect();
    client.write_all(&octets).expect("it is there");
    client.shutdown(Shutdown::Write).expect("it is there");
    assert!(rest(&mut client) == octets, "the octets differ");
    proxy.finish();
    let script = text(&script);
    assert!(script.contains("a > raw data="), "{script}");
    assert!(
        script.contains("a > eof") && script.contains("a < eof"),
        "{script}"
    );
}

#[test]
fn a_broker_that_is_away_ends_the_clients_connection_and_that_is_noted() {
    let to = format!("amqp://{}", nobody());
    let (mut proxy, address, script) = proxy("record-away", &to, &["--connections", "1"]);
    let mut client = TcpStream::connect(&address).expect("it listens");
    assert_eq!(rest(&mut client), b"");
    let said = proxy.finish();
    assert!(said.contains("could not be reached"), "{said}");
    assert!(
        text(&script).contains("could not be reached"),
        "{}",
        text(&script)
    );
}

#[test]
fn an_address_that_is_taken_is_told_with_a_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has an address").to_string();
    let ran = mqspec(&["record", "--listen", &address, "--to", "reference"]);
    assert_eq!(ran.status, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("port 0"), "{}", ran.stderr);
}

#[test]
fn there_is_a_picture_and_a_sum_for_a_program() {
    let folder = folder("record-more");
    let path = |name: &str| folder.join(name).display().to_string();
    let more = ["--diagram", &path("picture"), "--json", &path("sum.json")];
    recorded("record-more-script", &more);
    assert!(text(&path("picture")).contains("queue.declare"));
    let sum: serde_json::Value = serde_json::from_str(&text(&path("sum.json"))).expect("JSON");
    assert_eq!(sum["sum"]["connections"][0]["name"], "a");
}
