//! A broker under test: how it fares, and what the runner says to it on its own account.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

use super::evaluate::Variables;
use super::exchange::{Exchange, Variant};
use super::instance::Instance;
use super::patience::Patience;
use super::schedule::{Lost, Plan};
use super::shell::{Endpoint, drive};
use super::tls::Tls;
use super::verdict::Verdict;
use crate::dialect::{Creation, Datum, Dialect};
use crate::script::{Case, Step, StepKind, Value};

/// What a broker says of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Greeting {
    pub(super) variables: Variables,
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
/// How long a connection attempt may take that only asks whether somebody listens.
const ATTEMPT: Duration = Duration::from_secs(2);

/// How generated names begin in what belongs to no case.
const ASIDE: &str = "mqspec-aside";
/// How often a broker is asked again that did not serve a connection to its end.
const AGAIN: usize = 4;

/// Why a broker was not proved alive.
struct Absence {
    /// Whether it was silent or did not accept connections: to ask again would be to wait in vain.
    hung: bool,
    why: String,
}

/// A broker that cases are run on.
pub(super) struct Subject {
    instance: Instance,
    dialect: &'static dyn Dialect,
    /// The target's further variables.
    further: Vec<(String, Datum)>,
    patience: Patience,
    health: AtomicU8,
    revivals: AtomicU32,
}

/// Whether a broker can be asked anything.
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

impl Subject {
    /// A broker of a plan's target, which is waited for as long as `patience` says.
    pub(super) fn new(plan: &Plan, instance: Instance, patience: Patience) -> Subject {
        Subject {
            instance,
            dialect: plan.dialect,
            further: plan.variables.clone(),
            patience,
            health: AtomicU8::new(0),
            revivals: AtomicU32::new(0),
        }
    }

    pub(super) fn health(&self) -> Health {
        match self.health.load(Ordering::SeqCst) {
            0 => Health::Well,
            1 => Health::Ill,
            _ => Health::Lost,
        }
    }

    pub(super) fn set_health(&self, health: Health) {
        self.health.store(health as u8, Ordering::SeqCst);
    }

    pub(super) fn offers(&self, control: &str) -> bool {
        self.instance.controls.offers(control)
    }

    /// How the broker's program ended, if it did.
    pub(super) async fn fate(&self) -> Option<String> {
        self.instance.controls.fate().await
    }

    /// The memory of the broker's program, in octets.
    pub(super) async fn memory(&self) -> Option<u64> {
        self.instance.controls.memory().await
    }

    /// Ends the broker, if it was started for the run.
    pub(super) async fn end(&self) -> Result<(), String> {
        self.instance.controls.end().await
    }

    /// Brings the broker back, if the target can be restarted and did not have to be too often.
    pub(super) async fn revive(&self) -> bool {
        let before = self.revivals.fetch_add(1, Ordering::SeqCst);
        let control = RESTART.into_iter().find(|control| self.offers(control));
        let back = match control {
            Some(control) if before < REVIVALS => {
                self.instance.controls.perform(control).await.is_ok()
                    && self.clean_up(&[]).await.is_ok()
            }
            _ => false,
        };
        self.set_health(if back { Health::Well } else { Health::Lost });
        back
    }

    /// How many of so many cases may run side by side.
    pub(super) fn jobs(&self, asked: usize) -> usize {
        match self.revivals.load(Ordering::SeqCst) {
            0..UNRELIABLE => asked.max(1),
            _ => 1,
        }
    }

    /// A broker that hung before is not waited for as long as one that never did.
    fn patience(&self) -> Patience {
        match self.revivals.load(Ordering::SeqCst) {
            0 => self.patience,
            _ => shortened(self.patience, SHORT),
        }
    }

    /// The variables of a script, with names of its own that begin with `prefix`.
    fn variables(&self, prefix: &str) -> Variables {
        let Endpoint {
            host,
            port,
            user,
            password,
            vhost,
            ..
        } = &self.instance.endpoint;
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
        let response = self.dialect.response(user, password);
        variables.push(("response".to_owned(), Datum::Octets(response)));
        variables.extend(self.further.iter().cloned());
        Variables::new(prefix, variables)
    }

