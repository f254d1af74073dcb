//! The end of a case: goodbye on every connection, and nothing left that the script did not expect.

use super::exchange::{Connection, Exchange, Waiting};
use super::transcript;
use super::verdict::Verdict;
use crate::dialect::Want;

impl Exchange {
    /// Says goodbye on every connection where that is possible.
    pub(super) fn farewell(&mut self) {
        self.said_farewell = true;
        let mut left = Vec::new();
        for connection in 0..self.connections.len() {
            let Connection {
                session,
                abandoned,
                ended,
                ..
            } = &self.connections[connection];
            if *abandoned || ended.is_some() {
                continue;
            }
            match session.farewell() {
                Some((request, reply)) => {
                    self.write(connection, &request, Some("end of case"));
                    left.push((connection, reply));
                }
                None => self.check_leftovers(connection),
            }
        }
        if !left.is_empty() && self.outcome.is_none() {
            self.waiting = Some(Waiting::Farewell { left });
        }
    }

    pub(super) fn satisfy_farewell(&mut self, mut left: Vec<(usize, &'static str)>) -> bool {
        let Some((connection, reply)) = left.first().copied() else {
            return true;
        };
        let want = Want {
            stream: self.dialect.stream(reply),
            command: reply,
            without_content: false,
        };
        match self.connections[connection].session.take(want) {
            Some(incoming) if incoming.command == reply => {
                let lane = self.lane(connection, incoming.stream, reply);
                self.transcript
                    .received(lane, &incoming, &self.variables, &[]);
                self.received.insert(incoming.command);
                left.remove(0);
                self.check_leftovers(connection);
            }
            Some(incoming) => {
                let lane = self.lane(connection, incoming.stream, &incoming.command);
                let came = transcript::line(lane.clone(), &incoming, &self.variables);
                self.transcript
                    .received(lane, &incoming, &self.variables, &[]);
                self.transcript.remark("<- here");
                let why = format!("`{}` came at the end of the case", incoming.command);
                self.finish(Verdict::Failed, vec![format!("< {reply}")], came, why, None);
            }
            None => match self.connections[connection].ended {
                Some(ended) => {
                    let came = self.note_end(connection, ended);
                    self.transcript.remark("<- here");
                    let why =
                        "the connection ended at the end of the case, before the answer".to_owned();
                    self.finish(Verdict::Failed, vec![format!("< {reply}")], came, why, None);
                }
                None => {
                    self.waiting = Some(Waiting::Farewell { left });
                    return false;
                }
            },
        }
        if !left.is_empty() && self.outcome.is_none() {
            self.waiting = Some(Waiting::Farewell { left });
        }
        true
    }

    /// What came and was never expected is a finding.
    pub(super) fn check_leftovers(&mut self, connection: usize) {
        let mut aside = std::mem::take(&mut self.connections[connection].aside);
        let session = &mut self.connections[connection].session;
        // A script that closes its connections itself meets what the runner meets when it does.
        aside.retain(|incoming| session.farewell().is_some() || !session.may_come_last(incoming));
        let left = session.leftovers();
        for incoming in aside.into_iter().chain(left) {
            if self.take_probe_reply(connection, &incoming).is_some() {
                let lane = self.lane(connection, incoming.stream, &incoming.command);
                self.transcript
                    .received(lane, &incoming, &self.variables, &[]);
                continue;
            }
            let lane = self.lane(connection, incoming.stream, &incoming.command);
            let came = transcript::line(lane.clone(), &incoming, &self.variables);
            self.transcript
                .received(lane, &incoming, &self.variables, &[]);
            self.transcript.remark("<- here");
            let (why, clause) = match incoming.breach {
                Some(breach) => (breach.what, Some(breach.clause.to_owned())),
                None => (
                    format!("`{}` came, and nothing had asked for it", incoming.command),
                    None,
                ),
            };
            return self.finish(
                Verdict::Failed,
                vec!["nothing more".to_owned()],
                came,
                why,
                clause,
            );
        }
    }
}
