//! `mqspec run`

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqspec::report::layout::wrapped;
use mqspec::report::{Teller, closing};
use mqspec::run::{self, CaseReport, Patience, Plan, RunReport, TargetReport, Verdict};
use mqspec::script::Case;
use mqspec::suite;
use mqspec::target::{self, Request, Started, Via};

use super::args::{Filters, Run, Target};
use super::console::Console;
use super::failure::Failure;
use super::filters::dialect;
use super::output::Output;
use super::runtime;
use super::signals::Stop;
use super::sink::{JsonSink, Transcripts};

/// How a run ended.
enum End {
    /// By itself.
    Done(Box<RunReport>),
    /// The target could not be asked anything.
    Lost(String),
    /// Somebody stopped it; with the exit status.
    Stopped(u8),
}

pub fn run(asked: &Run, output: &mut Output) -> Result<u8, Failure> {
    let (suite, cases) = asked.filters.apply()?;
    let json = JsonSink::open(asked.json.as_deref())?;
    let transcripts = Transcripts::open(asked.transcripts.as_deref())?;
    if matches!(json, JsonSink::Stdout) {
        output.give_way();
    }
    let again = again(&asked.target, &asked.filters);
    let teller = Teller {
        suite: &suite,
        dialect: dialect(),
        verbose: asked.verbose,
        again: &again,
        paint: output.paint(),
    };
    let seed = asked.seed.unwrap_or_else(random);
    let console = Console::new(output, teller, asked.quiet, transcripts, cases.len());
    let runtime = runtime()?;
    let tested = runtime.block_on(test(asked, &cases, seed, console));
    // Cases that were stopped in the middle are not waited for.
    runtime.shutdown_background();
    let Tested {
        mut report,
        failure,
        hint,
        log,
    } = tested?;
    report.seed = Some(seed);
    json.write(&report, output)?;
    // Where nothing was asked, there is nothing to tell but why.
    if report.cases.iter().any(CaseReport::was_run) || failure.is_none() {
        output.print(&closing(&report, &teller, !asked.quiet));
    }
    if let Some(log) = log.filter(|_| report.aborted.is_some()) {
        output.line(format!(
            "\nthe end of the broker's log:\n  {}",
            log.replace('\n', "\n  ")
        ));
    }
    if let Some(hint) = hint {
        output.line(format!("\n{hint}"));
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(report.summary.exit_status),
    }
}

/// What a run leaves.
struct Tested {
    report: RunReport,
    failure: Option<Failure>,
    hint: Option<String>,
    log: Option<String>,
}

async fn test(
    asked: &Run,
    cases: &[(String, Arc<Case>)],
    seed: u64,
    mut console: Console<'_>,
) -> Result<Tested, Failure> {
    let mut stop = Stop::catch()?;
    let began = Instant::now();
    let started = tokio::select! {
        started = start(&asked.target) => started,
        status = stop.asked() => Err(Failure::stopped(status)),
    };
    let started = match started {
        Ok(started) => started,
        // The report is there even if the broker is not: a program may wait for it.
        Err(failure) if failure.is_about_target() => {
            let target = TargetReport {
                name: asked.target.target.clone().unwrap_or_default(),
                product: None,
                version: None,
                via: asked
                    .target
                    .via
                    .map(|via| via.to_string())
                    .unwrap_or_default(),
            };
            let why = "the target could not be started".to_owned();
            let report = cut_short(target, cases, &mut Vec::new(), began.elapsed(), why);
            return Ok(Tested {
                report,
                failure: Some(failure),
                hint: None,
                log: None,
            });
        }
        Err(failure) => return Err(failure),
    };
    let plan = plan(asked, cases, &started, format!("{seed:x}"));
    let unknown = TargetReport {
        name: started.name.clone(),
        product: None,
        version: None,
        via: started.via.to_string(),
    };
    let end = {
        let mut progress = |case: &CaseReport| console.take(case);
        tokio::select! {
            ended = run::run(plan, &mut progress) => match ended {
                Ok(report) => End::Done(Box::new(report)),
                Err(lost) => End::Lost(lost.0),
            },
            status = stop.asked() => End::Stopped(status),
        }
    };
    console.clear();
    let mut failure = console.failure.take();
    let report = match end {
        End::Done(report) => *report,
        End::Lost(why) => {
            failure.get_or_insert(Failure::target(why.clone()));
            cut_short(unknown, cases, &mut console.ended, began.elapsed(), why)
        }
        End::Stopped(status) => {
            let why = "interrupted: this is what ran before".to_owned();
            let mut report = cut_short(unknown, cases, &mut console.ended, began.elapsed(), why);
            report.summary.exit_status = status;
            report
        }
    };
    let log = started.log_tail();
    let hint = hint(asked, &started, &report);
    tokio::select! {
        stopped = started.stop() => {
            if let Err(error) = stopped {
                failure.get_or_insert(error.into());
            }
        }
        // Whoever asks twice does not want to wait.
        _ = stop.asked() => {}
    }
    Ok(Tested {
        report,
        failure,
        hint,
        log,
    })
}

