//! `mqspec serve`

use std::io::Write;
use std::net::TcpStream;

use super::support::{Running, SMALL, mqspec};

#[test]
fn a_server_tells_where_it_listens_serves_and_stops_when_told() {
    let mut server = Running::start(&["serve", "--listen", "127.0.0.1:0"]);
    let said = server.line();
    let address = said
        .strip_prefix("listening on ")
        .expect("an address")
        .to_owned();
    let ran = mqspec(&[
        "run",
        &format!("amqp://{address}"),
        "--suite",
        SMALL,
        "--only",
        "*/reply",
        "--quiet",
    ]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
    let mut open = TcpStream::connect(&address).expect("it listens");
    open.write_all(b"AMQP\0\0\x09\x01").expect("it is there");
    assert_eq!(server.signal("TERM"), (String::new(), Some(0)));
}

#[test]
fn an_address_that_is_taken_is_a_target_that_cannot_be_started() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has an address").to_string();
    let ran = mqspec(&["serve", "--listen", &address]);
    assert_eq!(ran.status, Some(3), "{}", ran.stderr);
}

#[test]
fn a_server_takes_the_options_of_the_reference_broker() {
    let ran = mqspec(&[
        "serve",
        "--user",
        "a:hush-hush",
        "--limit",
        "queues=7",
        "--print-config",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("queues = 7"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hush"), "{}", ran.stdout);
    let ran = mqspec(&["serve", "--tls-listen", "127.0.0.1:0"]);
    assert_eq!(ran.status, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("tls-cert"), "{}", ran.stderr);
}
