//! A broker is made available, asked, and stopped, whatever comes between: what `run` and `compare` have in common.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use mqspec::run::{self, CaseReport, Options, Patience, Plan, RunReport, TargetReport};
use mqspec::target::{self, Request, Started};
use tokio::sync::Notify;

use super::advice;
use super::args::{Filters, Running, Target};
use super::console::Console;
use super::failure::Failure;
use super::filters::{Cases, dialect};
use super::signals::Stop;

/// What is asked of a broker.
pub struct Session<'a> {
    pub target: &'a Target,
    pub filters: &'a Filters,
    pub running: &'a Running,
    pub cases: &'a Cases,
    pub seed: u64,
    pub fail_fast: bool,
}

/// What a session leaves.
pub struct Tested {
    pub report: RunReport,
    /// Why it did not come to its end, if that was no one's wish.
    pub failure: Option<Failure>,
    /// What a person may do next.
    pub hint: Option<String>,
    /// The end of the broker's log.
    pub log: Option<String>,
}

/// From here on an exit status speaks of a signal.
pub const INTERRUPTED: u8 = 128;

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

impl Session<'_> {
    /// Runs the cases. There is a report even if the broker is not there, for a program may wait for it.
    pub async fn test(
        &self,
        console: &mut Console<'_>,
        stop: &mut Stop,
    ) -> Result<Tested, Failure> {
        let mut tested = self.ask(console, stop).await?;
        let report = &mut tested.report;
        report.seed = Some(self.seed);
        report.again = Some(advice::again(self.target, self.filters.suite.as_deref()));
        report.options = Some(self.options());
        if self.running.strict {
            report.be_strict();
        }
        Ok(tested)
    }

    async fn ask(&self, console: &mut Console<'_>, stop: &mut Stop) -> Result<Tested, Failure> {
        let began = Instant::now();
        let started = tokio::select! {
            started = start(self.target) => started,
            status = stop.asked() => Err(Failure::stopped(status)),
        };
        let started = match started {
            Ok(started) => started,
            Err(failure) => {
                let why = match failure.status() {
                    3 => "the target could not be started",
                    status if status >= INTERRUPTED => "interrupted: nothing was run",
                    _ => return Err(failure),
                };
                let asked = self.target;
                let target = unknown(
                    asked.target.clone().unwrap_or_default(),
                    asked.via.map(|via| via.to_string()).unwrap_or_default(),
                );
                let mut report = self.cut_short(target, &mut Vec::new(), began, why.to_owned());
                report.summary.exit_status = failure.status();
                return Ok(Tested {
                    report,
                    failure: Some(failure),
                    hint: None,
                    log: None,
                });
            }
        };
        let end = self.play(&started, console, stop).await;
        console.clear();
        let mut failure = console.failure.take();
        let target = unknown(started.name.clone(), started.via.to_string());
        let ended = &mut console.ended;
        let report = match end {
            End::Done(report) => *report,
            End::Lost(why) => {
                failure.get_or_insert(Failure::target(why.clone()));
                self.cut_short(target, ended, began, why)
            }
            End::Stopped(status) => {
                // Behind the ^C that a terminal shows.
                eprintln!();
                let why = "interrupted: this is what ran before".to_owned();
                let mut report = self.cut_short(target, ended, began, why);
                report.summary.exit_status = status;
                report
            }
            End::Failed => {
                let why = "ended with the first failure, as asked".to_owned();
                let mut report = self.cut_short(target, ended, began, why);
                report.summary.exit_status = 1;
                report
            }
        };
        let log = started.log_tail();
        let hint = advice::version(&started, &report)
            .or_else(|| advice::hint(self.target, &started, &report))
            .or_else(|| advice::absent(self.filters, &started, console.suite()));
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

    async fn play(&self, started: &Started, console: &mut Console<'_>, stop: &mut Stop) -> End {
        let strict = self.running.strict;
        let failed = Notify::new();
        let mut progress = |case: &CaseReport| {
            console.take(case);
            if self.fail_fast && (case.fails_run() || strict && case.fails_strict_run()) {
                failed.notify_one();
            }
        };
        tokio::select! {
            ended = run::run(self.plan(started), &mut progress) => match ended {
                Ok(report) => End::Done(Box::new(report)),
                Err(lost) => End::Lost(lost.0),
            },
            () = failed.notified() => End::Failed,
            status = stop.asked() => End::Stopped(status),
        }
    }

    fn plan(&self, started: &Started) -> Plan {
        let running = self.running;
        Plan {
            cases: self.cases.clone(),
            jobs: running.jobs.into(),
            patience: Patience::within(Duration::from_secs(running.timeout)),
            strict: running.strict,
            shuffled_by: running.shuffle.then_some(self.seed),
            // Whoever wants to know of the first failure does not want it looked into.
            supply: started.supply.clone().filter(|_| !self.fail_fast),
            ..Plan::new(started, dialect(), format!("{:x}", self.seed))
        }
    }

    fn options(&self) -> Options {
        let (filters, running) = (self.filters, self.running);
        Options {
            only: filters.only.clone(),
            skip: filters.skip.clone(),
            clause: filters.clause.clone(),
            level: filters.level.iter().map(ToString::to_string).collect(),
            shard: filters.shard.map(|shard| shard.to_string()),
            suite: filters
                .suite
                .as_ref()
                .map(|path| path.display().to_string()),
            jobs: Some(running.jobs.into()),
            timeout: Some(running.timeout),
            strict: running.strict,
            shuffle: running.shuffle,
            fail_fast: self.fail_fast,
        }
    }

    fn cut_short(
        &self,
        target: TargetReport,
        ended: &mut Vec<CaseReport>,
        began: Instant,
        why: String,
    ) -> RunReport {
        run::cut_short(dialect(), target, self.cases, ended, began.elapsed(), why)
    }
}

/// A target that has told nothing of itself.
fn unknown(name: String, via: String) -> TargetReport {
    TargetReport {
        name,
        product: None,
        version: None,
        via,
    }
}

/// What a library is asked for.
pub fn request(asked: &Target) -> Request {
    let Target {
        target,
        via,
        image,
        as_target,
        tls,
    } = asked;
    Request {
        target: target.clone(),
        via: *via,
        image: image.clone(),
        as_target: as_target.clone(),
        tls: tls.options(),
    }
}

/// The name of a broker that was not asked for its own: a URL without its user and password.
pub fn name(asked: &Target) -> &str {
    let name = asked.target.as_deref().unwrap_or("reference");
    match name.split_once("://") {
        Some((_, rest)) => rest.rsplit_once('@').map_or(rest, |(_, host)| host),
        None => name,
    }
}

/// Makes the broker available.
pub async fn start(asked: &Target) -> Result<Started, Failure> {
    Ok(target::start(&request(asked)).await?)
}

/// A number that no other run has, short enough to be typed again.
pub fn random() -> u64 {
    u64::from((RandomState::new().build_hasher().finish() >> 32) as u32)
}
