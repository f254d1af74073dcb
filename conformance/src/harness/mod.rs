//! The suite in a Rust test: for a broker that is written in Rust, or any that a test can start.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let report = mqspec::suite()
//!     .target("amqp://guest:guest@127.0.0.1:5672/%2f")
//!     .only("queue.*")
//!     .run()
//!     .await?;
//! assert_eq!(report.summary.exit_status, 0, "{}", mqspec::harness::explained(&report));
//! # Ok(())
//! # }
//! ```
//!
//! - [`Harness`]: what is run against what; `run` gives the report
//! - `cargo_test`: one test per case under `cargo test`; `examples/broker-in-rust` shows it

#[cfg(feature = "cargo-test")]
mod cargo_test;
#[cfg(all(test, feature = "cargo-test"))]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use mqspec_specs::Level;

use crate::dialect::{Dialect, amqp};
use crate::report::format::teller;
use crate::report::{closing, failure};
use crate::run::{self, CaseReport, Options, Patience, Plan, RunReport};
use crate::script::Case;
use crate::select::{SelectError, Selection};
use crate::suite::{Suite, SuiteError};
use crate::target::{self, Request, TargetError, Via};

/// How many cases run side by side unless told otherwise.
const JOBS: usize = 32;

/// Cases, and the broker that they are run against. Begun by [`suite()`](crate::suite()).
#[derive(Debug, Clone, Default)]
pub struct Harness {
    request: Request,
    selection: Selection,
    scripts: Option<PathBuf>,
    jobs: Option<usize>,
    timeout: Option<Duration>,
    strict: bool,
    seed: Option<u64>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The scripts cannot be read, or have mistakes.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// No case is chosen.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The target cannot be used, started or stopped.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The target answers nothing that could be asked anything.
    #[error("the target cannot be asked anything: {0}")]
    Lost(String),
}

/// The cases of a suite that are chosen, each with its file's name.
type Cases = Vec<(String, Arc<Case>)>;

impl Harness {
    /// What is tested: a URL, the name of a known target, or the path of a target file. By default the embedded
    /// reference broker.
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.request.target = Some(target.into());
        self
    }

    /// How the target is had; by default the first way that its file describes.
    pub fn via(mut self, via: Via) -> Self {
        self.request.via = Some(via);
        self
    }

    /// Whose known deviations a broker at a URL is forgiven: the name of a known target, or the path of a target file,
    /// of which nothing but its deviations is taken.
    pub fn known(mut self, target: impl Into<String>) -> Self {
        self.request.as_target = Some(target.into());
        self
    }

    /// Only cases whose id matches this glob, or another one given so.
    pub fn only(mut self, glob: impl Into<String>) -> Self {
        self.selection.only.push(glob.into());
        self
    }

    /// No cases whose id matches this glob.
    pub fn skip(mut self, glob: impl Into<String>) -> Self {
        self.selection.skip.push(glob.into());
        self
    }

    /// Only cases that prove this clause, or another one given so.
    pub fn clause(mut self, id: impl Into<String>) -> Self {
        self.selection.clauses.push(id.into());
        self
    }

    /// Only cases of this level, or another one given so.
    pub fn level(mut self, level: Level) -> Self {
        self.selection.levels.push(level);
        self
    }

    /// Scripts in place of the embedded suite: a file, or a folder with files that end in `.mqs`.
    pub fn scripts(mut self, path: impl Into<PathBuf>) -> Self {
        self.scripts = Some(path.into());
        self
    }

    /// How many cases run side by side; by default 32.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = Some(jobs.max(1));
        self
    }

    /// How long one exchange may take before nothing more is awaited; by default 25 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether whatever is less than a pass fails the run.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// What the names of queues and exchanges are made from; by default the time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Runs the cases. A target that is no URL is started before and stopped afterwards. Needs a tokio runtime with I/O
    /// and time.
    ///
    /// # Errors
    /// Whatever keeps cases from being run. That they fail is no error: the report tells.
    pub async fn run(self) -> Result<RunReport, HarnessError> {
        let cases = self.cases()?.1;
        self.play(cases, &mut |_| {}).await
    }

    /// The suite, and the cases of it that are chosen.
    fn cases(&self) -> Result<(Suite, Cases), HarnessError> {
        let suite = match &self.scripts {
            None => Suite::embedded(dialect())?,
            Some(path) => Suite::from_path(path, dialect())?,
        };
        let cases = self.selection.choose(&suite, dialect().clauses())?;
        Ok((suite, cases))
    }

    async fn play(
        &self,
        cases: Cases,
        progress: &mut run::Progress<'_>,
    ) -> Result<RunReport, HarnessError> {
        let began = Instant::now();
        let seed = self.seed.unwrap_or_else(moment);
        let started = target::start(&self.request).await?;
        let patience = self.timeout.map(Patience::within).unwrap_or_default();
        let plan = Plan {
            cases,
            jobs: self.jobs.unwrap_or(JOBS),
            patience,
            strict: self.strict,
            supply: started.supply.clone(),
            ..Plan::new(&started, dialect(), format!("{seed:x}"))
        };
        let ran = run::run(plan, progress).await;
        // What was started is stopped whatever came of the run.
        let stopped = started.stop().await;
        let mut report = ran.map_err(|lost| HarnessError::Lost(lost.0))?;
        stopped?;
        report.set_circumstances(began.elapsed(), dialect());
        report.seed = Some(seed);
        report.options = Some(self.options());
        if self.strict {
            report.be_strict();
        }
        Ok(report)
    }

    fn options(&self) -> Options {
        let Selection {
            only,
            skip,
            clauses,
            levels,
            shard,
        } = &self.selection;
        Options {
            only: only.clone(),
            skip: skip.clone(),
            clause: clauses.clone(),
            level: levels.iter().map(ToString::to_string).collect(),
            shard: shard.map(|shard| shard.to_string()),
            suite: self.scripts.as_ref().map(|path| path.display().to_string()),
            jobs: u32::try_from(self.jobs.unwrap_or(JOBS)).ok(),
            timeout: Some(
                self.timeout
                    .map_or(Patience::default().deadline, |it| it)
                    .as_secs(),
            ),
            strict: self.strict,
            ..Options::default()
        }
    }
}

/// What a run found, for the message of a test: every case that fails it, with its proof, and the sum.
pub fn explained(report: &RunReport) -> String {
    let scripts = report
        .options
        .as_ref()
        .and_then(|options| options.suite.as_ref());
    let suite = match scripts {
        None => Suite::embedded(dialect()),
        Some(path) => Suite::from_path(path.as_ref(), dialect()),
    };
    // Without the scripts their lines are missing, and no more.
    let suite = suite.unwrap_or_default();
    let teller = teller("mqspec run", &suite, dialect());
    let strict = report.is_strict();
    let failing = report.cases.iter().filter(|case| fails(case, strict));
    let told: String = failing.map(|case| failure(case, &teller)).collect();
    format!("\n{told}\n{}", closing(report, &teller, false))
}

/// The protocol, of which there is one so far.
fn dialect() -> &'static dyn Dialect {
    amqp::dialect()
}

/// A number that runs one after the other do not share.
fn moment() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let since = since.unwrap_or_default();
    (since.as_secs() << 20)
        ^ u64::from(since.subsec_micros())
        ^ (u64::from(std::process::id()) << 40)
}

/// Whether a test fails for this case.
fn fails(case: &CaseReport, strict: bool) -> bool {
    case.fails_run() || strict && case.fails_strict_run()
}
