//! `mqspec decode`

use std::io::{BufRead, Read};
use std::path::Path;

use mqspec::decoder::model;
use mqspec::dialect::amqp::{Frame, inspect};
use mqspec::report::layout::{WIDTH, counted, folded, wrapped};

use serde_json::json;

use super::args::Decode;
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;

/// How far what a frame says is indented.
const INDENT: usize = 8;

pub fn run(asked: &Decode, output: &mut Output) -> Result<u8, Failure> {
    let Some(given) = &asked.octets else {
        return serve(output);
    };
    let octets = octets(given)?;
    if octets.is_empty() {
        return Err(Failure::usage("there are no octets to decode"));
    }
    let frames = inspect(&octets);
    for frame in &frames {
        tell(frame, output);
    }
    let read: usize = frames.iter().map(|frame| frame.length).sum();
    let paint = output.paint();
    if read < octets.len() {
        let rest = counted(octets.len() - read, "octet");
        output.line(paint.bad(format!("{read:>6}  {rest} behind it cannot be told apart")));
    }
    Ok(u8::from(frames.iter().any(|frame| frame.fault.is_some())))
}

/// A model of a decoder.
fn serve(output: &mut Output) -> Result<u8, Failure> {
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::file("standard input", &error))?;
        output.line(match digits(line.as_bytes()) {
            Some(octets) => model::answer(&octets),
            None => json!({ "error": "no hexadecimal digits" }),
        });
    }
    Ok(0)
}

/// Digits from the command line, or what a file or standard input holds: digits or octets.
fn octets(asked: &str) -> Result<Vec<u8>, Failure> {
    if asked == "-" {
        let mut octets = Vec::new();
        let read = std::io::stdin().read_to_end(&mut octets);
        read.map_err(|error| Failure::file("standard input", &error))?;
        return Ok(digits(&octets).unwrap_or(octets));
    }
    if Path::new(asked).is_file() {
        let octets = std::fs::read(asked).map_err(|error| Failure::file(asked, &error))?;
        return Ok(digits(&octets).unwrap_or(octets));
    }
    digits(asked.as_bytes()).ok_or_else(|| {
        Failure::usage(format!(
            "`{asked}` is no file, and no hexadecimal digits, two for each octet (such as 414d5150 or `41 4d`)"
        ))
    })
}

/// The octets that hexadecimal digits stand for, with blanks, colons, commas and `0x` between them as they may be.
pub fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let text = text
        .strip_prefix("hex\"")
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let mut octets = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || ":,-".contains(c)) {
        let word = word.strip_prefix("0x").unwrap_or(word);
        if word.len() % 2 != 0 {
            return None;
        }
        for pair in word.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair)
                .ok()
                .filter(|pair| !pair.contains(['+', '-']))?;
            octets.push(u8::from_str_radix(pair, 16).ok()?);
        }
    }
    Some(octets)
}

fn tell(frame: &Frame, output: &mut Output) {
    let paint = output.paint();
    let channel = frame
        .channel
        .map(|channel| format!(", channel {channel}"))
        .unwrap_or_default();
    let head = format!(
        "{}{channel}, {}",
        frame.kind,
        counted(frame.length, "octet")
    );
    output.line(format!("{:>6}  {}", frame.offset, paint.dim(head)));
    let fields: String = frame
        .fields
        .iter()
        .map(|(name, value)| format!(" {name}={}", value.to_value()))
        .collect();
    for line in folded(&format!("{}{fields}", frame.command), WIDTH - INDENT) {
        output.line(format!("{:INDENT$}{line}", ""));
    }
    let Some(fault) = &frame.fault else { return };
    let blanks = " ".repeat(INDENT);
    for line in wrapped(
        &format!("octet {}: {}", fault.offset, fault.what),
        &blanks,
        &blanks,
    ) {
        output.line(paint.bad(line));
    }
    if let Some(clause) = fault.clause.and_then(|id| dialect().clauses().get(id)) {
        let said = format!(
            "{} {} ({}): {}",
            clause.level, clause.id, clause.source, clause.text
        );
        for line in wrapped(&said, &blanks, &blanks) {
            output.line(paint.dim(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_may_be_written_in_the_usual_ways() {
        for text in [
            "01ffce",
            "01 ff ce\n",
            "0x01,0xff,0xce",
            "01:FF:CE",
            "hex\"01 ff ce\"",
        ] {
            assert_eq!(digits(text.as_bytes()), Some(vec![1, 0xff, 0xce]), "{text}");
        }
        for text in ["01f", "xyz", "+1", "AMQP"] {
            assert_eq!(digits(text.as_bytes()), None, "{text}");
        }
    }
}
