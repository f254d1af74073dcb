//! One case on one broker: needs, controls, clean-up, liveness, and the judgement.

use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::exchange::Variant;
use super::offers::{Answer, Offers};
use super::record::Record;
use super::schedule::{Lost, Plan};
use super::subject::{Greeting, Health, Subject};
use super::verdict::{CaseReport, Octets, Outcome, TargetReport, Verdict};
use crate::dialect::Creation;
use crate::script::{Case, StepKind};
use crate::suite;

/// How a need begins that the broker itself is asked for.
const OFFER: &str = "offer.";

/// What is to be run, and what the target said of itself.
pub(super) struct Runner {
    pub(super) plan: Plan,
    pub(super) greeting: Greeting,
    pub(super) offers: Offers,
    /// Turns for cases about many messages. More at a time than the machine can work on would keep all others waiting.
    turns: Semaphore,
}

impl Runner {
    /// Makes the target's acquaintance.
    pub(super) async fn greet(plan: Plan, subject: &Subject) -> Result<Runner, Lost> {
        let greeting = subject.greeting().await?;
        Ok(Runner {
            plan,
            greeting,
            offers: Offers::default(),
            turns: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
        })
    }

    /// Another plan for the same broker.
    pub(super) fn for_plan(&self, plan: Plan) -> Runner {
        Runner {
            plan,
            greeting: self.greeting.clone(),
            offers: Offers::default(),
            turns: Semaphore::new(1),
        }
    }

    /// What the broker says of itself.
    pub(super) fn target(&self) -> TargetReport {
        TargetReport {
            name: self.plan.target.clone(),
            product: self.greeting.product.clone(),
            version: self.greeting.version.clone(),
            via: self.plan.via.clone(),
        }
    }

