//! What a case asks of a client, how the broker behaves meanwhile, and what is acceptable.

use std::time::Duration;

use mqspec_specs::{Source, scripts};
use serde::Deserialize;

use super::compile::{self, Line};
use crate::dialect::{Dialect, Side};
use crate::script::{Field, Message};

/// What is wrong with a file of cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct CaseError {
    /// The file.
    pub file: String,
    /// The case, where it is known, and what is wrong with it.
    pub message: String,
}

/// One case for a client.
#[derive(Debug, Clone)]
pub struct ClientCase {
    /// Its permanent name.
    pub id: String,
    /// What a right client does.
    pub title: String,
    /// The file that it stands in.
    pub file: String,
    /// The clauses that it proves. The level of the first decides what a failure weighs.
    pub clauses: Vec<String>,
    /// What the client is asked to do, such as `publish 3`.
    pub task: String,
    /// Whether a rule that never applies makes the case mean nothing for this client, in place of inconclusive.
    pub optional: bool,
    /// Whether time is the subject.
    pub timed: bool,
    /// What the broker proposes.
    pub limits: Limits,
    /// Steps of a script that prepare the broker, in the notation.
    pub before: Vec<String>,
    /// Whether refusals of the broker prove the client wrong: no rule made them up.
    pub trusted: bool,
    /// How the broker behaves.
    pub rules: Vec<Rule>,
    /// What is acceptable.
    pub expect: Expect,
}

/// What the broker proposes, where it is not the reference broker's own choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// The greatest stream.
    pub channel_max: Option<u16>,
    /// The greatest frame in octets.
    pub frame_max: Option<u32>,
    /// Seconds between heartbeats.
    pub heartbeat: Option<u16>,
}

/// When something happens, and what.
#[derive(Debug, Clone)]
pub struct Rule {
    /// When.
    pub when: When,
    /// Whether it applies only once the rule before it has.
    pub then: bool,
    /// What.
    pub actions: Vec<Action>,
    /// How a person reads the moment.
    pub moment: String,
    /// How a person reads what happens.
    pub text: String,
}

/// When a rule applies.
#[derive(Debug, Clone)]
pub enum When {
    /// A frame passes by that matches: the `nth`, or each for 0.
    Frame {
        /// Whose frame.
        side: Side,
        /// What it looks like.
        pattern: Box<Message>,
        /// Which of those that match.
        nth: usize,
    },
    /// So long after the rule before it applied for the first time, or after the connection was made.
    After(Duration),
    /// Again and again, counted from the same moment.
    Every(Duration),
}

/// What happens.
#[derive(Debug, Clone)]
pub enum Action {
    /// `< COMMAND`: the broker says that, of which the core knows nothing.
    Say(Box<Message>),
    /// `> COMMAND`: the core is told that, as if the client had said it.
    Inject(Box<Message>),
    /// `drop`: the frame goes no further.
    Drop,
    /// `rewrite FIELD=VALUE … with FAULT=VALUE …`: the frame goes on with other values, or with faults.
    Rewrite {
        /// The fields that change.
        fields: Vec<Field>,
        /// The faults.
        with: Vec<Field>,
    },
    /// `delay TIME`: whatever is said to the client from here on waits so long first.
    Delay(Duration),
    /// `split N`: whatever is written from here on is written in pieces of so many octets.
    Split(usize),
    /// `hold`: what is said to the client is kept.
    Hold,
    /// `release`: what was kept is written at once.
    Release,
    /// `interleave N`: contents are kept until those of two streams have N frames each, and go out frame by frame in turn.
    Interleave(usize),
    /// `body-frames N …`: bodies travel in frames of these sizes, and the last goes on for the rest of the body.
    BodyFrames(Vec<usize>),
    /// `mute`: the broker says nothing any more.
    Mute,
    /// `detach`: the core is told that the connection is gone, and nothing of it goes on.
    Detach,
    /// `eof`: the broker ends the connection, as soon as everything is written.
    Eof,
    /// `cut`: the broker resets the connection.
    Cut,
    /// `alarm-on`, `alarm-off`: the broker runs short of resources, or has them again.
    Alarm(bool),
}

