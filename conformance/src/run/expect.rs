//! What is awaited, and how what comes is held against it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::exchange::{Exchange, Scope, Waiting};
use super::transcript;
use super::verdict::Verdict;
use super::verify::Verified;
use crate::dialect::{Incoming, Outgoing, Want};
use crate::script::{Arm, Field, Grade, Message, Step, StepKind, Value};

/// How a broker ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Cleanly.
    EndOfFile,
    /// By a reset.
    Reset,
}

/// What silence before the end of a connection is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    Graded(Grade),
    Refused,
}

/// One command that is awaited.
#[derive(Debug, Clone)]
pub(super) struct Expectation {
    pub(super) connection: usize,
    pub(super) stream: u16,
    pub(super) message: Message,
    pub(super) eventually: bool,
    pub(super) line: u32,
    /// The numbers that are still to be acknowledged.
    pub(super) cover: Option<BTreeSet<i128>>,
    pub(super) within: Option<(Duration, Option<Duration>)>,
    pub(super) silence: Silence,
    pub(super) without_content: bool,
    /// Whether the broker said why it ends the connection, so that only the end itself is awaited.
    pub(super) explained: bool,
}

/// Commands that are awaited one after the other.
#[derive(Debug, Clone)]
pub(super) struct Thread {
    pub(super) rest: VecDeque<Expectation>,
}

impl Thread {
    pub(super) fn head(&self) -> Option<&Expectation> {
        self.rest.front()
    }

    /// When the next command has to come at the latest, counted from the beginning of the step.
    pub(super) fn latest(&self) -> Option<Duration> {
        self.head()?.within?.1
    }

    pub(super) fn line(&self) -> Option<u32> {
        Some(self.head()?.line)
    }
}

impl Expectation {
    pub(super) fn command(&self) -> &str {
        &self.message.command.value
    }

    pub(super) fn is_end(&self) -> bool {
        matches!(self.command(), "closed" | "eof")
    }

    /// The expectation as the script says it.
    pub(super) fn text(&self) -> String {
        let kind = StepKind::Expect {
            message: self.message.clone(),
            eventually: self.eventually,
        };
        step_text(kind)
    }
}

pub(super) fn step_text(kind: StepKind) -> String {
    Step::of(kind).to_string().trim().to_owned()
}

impl Exchange {
    /// Makes expectations out of script lines.
    pub(super) fn thread(
        &mut self,
        heads: &[(&Message, bool, u32)],
        scope: Option<&Scope>,
    ) -> Result<Thread, String> {
        let mut rest = VecDeque::new();
        for (message, eventually, line) in heads {
            let connection = self.connection(&message.lane, scope)?;
            let mut expectation = Expectation {
                connection,
                stream: self.stream(message, scope),
                message: (*message).clone(),
                eventually: *eventually,
                line: scope.map_or(*line, |scope| scope.line),
                cover: None,
                within: None,
                silence: Silence::Graded(Grade::Lenient),
                without_content: false,
                explained: false,
            };
            for Field { name, value } in &message.with {
                match name.value.as_str() {
                    "within" => expectation.within = Some(self.interval(value)?),
                    "silent" => expectation.silence = silence(value)?,
                    "content" => expectation.without_content = true,
                    other => return Err(format!("`{other}` is no option of an expectation")),
                }
            }
            for field in &message.fields {
                if let Value::Cover(parts) = &field.value {
                    let numbers = self.variables.covered(parts, self.dialect);
                    expectation.cover = Some(numbers.map_err(|error| error.to_string())?);
                }
            }
            rest.push_back(expectation);
        }
        Ok(Thread { rest })
    }

    fn interval(&mut self, value: &Value) -> Result<(Duration, Option<Duration>), String> {
        let mut time = |value: &Option<Box<Value>>| match value {
            None => Ok(None),
            Some(value) => match self
                .variables
                .evaluate(value, self.dialect)
                .map(|time| time.int())
            {
                Ok(Some(time)) => Ok(Some(Duration::from_millis(time.max(0) as u64))),
                _ => Err(format!("`{value}` is no time")),
            },
        };
        match value {
            Value::Range(low, high) => Ok((time(low)?.unwrap_or_default(), time(high)?)),
            value => Ok((Duration::ZERO, time(&Some(Box::new(value.clone())))?)),
        }
    }

    /// What is awaited now, as the script says it.
    pub(super) fn expected(&self) -> Vec<String> {
        match &self.waiting {
            Some(Waiting::Threads { threads, .. }) => heads_text(threads),
            Some(Waiting::Farewell { left }) => {
                left.iter().map(|(_, reply)| format!("< {reply}")).collect()
            }
            _ => self.awaited_history().into_iter().collect(),
        }
    }

