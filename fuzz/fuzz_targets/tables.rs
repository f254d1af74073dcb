//! Tables and arrays come out as they went in.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| mqspec_codec::check::tables(octets));
