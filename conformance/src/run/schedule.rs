//! A suite against a target: what runs beside what, and how it goes on when the broker does not.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, mpsc};

use super::exchange::Patience;
use super::runner::{Health, Runner};
use super::shell::{Controls, Endpoint};
use super::verdict::{CaseReport, Deviation, RunReport, TargetReport, Verdict};
use crate::dialect::Dialect;
use crate::script::Case;

/// What is to be run, and against what.
pub struct Plan {
    /// The cases that were chosen, each with its file's name.
    pub cases: Vec<(String, Arc<Case>)>,
    /// The protocol.
    pub dialect: &'static dyn Dialect,
    /// The target's name in reports.
    pub target: String,
    /// How the target is reached: `embedded`, `url`, `process` or `container`.
    pub via: String,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What can be done to it.
    pub controls: Arc<dyn Controls>,
    /// How it is known to depart from the text.
    pub deviations: Vec<Deviation>,
    /// Further variables, such as a second user.
    pub variables: Vec<(String, String)>,
    /// How many cases run side by side.
    pub jobs: usize,
    /// What silence means.
    pub patience: Patience,
    /// A word that makes the names of this run its own.
    pub run_id: String,
}

/// What a run tells while it goes on.
pub type Progress<'a> = dyn FnMut(&CaseReport) + Send + 'a;

/// The target could not be asked anything: nothing was run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

/// Runs the plan. Reports arrive by `progress` as cases end, and in the suite's order in the result.
///
/// # Errors
/// If the target cannot be reached, or does not let the suite in, before the first case.
pub async fn run(plan: Plan, progress: &mut Progress<'_>) -> Result<RunReport, Lost> {
    let began = Instant::now();
    let runner = Arc::new(Runner::greet(plan).await?);
    let mut groups: [VecDeque<usize>; 3] = Default::default();
    for (index, (_, case)) in runner.plan.cases.iter().enumerate() {
        let group = match case.group.as_deref() {
            Some("timed") => 0,
            Some("alone") => 2,
            _ => 1,
        };
        groups[group].push_back(index);
    }
    let [timed, ordinary, alone] = groups;
    let mut reports: Vec<Option<CaseReport>> = runner.plan.cases.iter().map(|_| None).collect();
    // What takes time begins first, so that the rest runs beside it.
    let beside: VecDeque<usize> = timed.into_iter().chain(ordinary).collect();
    for (queue, jobs) in [(beside, usize::MAX), (alone, 1)] {
        let mut report = |index: usize, report: CaseReport| {
            progress(&report);
            reports[index] = Some(report);
        };
        queue_of_cases(&runner, queue, jobs, &mut report).await;
    }
    let lost = runner.health() == Health::Lost;
    let aborted = lost.then(|| {
        "the broker was lost during the run: it serves no connections any more".to_owned()
    });
    let cases = reports
        .into_iter()
        .enumerate()
        .map(|(index, report)| {
            report.unwrap_or_else(|| {
                runner.report(
                    index,
                    Verdict::Inconclusive,
                    "not run: the broker was lost before".to_owned(),
                )
            })
        })
        .collect();
    let target = TargetReport {
        name: runner.plan.target.clone(),
        product: runner.greeting.product.clone(),
        version: runner.greeting.version.clone(),
        via: runner.plan.via.clone(),
    };
    let table = runner
        .plan
        .dialect
        .protocol()
        .table()
        .map(|command| command.name.clone());
    Ok(RunReport::new(
        target,
        cases,
        table,
        began.elapsed(),
        aborted,
    ))
}

/// Runs cases side by side. When the broker stops serving, those that ran at that time are run again one by one, to
/// find out which of them it does not survive.
async fn queue_of_cases(
    runner: &Arc<Runner>,
    queue: VecDeque<usize>,
    jobs: usize,
    report: &mut (dyn FnMut(usize, CaseReport) + Send),
) {
    let queue = Arc::new(Mutex::new(queue));
    while !queue.lock().await.is_empty() && runner.health() != Health::Lost {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for _ in 0..jobs.min(runner.jobs()) {
            tokio::spawn(work(runner.clone(), queue.clone(), sender.clone()));
        }
        drop(sender);
        let mut suspects = Vec::new();
        while let Some((index, found)) = receiver.recv().await {
            match runner.health() {
                Health::Well => report(index, found),
                _ => suspects.push((index, found)),
            }
        }
        if runner.health() == Health::Well {
            continue;
        }
        suspects.sort_by_key(|(index, _)| *index);
        for (index, first) in suspects {
            if runner.health() != Health::Well && !runner.revive().await {
                report(index, first);
                continue;
            }
            report(index, runner.case(index).await);
        }
        if runner.health() == Health::Ill {
            runner.revive().await;
        }
    }
}

async fn work(
    runner: Arc<Runner>,
    queue: Arc<Mutex<VecDeque<usize>>>,
    sender: mpsc::UnboundedSender<(usize, CaseReport)>,
) {
    while runner.health() == Health::Well {
        let Some(index) = queue.lock().await.pop_front() else {
            return;
        };
        let report = runner.case(index).await;
        if sender.send((index, report)).is_err() {
            return;
        }
    }
}
