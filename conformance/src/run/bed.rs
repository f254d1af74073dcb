//! A broker on which single cases are tried as somebody makes them up.

use std::sync::Arc;

use super::instance::Instance;
use super::runner::Runner;
use super::schedule::{Lost, Plan};
use super::subject::{Health, Subject};
use super::verdict::{CaseReport, TargetReport};
use crate::script::Case;

/// A broker under trial.
pub struct Bed {
    plan: Plan,
    runner: Runner,
    subject: Subject,
}

impl Bed {
    /// Makes the acquaintance of a plan's broker. The plan's own cases are not run.
    ///
    /// # Errors
    /// If the broker cannot be reached, or does not let the suite in.
    pub async fn new(plan: Plan) -> Result<Bed, Lost> {
        let instance = Instance {
            endpoint: plan.endpoint.clone(),
            controls: plan.controls.clone(),
        };
        let subject = Subject::new(&plan, instance, plan.patience);
        let runner = Runner::greet(plan.of_none(), &subject).await?;
        Ok(Bed {
            plan,
            runner,
            subject,
        })
    }

    /// What the broker says of itself.
    pub fn target(&self) -> TargetReport {
        self.runner.target()
    }

    /// Tries a case, whose names are made of this word. Afterwards what it made is removed, and the broker is asked
    /// whether it serves new connections.
    pub async fn try_case(&self, file: &str, case: Arc<Case>, word: &str) -> CaseReport {
        let plan = Plan {
            cases: vec![(file.to_owned(), case)],
            run_id: format!("{}-{word}", self.plan.run_id),
            ..self.plan.of_none()
        };
        self.runner.for_plan(plan).case(0, &self.subject).await
    }

    /// Whether the broker served a new connection after the last case.
    pub fn serves(&self) -> bool {
        self.subject.health() == Health::Well
    }

    /// How the broker's program ended, if it did and that is known.
    pub async fn fate(&self) -> Option<String> {
        self.subject.fate().await
    }

    /// Brings the broker back, if the target has a way to do so. Otherwise asks again whether it serves.
    pub async fn revive(&self) -> bool {
        if self.subject.offers("kill") || self.subject.offers("restart") {
            return self.subject.revive().await;
        }
        let serves = self.subject.clean_up(&[]).await.is_ok();
        let health = if serves { Health::Well } else { Health::Ill };
        self.subject.set_health(health);
        serves
    }

    /// The memory of the broker's program in octets, where that can be known.
    pub async fn memory(&self) -> Option<u64> {
        self.subject.memory().await
    }
}
