//! `mqspec targets`

use mqspec::target;

use super::failure::Failure;
use super::output::Output;

pub fn run(output: &mut Output) -> Result<u8, Failure> {
    for name in target::names() {
        output.line(name);
    }
    Ok(0)
}
