//! What came, held against what is acceptable.

use super::answer::{Answer, Ended};
use super::case::ClientCase;
use super::play::Record;
use super::report::Found;
use crate::dialect::{Dialect, Overheard, Side};
use crate::run::{Variables, Verdict};
use crate::script::{Message, StepKind};

/// What a case tells about a client. Without an answer, as of a client that is started by hand, the octets alone decide.
pub fn judged(
    case: &ClientCase,
    dialect: &dyn Dialect,
    record: &Record,
    answer: Option<&Answer>,
) -> Found {
    let look = Look {
        case,
        dialect,
        record,
        answer,
    };
    let checks = [
        Look::means,
        Look::breaches,
        Look::never,
        Look::received,
        Look::fate,
        Look::comes_to_it,
        Look::sends,
        Look::ends,
    ];
    let found = checks.into_iter().find_map(|check| check(&look));
    Found {
        told: look.told(),
        ..found.unwrap_or_else(|| look.ending())
    }
}

struct Look<'a> {
    case: &'a ClientCase,
    dialect: &'a dyn Dialect,
    record: &'a Record,
    answer: Option<&'a Answer>,
}

impl Look<'_> {
    fn found(&self, verdict: Verdict, why: impl Into<String>) -> Found {
        Found {
            verdict,
            why: why.into(),
            ..Found::default()
        }
    }

    fn failed(&self, expected: Vec<String>, came: String, why: &str, at: Option<usize>) -> Found {
        Found {
            verdict: Verdict::Failed,
            expected,
            came,
            why: why.to_owned(),
            at,
            ..Found::default()
        }
    }

    fn result(&self) -> Option<&str> {
        self.answer.map(Answer::result)
    }

    /// How the task ended, as the client tells.
    fn told(&self) -> String {
        let Some(answer) = self.answer else {
            return "nobody tells".to_owned();
        };
        match answer.detail() {
            detail if detail.is_empty() => format!("task: {}", answer.result()),
            detail => format!("task: {}: {detail}", answer.result()),
        }
    }

    /// A client that has no means for the task, or whose program never got as far as to connect.
    fn means(&self) -> Option<Found> {
        if self.result() == Some("without") {
            return Some(self.found(Verdict::Skipped, self.told()));
        }
        let nobody = self.record.heard.is_empty();
        let why = format!("nobody connected; {}", self.told());
        nobody.then(|| self.found(Verdict::Inconclusive, why))
    }

    /// A rule of the case's own clauses that no case has to ask for.
    fn breaches(&self) -> Option<Found> {
        for (at, (_, command)) in self.record.heard.iter().enumerate() {
            for breach in &command.breaches {
                if self
                    .case
                    .clauses
                    .iter()
                    .any(|clause| clause == breach.clause)
                {
                    let came = line(command, self.dialect);
                    return Some(Found {
                        clause: Some(breach.clause.to_owned()),
                        ..self.failed(Vec::new(), came, &breach.what, Some(at))
                    });
                }
            }
        }
        None
    }

    /// Everything that the client said once the first rule had applied.
    fn after(&self) -> impl Iterator<Item = (usize, &Overheard)> {
        let from = self
            .record
            .applied
            .iter()
            .flatten()
            .map(|(from, _)| *from)
            .min();
        let heard = self.record.heard.iter().enumerate();
        heard
            .skip(from.unwrap_or(0))
            .map(|(at, (_, command))| (at, command))
            .filter(|(_, command)| command.side == Side::Client)
    }

    fn sent(&self, message: &Message) -> Option<usize> {
        let mut variables = Variables::new("t", []);
        let mut fits = |command: &Overheard| {
            let stream = message
                .lane
                .stream
                .is_none_or(|stream| stream == command.stream);
            stream
                && message.command.value == command.command
                && message.fields.iter().all(|field| {
                    let mut fields = command.fields.iter();
                    let came = fields.find(|(name, _)| *name == field.name.value);
                    let came = came.map(|(_, value)| value);
                    let matched =
                        variables.matches(&field.value, came, self.dialect, &mut Vec::new());
                    matched.unwrap_or(false)
                })
        };
        self.after()
            .find(|(_, command)| fits(command))
            .map(|(at, _)| at)
    }

    fn never(&self) -> Option<Found> {
        let found = self
            .case
            .expect
            .never
            .iter()
            .find_map(|it| Some((it, self.sent(it)?)));
        let (message, at) = found?;
        let expected = vec![format!("never {}", shown(message))];
        let came = line(&self.record.heard[at].1, self.dialect);
        Some(self.failed(expected, came, "the client said what it must not", Some(at)))
    }

    /// What was received is all of what is expected, or the beginning of it if the task ended by an error.
    fn received(&self) -> Option<Found> {
        let wanted = self.case.expect.received.as_ref()?;
        let came = self.answer?.messages();
        let expect = &self.case.expect;
        let mut endings = expect.task.iter().chain(&expect.lenient);
        let right = match self.result() {
            // Where the task should not be done at all, that it was is the finding.
            Some("done") => came == wanted || endings.all(|ending| ending != "done"),
            _ => wanted.starts_with(came),
        };
        let expected = vec![format!("received {wanted:?}")];
        let why = "what the client received is not what was sent to it";
        (!right).then(|| self.failed(expected, format!("received {came:?}"), why, None))
    }

    /// A program that died of it.
    fn fate(&self) -> Option<Found> {
        let signal = matches!(self.answer?.ended, Ended::Signal(_));
        let expected = vec!["a program that ends by itself".to_owned()];
        signal.then(|| self.failed(expected, self.told(), "the client's program died", None))
    }

    /// A client that never came to what the case is about.
    fn comes_to_it(&self) -> Option<Found> {
        let applied = &self.record.applied;
        let missed = applied.iter().position(Option::is_none);
        // Rules may be there in case they are needed; the first is what the case is about.
        let missed = missed.filter(|rule| *rule == 0);
        let apart = self.record.interleaved == Some(false);
        let moment = match (missed, apart) {
            (Some(rule), _) => format!("`{}`", self.case.rules[rule].moment),
            (None, true) => "contents of two streams at once".to_owned(),
            (None, false) => return None,
        };
        let verdict = match self.case.optional {
            true => Verdict::Skipped,
            false => Verdict::Inconclusive,
        };
        Some(self.found(
            verdict,
            format!("there never was {moment}; {}", self.told()),
        ))
    }

    fn sends(&self) -> Option<Found> {
        let mut wanted = self.case.expect.sends.iter();
        let message = wanted.find(|it| self.sent(it).is_none())?;
        let expected = vec![shown(message)];
        let (at, last) = match self.record.heard.iter().enumerate().next_back() {
            Some((at, (_, command))) => (Some(at), line(command, self.dialect)),
            None => (None, "nothing".to_owned()),
        };
        Some(match self.result() {
            Some("hung") => self.found(
                Verdict::Inconclusive,
                format!("`{}` was awaited in vain; {}", shown(message), self.told()),
            ),
            _ => self.failed(expected, last, "the client never said it", at),
        })
    }

    /// Whether the client ended the connection soon enough after the last rule that applied.
    fn ends(&self) -> Option<Found> {
        let within = self.case.expect.ends?;
        let from = self
            .record
            .applied
            .iter()
            .flatten()
            .map(|(_, at)| *at)
            .max()?;
        let left = self.record.left.iter().copied().flatten().max();
        let took = left.map(|left| left.saturating_sub(from));
        let expected = vec![format!("the client ends the connection within {within:?}")];
        let came = match took {
            Some(took) if took <= within => return None,
            Some(took) => format!("it ended it after {took:.1?}"),
            None => "it did not".to_owned(),
        };
        Some(self.failed(expected, came, "the connection lasted for too long", None))
    }

    /// How the task ended.
    fn ending(&self) -> Found {
        let expect = &self.case.expect;
        let Some(result) = self.result() else {
            return match expect.sends.is_empty() && expect.ends.is_none() {
                true => self.found(Verdict::Inconclusive, "nobody tells how the task ended"),
                false => self.found(Verdict::Passed, ""),
            };
        };
        let has = |list: &[String]| list.iter().any(|known| known == result);
        if has(&expect.task) {
            return self.found(Verdict::Passed, "");
        }
        if has(&expect.lenient) {
            return self.found(Verdict::Lenient, self.told());
        }
        if result == "hung" {
            return self.found(Verdict::Inconclusive, self.told());
        }
        let wanted = expect.task.iter().chain(&expect.lenient);
        let expected = wanted.map(|result| format!("task: {result}")).collect();
        let why = match result {
            "done" => "the client took what is against the protocol",
            _ => "the client did not do what it can under the protocol",
        };
        self.failed(expected, self.told(), why, None)
    }
}

/// A pattern for the client, as the case has it.
fn shown(message: &Message) -> String {
    let step = crate::script::Step::of(StepKind::Send(message.clone()));
    step.to_string().trim().to_owned()
}

/// What passed by, in the notation.
pub(super) fn line(command: &Overheard, dialect: &dyn Dialect) -> String {
    super::report::statement(command, "", dialect)
}
