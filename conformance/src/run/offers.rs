//! Whether the broker has an extension that its greeting does not tell: it is asked once in a run, by the steps that
//! the protocol's dialect has for that question, and what it answers decides for every case that needs the extension.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Mutex, OnceCell};

use super::instance::Supply;
use super::runner::Runner;
use super::subject::{Health, Subject};
use super::verdict::Verdict;

/// What the broker's own behaviour says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It went through the question's steps.
    Offered,
    /// It did not, and how.
    NotOffered(String),
    /// It hung, or could not be reached.
    Unclear(String),
}

/// The answers so far.
#[derive(Debug, Default)]
pub(super) struct Offers {
    answers: Mutex<HashMap<String, Arc<OnceCell<Answer>>>>,
}

impl Runner {
    /// Whether the broker has the extension of that name.
    pub(super) async fn offers(&self, name: &str, subject: &Subject) -> Answer {
        let cell = {
            let mut answers = self.offers.answers.lock().await;
            answers.entry(name.to_owned()).or_default().clone()
        };
        let answer = cell.get_or_try_init(|| async {
            if let Some(supply) = &self.plan.supply {
                return self.ask_apart(name, &**supply).await;
            }
            match self.ask(name, subject).await {
                // Some case that runs beside this question may be what the broker does not survive.
                answer if subject.health() != Health::Well => Err(answer),
                answer => Ok(answer),
            }
        });
        match answer.await {
            Ok(answer) => answer.clone(),
            Err(answer) => answer,
        }
    }

    /// Asks a broker that nobody used before: one that a case has harmed could say that it lacks what it has.
    async fn ask_apart(&self, name: &str, supply: &dyn Supply) -> Result<Answer, Answer> {
        let unclear = |why| Answer::Unclear(format!("no broker could be started to ask: {why}"));
        let instance = supply.another().await.map_err(unclear)?;
        let subject = Subject::new(&self.plan, instance, self.plan.patience);
        let answer = self.ask(name, &subject).await;
        subject.end().await.map_err(Answer::Unclear)?;
        Ok(answer)
    }

    async fn ask(&self, name: &str, subject: &Subject) -> Answer {
        let steps = self.plan.dialect.offer(name).to_vec();
        let title = format!("the broker offers {name}");
        let prefix = format!("mqspec-{}-offer-{name}", self.plan.run_id);
        let exchange = subject.aside(&title, &prefix, steps).await;
        let creations = exchange.creations().to_vec();
        let outcome = exchange.into_outcome();
        if let Err(why) = subject.clean_up(&creations).await {
            subject.set_health(Health::Ill);
            return Answer::Unclear(format!(
                "after that question the broker serves no new connection: {why}"
            ));
        }
        let why = outcome.finding.map_or_else(String::new, |finding| {
            let expected = finding.expected.join(" | ");
            format!(
                "{}; expected {expected}; came {}",
                finding.why, finding.came
            )
        });
        match outcome.verdict {
            Verdict::Passed | Verdict::Lenient => Answer::Offered,
            Verdict::Failed => Answer::NotOffered(why),
            Verdict::Skipped | Verdict::Inconclusive => Answer::Unclear(why),
        }
    }
}
