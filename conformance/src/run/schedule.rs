//! A suite against a target: what runs beside what, and how it goes on when the broker does not.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore, SemaphorePermit, mpsc};

use super::apart;
use super::instance::{Instance, Supply};
use super::patience::Patience;
use super::runner::Runner;
use super::shell::{Controls, Endpoint};
use super::subject::{Health, Subject};
use super::verdict::{CaseReport, Deviation, RunReport, Verdict};
use crate::dialect::{Datum, Dialect};
use crate::script::Case;
use crate::target::Started;

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
    /// Where further brokers of the kind are had, if they are had quickly.
    pub supply: Option<Arc<dyn Supply>>,
    /// How it is known to depart from the text.
    pub deviations: Vec<Deviation>,
    /// Further variables, such as a second user.
    pub variables: Vec<(String, Datum)>,
    /// How many cases run side by side.
    pub jobs: usize,
    /// What silence means.
    pub patience: Patience,
    /// Whether a MAY that is not offered is a failure, and not merely a reason to skip the case.
    pub strict: bool,
    /// What decides in which order the cases begin, where that is not the suite's.
    pub shuffled_by: Option<u64>,
    /// A word that makes the names of this run its own.
    pub run_id: String,
}

impl Plan {
    /// A plan for a broker that was started, without cases: to be filled.
    pub fn new(started: &Started, dialect: &'static dyn Dialect, run_id: String) -> Plan {
        Plan {
            cases: Vec::new(),
            dialect,
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

    /// The same without any case.
    pub(super) fn of_none(&self) -> Plan {
        Plan {
            cases: Vec::new(),
            dialect: self.dialect,
            target: self.target.clone(),
            via: self.via.clone(),
            endpoint: self.endpoint.clone(),
            controls: self.controls.clone(),
            supply: self.supply.clone(),
            deviations: Vec::new(),
            variables: self.variables.clone(),
            jobs: self.jobs,
            patience: self.patience,
            strict: self.strict,
            shuffled_by: self.shuffled_by,
            run_id: self.run_id.clone(),
        }
    }
}

/// What a run tells while it goes on.
pub type Progress<'a> = dyn FnMut(&CaseReport) + Send + 'a;

/// The target could not be asked anything: nothing was run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

/// A case that takes longer than this is one that waits, for a broker that ends a connection in silence or because time
/// is its subject, and keeps no other one from beginning.
const BRISK: Duration = Duration::from_millis(500);

/// How many cases may wait so.
const WAITING: usize = 64;

/// After so many cases in which it left its peer without an answer, a broker is known to hang.
const HANGS: usize = 3;

/// Where results arrive.
pub(super) struct Desk<'a, 'b> {
    reports: Vec<Option<CaseReport>>,
    progress: &'a mut Progress<'b>,
    /// What went wrong on a broker that other cases used as well, while a broker of its own can still be had for it.
    doubtful: HashMap<usize, CaseReport>,
    /// Whether such results are held back.
    doubts: bool,
}

impl Desk<'_, '_> {
    /// Takes a result as it is.
    fn settle(&mut self, index: usize, report: CaseReport) {
        (self.progress)(&report);
        self.reports[index] = Some(report);
    }

    /// Takes a result from a broker that others use as well.
    fn take(&mut self, index: usize, report: CaseReport) {
        match report.verdict {
            Verdict::Failed | Verdict::Inconclusive if self.doubts => {
                self.doubtful.insert(index, report);
            }
            _ => self.settle(index, report),
        }
    }

    /// Takes a result from a broker that nobody else used. It counts, and what went wrong beside others is told.
    pub(super) fn take_apart(&mut self, index: usize, mut report: CaseReport) {
        let before = self.doubtful.remove(&index);
        if let Some(before) = before
            && matches!(report.verdict, Verdict::Passed | Verdict::Lenient)
        {
            let told = format!(
                "beside other cases it {}: {}",
                before.verdict.name(),
                before.detail
            );
            report.detail = match report.detail.as_str() {
                "" => told,
                detail => format!("{detail}; {told}"),
            };
        }
        self.settle(index, report);
    }

    /// In how many cases the broker left what it was asked without an answer.
    fn hangs(&self) -> usize {
        let hung = |report: &&CaseReport| report.verdict == Verdict::Inconclusive;
        self.doubtful.values().filter(hung).count()
    }

    /// Takes all doubtful results as they are.
    fn settle_doubts(&mut self) {
        let mut doubtful: Vec<_> = self.doubtful.drain().collect();
        doubtful.sort_by_key(|(index, _)| *index);
        for (index, report) in doubtful {
            self.settle(index, report);
        }
    }
}

/// Runs the plan. Reports arrive by `progress` as cases end, and in the suite's order in the result.
///
/// Cases run side by side on one broker. Where further brokers can be had, a case that goes wrong there is run again on
/// one of its own, and so are all that are left when the first broker stops serving: only so it is certain that a case
/// is not another's victim.
///
/// # Errors
/// If the target cannot be reached, or does not let the suite in, before the first case.
pub async fn run(plan: Plan, progress: &mut Progress<'_>) -> Result<RunReport, Lost> {
    let began = Instant::now();
    let instance = Instance {
        endpoint: plan.endpoint.clone(),
        controls: plan.controls.clone(),
    };
    let subject = Arc::new(Subject::new(&plan, instance, plan.patience));
    let runner = Arc::new(Runner::greet(plan, &subject).await?);
    let mut groups: [Vec<usize>; 3] = Default::default();
    for (index, (_, case)) in runner.plan.cases.iter().enumerate() {
        let group = match case.group.as_deref() {
            Some("timed") => 0,
            Some("alone") => 2,
            _ => 1,
        };
        groups[group].push(index);
    }
    if let Some(seed) = runner.plan.shuffled_by {
        for group in &mut groups {
            group.sort_by_key(|index| scattered(seed, &runner.plan.cases[*index].1.id));
        }
    }
    let [timed, ordinary, alone] = groups;
    let mut desk = Desk {
        reports: runner.plan.cases.iter().map(|_| None).collect(),
        progress,
        doubtful: HashMap::new(),
        doubts: runner.plan.supply.is_some(),
    };
    // What takes time begins first, so that the rest runs beside it.
    let beside = [timed, ordinary].concat();
    let order = [beside.as_slice(), &alone].concat();
    for (queue, jobs) in [(beside, usize::MAX), (alone, 1)] {
        together(&runner, &subject, queue.into(), jobs, &mut desk).await;
    }
    let mut apart = None;
    let left = |index: &usize| desk.reports[*index].is_none();
    let left: VecDeque<usize> = order.into_iter().filter(left).collect();
    if let Some(supply) = &runner.plan.supply
        && !left.is_empty()
    {
        apart = Some(left.len());
        let hangs = desk.hangs();
        let patience = match subject.health() {
            Health::Well if hangs < HANGS => apart::Patience::Usual,
            _ => apart::Patience::Short,
        };
        // A broker that serves nobody would only be in the way of the others.
        let there = subject.health() == Health::Well || subject.end().await.is_ok();
        let judged = apart::run(&runner, supply, left, patience, &mut desk).await;
        if there && judged.is_ok() {
            subject.set_health(Health::Well);
        }
    }
    desk.settle_doubts();
    let aborted = (subject.health() != Health::Well).then(|| {
        "the broker was lost during the run: it serves no connections any more".to_owned()
    });
    let cases = desk.reports.into_iter().enumerate();
    let cases = cases.map(|(index, report)| {
        report.unwrap_or_else(|| {
            let why = "not run: the broker was lost before".to_owned();
            runner.report(index, Verdict::Inconclusive, why)
        })
    });
    let target = runner.target();
    let table = runner
        .plan
        .dialect
        .protocol()
        .table()
        .map(|command| command.name.clone());
    let mut report = RunReport::new(target, cases.collect(), table, began.elapsed(), aborted);
    report.apart = apart;
    report.set_circumstances(began.elapsed(), runner.plan.dialect);
    Ok(report)
}

/// A number that has nothing to do with what stands beside a case in the suite.
fn scattered(seed: u64, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, id).hash(&mut hasher);
    hasher.finish()
}

/// Runs cases side by side on one broker. When it stops serving, those that ran at that time are run again one by one,
/// to find out which of them it does not survive; where further brokers can be had, they are left for these.
async fn together(
    runner: &Arc<Runner>,
    subject: &Arc<Subject>,
    queue: VecDeque<usize>,
    jobs: usize,
    desk: &mut Desk<'_, '_>,
) {
    let queue = Arc::new(Mutex::new(queue));
    let may_go_on = || match runner.plan.supply {
        Some(_) => subject.health() == Health::Well,
        None => subject.health() != Health::Lost,
    };
    while may_go_on() && !queue.lock().await.is_empty() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let side_by_side = jobs.min(subject.jobs(runner.plan.jobs));
        // Cases that have to be alone, or were asked for one by one, and a broker that does not bear much, are not to meet
        // those that wait.
        let patient = match side_by_side == runner.plan.jobs && side_by_side > 1 {
            true => WAITING,
            false => 0,
        };
        let crew = Crew {
            runner: runner.clone(),
            subject: subject.clone(),
            queue: queue.clone(),
            waiting: Arc::new(Semaphore::new(patient)),
        };
        for _ in 0..side_by_side {
            tokio::spawn(crew.clone().work(sender.clone()));
        }
        let further = sender.downgrade();
        drop(sender);
        let mut suspects = Vec::new();
        while let Some(told) = receiver.recv().await {
            let (index, found) = match told {
                Told::Ended(index, report) => (index, *report),
                Told::Waits => {
                    if let Some(sender) = further.upgrade() {
                        tokio::spawn(crew.clone().work(sender));
                    }
                    continue;
                }
            };
            match subject.health() {
                Health::Well => desk.take(index, found),
                _ => suspects.push((index, found)),
            }
        }
        if subject.health() == Health::Well || runner.plan.supply.is_some() {
            continue;
        }
        suspects.sort_by_key(|(index, _)| *index);
        for (index, first) in suspects {
            if subject.health() != Health::Well && !subject.revive().await {
                desk.settle(index, first);
                continue;
            }
            desk.settle(index, guarded(runner, subject, index).await);
        }
        if subject.health() == Health::Ill {
            subject.revive().await;
        }
    }
}

