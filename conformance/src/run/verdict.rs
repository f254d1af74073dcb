//! What a run finds.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::circumstances::Options;
use super::facts::{Fact, facts};

/// What one case tells about a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As the clauses ask.
    Passed,
    /// Allowed, not recommended.
    Lenient,
    /// The target cannot be asked: the detail says which need is missing.
    Skipped,
    /// Nothing was proved: the broker hung, or could not be reached.
    Inconclusive,
    /// Against a clause.
    Failed,
}

impl Verdict {
    /// The verdict's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Lenient => "lenient",
            Verdict::Skipped => "skipped",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Failed => "failed",
        }
    }
}

/// Where an exchange left the script, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The line of the script.
    pub line: u32,
    /// What the broker was asked just then, as the script says it: one entry per acceptable outcome.
    pub expected: Vec<String>,
    /// What came instead, in the notation.
    pub came: String,
    /// The difference in a sentence.
    pub why: String,
    /// The clause, where a rule broke that no script has to ask for.
    pub clause: Option<String>,
    /// Whether it was the positive control that failed.
    pub control: bool,
}

/// How one exchange ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it tells.
    pub verdict: Verdict,
    /// Where and how it left the script; for passes, nothing.
    pub finding: Option<Finding>,
    /// What the broker chose where the text leaves a choice.
    pub notes: Vec<String>,
    /// Everything sent and received, in the notation.
    pub transcript: String,
    /// The octets of its steps.
    pub octets: Vec<String>,
    /// How often each command was sent, by name.
    pub sent: Vec<String>,
    /// How often each command was received, by name.
    pub received: Vec<String>,
}

/// The octets of each step of a transcript, in hexadecimal digits; of more than 512 the first 512, and behind a `+` how
/// many follow. Empty for a step that is no command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Octets {
    steps: Vec<String>,
    /// Whether a saved report, of which they would be half, does without them.
    #[serde(skip)]
    dispensable: bool,
}

impl Octets {
    /// The octets of an exchange, which prove something if there is a finding.
    pub(super) fn new(steps: Vec<String>, finding: Option<&Finding>) -> Self {
        Octets {
            steps,
            dispensable: finding.is_none(),
        }
    }

    /// Those of each step.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    fn are_left_out(&self) -> bool {
        self.dispensable || self.steps.is_empty()
    }
}

/// A listed way in which a broker departs from the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deviation {
    /// The case that shows it.
    pub case: String,
    /// What the broker does, and why that is known.
    pub reason: String,
    /// Where it is documented.
    pub source: String,
}

/// One case's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseReport {
    /// The case's permanent name.
    pub id: String,
    /// What a right broker does.
    pub title: String,
    /// What the case tells about the broker.
    pub verdict: Verdict,
    /// The clauses that it proves.
    pub clauses: Vec<String>,
    /// The strongest level among them: MUST, SHOULD or MAY.
    pub level: String,
    /// The script's file.
    pub file: String,
    /// The case's line in it.
    pub line: u32,
    /// Whether a generator wrote it.
    #[serde(default)]
    pub generated: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// One paragraph for a person: why this verdict.
    pub detail: String,
    /// Everything sent and received, in the notation: can be saved and run again.
    pub transcript: String,
    /// The octets of the transcript. A saved report has those of cases with a finding.
    #[serde(default, skip_serializing_if = "Octets::are_left_out")]
    pub octets: Octets,
    /// Where the exchange left the script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// What the broker chose where the text leaves a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The known deviation that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Deviation>,
    /// The commands that were sent, by name, each once.
    #[serde(default)]
    pub sent: Vec<String>,
    /// The commands that were received, by name, each once.
    #[serde(default)]
    pub received: Vec<String>,
}

impl CaseReport {
    /// Whether it was begun at all: a run that ends early leaves cases that were not.
    pub fn was_run(&self) -> bool {
        self.verdict != Verdict::Inconclusive
            || self.finding.is_some()
            || !self.transcript.is_empty()
    }

    /// Whether this case makes the run fail: a MUST broken, or nothing proved, and not listed as known; or listed as
    /// known and not so.
    pub fn fails_run(&self) -> bool {
        match self.verdict {
            Verdict::Failed => self.known.is_none() && self.level == "MUST",
            Verdict::Inconclusive => self.known.is_none(),
            Verdict::Passed => self.known.is_some(),
            Verdict::Lenient | Verdict::Skipped => false,
        }
    }

    /// Whether this case makes a strict run fail: whatever is less than a pass and not listed as known.
    pub fn fails_strict_run(&self) -> bool {
        let lenient = self.verdict == Verdict::Lenient && self.known.is_none();
        self.fails_run() || self.warns() || lenient
    }

    /// Whether this case warns: a failure that is not listed as known, and that breaks less than a MUST.
    pub fn warns(&self) -> bool {
        self.verdict == Verdict::Failed && self.known.is_none() && !self.fails_run()
    }
}

/// How one command of the table fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CommandReport {
    /// The command's name.
    pub command: String,
    /// In how many cases it was sent.
    pub sent: u32,
    /// In how many cases it was received.
    pub received: u32,
    /// Cases with it that passed.
    pub passed: u32,
    /// Cases with it that failed.
    pub failed: u32,
}

