//! One case after the other against a target: needs, controls, clean-up, liveness, and the judgement.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::evaluate::Variables;
use super::exchange::{Exchange, Patience, Variant};
use super::schedule::{Lost, Plan};
use super::shell::{Endpoint, drive};
use super::verdict::{CaseReport, Outcome, Verdict};
use crate::dialect::{Creation, Datum};
use crate::script::{Case, Step, StepKind, Value};
use crate::suite;

/// What a broker says of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Greeting {
    variables: Variables,
    pub(super) product: Option<String>,
    pub(super) version: Option<String>,
}

/// The controls that bring a broker back, the better one first: one that hangs does not heed a polite request.
const RESTART: [&str; 2] = ["kill", "restart"];
/// How often a broker is brought back in one run.
const REVIVALS: u32 = 500;
/// After how many hangs the cases are run one by one, since those beside a hang have to be run again anyway.
const UNRELIABLE: u32 = 3;
/// How long a broker may be silent that hung before.
const SHORT: Duration = Duration::from_millis(1500);

/// A target under test.
pub(super) struct Runner {
    pub(super) plan: Plan,
    pub(super) greeting: Greeting,
    health: AtomicU8,
    revivals: AtomicU32,
}

/// Whether the target can be asked anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Health {
    /// It serves new connections.
    Well = 0,
    /// It did not serve one just now. Which of the cases that ran side by side did that is still to be found out.
    Ill = 1,
    /// It cannot be brought back.
    Lost = 2,
}

impl Runner {
    pub(super) fn health(&self) -> Health {
        match self.health.load(Ordering::SeqCst) {
            0 => Health::Well,
            1 => Health::Ill,
            _ => Health::Lost,
        }
    }

    fn set_health(&self, health: Health) {
        self.health.store(health as u8, Ordering::SeqCst);
    }

    /// Brings the broker back, if the target can be restarted and did not have to be too often.
    pub(super) async fn revive(&self) -> bool {
        let before = self.revivals.fetch_add(1, Ordering::SeqCst);
        let control = RESTART
            .into_iter()
            .find(|control| self.plan.controls.offers(control));
        let back = match control {
            Some(control) if before < REVIVALS => {
                self.plan.controls.perform(control).await.is_ok()
                    && self.clean_up(&[]).await.is_ok()
            }
            _ => false,
        };
        self.set_health(if back { Health::Well } else { Health::Lost });
        back
    }

    /// How many cases may run side by side.
    pub(super) fn jobs(&self) -> usize {
        match self.revivals.load(Ordering::SeqCst) {
            0..UNRELIABLE => self.plan.jobs.max(1),
            _ => 1,
        }
    }

    /// A broker that hung before is not waited for as long as one that never did.
    fn patience(&self) -> Patience {
        let usual = self.plan.patience;
        match self.revivals.load(Ordering::SeqCst) {
            0 => usual,
            _ => Patience {
                stall: usual.stall.min(SHORT / 2),
                quiet: usual.quiet.min(SHORT * 2),
                hang: usual.hang.min(SHORT),
                ..usual
            },
        }
    }

