//! The committed seeds of the fuzz target `script`, sent through what it asserts.

use std::fs;
use std::path::Path;

use mqspec::dialect::amqp::dialect;
use mqspec::script::laws;

#[test]
fn the_laws_hold_for_the_seeds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/script");
    let mut count = 0;
    for seed in fs::read_dir(&folder).expect("the seeds are committed") {
        let octets = fs::read(seed.expect("a readable entry").path()).expect("a readable seed");
        // As the fuzzer does: the text goes as far as the octets are one.
        let text = octets
            .utf8_chunks()
            .next()
            .map_or("", |chunk| chunk.valid());
        laws::any_text(text, dialect());
        count += 1;
    }
    assert!(count > 40, "{count} seeds in {}", folder.display());
}