/// What those who run cases tell.
enum Told {
    /// A case has ended.
    Ended(usize, Box<CaseReport>),
    /// A case does nothing but wait, and another one may begin.
    Waits,
}

/// Those who run cases side by side on one broker.
#[derive(Clone)]
struct Crew {
    runner: Arc<Runner>,
    subject: Arc<Subject>,
    queue: Arc<Mutex<VecDeque<usize>>>,
    /// How many more cases may wait beside those that are counted.
    waiting: Arc<Semaphore>,
}

impl Crew {
    /// Runs cases one after the other, up to the end of the queue or to a case that waits: then another one goes on.
    async fn work(self, sender: mpsc::UnboundedSender<Told>) {
        while self.subject.health() == Health::Well {
            let Some(index) = self.queue.lock().await.pop_front() else {
                return;
            };
            let case = guarded(&self.runner, &self.subject, index);
            tokio::pin!(case);
            let (report, place) = match tokio::time::timeout(BRISK, &mut case).await {
                Ok(report) => (report, None),
                Err(_) => {
                    let place = self.place_to_wait().await;
                    if place.is_some() && sender.send(Told::Waits).is_err() {
                        return;
                    }
                    (case.await, place)
                }
            };
            let told = sender.send(Told::Ended(index, Box::new(report)));
            if told.is_err() || place.is_some() {
                return;
            }
        }
    }

    /// A place among those that wait, if the broker serves others meanwhile: beside one that hangs nothing is to begin,
    /// or it would be hard to tell which case brought it down.
    async fn place_to_wait(&self) -> Option<SemaphorePermit<'_>> {
        let place = self.waiting.try_acquire().ok()?;
        let alive = tokio::time::timeout(BRISK, self.subject.clean_up(&[])).await;
        matches!(alive, Ok(Ok(()))).then_some(place)
    }
}

/// Runs a case so that a fault of this program's own costs this case alone.
pub(super) async fn guarded(
    runner: &Arc<Runner>,
    subject: &Arc<Subject>,
    index: usize,
) -> CaseReport {
    let (apart, broker) = (runner.clone(), subject.clone());
    let case = tokio::spawn(async move { apart.case(index, &broker).await });
    case.await.unwrap_or_else(|fault| {
        let why = format!("a fault in mqspec itself, to be reported to its authors: {fault}");
        runner.report(index, Verdict::Inconclusive, why)
    })
}
