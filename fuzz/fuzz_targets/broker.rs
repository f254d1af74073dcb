//! Whatever several clients do, and however often the broker is started again, what it says adds up.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| reference_broker::check::operations(octets));