    fn variables(&self, prefix: &str) -> Variables {
        let Endpoint {
            host,
            port,
            user,
            password,
            vhost,
        } = &self.plan.endpoint;
        let texts = [
            ("host", host),
            ("user", user),
            ("password", password),
            ("vhost", vhost),
        ];
        let mut variables: Vec<(String, Datum)> = texts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Datum::text(value)))
            .collect();
        variables.push(("port".to_owned(), Datum::Int((*port).into())));
        let response = self.plan.dialect.response(user, password);
        variables.push(("response".to_owned(), Datum::Octets(response)));
        let further = self
            .plan
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), Datum::text(value)));
        variables.extend(further);
        Variables::new(prefix, variables)
    }

    /// Plays steps that belong to no case of the suite.
    async fn aside(&self, title: &str, steps: Vec<Step>) -> Exchange {
        let case = Case {
            lead: Vec::new(),
            id: "runner/aside".to_owned(),
            title: title.to_owned(),
            line: 0,
            clauses: Vec::new(),
            needs: Vec::new(),
            group: None,
            no_control: None,
            steps,
        };
        let variables = self.variables("mqspec-aside");
        let mut exchange = Exchange::new(
            Arc::new(case),
            Variant::Main,
            self.plan.dialect,
            variables,
            self.patience(),
        );
        drive(&mut exchange, &self.plan.endpoint, &*self.plan.controls).await;
        exchange
    }

    /// The first conversation: is there a broker, does it let the suite in, and what is it?
    pub(super) async fn greet(plan: Plan) -> Result<Runner, Lost> {
        let mut runner = Runner {
            plan,
            greeting: Greeting::default(),
            health: AtomicU8::new(0),
            revivals: AtomicU32::new(0),
        };
        runner.greeting = runner.greeting().await?;
        Ok(runner)
    }

    async fn greeting(&self) -> Result<Greeting, Lost> {
        let exchange = self
            .aside(
                "the broker is there",
                self.plan.dialect.epilogue("alive").to_vec(),
            )
            .await;
        let Endpoint {
            host, port, user, ..
        } = &self.plan.endpoint;
        let variables = exchange.variables().clone();
        if exchange.is_unreachable() {
            let outcome = exchange.into_outcome();
            let why = outcome
                .finding
                .map(|finding| finding.why)
                .unwrap_or_default();
            return Err(Lost(format!("{host}:{port}: {why}")));
        }
        let outcome = exchange.into_outcome();
        if !matches!(outcome.verdict, Verdict::Passed | Verdict::Lenient) {
            let name = self.plan.dialect.protocol().about.name.as_str();
            let said = outcome
                .finding
                .map(|finding| match finding.came.as_str() {
                    "nothing" => finding.why,
                    came => format!("{}\n  {came}", finding.why),
                })
                .unwrap_or_default();
            let got_in = outcome
                .received
                .iter()
                .any(|command| command == "connection.start");
            let hint = match got_in {
                true => format!(
                    "it did not let user `{user}` in, or not into the virtual host: check both in the URL"
                ),
                false => format!("what listens there does not speak {name}: check the port"),
            };
            return Err(Lost(format!("{host}:{port}: {said}\n  {hint}")));
        }
        let property = |name: &str| {
            let properties = variables.peek("server_properties")?;
            properties.get(name)?.as_text().map(str::to_owned)
        };
        Ok(Greeting {
            product: property("product"),
            version: property("version"),
            variables,
        })
    }

    /// The first need that the target does not meet.
    fn missing(&self, case: &Case) -> Option<String> {
        case.needs
            .iter()
            .map(|need| need.value.as_str())
            .find_map(|need| {
                let offered = if let Some(control) = need.strip_prefix("control.") {
                    self.plan.controls.offers(control)
                } else {
                    let variable = |name: &str| self.greeting.variables.peek(name);
                    let told = self.plan.dialect.offers(need, &variable);
                    told.unwrap_or_else(|| self.plan.variables.iter().any(|(name, _)| name == need))
                };
                (!offered).then(|| format!("the target does not offer {need}"))
            })
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
            finding: None,
            notes: Vec::new(),
            known,
            sent: Vec::new(),
            received: Vec::new(),
        }
    }

    pub(super) async fn case(&self, index: usize) -> CaseReport {
        let began = Instant::now();
        let (_, case) = &self.plan.cases[index];
        if let Some(missing) = self.missing(case) {
            return self.report(index, Verdict::Skipped, missing);
        }
        let controlled = case
            .steps
            .iter()
            .any(|step| matches!(step.kind, StepKind::Control(_)));
        let (mut outcome, creations) = if !controlled {
            self.play(index, Variant::Main).await
        } else if case.group.as_deref() == Some("timed") {
            // Both take time; neither is in the other's way.
            let control = self.play(index, Variant::Control);
            let (control, main) = tokio::join!(control, self.play(index, Variant::Main));
            merge(control, main)
        } else {
            let control = self.play(index, Variant::Control).await;
            match is_good(&control.0) {
                true => merge(control, self.play(index, Variant::Main).await),
                false => control,
            }
        };
        let mut afterwards = None;
        if self.health() == Health::Well
            && let Err(why) = self.clean_up(&creations).await
        {
            self.set_health(Health::Ill);
            outcome.verdict = Verdict::Failed;
            afterwards = Some(format!(
                "after this case the broker serves no new connection: {why}"
            ));
        }
        let mut report = self.judge(index, outcome, began.elapsed());
        if let Some(afterwards) = afterwards {
            report.detail = match report.detail.as_str() {
                "" => afterwards,
                detail => format!("{detail}; {afterwards}"),
            };
        }
        report
    }

    /// One run of a case, and what it left at the broker.
    async fn play(&self, index: usize, variant: Variant) -> (Outcome, Vec<Creation>) {
        let (_, case) = &self.plan.cases[index];
        let letter = match variant {
            Variant::Control => 'c',
            Variant::Main => 'm',
        };
        let prefix = format!("mqspec-{}-{index}{letter}", self.plan.run_id);
        let variables = self.variables(&prefix);
        let dialect = self.plan.dialect;
        let mut exchange =
            Exchange::new(case.clone(), variant, dialect, variables, self.patience());
        drive(&mut exchange, &self.plan.endpoint, &*self.plan.controls).await;
        let creations = exchange.creations().to_vec();
        (exchange.into_outcome(), creations)
    }

    /// Removes what a case left, and proves the broker alive.
    async fn clean_up(&self, creations: &[Creation]) -> Result<(), String> {
        let mut steps = Vec::new();
        for creation in creations {
            let stage = self.plan.dialect.epilogue(creation.stage);
            steps.extend(
                stage
                    .iter()
                    .cloned()
                    .map(|step| with_name(step, &creation.name)),
            );
        }
        steps.extend(self.plan.dialect.epilogue("alive").to_vec());
        let exchange = self
            .aside("the broker is alive after the case", steps)
            .await;
        if exchange.is_unreachable() && self.is_there().await {
            return Ok(());
        }
        let outcome = exchange.into_outcome();
        match (outcome.verdict, outcome.finding) {
            (Verdict::Passed | Verdict::Lenient, _) => Ok(()),
            (_, Some(finding)) => Err(format!("{} ({})", finding.why, finding.came)),
            (_, None) => Err("nothing came".to_owned()),
        }
    }

    /// Whether the broker accepts connections: a listen queue that was full for a moment is not its end.
    async fn is_there(&self) -> bool {
        let Endpoint { host, port, .. } = &self.plan.endpoint;
        for _ in 0..3 {
            if tokio::net::TcpStream::connect((host.as_str(), *port))
                .await
                .is_ok()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        false
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
        if report.verdict == Verdict::Failed && report.level == "MAY" {
            report.verdict = Verdict::Skipped;
            report.detail = format!("not offered: {}", report.detail);
        }
        report.duration_ms = took.as_millis() as u64;
        report.transcript = outcome.transcript;
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

/// The step with `$name` replaced by a name.
fn with_name(mut step: Step, name: &[u8]) -> Step {
    if let StepKind::Send(message) = &mut step.kind {
        for field in &mut message.fields {
            if field.value == Value::Var("name".to_owned()) {
                field.value = Value::Bytes(name.to_vec());
            }
        }
    }
    step
}
