//! What a run writes into files. All of it is proved writable before the run begins.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use mqspec::report::{self, Format};
use mqspec::run::{CaseReport, RunReport};
use mqspec::suite::Suite;

use super::args::Files;
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;

/// Where one text goes.
#[derive(Debug)]
pub struct Sink {
    /// The option that asked for it.
    option: &'static str,
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout,
    File(PathBuf, File),
}

impl Sink {
    /// Opens the file; `-` is standard output. What a file holds stays until there is something better.
    pub fn open(option: &'static str, path: &str) -> Result<Sink, Failure> {
        if path == "-" {
            return Ok(Sink {
                option,
                to: To::Stdout,
            });
        }
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        match opened {
            Ok(file) => Ok(Sink {
                option,
                to: To::File(path.into(), file),
            }),
            Err(error) => Err(Failure::usage(format!("{option} {path}: {error}"))),
        }
    }

    pub fn is_stdout(&self) -> bool {
        matches!(self.to, To::Stdout)
    }

    /// Writes the text in place of what was there.
    pub fn write(self, text: &str, output: &mut Output) -> Result<(), Failure> {
        match self.to {
            To::Stdout => output.print_data(text),
            To::File(path, mut file) => {
                // A pipe or a device has nothing that could be taken away.
                let plain = file.metadata().is_ok_and(|about| about.is_file());
                let emptied = match plain {
                    true => file.set_len(0).and_then(|()| file.rewind()),
                    false => Ok(()),
                };
                let written = emptied.and_then(|()| file.write_all(text.as_bytes()));
                written.map_err(|error| Failure::file(path.display(), &error))?;
            }
        }
        Ok(())
    }

    /// Refuses that two texts go to the same place.
    pub fn apart<'a>(sinks: impl Iterator<Item = &'a Sink>) -> Result<(), Failure> {
        let mut seen: Vec<(PathBuf, &str)> = Vec::new();
        for sink in sinks {
            let path = match &sink.to {
                To::Stdout => PathBuf::from("-"),
                // `/dev/null` and the like take everything.
                To::File(_, file) if !file.metadata().is_ok_and(|about| about.is_file()) => {
                    continue;
                }
                To::File(path, _) => path.canonicalize().unwrap_or_else(|_| path.clone()),
            };
            if let Some((_, other)) = seen.iter().find(|(there, _)| *there == path) {
                let place = match sink.is_stdout() {
                    true => "standard output".to_owned(),
                    false => path.display().to_string(),
                };
                let said = format!("{} and {other} both write to {place}", sink.option);
                return Err(Failure::usage(said));
            }
            seen.push((path, sink.option));
        }
        Ok(())
    }
}

/// Everything that a run writes about itself.
#[derive(Debug)]
pub struct Sinks {
    json: Option<Sink>,
    formats: Vec<(Format, Sink)>,
}

impl Sinks {
    /// Opens what is asked for.
    pub fn open(json: Option<&str>, files: &Files) -> Result<Sinks, Failure> {
        let asked = [
            (Format::Html, "--html", &files.html),
            (Format::Junit, "--junit", &files.junit),
            (Format::Tap, "--tap", &files.tap),
            (Format::Markdown, "--markdown", &files.markdown),
            (Format::Annotations, "--annotations", &files.annotations),
            (Format::Badge, "--badge", &files.badge),
        ];
        let json = json.map(|path| Sink::open("--json", path)).transpose()?;
        let mut formats = Vec::new();
        for (format, option, path) in asked {
            if let Some(path) = path {
                formats.push((format, Sink::open(option, path)?));
            }
        }
        let sinks = Sinks { json, formats };
        Sink::apart(sinks.all())?;
        Ok(sinks)
    }

    fn all(&self) -> impl Iterator<Item = &Sink> {
        let formats = self.formats.iter().map(|(_, sink)| sink);
        self.json.iter().chain(formats)
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Whether standard output holds something for a program.
    pub fn take_stdout(&self) -> bool {
        self.all().any(Sink::is_stdout)
    }

    /// Writes all of it. What cannot be written does not keep the rest from being written. A comparison brings Markdown
    /// of its own.
    pub fn write(
        self,
        reports: &[RunReport],
        suite: &Suite,
        comparison: Option<&str>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let mut done = Ok(());
        if let Some(sink) = self.json {
            done = json(reports).and_then(|text| sink.write(&text, output));
        }
        for (format, sink) in self.formats {
            let text = match (format, comparison) {
                (Format::Markdown, Some(text)) => Ok(text.to_owned()),
                _ => format.text(reports, suite, dialect()),
            };
            let text = text.map_err(|error| Failure::usage(error.to_string()));
            done = done.and(text.and_then(|text| sink.write(&text, output)));
        }
        done
    }
}

/// One report as an object, several as an array.
fn json(reports: &[RunReport]) -> Result<String, Failure> {
    let text = match reports {
        [report] => report::json(report),
        reports => report::json(&reports),
    };
    text.map_err(|error| Failure::usage(format!("the report cannot be written: {error}")))
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
