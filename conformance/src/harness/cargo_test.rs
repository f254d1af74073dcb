//! One test per case under `cargo test`.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use super::{Harness, HarnessError, dialect, fails};
use crate::report::format::teller;
use crate::report::{Standing, failure};
use crate::run::CaseReport;
use crate::suite::Suite;

/// What is known so far, and who waits for more.
#[derive(Default)]
struct Board {
    results: Mutex<Results>,
    more: Condvar,
}

#[derive(Default)]
struct Results {
    cases: HashMap<String, CaseReport>,
    /// Why no further results come.
    over: Option<String>,
}

impl Board {
    /// A test that panicked leaves results that are as good as ever.
    fn lock(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Results)) {
        change(&mut self.lock());
        self.more.notify_all();
    }

    /// The result of a case, as soon as there is one.
    fn wait_for(&self, id: &str) -> Result<CaseReport, String> {
        let mut results = self.lock();
        loop {
            if let Some(report) = results.cases.remove(id) {
                return Ok(report);
            }
            if let Some(why) = &results.over {
                return Err(why.clone());
            }
            results = self
                .more
                .wait(results)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Harness {
    /// Behaves as a test program does: lists the cases as tests, filters them, runs those that are left and tells of
    /// each. For the `main` of a test with `harness = false`:
    ///
    /// ```no_run
    /// # use std::process::ExitCode;
    /// fn main() -> ExitCode {
    ///     mqspec::suite().target("amqp://127.0.0.1:5672").known("known.toml").cargo_test()
    /// }
    /// ```
    ///
    /// The cases run side by side as in `mqspec run`, whatever `--test-threads` says; a case that is filtered out is not
    /// run. Skipped cases and known deviations count as ignored, with the reason. What a test needs to be up has to be up
    /// before: a broker in the same process needs a runtime of its own, with a thread to spare.
    pub fn cargo_test(self) -> ExitCode {
        self.test(&Arguments::from_args())
    }

    /// The same with arguments from elsewhere.
    pub(super) fn test(self, arguments: &Arguments) -> ExitCode {
        let (suite, cases) = match self.cases() {
            Ok(found) => found,
            Err(error) => return refuse(&error),
        };
        let board = Arc::new(Board::default());
        let context = Arc::new(Context {
            board: board.clone(),
            suite,
            strict: self.strict,
        });
        let trials = cases.iter().map(|(_, case)| {
            let (id, context) = (case.id.clone(), context.clone());
            Trial::ignorable_test(case.id.clone(), move || context.conclude(&id))
        });
        let trials: Vec<Trial> = trials.collect();
        let wanted = |trial: &Trial| !arguments.is_filtered_out(trial);
        let chosen = cases.into_iter().zip(&trials);
        let chosen: Vec<_> = chosen
            .filter(|(_, trial)| wanted(trial))
            .map(|(case, _)| case)
            .collect();
        if arguments.list || chosen.is_empty() {
            return libtest_mimic::run(arguments, trials).exit_code();
        }
        let run = thread::spawn(move || {
            let result = |report: &CaseReport| {
                board.tell(|results| {
                    results.cases.insert(report.id.clone(), report.clone());
                });
            };
            let over = match self.block_on(chosen, result) {
                Ok(()) => "the run ended without this case".to_owned(),
                Err(error) => error.to_string(),
            };
            board.tell(|results| results.over = Some(over));
        });
        let conclusion = libtest_mimic::run(arguments, trials);
        // The target is stopped before the program ends.
        match run.join() {
            Ok(()) => conclusion.exit_code(),
            Err(_) => ExitCode::from(101),
        }
    }

    fn block_on(
        &self,
        cases: super::Cases,
        mut result: impl FnMut(&CaseReport) + Send,
    ) -> Result<(), HarnessError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| HarnessError::Lost(format!("the system refuses threads: {error}")))?;
        let report = runtime.block_on(self.play(cases, &mut result))?;
        // Those that were never begun are told of by the report alone.
        report
            .cases
            .iter()
            .filter(|case| !case.was_run())
            .for_each(&mut result);
        Ok(())
    }
}

/// What a test needs to come to a conclusion.
struct Context {
    board: Arc<Board>,
    suite: Suite,
    strict: bool,
}

impl Context {
    fn conclude(&self, id: &str) -> Result<Completion, Failed> {
        let case = self.board.wait_for(id).map_err(Failed::from)?;
        if fails(&case, self.strict) {
            return Err(Failed::from(self.told(&case)));
        }
        Ok(match Standing::of(&case) {
            Standing::Skipped => Completion::ignored_with(case.detail),
            Standing::Known => {
                let reason = case.known.map(|known| known.reason).unwrap_or_default();
                Completion::ignored_with(format!("known deviation: {reason}"))
            }
            _ => Completion::Completed,
        })
    }

    fn told(&self, case: &CaseReport) -> String {
        if Standing::of(case) == Standing::Surprise {
            return "a known deviation is none any more: take it off the target's list".to_owned();
        }
        failure(case, &teller("mqspec run", &self.suite, dialect()))
    }
}

fn refuse(error: &HarnessError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}

/// What the tests would say of a report's cases: nothing, or why they fail.
#[cfg(test)]
pub(super) fn conclusions(
    suite: Suite,
    report: crate::run::RunReport,
) -> Vec<(String, Option<String>)> {
    let board = Arc::new(Board::default());
    let context = Context {
        board: board.clone(),
        suite,
        strict: false,
    };
    let conclude = |case: CaseReport| {
        let id = case.id.clone();
        board.tell(|results| {
            results.cases.insert(id.clone(), case);
        });
        let failed = context.conclude(&id).err();
        let told = failed.map(|failed| failed.message().unwrap_or_default().to_owned());
        (id, told)
    };
    report.cases.into_iter().map(conclude).collect()
}
