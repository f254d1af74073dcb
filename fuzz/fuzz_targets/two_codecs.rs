//! The typed codec and the table-driven one are witnesses against each other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mqspec::dialect::amqp::{rewrite_header, rewrite_method};

fuzz_target!(|octets: &[u8]| {
    mqspec_codec::check::two_codecs(octets, rewrite_method, rewrite_header);
});
