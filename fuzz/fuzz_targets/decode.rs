//! Any octets are decoded or refused.

#![no_main]

use allocation_counter::measure;
use libfuzzer_sys::fuzz_target;
use mqspec_codec::check;

fuzz_target!(|octets: &[u8]| check::decode_any(octets, |work| measure(work).bytes_total));
