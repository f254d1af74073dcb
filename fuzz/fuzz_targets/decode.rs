//! Any octets are decoded or refused, all at once as octet by octet.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| mqspec_codec::check::decode_any(octets));
