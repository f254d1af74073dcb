//! `mqspec serve`

use reference_broker::program::{self, ProgramError};

use super::args::Serve;
use super::failure::Failure;
use super::output::Output;
use super::runtime;

pub fn run(asked: &Serve, output: &mut Output) -> Result<u8, Failure> {
    let served = program::run(asked.options.clone(), |line| output.line(line));
    match runtime()?.block_on(served) {
        Ok(()) => Ok(0),
        Err(error) if ProgramError::is_usage(&error) => Err(Failure::usage(error.to_string())),
        Err(error) => Err(Failure::target(error.to_string())),
    }
}
