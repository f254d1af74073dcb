//! The suite's codec and the reference broker's are witnesses against each other (the fuzz target of the same name).

use std::fs;
use std::path::Path;

use mqspec::dialect::amqp::{rewrite_header, rewrite_method};
use mqspec_codec::check;

#[test]
fn both_codecs_read_the_same_out_of_the_seeds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for target in ["decode", "headers", "peer", "round_trip", "two_codecs"] {
        let folder = corpus.join(target);
        let seeds = fs::read_dir(&folder).expect("the seeds are committed");
        let mut count = 0;
        for seed in seeds {
            let octets = fs::read(seed.expect("a readable entry").path()).expect("a readable seed");
            check::two_codecs(&octets, rewrite_method, rewrite_header);
            count += 1;
        }
        assert!(count > 5, "{count} seeds in {}", folder.display());
    }
}
