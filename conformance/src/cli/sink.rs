//! What a run writes into files. All of it is proved writable before the run begins.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use mqspec::report;
use mqspec::run::{CaseReport, RunReport};

use super::failure::Failure;
use super::output::Output;

/// Where the JSON report goes.
#[derive(Debug)]
pub enum JsonSink {
    Nowhere,
    Stdout,
    File(String, File),
}

impl JsonSink {
    /// Opens the file. What it holds stays until there is something better.
    pub fn open(path: Option<&str>) -> Result<JsonSink, Failure> {
        let path = match path {
            None => return Ok(JsonSink::Nowhere),
            Some("-") => return Ok(JsonSink::Stdout),
            Some(path) => path,
        };
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        match opened {
            Ok(file) => Ok(JsonSink::File(path.to_owned(), file)),
            Err(error) => Err(Failure::usage(format!("--json {path}: {error}"))),
        }
    }

    /// Writes the report.
    pub fn write(self, report: &RunReport, output: &mut Output) -> Result<(), Failure> {
        let text = || {
            let text = report::json(report);
            text.map_err(|error| Failure::usage(format!("the report cannot be written: {error}")))
        };
        match self {
            JsonSink::Nowhere => {}
            JsonSink::Stdout => output.print_data(&text()?),
            JsonSink::File(path, mut file) => {
                let text = text()?;
                let written = file
                    .set_len(0)
                    .and_then(|()| file.rewind())
                    .and_then(|()| file.write_all(text.as_bytes()));
                written.map_err(|error| Failure::file(path, &error))?;
            }
        }
        Ok(())
    }
}

/// Where each case's exchange goes.
#[derive(Debug)]
pub struct Transcripts(PathBuf);

impl Transcripts {
    /// Makes the folder.
    pub fn open(folder: Option<&Path>) -> Result<Option<Transcripts>, Failure> {
        let Some(folder) = folder else {
            return Ok(None);
        };
        match fs::create_dir_all(folder) {
            Ok(()) => Ok(Some(Transcripts(folder.to_owned()))),
            Err(error) => Err(Failure::usage(format!(
                "--transcripts {}: {error}",
                folder.display()
            ))),
        }
    }

    /// Writes the exchange of a case that had one.
    pub fn write(&self, case: &CaseReport) -> Result<(), Failure> {
        if case.transcript.is_empty() {
            return Ok(());
        }
        let path = self.path(&case.id);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| fs::write(&path, format!("{}\n", case.transcript)));
        written.map_err(|error| Failure::file(path.display(), &error))
    }

    /// The file of a case: its id with `.mqs` behind it, below the folder and nowhere else.
    fn path(&self, id: &str) -> PathBuf {
        let words: Vec<&str> = id
            .split('/')
            .filter(|word| !word.chars().all(|c| c == '.'))
            .collect();
        self.0.join(format!("{}.mqs", words.join("/")))
    }
}
