//! Nothing: what the fuzzer itself costs, as the yardstick of the others.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|_octets: &[u8]| {});