/// How many cases there are of each verdict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// All cases that were chosen.
    pub cases: u32,
    /// As the clauses ask.
    pub passed: u32,
    /// Allowed, not recommended.
    pub lenient: u32,
    /// Against a clause, known deviations included.
    pub failed: u32,
    /// The target cannot be asked.
    pub skipped: u32,
    /// Nothing was proved.
    pub inconclusive: u32,
    /// Failures that the target's file lists.
    pub known_deviations: u32,
    /// Listed deviations whose case passes: the list has to shrink.
    pub unexpected_passes: u32,
    /// Failures that break less than a MUST and are not listed: they warn.
    pub warnings: u32,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// The exit status that follows: 0 or 1, or 3 if the target was lost.
    pub exit_status: u8,
}

/// What was tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TargetReport {
    /// The target's name, or the URL without its password.
    pub name: String,
    /// The broker's own name for itself.
    pub product: Option<String>,
    /// The broker's own version.
    pub version: Option<String>,
    /// `embedded`, `url`, `process` or `container`.
    pub via: String,
}

impl TargetReport {
    /// What the broker says it is: its name and version, as far as it told them.
    pub fn said(&self) -> String {
        let parts = [&self.product, &self.version].into_iter().flatten();
        parts.map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// What it is called: by itself, or else by the target's name.
    pub fn called(&self) -> String {
        match self.product {
            Some(_) => self.said(),
            None => self.name.clone(),
        }
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunReport {
    /// The version of this shape.
    pub schema: u32,
    /// What was tested.
    pub target: TargetReport,
    /// The counts.
    pub summary: Summary,
    /// The cases, in the suite's order.
    pub cases: Vec<CaseReport>,
    /// The command table.
    pub commands: Vec<CommandReport>,
    /// What the broker chose where the text leaves a choice.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// How many cases were judged on a broker of their own, since they went wrong on the one that all shared or that one
    /// stopped serving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<usize>,
    /// Why the run ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<String>,
    /// What the names of the run were made from, so that it can be repeated to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// When the run began, as RFC 3339 has it: `2026-11-26T22:14:03Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
    /// The version of the program that made the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mqspec: Option<String>,
    /// The protocol, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The command that repeats the run, without its choice of cases: with `--only ID` behind it, one case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// What was asked of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Options>,
}

/// The version of the shape of reports. It changes when a field goes or means something else, not when one comes.
pub const SCHEMA: u32 = 1;

impl RunReport {
    /// Counts verdicts and commands.
    pub fn new(
        target: TargetReport,
        cases: Vec<CaseReport>,
        table: impl IntoIterator<Item = String>,
        took: Duration,
        aborted: Option<String>,
    ) -> Self {
        let count = |verdict| cases.iter().filter(|case| case.verdict == verdict).count() as u32;
        let known = |case: &&CaseReport| {
            case.known.is_some() && matches!(case.verdict, Verdict::Failed | Verdict::Inconclusive)
        };
        let surprise = |case: &&CaseReport| case.verdict == Verdict::Passed && case.known.is_some();
        let failed = cases.iter().any(CaseReport::fails_run);
        let summary = Summary {
            cases: cases.len() as u32,
            passed: count(Verdict::Passed),
            lenient: count(Verdict::Lenient),
            failed: count(Verdict::Failed),
            skipped: count(Verdict::Skipped),
            inconclusive: count(Verdict::Inconclusive),
            known_deviations: cases.iter().filter(known).count() as u32,
            unexpected_passes: cases.iter().filter(surprise).count() as u32,
            warnings: cases.iter().filter(|case| case.warns()).count() as u32,
            duration_ms: took.as_millis() as u64,
            exit_status: match &aborted {
                Some(_) => 3,
                None => u8::from(failed),
            },
        };
        let commands = table
            .into_iter()
            .map(|command| {
                let uses = |case: &&CaseReport| {
                    case.sent.contains(&command) || case.received.contains(&command)
                };
                let verdicts = |verdict| {
                    cases
                        .iter()
                        .filter(uses)
                        .filter(|case| case.verdict == verdict)
                        .count() as u32
                };
                CommandReport {
                    sent: cases
                        .iter()
                        .filter(|case| case.sent.contains(&command))
                        .count() as u32,
                    received: cases
                        .iter()
                        .filter(|case| case.received.contains(&command))
                        .count() as u32,
                    passed: verdicts(Verdict::Passed) + verdicts(Verdict::Lenient),
                    failed: verdicts(Verdict::Failed),
                    command,
                }
            })
            .collect();
        RunReport {
            schema: SCHEMA,
            target,
            summary,
            facts: facts(&cases),
            cases,
            commands,
            apart: None,
            aborted,
            seed: None,
            began: None,
            mqspec: None,
            protocol: None,
            again: None,
            options: None,
        }
    }

    /// Lets warnings fail the run, and outcomes that are allowed and not recommended.
    pub fn be_strict(&mut self) {
        if self.cases.iter().any(CaseReport::fails_strict_run) {
            self.summary.exit_status = self.summary.exit_status.max(1);
        }
    }
}
