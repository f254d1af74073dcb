//! A stream says the same however it is cut into pieces.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| mqspec_codec::check::splits(octets));
