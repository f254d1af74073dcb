//! `mqspec diff --accept`

use std::path::Path;

use mqspec::oracle::accept::{self, AcceptError};
use mqspec::target;

use super::args::Accept;
use super::failure::Failure;
use super::output::Output;

/// Puts a difference where it is to be from now on.
pub fn run(found: &Path, asked: &Accept, output: &mut Output) -> Result<u8, Failure> {
    let Some(into) = &asked.into else {
        return Err(Failure::usage("say with --into where the difference goes"));
    };
    let text = read(found)?;
    let name = found.display().to_string();
    let refuse = |error: AcceptError| Failure::usage(error.to_string());
    let known = match std::fs::read_to_string(into) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.map_err(|error| Failure::file(into.display(), &error))?),
    };
    let goes_to = into.display().to_string();
    let new = match into.extension().and_then(|it| it.to_str()) {
        Some("mqs") => {
            let old = known.unwrap_or_default();
            accept::into_suite((&name, &text), (&goes_to, &old)).map_err(refuse)?
        }
        Some("toml") => {
            let (Some(reason), Some(source)) = (&asked.reason, &asked.source) else {
                return Err(Failure::usage(
                    "a target's file says of each difference why it is there and where that is written: give --reason \
                     and --source",
                ));
            };
            let Some(old) = known else {
                return Err(Failure::usage(format!(
                    "{goes_to} does not exist: `mqspec target new` writes a target's file"
                )));
            };
            let section = accept::into_target((&name, &text), asked.left_is_target, reason, source)
                .map_err(refuse)?;
            format!("{}\n{section}", old.trim_end())
        }
        _ => {
            return Err(Failure::usage(format!(
                "{goes_to} is neither a script (.mqs) nor a target's file (.toml)"
            )));
        }
    };
    std::fs::write(into, &new).map_err(|error| Failure::file(into.display(), &error))?;
    if into.extension().is_some_and(|it| it == "toml") {
        // Whoever reads it next is to find it in order.
        target::examine(&target::Request {
            target: Some(goes_to.clone()),
            ..Default::default()
        })?;
    }
    output.line(format!("{goes_to} has it now"));
    Ok(0)
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::file(path.display(), &error))
}
