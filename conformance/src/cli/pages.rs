//! `mqspec completions` and `mqspec man`: what a package installs beside the program.

use clap::CommandFactory;

use super::args::{Arguments, Completions, Man};
use super::failure::Failure;
use super::output::Output;

/// The script of a shell that completes commands, options and their values.
pub fn completions(asked: &Completions, output: &mut Output) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        asked.shell,
        &mut Arguments::command(),
        "mqspec",
        &mut script,
    );
    output.print_data(&String::from_utf8_lossy(&script));
    Ok(0)
}

/// A page for the program, and one for each of its commands.
pub fn man(asked: &Man, output: &mut Output) -> Result<u8, Failure> {
    let folder = &asked.folder;
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder));
    written.map_err(|error| Failure::file(folder.display(), &error))?;
    output.line(format!(
        "the pages are in {0}: man {0}/mqspec.1",
        folder.display()
    ));
    Ok(0)
}
