//! `mqspec run`

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqspec::report::{Teller, closing};
use mqspec::run::{self, CaseReport, Patience, Plan, RunReport, TargetReport, Verdict};
use mqspec::script::Case;
use mqspec::suite;
use mqspec::target::{self, Request, Started};
use tokio::sync::Notify;

use super::advice;
use super::args::{Run, Target};
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
    /// A case failed, and no further one was wanted.
    Failed,
}

pub fn run(asked: &Run, output: &mut Output) -> Result<u8, Failure> {
    let (suite, cases) = asked.filters.apply()?;
    let json = JsonSink::open(asked.json.as_deref())?;
    let transcripts = Transcripts::open(asked.transcripts.as_deref())?;
    if matches!(json, JsonSink::Stdout) {
        output.give_way();
    }
    let again = advice::again(&asked.target, asked.filters.suite.as_deref());
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
    let plan = plan(asked, cases, &started, seed);
    let unknown = TargetReport {
        name: started.name.clone(),
        product: None,
        version: None,
        via: started.via.to_string(),
    };
    let failed = Notify::new();
    let end = {
        let mut progress = |case: &CaseReport| {
            console.take(case);
            if asked.fail_fast && (case.fails_run() || asked.strict && case.fails_strict_run()) {
                failed.notify_one();
            }
        };
        tokio::select! {
            ended = run::run(plan, &mut progress) => match ended {
                Ok(report) => End::Done(Box::new(report)),
                Err(lost) => End::Lost(lost.0),
            },
            () = failed.notified() => End::Failed,
            status = stop.asked() => End::Stopped(status),
        }
    };
    console.clear();
    let mut failure = console.failure.take();
    let mut report = match end {
        End::Done(report) => *report,
        End::Lost(why) => {
            failure.get_or_insert(Failure::target(why.clone()));
            cut_short(unknown, cases, &mut console.ended, began.elapsed(), why)
        }
        End::Stopped(status) => {
            // Behind the ^C that a terminal shows.
            eprintln!();
            let why = "interrupted: this is what ran before".to_owned();
            let mut report = cut_short(unknown, cases, &mut console.ended, began.elapsed(), why);
            report.summary.exit_status = status;
            report
        }
        End::Failed => {
            let why = "ended with the first failure, as asked".to_owned();
            let mut report = cut_short(unknown, cases, &mut console.ended, began.elapsed(), why);
            report.summary.exit_status = 1;
            report
        }
    };
    if asked.strict {
        report.be_strict();
    }
    let log = started.log_tail();
    let hint = advice::version(&started, &report)
        .or_else(|| advice::hint(asked, &started, &report))
        .or_else(|| advice::absent(asked, &started, console.suite()));
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
        tls,
    } = asked;
    let request = Request {
        target: target.clone(),
        via: *via,
        image: image.clone(),
        as_target: as_target.clone(),
        tls: tls.options(),
    };
    Ok(target::start(&request).await?)
}

fn plan(asked: &Run, cases: &[(String, Arc<Case>)], started: &Started, seed: u64) -> Plan {
    Plan {
        cases: cases.to_vec(),
        jobs: asked.jobs.into(),
        patience: patience(Duration::from_secs(asked.timeout)),
        strict: asked.strict,
        shuffled_by: asked.shuffle.then_some(seed),
        // Whoever wants to know of the first failure does not want it looked into.
        supply: started.supply.clone().filter(|_| !asked.fail_fast),
        ..plain_plan(started, format!("{seed:x}"))
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
        supply: started.supply.clone(),
        deviations: started.deviations.clone(),
        variables: started.variables.clone(),
        jobs: 1,
        patience: Patience::default(),
        strict: false,
        shuffled_by: None,
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
        generated: suite::is_generated(file),
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

/// A number that no other run has, short enough to be typed again.
pub fn random() -> u64 {
    u64::from((RandomState::new().build_hasher().finish() >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_leaves_time_for_conclusions() {
        let short = patience(Duration::from_secs(4));
        assert!(short.stall < short.quiet && short.quiet < short.deadline);
        assert_eq!(patience(Duration::from_secs(25)), Patience::default());
    }
}
