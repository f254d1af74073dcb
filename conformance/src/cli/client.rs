//! `mqspec client`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use globset::Glob;
use mqspec::client::report::CaseResult;
use mqspec::client::session::{PlayError, Program, play};
use mqspec::client::{
    ClientCase, ClientReport, SCHEMA, cases, closing, failure, judged, known, matrix, parse,
};
use mqspec::dialect::{Dialect, amqp};
use mqspec::run::Verdict;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::args::Client;
use super::failure::Failure;
use super::output::Output;
use super::runtime;

pub fn run(asked: &Client, output: &mut Output) -> Result<u8, Failure> {
    let dialect: &'static dyn Dialect = amqp::dialect();
    if !asked.table.is_empty() {
        let reports: Vec<ClientReport> = asked.table.iter().map(read).collect::<Result<_, _>>()?;
        output.print(&matrix(&reports, dialect));
        return Ok(0);
    }
    let chosen = chosen(asked, dialect)?;
    if asked.list {
        for case in &chosen {
            output.line(format!("{:<44} {:<16} {}", case.id, case.task, case.title));
        }
        return Ok(0);
    }
    let named = asked.known.as_deref().unwrap_or(&asked.name);
    let known = known::look_up(named).map_err(Failure::usage)?;
    if asked.json.as_deref() == Some("-") {
        output.give_way();
    }
    let mut report = ClientReport {
        schema: SCHEMA,
        client: asked.name.clone(),
        version: None,
        date: chrono::Utc::now().format("%Y-%m-%d").to_string(),
        cases: Vec::new(),
        conduct: Vec::new(),
    };
    runtime()?.block_on(all(asked, &chosen, dialect, &mut report))?;
    let past = known.map_or_else(Vec::new, |known| known::forgive(&mut report, &known));
    tell(asked, &report, dialect, output);
    for case in &past {
        output.line(format!(
            "{case} is listed as a known deviation, and passes: take it off"
        ));
    }
    if let Some(file) = &asked.json {
        let text = mqspec::report::json(&report)
            .map_err(|error| Failure::usage(format!("the report cannot be written: {error}")))?;
        match file.as_str() {
            "-" => output.print_data(&text),
            file => std::fs::write(file, text).map_err(|error| Failure::file(file, &error))?,
        }
    }
    Ok(u8::from(report.fails() || !past.is_empty()))
}

/// Plays the cases, several side by side unless somebody starts the client by hand.
async fn all(
    asked: &Client,
    chosen: &[Arc<ClientCase>],
    dialect: &'static dyn Dialect,
    report: &mut ClientReport,
) -> Result<(), Failure> {
    let (program, jobs) = match asked.listen {
        Some(_) => (Program::Hand(hand), 1),
        None => (Program::Command(asked.command.clone()), asked.jobs.into()),
    };
    let address = asked
        .listen
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let patience = match asked.listen {
        Some(_) => Duration::from_secs(3600),
        None => Duration::from_secs(asked.timeout),
    };
    let room = Arc::new(Semaphore::new(jobs));
    let mut tasks = JoinSet::new();
    for (place, case) in chosen.iter().cloned().enumerate() {
        let (program, room) = (program.clone(), room.clone());
        tasks.spawn(async move {
            let _turn = room.acquire_owned().await;
            let began = Instant::now();
            let played = play(case.clone(), dialect, address, &program, patience).await;
            (place, case, began.elapsed(), played)
        });
    }
    let mut done = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        let (place, case, took, played) =
            ended.map_err(|error| Failure::usage(format!("a case broke off: {error}")))?;
        let (record, answer) = played.map_err(refuse)?;
        done.push((place, case, took, record, answer));
    }
    done.sort_by_key(|(place, ..)| *place);
    for (_, case, took, record, answer) in done {
        let found = judged(&case, dialect, &record, answer.as_ref());
        let said = answer.and_then(|answer| answer.said);
        report.version = report.version.take().or(said.and_then(|said| said.version));
        report.conducted(&case, dialect, &record);
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let result = CaseResult::new(&case, dialect, &record, found, millis);
        report.cases.push(result);
    }
    Ok(())
}

fn tell(asked: &Client, report: &ClientReport, dialect: &dyn Dialect, output: &mut Output) {
    let paint = output.paint();
    let again = format!("mqspec client --name {}", asked.name);
    for case in &report.cases {
        let wrong = [Verdict::Failed, Verdict::Inconclusive].contains(&case.verdict);
        if wrong && (case.known.is_none() || asked.verbose) {
            output.line(failure(case, dialect, &again, asked.verbose, paint));
        } else if asked.verbose {
            let why = if case.why.is_empty() { "" } else { ": " };
            output.line(format!(
                "{} {}{why}{}",
                case.verdict.name(),
                case.id,
                case.why
            ));
        }
    }
    output.print(&closing(report, dialect, paint));
}

/// Tells a person who starts the client.
fn hand(case: &ClientCase, url: &str) {
    eprintln!(
        "{}\n  {}\n  at {url}, task: {}",
        case.id, case.title, case.task
    );
}

fn chosen(asked: &Client, dialect: &'static dyn Dialect) -> Result<Vec<Arc<ClientCase>>, Failure> {
    let known = match &asked.cases {
        None => cases(dialect),
        Some(file) => {
            let name = file.to_string_lossy();
            let text = std::fs::read_to_string(file).map_err(|it| Failure::file(&name, &it))?;
            parse(&name, &text, dialect)
        }
    };
    let known = known.map_err(|error| Failure::usage(error.to_string()))?;
    let globs = |texts: &[String]| {
        let globs = texts.iter().map(|text| {
            let glob = Glob::new(text)
                .map_err(|error| Failure::usage(format!("`{text}` is no pattern: {error}")))?
                .compile_matcher();
            match known.iter().any(|case| glob.is_match(&case.id)) {
                true => Ok(glob),
                false => Err(Failure::usage(format!(
                    "no case matches `{text}`: `mqspec client --list` names them"
                ))),
            }
        });
        globs.collect::<Result<Vec<_>, _>>()
    };
    let (only, skip) = (globs(&asked.only)?, globs(&asked.skip)?);
    let wanted = |case: &ClientCase| {
        let only = only.is_empty() || only.iter().any(|glob| glob.is_match(&case.id));
        only && !skip.iter().any(|glob| glob.is_match(&case.id))
    };
    let chosen: Vec<Arc<ClientCase>> = known
        .iter()
        .filter(|case| wanted(case))
        .cloned()
        .map(Arc::new)
        .collect();
    match chosen.is_empty() {
        true => Err(Failure::usage("nothing is left of the cases")),
        false => Ok(chosen),
    }
}

fn read(file: &PathBuf) -> Result<ClientReport, Failure> {
    let name = file.to_string_lossy();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::file(&name, &error))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{name} is no report of `mqspec client`: {error}")))
}

fn refuse(error: PlayError) -> Failure {
    match error {
        PlayError::Case(what) => Failure::usage(what),
        other => Failure::target(other.to_string()),
    }
}
