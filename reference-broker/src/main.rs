//! The reference broker as a program.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use reference_broker::options::Options;
use reference_broker::program::{self, ProgramError};
use reference_broker::users::PasswordHash;

/// A small, exact AMQP 0-9-1 broker.
///
/// Prints `listening on ADDRESS:PORT` for each address once it listens. SIGUSR1 raises the resource alarm, SIGUSR2 clears
/// it: `alarm raised` or `alarm cleared` is printed when that holds for whatever a client sends from then on. SIGINT and
/// SIGTERM end the program, after it has taken leave of its clients.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read a password from standard input and print its hash, for `--user` or a configuration file
    HashPassword,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { command, options } = Arguments::parse();
    let done = match command {
        Some(Command::HashPassword) => hash_password().map_err(|error| (1, error.to_string())),
        None => {
            let served = program::run(options, |line| println!("{line}")).await;
            served.map_err(|error| (status(&error), error.to_string()))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err((status, error)) => {
            eprintln!("error: {error}");
            status.into()
        }
    }
}

/// As clap has it, 2 is for wrong usage.
fn status(error: &ProgramError) -> u8 {
    if error.is_usage() { 2 } else { 1 }
}

/// The password is the first line, without its end.
fn hash_password() -> io::Result<()> {
    let input = io::stdin();
    if input.is_terminal() {
        eprint!("password (it shows as you type): ");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(io::Error::other("no password came on standard input"));
    }
    writeln!(io::stdout(), "{}", PasswordHash::new(password).as_str())
}
