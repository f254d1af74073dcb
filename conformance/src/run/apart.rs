//! Each case on a broker of its own: for brokers that fail as a whole, so that a case that goes wrong is neither
//! another's victim nor has victims itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};

use super::instance::Supply;
use super::runner::Runner;
use super::schedule::{Desk, guarded};
use super::subject::{Subject, shortened};
use super::verdict::{CaseReport, Verdict};

/// How many brokers run side by side at most.
const BROKERS: usize = 16;
/// How long a broker may be silent on an idle machine whose kind is known to hang.
const SHORT: Duration = Duration::from_secs(1);
/// It may be silent for so many times as long as it took to start: on a busy machine, both take longer.
const STARTS: u32 = 10;
/// After so many failures in a row to start a broker, no more is tried.
const VAIN: usize = 5;

/// How long brokers are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// As long as the plan says.
    Usual,
    /// Not longer than need be, since their kind is known to hang.
    Short,
}

/// No further broker can be started.
pub(super) struct Exhausted;

/// Runs cases side by side, each on a broker of its own that is ended after it.
pub(super) async fn run(
    runner: &Arc<Runner>,
    supply: &Arc<dyn Supply>,
    queue: VecDeque<usize>,
    patience: Patience,
    desk: &mut Desk<'_, '_>,
) -> Result<(), Exhausted> {
    let queue = Arc::new(Mutex::new(queue));
    let vain = Arc::new(AtomicUsize::new(0));
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for _ in 0..runner.plan.jobs.clamp(1, BROKERS) {
        let (runner, supply) = (runner.clone(), supply.clone());
        let (queue, vain, sender) = (queue.clone(), vain.clone(), sender.clone());
        tokio::spawn(async move {
            while vain.load(Ordering::SeqCst) < VAIN {
                let Some(index) = queue.lock().await.pop_front() else {
                    return;
                };
                let report = alone(&runner, &*supply, index, patience, &vain).await;
                if sender.send((index, report)).is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    while let Some((index, report)) = receiver.recv().await {
        desk.take_apart(index, report);
    }
    match queue.lock().await.is_empty() {
        true => Ok(()),
        false => Err(Exhausted),
    }
}

/// One case on a broker that nobody used before.
async fn alone(
    runner: &Arc<Runner>,
    supply: &dyn Supply,
    index: usize,
    patience: Patience,
    vain: &AtomicUsize,
) -> CaseReport {
    let (instance, took) = loop {
        let began = Instant::now();
        match supply.another().await {
            Ok(instance) => break (instance, began.elapsed()),
            Err(why) if vain.fetch_add(1, Ordering::SeqCst) + 1 >= VAIN => {
                let why = format!("no broker could be started for it: {why}");
                return runner.report(index, Verdict::Inconclusive, why);
            }
            Err(_) => {}
        }
    };
    vain.store(0, Ordering::SeqCst);
    let patience = match patience {
        Patience::Usual => runner.plan.patience,
        Patience::Short => shortened(runner.plan.patience, SHORT.max(took * STARTS)),
    };
    let subject = Arc::new(Subject::new(&runner.plan, instance, patience));
    let mut report = guarded(runner, &subject, index).await;
    if let Err(why) = subject.end().await {
        report.detail = format!("{}; its broker could not be ended: {why}", report.detail);
    }
    report
}
