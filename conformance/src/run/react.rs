//! What answers by itself what comes: `whenever`.

use std::sync::Arc;

use super::exchange::{Exchange, Scope, Waiting};
use super::expect::{Expectation, Thread, heads_text};
use super::transcript;
use super::verdict::Verdict;
use super::verify::Verified;
use crate::dialect::{Incoming, Want};
use crate::script::{Message, Step, StepKind};

/// A standing answer.
#[derive(Debug, Clone)]
pub(super) struct Reaction {
    head: Expectation,
    steps: Arc<Vec<Step>>,
}

impl Exchange {
    /// From here on the steps answer what matches the message.
    pub(super) fn answer_with(
        &mut self,
        message: &Message,
        steps: &[Step],
        line: u32,
        scope: Option<&Scope>,
    ) {
        self.transcript.other(StepKind::Whenever {
            message: message.clone(),
            steps: steps.to_vec(),
        });
        match self.thread(&[(message, false, line)], scope) {
            Ok(Thread { mut rest }) => {
                self.reactions.extend(rest.pop_front().map(|head| Reaction {
                    head,
                    steps: Arc::new(steps.to_vec()),
                }))
            }
            Err(why) => self.script_error(why),
        }
    }

    /// The lanes, as connection and stream, on which something is answered, each once.
    pub(super) fn answered_lanes(&self) -> Vec<(usize, u16)> {
        let mut lanes: Vec<(usize, u16)> = Vec::new();
        for Reaction { head, .. } in &self.reactions {
            let lane = (head.connection, head.stream);
            if !lanes.contains(&lane) && !self.connections[lane.0].abandoned {
                lanes.push(lane);
            }
        }
        lanes
    }

    /// Lets the reactions have the next command that no step awaits. False if there is none.
    pub(super) fn react(&mut self) -> bool {
        if self.reactions.is_empty() || self.history_says() {
            return false;
        }
        let awaited: Vec<(usize, Option<u16>)> = match &self.waiting {
            Some(Waiting::Threads { threads, .. } | Waiting::Again { threads, .. }) => {
                let heads = threads.iter().filter_map(Thread::head);
                heads
                    .map(|head| (head.connection, (!head.is_end()).then_some(head.stream)))
                    .collect()
            }
            Some(Waiting::Farewell { .. }) => return false,
            _ => Vec::new(),
        };
        for (connection, stream) in self.answered_lanes() {
            let by_step = |(other, wanted): &(usize, Option<u16>)| {
                *other == connection && wanted.is_none_or(|wanted| wanted == stream)
            };
            let aside = &self.connections[connection].aside;
            if awaited.iter().any(by_step) || !aside.is_empty() {
                continue;
            }
            let want = Want {
                stream,
                command: "",
                without_content: false,
            };
            if let Some(incoming) = self.connections[connection].session.take(want) {
                self.take_or_lay_aside(connection, incoming);
                return true;
            }
        }
        false
    }

    /// Answers a command, or leaves it for the step that will await it.
    fn take_or_lay_aside(&mut self, connection: usize, incoming: Incoming) {
        let fits = incoming.breach.is_none();
        if fits && let Some((reaction, verified)) = self.reaction(connection, &incoming) {
            self.record_received(connection, &incoming);
            self.answer(connection, &incoming, &reaction, verified);
        } else if fits && self.take_probe_reply(connection, &incoming).is_some() {
            self.record_received(connection, &incoming);
            let lane = self.lane(connection, incoming.stream, &incoming.command);
            self.transcript
                .received(lane, &incoming, &self.variables, &[]);
        } else if fits && !matches!(self.waiting, Some(Waiting::History(_))) {
            self.connections[connection].aside.push_back(incoming);
        } else {
            self.refuse(connection, &incoming);
        }
    }

    /// The newest reaction that fits.
    pub(super) fn reaction(
        &mut self,
        connection: usize,
        incoming: &Incoming,
    ) -> Option<(Reaction, Verified)> {
        for index in (0..self.reactions.len()).rev() {
            let head = &self.reactions[index].head;
            let elsewhere = head.connection != connection || head.stream != incoming.stream;
            if elsewhere || head.command() != incoming.command {
                continue;
            }
            let reaction = self.reactions[index].clone();
            if let Ok(verified) = self.verify(&reaction.head, incoming) {
                return Some((reaction, verified));
            }
        }
        None
    }

    /// Does what the reaction says.
    pub(super) fn answer(
        &mut self,
        connection: usize,
        incoming: &Incoming,
        reaction: &Reaction,
        mut verified: Verified,
    ) {
        self.received.insert(incoming.command.clone());
        self.note_creation(&incoming.command, &incoming.fields);
        for (name, value) in &verified.bound {
            self.variables.bind(name, value.clone());
        }
        self.note_names(incoming, &mut verified.bound);
        let lane = self.lane(connection, incoming.stream, &incoming.command);
        self.transcript
            .reacted(lane, incoming, &self.variables, &verified.bound);
        let line = self.line;
        self.reacting = true;
        for step in reaction.steps.iter() {
            self.line = step.line;
            if let StepKind::Send(message) = &step.kind
                && self.outcome.is_none()
            {
                self.send(message, None);
            }
        }
        self.reacting = false;
        if self.outcome.is_none() {
            self.line = line;
        }
    }

    /// What came fits nothing.
    pub(super) fn refuse(&mut self, connection: usize, incoming: &Incoming) {
        self.received.insert(incoming.command.clone());
        self.record_received(connection, incoming);
        let lane = self.lane(connection, incoming.stream, &incoming.command);
        let came = transcript::line(lane.clone(), incoming, &self.variables);
        self.transcript
            .received(lane, incoming, &self.variables, &[]);
        self.transcript.remark("<- here");
        let (why, clause) = match &incoming.breach {
            Some(breach) => (breach.what.clone(), Some(breach.clause.to_owned())),
            None => (
                format!("`{}` came, and nothing answers it here", incoming.command),
                None,
            ),
        };
        let mut expected = match &self.waiting {
            Some(Waiting::Threads { threads, .. } | Waiting::Again { threads, .. }) => {
                heads_text(threads)
            }
            _ => self.expected(),
        };
        let here = self.reactions.iter().filter(|reaction| {
            reaction.head.connection == connection && reaction.head.stream == incoming.stream
        });
        expected.extend(here.map(|reaction| format!("whenever {}", reaction.head.text())));
        self.finish(Verdict::Failed, expected, came, why, clause);
    }
}
