//! `mqspec fmt`

use std::path::{Path, PathBuf};

use mqspec::script;
use mqspec::suite::SuiteError;

use super::args::Fmt;
use super::failure::Failure;
use super::output::Output;

pub fn run(asked: &Fmt, output: &mut Output) -> Result<u8, Failure> {
    let mut files = Vec::new();
    for path in &asked.paths {
        collect(path, &mut files)?;
    }
    let mut mistakes = Vec::new();
    let mut uneven = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::file(path.display(), &error))?;
        match script::format(&path.display().to_string(), &text) {
            Ok(even) if even == text => {}
            Ok(even) => uneven.push((path, even)),
            Err(found) => mistakes.extend(found.into_iter().map(|mistake| (mistake, text.clone()))),
        }
    }
    for (path, even) in &uneven {
        if !asked.check {
            std::fs::write(path, even).map_err(|error| Failure::file(path.display(), &error))?;
        }
        output.line(path.display());
    }
    if !mistakes.is_empty() {
        return Err(SuiteError::Mistaken(mistakes).into());
    }
    Ok(u8::from(asked.check && !uneven.is_empty()))
}

/// A file as it is named; below a folder, what ends in `.mqs`.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(path.display(), &error);
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut inside: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    inside.sort();
    for path in inside {
        if path.is_dir() || path.extension().is_some_and(|end| end == "mqs") {
            collect(&path, files)?;
        }
    }
    Ok(())
}
