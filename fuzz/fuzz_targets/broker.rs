//! Whatever several clients do, and however often the broker is started again, what it says adds up.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use reference_broker::check;

fuzz_target!(|octets: &[u8]| check::operations(octets));

fuzz_mutator!(|octets: &mut [u8], size: usize, most: usize, seed: u32| {
    check::mutate(&mut octets[..most], size, seed)
        .unwrap_or_else(|| fuzzer_mutate(octets, size, most))
});