    /// Waits until the case may begin.
    async fn turn(&self, case: &Case) -> Option<SemaphorePermit<'_>> {
        match Record::wanted(&case.steps) {
            true => self.turns.acquire().await.ok(),
            false => None,
        }
    }

    /// The first need that the target does not meet, of those that its file and the greeting tell; and the verdict.
    fn missing(&self, case: &Case, subject: &Subject) -> Option<(Verdict, String)> {
        case.needs
            .iter()
            .map(|need| need.value.as_str())
            .filter(|need| !need.starts_with(OFFER))
            .find_map(|need| {
                let variable = |name: &str| self.greeting.variables.peek(name);
                let (offered, verdict) = if let Some(control) = need.strip_prefix("control.") {
                    (subject.offers(control), Verdict::Skipped)
                } else if let Some(told) = self.plan.dialect.offers(need, &variable) {
                    (told, self.not_offered())
                } else {
                    let mut variables = self.plan.variables.iter();
                    (variables.any(|(name, _)| name == need), Verdict::Skipped)
                };
                (!offered).then(|| (verdict, format!("the target does not offer {need}")))
            })
    }

    /// What may be offered and is not is no fault, unless the broker claims to offer everything.
    fn not_offered(&self) -> Verdict {
        match self.plan.strict {
            true => Verdict::Failed,
            false => Verdict::Skipped,
        }
    }

    pub(super) fn report(&self, index: usize, verdict: Verdict, detail: String) -> CaseReport {
        let (file, case) = &self.plan.cases[index];
        let clauses: Vec<String> = case
            .clauses
            .iter()
            .map(|clause| clause.value.clone())
            .collect();
        let level = suite::level(case, self.plan.dialect.clauses());
        let known = self
            .plan
            .deviations
            .iter()
            .find(|deviation| deviation.case == case.id)
            .cloned();
        CaseReport {
            id: case.id.clone(),
            title: case.title.clone(),
            verdict,
            clauses,
            level: level.to_string(),
            file: file.clone(),
            line: case.line,
            generated: suite::is_generated(file),
            duration_ms: 0,
            detail,
            transcript: String::new(),
            octets: Octets::default(),
            finding: None,
            notes: Vec::new(),
            known,
            sent: Vec::new(),
            received: Vec::new(),
        }
    }

    /// Runs a case on a broker. Where the broker serves nobody afterwards, it is ill from then on.
    pub(super) async fn case(&self, index: usize, subject: &Subject) -> CaseReport {
        let _turn = self.turn(&self.plan.cases[index].1).await;
        let began = Instant::now();
        let (_, case) = &self.plan.cases[index];
        if let Some((verdict, missing)) = self.missing(case, subject) {
            return self.report(index, verdict, missing);
        }
        for need in &case.needs {
            let Some(name) = need.value.strip_prefix(OFFER) else {
                continue;
            };
            match self.offers(name, subject).await {
                Answer::Offered => {}
                Answer::NotOffered(why) => {
                    let why = format!("the target does not offer {name}: {why}");
                    return self.report(index, self.not_offered(), why);
                }
                Answer::Unclear(why) => {
                    let why = format!("whether the target offers {name} could not be told: {why}");
                    return self.report(index, Verdict::Inconclusive, why);
                }
            }
        }
        let controlled = case
            .steps
            .iter()
            .any(|step| matches!(step.kind, StepKind::Control(_)));
        let play = |variant| self.play(index, variant, subject);
        let (outcome, creations) = if !controlled {
            play(Variant::Main).await
        } else if case.group.as_deref() == Some("timed") {
            // Both take time; neither is in the other's way.
            let (control, main) = tokio::join!(play(Variant::Control), play(Variant::Main));
            merge(control, main)
        } else {
            let control = play(Variant::Control).await;
            match is_good(&control.0) {
                true => merge(control, play(Variant::Main).await),
                false => control,
            }
        };
        let alive = match subject.health() {
            Health::Well => subject.clean_up(&creations).await,
            Health::Ill | Health::Lost => Ok(()),
        };
        let mut report = self.judge(index, outcome, began.elapsed());
        if let Err(why) = alive {
            subject.set_health(Health::Ill);
            // Whatever the case is about: nobody may be left without a broker.
            report.verdict = Verdict::Failed;
            let why = match subject.fate().await {
                Some(fate) => format!("its program ended ({fate})"),
                None => why,
            };
            let afterwards = format!("after this case the broker serves no new connection: {why}");
            report.detail = match report.detail.as_str() {
                "" => afterwards,
                detail => format!("{detail}; {afterwards}"),
            };
        }
        report
    }

    /// One run of a case, and what it left at the broker.
    async fn play(
        &self,
        index: usize,
        variant: Variant,
        subject: &Subject,
    ) -> (Outcome, Vec<Creation>) {
        let (_, case) = &self.plan.cases[index];
        let letter = match variant {
            Variant::Control => 'c',
            Variant::Main => 'm',
        };
        let prefix = format!("mqspec-{}-{index}{letter}", self.plan.run_id);
        let exchange = subject.play(case.clone(), variant, &prefix).await;
        let creations = exchange.creations().to_vec();
        (exchange.into_outcome(), creations)
    }

    fn judge(&self, index: usize, outcome: Outcome, took: Duration) -> CaseReport {
        let mut report = self.report(index, outcome.verdict, String::new());
        report.detail = match &outcome.finding {
            Some(finding) => {
                let expected = finding.expected.join(" | ");
                let control = if finding.control {
                    "the positive control failed: "
                } else {
                    ""
                };
                format!(
                    "{control}{}; expected {expected}; came {}",
                    finding.why, finding.came
                )
            }
            None => outcome.notes.join("; "),
        };
        // What may be offered and is not is no fault.
        if report.verdict == Verdict::Failed && report.level == "MAY" && !self.plan.strict {
            report.verdict = Verdict::Skipped;
            report.detail = format!("not offered: {}", report.detail);
        }
        report.duration_ms = took.as_millis() as u64;
        report.transcript = outcome.transcript;
        report.octets = Octets::new(outcome.octets, outcome.finding.as_ref());
        report.finding = outcome.finding;
        report.notes = outcome.notes;
        report.sent = outcome.sent;
        report.received = outcome.received;
        report
    }
}

fn is_good(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Passed | Verdict::Lenient)
}

/// The result of a case with a positive control: the control's own if it failed, and otherwise the main run's, with the
/// control's commands counting as exercised.
fn merge(
    (control, mut left): (Outcome, Vec<Creation>),
    (main, main_left): (Outcome, Vec<Creation>),
) -> (Outcome, Vec<Creation>) {
    left.extend(main_left);
    if !is_good(&control) {
        return (control, left);
    }
    let union = |mut one: Vec<String>, other: &[String]| {
        one.extend_from_slice(other);
        one.sort();
        one.dedup();
        one
    };
    let merged = Outcome {
        verdict: match (control.verdict, main.verdict) {
            (Verdict::Lenient, Verdict::Passed) => Verdict::Lenient,
            (_, verdict) => verdict,
        },
        sent: union(control.sent, &main.sent),
        received: union(control.received, &main.received),
        ..main
    };
    (merged, left)
}