    /// Plays a case to its end.
    pub(super) async fn play(&self, case: Arc<Case>, variant: Variant, prefix: &str) -> Exchange {
        let variables = self.variables(prefix);
        let mut exchange = Exchange::new(case, variant, self.dialect, variables, self.patience());
        let Instance { endpoint, controls } = &self.instance;
        drive(&mut exchange, endpoint, &**controls).await;
        exchange
    }

    /// Plays steps that belong to no case of the suite. Generated names begin with the prefix.
    pub(super) async fn aside(&self, title: &str, prefix: &str, steps: Vec<Step>) -> Exchange {
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
        self.play(Arc::new(case), Variant::Main, prefix).await
    }

    /// The first conversation: is there a broker, does it let the suite in, and what is it?
    pub(super) async fn greeting(&self) -> Result<Greeting, Lost> {
        let alive = self.dialect.epilogue("alive").to_vec();
        let exchange = self.aside("the broker is there", ASIDE, alive).await;
        let Endpoint {
            host,
            port,
            user,
            tls,
            ..
        } = &self.instance.endpoint;
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
            let name = self.dialect.protocol().about.name.as_str();
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
                // With TLS 1.3 a broker refuses after the handshake, for all that a client sees.
                false if tls.as_ref().is_some_and(Tls::is_anonymous) => format!(
                    "what listens there does not speak {name}, or wants a certificate: check the port, or show one with --tls-cert and --tls-key"
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

    /// Removes what a case left, and proves the broker alive. What a broker does not remove when asked to stays; and one
    /// that ends a connection may serve the next.
    pub(super) async fn clean_up(&self, creations: &[Creation]) -> Result<(), String> {
        let mut result = self.removed(creations).await;
        if result.is_err() && !creations.is_empty() {
            result = self.removed(&[]).await;
        }
        for _ in 0..AGAIN {
            if matches!(result, Err(Absence { hung: false, .. })) {
                result = self.removed(&[]).await;
            }
        }
        result.map_err(|absence| absence.why)
    }

    /// Removes what is to be removed, and proves the broker alive, all on one connection.
    async fn removed(&self, creations: &[Creation]) -> Result<(), Absence> {
        let mut steps = Vec::new();
        for creation in creations {
            let stage = self.dialect.epilogue(creation.stage);
            steps.extend(
                stage
                    .iter()
                    .cloned()
                    .map(|step| with_name(step, &creation.name)),
            );
        }
        steps.extend(self.dialect.epilogue("alive").to_vec());
        let exchange = self
            .aside("the broker is alive after the case", ASIDE, steps)
            .await;
        if exchange.is_unreachable() && self.is_there().await {
            return Ok(());
        }
        let unreachable = exchange.is_unreachable();
        let outcome = exchange.into_outcome();
        if matches!(outcome.verdict, Verdict::Passed | Verdict::Lenient) {
            return Ok(());
        }
        Err(Absence {
            hung: unreachable || outcome.verdict == Verdict::Inconclusive,
            why: outcome.finding.map_or_else(
                || "nothing came".to_owned(),
                |finding| format!("{} ({})", finding.why, finding.came),
            ),
        })
    }

    /// Whether the broker accepts connections: a listen queue that was full for a moment is not its end.
    async fn is_there(&self) -> bool {
        let Endpoint { host, port, .. } = &self.instance.endpoint;
        for _ in 0..3 {
            let attempt = tokio::net::TcpStream::connect((host.as_str(), *port));
            if matches!(tokio::time::timeout(ATTEMPT, attempt).await, Ok(Ok(_))) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        false
    }
}

/// The patience with a broker that is known to hang: it is said to do so after `hang`.
pub(super) fn shortened(usual: Patience, hang: Duration) -> Patience {
    Patience {
        stall: usual.stall.min(hang / 2),
        quiet: usual.quiet.min(hang * 2),
        hang: usual.hang.min(hang),
        ..usual
    }
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