/// What is acceptable.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// How the task may end: `done`, `error`.
    pub task: Vec<String>,
    /// How it may end though that is not recommended.
    pub lenient: Vec<String>,
    /// What the client must have received, in order; less if the task ended by an error.
    pub received: Option<Vec<String>>,
    /// What the client has to send after the first rule applied.
    pub sends: Vec<Message>,
    /// What it must not send after that.
    pub never: Vec<Message>,
    /// Within which time after the last rule began to apply the client has to end the connection.
    pub ends: Option<Duration>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<RawCase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawCase {
    id: String,
    title: String,
    clauses: Vec<String>,
    task: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    timed: bool,
    #[serde(default)]
    broker: Limits,
    /// What waits in the first queue and in the second.
    #[serde(default)]
    messages: Vec<String>,
    #[serde(default)]
    second: Vec<String>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    rule: Vec<RawRule>,
    expect: RawExpect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    #[serde(default)]
    then: bool,
    at: Option<String>,
    nth: Option<usize>,
    after: Option<String>,
    every: Option<String>,
    #[serde(rename = "do")]
    actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpect {
    task: Vec<String>,
    #[serde(default)]
    lenient: Vec<String>,
    received: Option<Vec<String>>,
    #[serde(default)]
    sends: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    ends: Option<String>,
}

/// The cases that this program brings for clients of a protocol.
///
/// # Errors
/// None: a test reads all of them.
pub fn cases(dialect: &'static dyn Dialect) -> Result<Vec<ClientCase>, CaseError> {
    let mut all = Vec::new();
    for Source { name, text } in scripts::amqp_0_9_1_clients() {
        all.extend(parse(name, text, dialect)?);
    }
    Ok(all)
}

/// The cases of a file.
///
/// # Errors
/// What is wrong with it, and in which case.
pub fn parse(
    file: &str,
    text: &str,
    dialect: &'static dyn Dialect,
) -> Result<Vec<ClientCase>, CaseError> {
    let refuse = |message: String| CaseError {
        file: file.to_owned(),
        message,
    };
    let read: File = toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
    let cases = read.case.into_iter().map(|raw| {
        let id = raw.id.clone();
        whole(file, raw, dialect).map_err(|what| refuse(format!("case `{id}`: {what}")))
    });
    cases.collect()
}

fn whole(file: &str, raw: RawCase, dialect: &'static dyn Dialect) -> Result<ClientCase, String> {
    for clause in &raw.clauses {
        if dialect.clauses().get(clause).is_none() {
            return Err(format!("there is no clause `{clause}`"));
        }
    }
    if raw.clauses.is_empty() {
        return Err("`clauses` is empty".to_owned());
    }
    let rules = raw.rule.into_iter().map(|raw| rule(raw, dialect));
    let rules: Vec<Rule> = rules.collect::<Result<_, _>>()?;
    // Whoever changes what is asked, or says what the core did not, proves nothing against the client.
    let meddles = |action: &Action| match action {
        Action::Say(message) => message.command.value.ends_with(".close"),
        Action::Inject(_) | Action::Drop | Action::Rewrite { .. } => true,
        _ => false,
    };
    let trusted = !rules.iter().flat_map(|rule| &rule.actions).any(meddles);
    Ok(ClientCase {
        id: raw.id,
        title: raw.title,
        file: file.to_owned(),
        clauses: raw.clauses,
        task: raw.task,
        optional: raw.optional,
        timed: raw.timed,
        limits: raw.broker,
        before: [
            waiting("mqspec", &raw.messages),
            waiting("mqspec-2", &raw.second),
            raw.before,
        ]
        .concat(),
        trusted,
        rules,
        expect: expect(raw.expect, dialect)?,
    })
}

/// The steps that put messages into a queue and see them there.
fn waiting(queue: &str, messages: &[String]) -> Vec<String> {
    if messages.is_empty() {
        return Vec::new();
    }
    let declare = format!("> queue.declare queue=\"{queue}\"");
    let mut steps = vec![declare.clone(), "< queue.declare-ok".to_owned()];
    let publish = |body: &String| format!("> basic.publish routing-key=\"{queue}\" body={body:?}");
    steps.extend(messages.iter().map(publish));
    steps.push(format!("{declare} passive=true"));
    steps.push(format!(
        "< queue.declare-ok message-count={}",
        messages.len()
    ));
    steps
}

fn rule(raw: RawRule, dialect: &dyn Dialect) -> Result<Rule, String> {
    let (when, moment) = match (raw.at, raw.after, raw.every) {
        (Some(at), None, None) => {
            let Line { side, message } = compile::pattern(&at, dialect)?;
            let when = When::Frame {
                side,
                pattern: Box::new(message),
                nth: raw.nth.unwrap_or(1),
            };
            (when, at)
        }
        (None, Some(after), None) => (
            When::After(compile::time(&after)?),
            format!("{after} later"),
        ),
        (None, None, Some(every)) => (
            When::Every(compile::time(&every)?),
            format!("every {every}"),
        ),
        _ => return Err("a rule has one of `at`, `after` and `every`".to_owned()),
    };
    let actions = raw
        .actions
        .iter()
        .map(|text| compile::action(text, dialect));
    Ok(Rule {
        when,
        then: raw.then,
        actions: actions.collect::<Result<_, _>>()?,
        moment,
        text: raw.actions.join("; "),
    })
}

fn expect(raw: RawExpect, dialect: &dyn Dialect) -> Result<Expect, String> {
    for ending in raw.task.iter().chain(&raw.lenient) {
        if !["done", "error"].contains(&ending.as_str()) {
            return Err(format!(
                "a task ends as `done` or as `error`, not as `{ending}`"
            ));
        }
    }
    let of_client = |lines: &[String]| -> Result<Vec<Message>, String> {
        let lines = lines.iter().map(|line| compile::pattern(line, dialect));
        let lines: Vec<Line> = lines.collect::<Result<_, _>>()?;
        match lines.iter().all(|line| line.side == Side::Client) {
            true => Ok(lines.into_iter().map(|line| line.message).collect()),
            false => Err("what a client sends begins with `>`".to_owned()),
        }
    };
    Ok(Expect {
        sends: of_client(&raw.sends)?,
        never: of_client(&raw.never)?,
        ends: raw.ends.map(|time| compile::time(&time)).transpose()?,
        task: raw.task,
        lenient: raw.lenient,
        received: raw.received,
    })
}
