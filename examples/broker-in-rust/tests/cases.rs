//! One test per case. `cargo test --test cases -- --list` lists them; a word behind `--` chooses among them, and
//! `--exact` takes one.

use std::process::ExitCode;

use broker_in_rust::Broker;

fn main() -> ExitCode {
    let broker = match Broker::start() {
        Ok(broker) => broker,
        Err(error) => {
            eprintln!("the broker does not start: {error}");
            return ExitCode::from(2);
        }
    };
    mqspec::suite()
        .target(broker.url())
        .known(concat!(env!("CARGO_MANIFEST_DIR"), "/known.toml"))
        // Without these two lines it is the whole suite.
        .only("queue.*")
        .only("tx.*")
        .cargo_test()
}
