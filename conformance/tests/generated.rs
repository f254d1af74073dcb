//! The checked-in cases of `specs/amqp-0-9-1/suite/generated/` are what the command table and the examples say.
//!
//! After a change of `specs/amqp-0-9-1/protocol.json`, of `specs/amqp-0-9-1/examples.mqs` or of a family:
//! `BLESS=1 cargo test -p mqspec --test generated`.

mod generator;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use mqspec::dialect::amqp;
use mqspec::script;
use mqspec::suite::Suite;
use mqspec_specs::protocol::Peer;

use generator::examples::Examples;

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/amqp-0-9-1")
}

fn examples() -> Examples {
    let text = fs::read_to_string(specs().join("examples.mqs")).expect("examples.mqs is readable");
    let file = script::parse("examples.mqs", &text).expect("examples.mqs is a script");
    Examples::new(&file)
}

#[test]
fn the_generated_cases_are_up_to_date() {
    let folder = specs().join("suite/generated");
    let files = generator::files(mqspec_specs::amqp_0_9_1(), &examples());
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(&folder).expect("a writable folder");
        for (name, text) in &files {
            fs::write(folder.join(name), text).expect("a writable folder");
        }
    }
    for (name, text) in &files {
        let found = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            found == *text,
            "suite/generated/{name} is not what the table and the examples say; run with BLESS=1"
        );
    }
    let expected: BTreeSet<_> = files.iter().map(|(name, _)| name.clone()).collect();
    let found: BTreeSet<_> = fs::read_dir(&folder)
        .expect("a readable folder")
        .map(|entry| {
            let name = entry.expect("a readable entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    assert_eq!(found, expected, "files in suite/generated/");
    if let Err(mistakes) = Suite::from_path(&folder, amqp::dialect()) {
        panic!("{mistakes}");
    }
}

/// What a client sends only in answer to what no broker is known to send has no example.
const UNPROVOKED: [&str; 4] = [
    "connection.secure-ok",
    "connection.close-ok",
    "channel.flow-ok",
    "basic.cancel-ok",
];

#[test]
fn every_command_of_a_client_has_an_example() {
    let examples = examples();
    for command in &mqspec_specs::amqp_0_9_1().commands {
        let wanted = command.sent_by(Peer::Client) && !UNPROVOKED.contains(&command.name.as_str());
        let has = examples.get(&command.name).is_some();
        assert_eq!(has, wanted, "example/{}", command.name);
    }
}
