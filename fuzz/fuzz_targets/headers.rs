//! Content headers and their properties come out as they went in.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| mqspec_codec::check::headers(octets));
