//! Every frame comes back as it went out.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| mqspec_codec::check::round_trip(octets));
