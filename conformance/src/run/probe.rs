//! What the runner asks of its own accord: whether a broker that is silent still answers, and whether a number that
//! no clause orders has settled.

use std::time::Duration;

use super::exchange::{Exchange, PendingProbe, Waiting};
use super::expect::{Thread, heads_text};
use super::verdict::Verdict;
use super::verify::Mismatch;
use crate::dialect::{Incoming, Outgoing, Want};

/// How long a number that no clause orders may take to settle.
const SETTLING: Duration = Duration::from_secs(4);
/// How long the runner waits before it asks again.
const AGAIN: Duration = Duration::from_millis(10);

impl Exchange {
    /// The request that led to what came, if asking again may lead to something else: a count in a reply may be
    /// behind what was published before, since no clause orders the two, and so may a queue that seems empty.
    pub(super) fn worth_asking_again(
        &self,
        connection: usize,
        incoming: &Incoming,
        awaited: &str,
        mismatch: &Mismatch,
    ) -> Option<Outgoing> {
        let request = self.last_sent.get(&(connection, incoming.stream))?;
        let settling = self.dialect.settling(request, &incoming.command);
        let only = !mismatch.fields.is_empty()
            && mismatch
                .fields
                .iter()
                .all(|field| settling.contains(&field.as_str()));
        let later = self
            .dialect
            .may_come_later(request, &incoming.command, awaited);
        ((only || later) && self.now < self.step_began + SETTLING).then(|| request.clone())
    }

    /// Asks again in a moment. The transcript keeps the first question and the last answer.
    pub(super) fn ask_again(&mut self, connection: usize, request: Outgoing, threads: Vec<Thread>) {
        let until = self.now + AGAIN;
        // What the runner asked before comes before the answer to what is asked again.
        self.probed = false;
        self.asked.clear();
        self.transcript.remark("asked until it had settled");
        self.waiting = Some(Waiting::Again {
            until,
            connection,
            request,
            threads,
        });
    }

    /// Asks whether the broker still answers.
    pub(super) fn probe(&mut self) {
        self.probed = true;
        if matches!(self.waiting, Some(Waiting::History(_))) {
            for (connection, stream) in self.answered_lanes() {
                self.ask(connection, stream, "");
            }
            return;
        }
        let Some(Waiting::Threads { threads, .. }) = &self.waiting else {
            return;
        };
        let Some(head) = threads.iter().find_map(Thread::head) else {
            return;
        };
        // Where time is the subject, a question would count as a sign of life.
        if threads
            .iter()
            .filter_map(Thread::head)
            .any(|head| head.within.is_some())
        {
            return;
        }
        let (connection, stream, command) =
            (head.connection, head.stream, head.command().to_owned());
        self.ask(connection, stream, &command);
    }

    /// Asks on a connection something else than what is awaited there.
    fn ask(&mut self, connection: usize, stream: u16, awaited: &str) {
        let asked = &self.connections[connection];
        if asked.ended.is_some() || asked.abandoned {
            return;
        }
        let Some(probe) = asked.session.probe(stream, awaited) else {
            return;
        };
        self.write(
            connection,
            &probe.request,
            Some("asked by the runner: does the broker still answer?"),
        );
        self.asked.push(self.probes.len());
        self.probes.push(PendingProbe {
            connection,
            stream: probe.stream,
            reply: probe.reply,
            answered: false,
        });
    }

    /// Which question of the runner's own this is the reply to; each is taken once.
    pub(super) fn take_probe_reply(
        &mut self,
        connection: usize,
        incoming: &Incoming,
    ) -> Option<usize> {
        let index = self.probes.iter().position(|probe| {
            !probe.answered
                && probe.connection == connection
                && probe.stream == incoming.stream
                && probe.reply == incoming.command
        })?;
        self.probes[index].answered = true;
        Some(index)
    }

    /// The broker answers a question of the runner's own, but not what is awaited. A question that an earlier step led to
    /// proves nothing: what is awaited may have been asked for after it.
    pub(super) fn answered(&mut self, threads: &[Thread], probe: usize) {
        if !self.asked.contains(&probe) {
            return;
        }
        let in_order = threads
            .iter()
            .filter_map(Thread::head)
            .all(|head| head.is_end() || self.dialect.comes_in_order(head.command()));
        if in_order {
            let why = "it never came: the broker read on and answered a later request".to_owned();
            self.finish(
                Verdict::Failed,
                heads_text(threads),
                "nothing".to_owned(),
                why,
                None,
            );
        }
    }

    /// The broker answers, and has been silent for long about what is awaited.
    pub(super) fn owes(&mut self) {
        if matches!(self.waiting, Some(Waiting::History(_))) {
            return self.history_owes();
        }
        let why = format!(
            "it did not come for {:?}, while the broker answered a later request",
            self.patience.quiet
        );
        let expected = self.expected();
        self.finish(Verdict::Failed, expected, "nothing".to_owned(), why, None);
    }

    /// The runner's own question that is answered on a stream where nothing is awaited.
    pub(super) fn probe_reply_elsewhere(&mut self) -> Option<usize> {
        let index = self.probes.iter().position(|probe| !probe.answered)?;
        let probe = &self.probes[index];
        let (connection, stream, reply) = (probe.connection, probe.stream, probe.reply);
        let session = &mut self.connections[connection].session;
        if session.first_stream() != Some(stream) {
            return None;
        }
        let incoming = session.take(Want {
            stream,
            command: reply,
            without_content: false,
        })?;
        if incoming.command != reply {
            // It waits for its own step.
            self.connections[connection].aside.push_back(incoming);
            return None;
        }
        self.record_received(connection, &incoming);
        let lane = self.lane(connection, incoming.stream, &incoming.command);
        self.transcript
            .received(lane, &incoming, &self.variables, &[]);
        self.probes[index].answered = true;
        Some(index)
    }
}
