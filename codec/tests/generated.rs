//! The checked-in sources of `src/generated/` are what the command table says.
//!
//! After a change of `specs/amqp-0-9-1/protocol.json`:
//! `BLESS=1 cargo test -p mqspec-codec --test generated`.

mod generator;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use generator::Protocol;

#[test]
fn the_generated_sources_are_up_to_date() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let json = fs::read_to_string(here.join("../specs/amqp-0-9-1/protocol.json"))
        .expect("protocol.json is readable");
    let folder = here.join("src/generated");
    let sources = Protocol::parse(&json).sources();
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(folder.join("wire")).expect("a writable folder");
        for (name, source) in &sources {
            fs::write(folder.join(name), source).expect("a writable folder");
        }
    }
    for (name, source) in &sources {
        let found = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            found == *source,
            "src/generated/{name} is not what protocol.json says; run with BLESS=1"
        );
    }
    let expected: BTreeSet<_> = sources.iter().map(|(name, _)| name.clone()).collect();
    let mut found = BTreeSet::from_iter(files(&folder, ""));
    found.extend(files(&folder.join("wire"), "wire/"));
    assert_eq!(found, expected, "files in src/generated/");
}

/// The names of the files in a folder, as they are generated.
fn files(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a readable folder");
    let files = entries
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.is_file());
    let name = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        format!("{prefix}{name}")
    };
    files.map(name).collect()
}
