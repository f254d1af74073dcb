//! `mqspec check`

use std::path::Path;

use mqspec::dialect::{Secrets, World};
use mqspec::record::{
    ReadError, Recording, Teller, capture, is_capture, judge, read, report, told,
};
use mqspec::suite::SuiteError;

use super::args::Check;
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;
use super::sink::Sink;

pub fn run(asked: &Check, output: &mut Output) -> Result<u8, Failure> {
    let json = asked.json.as_deref().map(|path| Sink::open("--json", path));
    let json = json.transpose()?;
    if json.as_ref().is_some_and(Sink::is_stdout) {
        output.give_way();
    }
    for id in &asked.ignore {
        if dialect().clauses().get(id).is_none() {
            return Err(Failure::usage(format!(
                "no clause is called `{id}`\n  `mqspec coverage` lists them"
            )));
        }
    }
    let mut recordings = Vec::new();
    for file in &asked.files {
        recordings.extend(recordings_in(file, asked)?);
    }
    let world = match asked.alone {
        true => World::Alone,
        false => World::Shared,
    };
    let secrets = match asked.keep_secrets {
        true => Secrets::Kept,
        false => Secrets::Masked,
    };
    let mut breached = false;
    let mut all = Vec::new();
    for (index, (unit, recording)) in recordings.iter().enumerate() {
        let verdict = judge(recording, dialect(), world, &asked.ignore);
        let teller = Teller {
            dialect: dialect(),
            paint: output.paint(),
            verbose: asked.verbose,
            unit,
            secrets,
        };
        breached |= !verdict.breaches.is_empty();
        breached |= asked.strict && !verdict.warnings.is_empty();
        if index > 0 {
            output.line("");
        }
        for line in report(recording, &verdict, &teller) {
            output.line(line);
        }
        if json.is_some() {
            let value = serde_json::to_value(told(recording, &verdict, &teller));
            all.push(value.map_err(|error| Failure::usage(error.to_string()))?);
        }
    }
    if let Some(sink) = json {
        let whole = serde_json::json!({ "schema": 1, "recordings": all });
        sink.write(&format!("{whole:#}\n"), output)?;
    }
    Ok(u8::from(breached))
}

/// The recordings in a file, each with what its places are called.
fn recordings_in(file: &str, asked: &Check) -> Result<Vec<(&'static str, Recording)>, Failure> {
    let octets = std::fs::read(Path::new(file)).map_err(|error| Failure::file(file, &error))?;
    if is_capture(&octets) {
        let recording = capture(file, &octets, asked.port, dialect());
        let recording = recording.map_err(|error| Failure::usage(format!("{file}: {error}")))?;
        if recording.parties.is_empty() && recording.remarks.is_empty() {
            return Err(Failure::usage(format!(
                "{file} holds no TCP connection: was it captured on the right interface?"
            )));
        }
        return Ok(vec![("packet", recording)]);
    }
    let Ok(text) = String::from_utf8(octets) else {
        return Err(Failure::usage(format!(
            "{file} is no recording: a script that `mqspec record` wrote is expected, or a capture (pcap, pcapng)"
        )));
    };
    match read(file, &text, dialect()) {
        Ok(recordings) if recordings.is_empty() => Err(Failure::usage(format!(
            "{file} holds no recording: no case stands in it"
        ))),
        Ok(recordings) => Ok(recordings.into_iter().map(|it| ("line", it)).collect()),
        Err(ReadError::Notation(mistakes)) => {
            let mistakes = mistakes.into_iter().map(|it| (it, text.clone())).collect();
            Err(SuiteError::Mistaken(mistakes).into())
        }
        Err(error) => Err(Failure::usage(error.to_string())),
    }
}
