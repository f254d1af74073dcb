//! The broker under sequences of operations: those that the fuzz target's corpus keeps, and as many that look random.

use std::path::Path;
use std::{env, fs};

use reference_broker::check;

/// Sequences that look random; `MQSPEC_ROUNDS` asks for another number.
const ROUNDS: u64 = 100;

fn number(name: &str, default: u64) -> u64 {
    let text = env::var(name).ok();
    text.map_or(default, |text| text.parse().expect(name))
}

#[test]
fn the_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/broker");
    let mut seeds: Vec<_> = fs::read_dir(&corpus)
        .unwrap_or_else(|error| panic!("{}: {error}", corpus.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "no seeds in {}", corpus.display());
    for seed in seeds {
        println!("{}", seed.display());
        check::operations(&fs::read(&seed).expect("a seed"));
    }
}

/// What the fuzzer has found, or anything else: `MQSPEC_SEQUENCE=FILE`.
#[test]
fn the_sequence_that_is_asked_for_holds() {
    if let Some(file) = env::var_os("MQSPEC_SEQUENCE") {
        check::operations(&fs::read(file).expect("MQSPEC_SEQUENCE"));
    }
}

#[test]
fn whatever_is_asked_of_it_the_broker_stays_whole() {
    let first = number("MQSPEC_SEED", 1);
    for seed in first..first + number("MQSPEC_ROUNDS", ROUNDS) {
        println!("MQSPEC_SEED={seed} MQSPEC_ROUNDS=1");
        check::operations(&check::made_up(seed, check::MOST));
    }
}
