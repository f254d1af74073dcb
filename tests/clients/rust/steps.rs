#![allow(dead_code)]
//! What a program tells the runner: its client's version, each step that it has shown, each that it cannot show.

use std::process::{Command, Stdio};

/// The begin of every name that is not the broker's own.
pub const PREFIX: &str = "mqspec-clients-";

const LOCK: &str = include_str!("../../../Cargo.lock");

/// Prints the version of a crate that this program was built with.
pub fn version(name: &str) {
    let package = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = LOCK.split_once(&package).expect("a locked crate");
    let (version, _) = rest.split_once('"').expect("a version");
    println!("version {version}");
}

pub fn step(name: &str) {
    println!("step {name}");
}

pub fn without(name: &str, reason: &str) {
    println!("without {name}: {reason}");
}

/// The broker's URL.
pub fn url() -> String {
    std::env::var("AMQP_URL").expect("AMQP_URL")
}

/// The URL with a password that is nobody's.
pub fn url_with_wrong_password() -> String {
    let url = url();
    let (_, host) = url.split_once('@').expect("a URL with a user");
    format!("amqp://guest:wrong@{host}")
}

/// Whether the broker can be made short of resources.
pub fn can_alarm() -> bool {
    ["ALARM_ON", "ALARM_OFF"]
        .iter()
        .all(|name| std::env::var_os(name).is_some())
}

/// Makes the broker short of resources, or ends that.
pub fn alarm(on: bool) {
    let name = if on { "ALARM_ON" } else { "ALARM_OFF" };
    let status = Command::new("sh")
        .args(["-c", &std::env::var(name).expect(name)])
        .stdout(Stdio::null())
        .status()
        .expect("sh");
    assert!(status.success(), "{name}: {status}");
}

/// 200 KiB: more than a frame holds.
pub fn large() -> Vec<u8> {
    (0..200 * 1024).map(|place| place as u8).collect()
}
