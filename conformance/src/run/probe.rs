//! Telling a broker that ignores something from one that hangs: the runner asks a question of its own.

use super::exchange::{Exchange, PendingProbe, Waiting};
use super::expect::{Thread, heads_text};
use super::verdict::Verdict;
use crate::dialect::{Incoming, Want};

impl Exchange {
    /// Asks whether the broker still answers.
    pub(super) fn probe(&mut self) {
        self.probed = true;
        let Some(Waiting::Threads { threads, .. }) = &self.waiting else {
            return;
        };
        let Some(head) = threads.iter().find_map(Thread::head) else {
            return;
        };
        let connection = head.connection;
        let asked = &self.connections[connection];
        if asked.ended.is_some() || asked.abandoned {
            return;
        }
        let Some(probe) = asked.session.probe(head.stream, head.command()) else {
            return;
        };
        self.write(
            connection,
            &probe.request,
            Some("asked by the runner: does the broker still answer?"),
        );
        self.asked = Some(self.probes.len());
        self.probes.push(PendingProbe {
            connection,
            stream: probe.stream,
            reply: probe.reply,
            answered: false,
        });
    }

    /// Whether this is the reply to a question of the runner's own; each is taken once.
    pub(super) fn is_probe_reply(&mut self, connection: usize, incoming: &Incoming) -> bool {
        let probe = self.probes.iter_mut().find(|probe| {
            !probe.answered
                && probe.connection == connection
                && probe.stream == incoming.stream
                && probe.reply == incoming.command
        });
        match probe {
            Some(probe) => {
                probe.answered = true;
                true
            }
            None => false,
        }
    }

    /// The broker answers later requests, but not what is awaited.
    pub(super) fn answered(&mut self, threads: &[Thread], connection: usize) {
        for probe in self
            .probes
            .iter_mut()
            .filter(|probe| probe.connection == connection)
        {
            probe.answered = true;
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
        let why = format!(
            "it did not come for {:?}, while the broker answered a later request",
            self.patience.quiet
        );
        let expected = self.expected();
        self.finish(Verdict::Failed, expected, "nothing".to_owned(), why, None);
    }

    /// A reply to the runner's own question, on a stream where nothing is awaited.
    pub(super) fn probe_reply_elsewhere(&mut self) -> Option<usize> {
        let (connection, stream, reply) = self
            .probes
            .iter()
            .find(|probe| !probe.answered)
            .map(|probe| (probe.connection, probe.stream, probe.reply))?;
        let session = &mut self.connections[connection].session;
        if session.first_stream() != Some(stream) {
            return None;
        }
        let incoming = session.take(Want {
            stream,
            command: reply,
            without_content: false,
        })?;
        let lane = self.lane(connection, incoming.stream, &incoming.command);
        self.transcript
            .received(lane, &incoming, &self.variables, &[]);
        (incoming.command == reply).then_some(connection)
    }
}
