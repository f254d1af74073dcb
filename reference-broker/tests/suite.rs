//! The conformance suite against this very build of the program. The suite lives above this crate, so that it is had
//! as a program that was built before: the environment variable `MQSPEC` names it. `.ci/mutants` holds mutants of
//! the broker against the suite alone in this way, and builds nothing anew but the broker.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

const TARGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../targets/reference.toml");

fn main() -> ExitCode {
    let Some(mqspec) = env::var_os("MQSPEC") else {
        println!("not run: MQSPEC names no program of the suite");
        return ExitCode::SUCCESS;
    };
    let broker = Path::new(env!("CARGO_BIN_EXE_reference-broker"));
    let folders = env::var_os("PATH").unwrap_or_default();
    let first = broker.parent().map(Path::to_owned);
    let path = env::join_paths(first.into_iter().chain(env::split_paths(&folders)))
        .expect("no folder's name holds a colon");
    // A broker that offers everything may not lose a SHOULD or a MAY either.
    let ran = Command::new(mqspec)
        .args(["run", TARGET, "--via", "process"])
        .args(["--strict", "--shuffle", "--fail-fast", "--quiet"])
        .args(
            env::var("MQSPEC_ARGUMENTS")
                .unwrap_or_default()
                .split_whitespace(),
        )
        .env("PATH", path)
        .status();
    match ran {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("MQSPEC cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