    /// Tries to go on with what has come. False if more has to come first.
    pub(super) fn satisfy(&mut self) -> bool {
        match self.waiting.take() {
            Some(Waiting::Threads { threads, choice }) => self.satisfy_threads(threads, choice),
            Some(Waiting::Farewell { left }) => self.satisfy_farewell(left),
            Some(Waiting::History(watch)) => self.satisfy_history(watch),
            other => {
                self.waiting = other;
                false
            }
        }
    }

    fn satisfy_threads(&mut self, threads: Vec<Thread>, choice: Option<Vec<Arm>>) -> bool {
        for index in 0..threads.len() {
            let Some(head) = threads[index].head() else {
                continue;
            };
            let connection = head.connection;
            let laid = self.laid_aside(connection, head);
            let session = &mut self.connections[connection].session;
            let stream = match head.is_end() {
                true => session.first_stream().unwrap_or(0),
                false => head.stream,
            };
            // Whoever awaits something on that very stream says in which form it is taken.
            let taker = threads
                .iter()
                .filter_map(Thread::head)
                .find(|other| {
                    other.connection == connection && other.stream == stream && !other.is_end()
                })
                .unwrap_or(head);
            let want = Want {
                stream,
                command: taker.command(),
                without_content: taker.without_content,
            };
            if let Some(incoming) = laid.or_else(|| session.take(want)) {
                self.offer(threads, choice, connection, incoming);
                return true;
            }
            if let Some(ended) = self.connections[connection].ended {
                self.offer_end(threads, choice, connection, ended);
                return true;
            }
        }
        if let Some(probe) = self.probe_reply_elsewhere() {
            self.answered(&threads, probe);
            self.waiting
                .get_or_insert(Waiting::Threads { threads, choice });
            return true;
        }
        self.waiting = Some(Waiting::Threads { threads, choice });
        false
    }

    /// What came for an expectation while something else was awaited.
    fn laid_aside(&mut self, connection: usize, head: &Expectation) -> Option<Incoming> {
        let aside = &mut self.connections[connection].aside;
        let fits = |incoming: &Incoming| {
            head.is_end() || incoming.stream == head.stream || incoming.stream == 0
        };
        let place = aside.iter().position(fits)?;
        aside.remove(place)
    }

    /// Holds what came against the threads.
    fn offer(
        &mut self,
        mut threads: Vec<Thread>,
        choice: Option<Vec<Arm>>,
        connection: usize,
        incoming: Incoming,
    ) {
        self.received.insert(incoming.command.clone());
        self.record_received(connection, &incoming);
        self.note_creation(&incoming.command, &incoming.fields);
        let lane = self.lane(connection, incoming.stream, &incoming.command);
        let came = transcript::line(lane.clone(), &incoming, &self.variables);
        if let Some(breach) = &incoming.breach {
            self.transcript
                .received(lane, &incoming, &self.variables, &[]);
            self.transcript.remark("<- here");
            let why = breach.what.clone();
            return self.finish(
                Verdict::Failed,
                heads_text(&threads),
                came,
                why,
                Some(breach.clause.to_owned()),
            );
        }
        let mut reasons = Vec::new();
        for index in 0..threads.len() {
            let Some(head) = threads[index].head() else {
                continue;
            };
            if head.connection != connection || (head.stream != incoming.stream && !head.is_end()) {
                continue;
            }
            let head = head.clone();
            match self.verify(&head, &incoming) {
                Err(mismatch) => reasons.push((head.line, mismatch)),
                Ok(mut verified) => {
                    for (name, value) in &verified.bound {
                        self.variables.bind(name, value.clone());
                    }
                    self.note_names(&incoming, &mut verified.bound);
                    self.transcript
                        .received(lane, &incoming, &self.variables, &verified.bound);
                    if head.without_content {
                        self.transcript.without_content();
                    }
                    self.met(threads, choice, index, &head, verified);
                    return;
                }
            }
        }
        if let Some((reaction, verified)) = self.reaction(connection, &incoming) {
            self.answer(connection, &incoming, &reaction, verified);
            self.waiting
                .get_or_insert(Waiting::Threads { threads, choice });
            return;
        }
        if let ([(_, mismatch)], [thread], None) = (reasons.as_slice(), threads.as_slice(), &choice)
            && let Some(head) = thread.head()
            && let Some(request) =
                self.worth_asking_again(connection, &incoming, head.command(), mismatch)
        {
            return self.ask_again(connection, request, threads);
        }
        self.transcript
            .received(lane, &incoming, &self.variables, &[]);
        if let Some(probe) = self.take_probe_reply(connection, &incoming) {
            self.answered(&threads, probe);
            self.waiting
                .get_or_insert(Waiting::Threads { threads, choice });
            return;
        }
        let passed_over = threads
            .iter()
            .filter_map(Thread::head)
            .any(|head| head.eventually && head.connection == connection);
        if passed_over && !self.ends_connection(&incoming) {
            self.waiting = Some(Waiting::Threads { threads, choice });
            return;
        }
        self.transcript.remark("<- here");
        let why = match reasons.as_slice() {
            [(line, mismatch)] => {
                self.line = *line;
                mismatch.why.clone()
            }
            [] => format!("`{}` was not expected there", incoming.command),
            several => {
                let whys: Vec<&str> = several
                    .iter()
                    .map(|(_, mismatch)| mismatch.why.as_str())
                    .collect();
                format!("none of what is acceptable came: {}", whys.join("; "))
            }
        };
        threads.retain(|thread| !thread.rest.is_empty());
        self.finish(Verdict::Failed, heads_text(&threads), came, why, None);
    }

