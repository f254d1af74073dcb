//! Makes cargo embed the scripts again when one is added or changed.

fn main() {
    println!("cargo::rerun-if-changed=amqp-0-9-1");
}