/// Makes the broker available.
pub async fn start(asked: &Target) -> Result<Started, Failure> {
    let Target {
        target,
        via,
        image,
        as_target,
    } = asked;
    let request = Request {
        target: target.clone(),
        via: *via,
        image: image.clone(),
        as_target: as_target.clone(),
    };
    Ok(target::start(&request).await?)
}

fn plan(asked: &Run, cases: &[(String, Arc<Case>)], started: &Started, run_id: String) -> Plan {
    Plan {
        cases: cases.to_vec(),
        jobs: asked.jobs.into(),
        patience: patience(Duration::from_secs(asked.timeout)),
        ..plain_plan(started, run_id)
    }
}

/// A plan without cases, to be filled.
pub fn plain_plan(started: &Started, run_id: String) -> Plan {
    Plan {
        cases: Vec::new(),
        dialect: dialect(),
        target: started.name.clone(),
        via: started.via.to_string(),
        endpoint: started.endpoint.clone(),
        controls: started.controls.clone(),
        deviations: started.deviations.clone(),
        variables: started.variables.clone(),
        jobs: 1,
        patience: Patience::default(),
        run_id,
    }
}

/// Waits as long as usual, but not so long that no time is left to draw conclusions.
fn patience(deadline: Duration) -> Patience {
    let usual = Patience::default();
    Patience {
        stall: usual.stall.min(deadline / 4),
        quiet: usual.quiet.min(deadline / 2),
        hang: usual.hang.min(deadline / 2),
        deadline,
    }
}

/// The report of a run that did not come to its end: what ended so far, and the rest as not run.
fn cut_short(
    target: TargetReport,
    cases: &[(String, Arc<Case>)],
    ended: &mut Vec<CaseReport>,
    took: Duration,
    why: String,
) -> RunReport {
    let mut reports = Vec::with_capacity(cases.len());
    for (file, case) in cases {
        let place = ended.iter().position(|report| report.id == case.id);
        reports.push(match place {
            Some(place) => ended.swap_remove(place),
            None => not_run(file, case),
        });
    }
    let table = dialect()
        .protocol()
        .table()
        .map(|command| command.name.clone());
    RunReport::new(target, reports, table, took, Some(why))
}

fn not_run(file: &str, case: &Case) -> CaseReport {
    CaseReport {
        id: case.id.clone(),
        title: case.title.clone(),
        verdict: Verdict::Inconclusive,
        clauses: case
            .clauses
            .iter()
            .map(|clause| clause.value.clone())
            .collect(),
        level: suite::level(case, dialect().clauses()).to_string(),
        file: file.to_owned(),
        line: case.line,
        duration_ms: 0,
        detail: "not run: the run ended before".to_owned(),
        transcript: String::new(),
        finding: None,
        notes: Vec::new(),
        known: None,
        sent: Vec::new(),
        received: Vec::new(),
    }
}

/// A broker at a URL may be one whose deviations are known.
fn hint(asked: &Run, started: &Started, report: &RunReport) -> Option<String> {
    let product = report.target.product.as_deref()?;
    if started.via != Via::Url || asked.target.as_target.is_some() || report.summary.failed == 0 {
        return None;
    }
    let name = target::names()
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(product))?;
    let said = format!(
        "hint: this is {product}, whose known deviations are listed; with `--as {name}` they do not fail the run"
    );
    Some(wrapped(&said, "", "  ").join("\n"))
}

/// The command that repeats the run, without its choice of cases.
fn again(target: &Target, filters: &Filters) -> String {
    let mut words = vec!["mqspec run".to_owned()];
    words.extend(target.target.as_deref().map(without_password));
    let options = [
        ("--via", target.via.map(|via| via.to_string())),
        ("--image", target.image.clone()),
        ("--as", target.as_target.clone()),
        (
            "--suite",
            filters
                .suite
                .as_ref()
                .map(|path| path.display().to_string()),
        ),
    ];
    for (option, value) in options {
        words.extend(value.map(|value| format!("{option} {}", quoted(&value))));
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A URL as it may stand in a log: only the password that everybody knows is shown.
fn without_password(target: &str) -> String {
    let masked = target.split_once("://").and_then(|(scheme, rest)| {
        let (login, host) = rest.rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        (password != "guest").then(|| format!("{scheme}://{user}:PASSWORD@{host}"))
    });
    quoted(&masked.unwrap_or_else(|| target.to_owned()))
}

/// A number that no other run has, short enough to be typed again.
pub fn random() -> u64 {
    u64::from((RandomState::new().build_hasher().finish() >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_get_into_a_log() {
        assert_eq!(
            without_password("amqp://u:secret@h:1/%2f"),
            "amqp://u:PASSWORD@h:1/%2f"
        );
        assert_eq!(
            without_password("amqp://guest:guest@h"),
            "amqp://guest:guest@h"
        );
        assert_eq!(without_password("rabbitmq"), "rabbitmq");
    }

    #[test]
    fn a_word_with_blanks_is_quoted_for_a_shell() {
        assert_eq!(quoted("a b's"), r"'a b'\''s'");
    }

    #[test]
    fn patience_leaves_time_for_conclusions() {
        let short = patience(Duration::from_secs(4));
        assert!(short.stall < short.quiet && short.quiet < short.deadline);
        assert_eq!(patience(Duration::from_secs(25)), Patience::default());
    }
}
