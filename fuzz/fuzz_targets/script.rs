//! Any text is a script or is not, and what is printed reads as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mqspec::dialect::amqp::dialect;
use mqspec::script::laws;

fuzz_target!(|text: &str| laws::any_text(text, dialect()));
