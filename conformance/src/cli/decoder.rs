//! `mqspec decoder`

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use mqspec::corpus::export::hex;
use mqspec::decoder::{
    Form, Judgement, Plan, Program, Report, SessionError, one, run as hold, tell,
};
use serde_json::json;

use super::args::Decoder;
use super::decode::digits;
use super::failure::Failure;
use super::output::Output;

/// How many generated frames there are unless somebody says otherwise.
const COUNT: usize = 10_000;
/// How often progress is shown.
const BEAT: Duration = Duration::from_millis(250);

pub fn run(asked: &Decoder, output: &mut Output) -> Result<u8, Failure> {
    let form = if asked.binary {
        Form::Binary
    } else {
        Form::Hex
    };
    let patience = Duration::from_secs(asked.timeout);
    let mut program = Program::new(&asked.command, form, patience);
    let paint = output.paint();
    if let Some(text) = &asked.only {
        let Some(octets) = digits(text.as_bytes()).filter(|octets| !octets.is_empty()) else {
            return Err(Failure::usage(format!(
                "`{text}` is no frame: hexadecimal digits are wanted, two for each octet (such as 0800000000 0000ce)"
            )));
        };
        let (expected, reply, judgement) =
            one(&mut program, &octets).map_err(|error| refuse(error, asked))?;
        for line in tell::one(&octets, &expected, &reply, &judgement, paint) {
            output.line(line);
        }
        return Ok(u8::from(matches!(judgement, Judgement::Finding(_))));
    }
    let plan = Plan {
        seed: asked.seed,
        count: asked
            .count
            .or_else(|| asked.time.is_none().then_some(COUNT)),
        time: asked.time,
    };
    let report = hold(&mut program, plan, &mut progress()).map_err(|error| refuse(error, asked))?;
    if let Some(file) = &asked.json {
        write(file, &report, asked, output)?;
    }
    for line in tell::report(&report, &spelled(&asked.command), paint) {
        output.line(line);
    }
    Ok(u8::from(!report.findings.is_empty()))
}

/// Shows on a terminal how far it is.
fn progress() -> impl FnMut(usize, usize) -> bool {
    let shown = std::io::stderr().is_terminal();
    let mut last = Instant::now();
    move |frames, findings| {
        if shown && last.elapsed() >= BEAT {
            last = Instant::now();
            eprint!("\r{frames} frames, {findings} findings\x1b[K\r");
        }
        true
    }
}

/// The command line as a shell takes it.
fn spelled(command: &[String]) -> String {
    let plain = |word: &String| {
        word.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c))
    };
    let words = command
        .iter()
        .map(|word| match plain(word) && !word.is_empty() {
            true => word.clone(),
            false => format!("'{}'", word.replace('\'', "'\\''")),
        });
    words.collect::<Vec<_>>().join(" ")
}

fn refuse(error: SessionError, asked: &Decoder) -> Failure {
    let name = &asked.command[0];
    match error {
        SessionError::NotStarted(error) => {
            Failure::target(format!("`{name}` cannot be started: {error}"))
        }
        SessionError::NoDecoder(what) => Failure::usage(format!(
            "`{name}` does not answer as a decoder has to: {what}\n  \
             It has to read frames from standard input, {}, and print\n  \
             one line for each: {{\"ok\": {{\"type\": \"heartbeat\", \"channel\": 0}}}} or {{\"error\": \"why\"}}.\n  \
             `mqspec decoder --help` and docs/decoder.md tell the rest.",
            if asked.binary {
                "each behind four octets of length"
            } else {
                "a line of hexadecimal digits each"
            }
        )),
        SessionError::Suite(error) => error.into(),
    }
}

fn write(file: &str, report: &Report, asked: &Decoder, output: &mut Output) -> Result<(), Failure> {
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|found| {
            json!({
                "title": tell::title(found),
                "clauses": tell::clauses(found),
                "frame": hex(&found.octets),
                "what": found.what,
                "others": found.others,
                "detail": format!("{:?}", found.kind),
            })
        })
        .collect();
    let choices: Vec<_> = report
        .choices
        .iter()
        .map(
            |choice| json!({"clause": choice.clause, "what": choice.what, "frames": choice.frames}),
        )
        .collect();
    let counted =
        |(asked, agreed): (usize, usize)| json!({"asked": asked, "as-the-text-says": agreed});
    let value = json!({
        "schema": 1,
        "command": asked.command,
        "seed": asked.seed,
        "vectors": counted(report.vectors),
        "generated": counted(report.generated),
        "findings": findings,
        "choices": choices,
        "skipped": report.skipped,
        "never-told": report.silent,
    });
    let text = format!("{value:#}\n");
    if file == "-" {
        output.print_data(&text);
        output.give_way();
        return Ok(());
    }
    std::fs::write(file, text).map_err(|error| Failure::file(file, &error))
}