    fn ends_connection(&self, incoming: &Incoming) -> bool {
        self.dialect
            .closing()
            .is_some_and(|(closing, _)| incoming.command == closing)
    }

    /// One expectation of the thread at that place was met.
    fn met(
        &mut self,
        mut threads: Vec<Thread>,
        choice: Option<Vec<Arm>>,
        index: usize,
        head: &Expectation,
        verified: Verified,
    ) {
        let thread = &mut threads[index];
        if head.command() == "closed" {
            if let Some(head) = thread.rest.front_mut() {
                head.explained = true;
            }
            if let Some((_, answer)) = self.dialect.closing() {
                let stream = self.dialect.stream(answer);
                self.write(
                    head.connection,
                    &Outgoing::new(stream, answer, Vec::new()),
                    None,
                );
            }
        } else if let Some(settled) = verified.settled
            && let Some(cover) = thread.rest.front_mut().and_then(|head| head.cover.as_mut())
        {
            cover.retain(|number| !settled.contains(number));
            if cover.is_empty() {
                thread.rest.pop_front();
            }
        } else {
            thread.rest.pop_front();
        }
        self.continue_with(threads, choice, index);
    }

    /// Goes on after a step forward in the thread at that place.
    pub(super) fn continue_with(
        &mut self,
        threads: Vec<Thread>,
        choice: Option<Vec<Arm>>,
        index: usize,
    ) {
        if self.outcome.is_some() {
            return;
        }
        let left = match choice {
            None => threads,
            Some(arms) => {
                if let Some(arm) = arms.get(index) {
                    self.chose(arm);
                }
                threads.into_iter().skip(index).take(1).collect()
            }
        };
        if left.iter().any(|thread| !thread.rest.is_empty()) {
            self.waiting = Some(Waiting::Threads {
                threads: left,
                choice: None,
            });
        }
    }

    fn chose(&mut self, arm: &Arm) {
        if arm.grade == Grade::Lenient {
            self.lenient = true;
        }
        if let Some(note) = &arm.note
            && !self.notes.contains(note)
        {
            self.notes.push(note.clone());
        }
        self.enter(arm.steps.iter().skip(1).cloned().collect(), None);
    }

    /// Nothing was proved.
    pub(super) fn give_up(&mut self) {
        let silent = self.now.saturating_sub(self.last_octet);
        let answers = match self.asked.is_empty() {
            false => ", and the broker answers no other request on this connection either",
            true => "",
        };
        let why = format!("nothing more came for {silent:.0?}{answers}");
        let expected = self.expected();
        self.finish(
            Verdict::Inconclusive,
            expected,
            "nothing".to_owned(),
            why,
            None,
        );
    }
}

pub(super) fn heads_text(threads: &[Thread]) -> Vec<String> {
    threads
        .iter()
        .filter_map(Thread::head)
        .map(Expectation::text)
        .collect()
}

fn silence(value: &Value) -> Result<Silence, String> {
    match value.to_string().as_str() {
        "pass" => Ok(Silence::Graded(Grade::Pass)),
        "lenient" => Ok(Silence::Graded(Grade::Lenient)),
        "fail" => Ok(Silence::Refused),
        other => Err(format!("silent={other}: pass, lenient or fail is wanted")),
    }
}
