//! This codec and the one of `lapin` agree but for what is known.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mqspec_codec::check::peer::peer;

fuzz_target!(|octets: &[u8]| drop(peer(octets)));
