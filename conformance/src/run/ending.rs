//! The end of a connection, held against what is awaited.

use super::exchange::Exchange;
use super::expect::{Ended, Silence, Thread, heads_text, step_text};
use super::verdict::Verdict;
use crate::script::{Arm, Grade, Lane, Message, Spanned, StepKind};

impl Exchange {
    /// Holds the end of a connection against the threads.
    pub(super) fn offer_end(
        &mut self,
        mut threads: Vec<Thread>,
        choice: Option<Vec<Arm>>,
        connection: usize,
        ended: Ended,
    ) {
        let came = self.note_end(connection, ended);
        self.record_end(connection);
        let mut why = match ended {
            Ended::EndOfFile => "the broker ended the connection".to_owned(),
            Ended::Reset => "the broker reset the connection".to_owned(),
        };
        for index in 0..threads.len() {
            let Some(head) = threads[index].head() else {
                continue;
            };
            if head.connection != connection {
                continue;
            }
            let met = match head.command() {
                "eof" => ended == Ended::EndOfFile,
                "closed" => head.explained || head.silence != Silence::Refused,
                _ => false,
            };
            if !met {
                if head.command() == "closed" {
                    why = "the broker ended the connection without saying why".to_owned();
                }
                continue;
            }
            if head.command() == "closed"
                && !head.explained
                && head.silence == Silence::Graded(Grade::Lenient)
            {
                self.lenient = true;
                self.notes
                    .push("ended the connection without saying why".to_owned());
            }
            let eventually = head.eventually || head.explained;
            threads[index].rest.pop_front();
            if !eventually {
                self.check_leftovers(connection);
            }
            self.continue_with(threads, choice, index);
            return;
        }
        self.transcript.remark("<- here");
        threads.retain(|thread| !thread.rest.is_empty());
        self.finish(Verdict::Failed, heads_text(&threads), came, why, None);
    }

    /// Writes the end of a connection into the transcript.
    pub(super) fn note_end(&mut self, connection: usize, ended: Ended) -> String {
        let command = match ended {
            Ended::EndOfFile => "eof",
            Ended::Reset => "closed",
        };
        let message = Message {
            lane: Lane {
                stream: None,
                ..self.lane(connection, 0, command)
            },
            command: Spanned::of(command.to_owned()),
            fields: Vec::new(),
            with: Vec::new(),
        };
        let kind = StepKind::Expect {
            message,
            eventually: false,
        };
        self.transcript.other(kind.clone());
        match ended {
            Ended::EndOfFile => step_text(kind),
            Ended::Reset => {
                self.transcript.remark("by a reset");
                format!("{} (by a reset)", step_text(kind))
            }
        }
    }
}
