//! A recording's file, written as it goes on, so that little is lost if the program is killed.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::{Happening, Scribe, What, name};
use crate::script::{Case, Step};

/// What a recording came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sum {
    /// The connections, in the order in which they were made.
    pub connections: Vec<Connection>,
    /// How many commands were written down.
    pub commands: usize,
}

/// One connection of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Connection {
    /// Its name in the script.
    pub name: String,
    /// Where its client was.
    pub client: String,
    /// When it was made, in milliseconds from the beginning of the recording.
    pub began_ms: u64,
    /// When it was over, if it is.
    pub ended_ms: Option<u64>,
    /// How many octets the client sent.
    pub to_broker: u64,
    /// How many the broker sent.
    pub to_client: u64,
    /// How it ended, in a few words.
    pub end: String,
}

/// A recording in the making.
pub struct Book {
    scribe: Scribe,
    file: Box<dyn Write>,
    case: Case,
    /// Whether the steps are kept for a picture.
    keep: bool,
    sum: Sum,
}

impl Book {
    /// Begins a file. `title` is a sentence without quotes, `lead` stands in comments above everything.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(
        scribe: Scribe,
        protocol: &str,
        title: &str,
        mut file: Box<dyn Write>,
        keep: bool,
    ) -> io::Result<Book> {
        let case = Case {
            lead: Vec::new(),
            id: "recorded/exchange".to_owned(),
            title: title.to_owned(),
            line: 0,
            clauses: Vec::new(),
            needs: Vec::new(),
            group: None,
            no_control: Some("a recording".to_owned()),
            steps: Vec::new(),
        };
        writeln!(file, "protocol {protocol}\n\n{case}")?;
        file.flush()?;
        Ok(Book {
            scribe,
            file,
            case,
            keep,
            sum: Sum::default(),
        })
    }

    /// Writes down what happened.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn note(&mut self, happening: &Happening) -> io::Result<()> {
        self.count(happening);
        let steps = self.scribe.note(happening);
        self.write(steps)
    }

    /// Ends the recording: the case with its steps, if they were kept, and what it came to.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<(Case, Sum)> {
        let steps = self.scribe.finish();
        self.write(steps)?;
        self.sum.commands = self.scribe.commands();
        Ok((self.case, self.sum))
    }

    fn write(&mut self, steps: Vec<Step>) -> io::Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for step in &steps {
            for line in step.to_string().lines() {
                // A text takes everything.
                let _ = writeln!(text, "  {line}");
            }
        }
        self.file.write_all(text.as_bytes())?;
        self.file.flush()?;
        if self.keep {
            self.case.steps.extend(steps);
        }
        Ok(())
    }

    fn count(&mut self, happening: &Happening) {
        let at = happening.at.as_millis() as u64;
        if let What::Opened(peer) = &happening.what {
            // They are told in the order in which their tasks come to speak.
            let wanted = happening.connection + 1;
            if self.sum.connections.len() < wanted {
                self.sum
                    .connections
                    .resize_with(wanted, Connection::default);
            }
            self.sum.connections[happening.connection] = Connection {
                name: name(happening.connection),
                client: peer.to_string(),
                began_ms: at,
                end: "it was still open".to_owned(),
                ..Connection::default()
            };
            return;
        }
        let Some(connection) = self.sum.connections.get_mut(happening.connection) else {
            return;
        };
        use crate::dialect::Side::{Broker, Client};
        let end = match &happening.what {
            What::Said(Client, octets) => {
                connection.to_broker += octets.len() as u64;
                return;
            }
            What::Said(Broker, octets) => {
                connection.to_client += octets.len() as u64;
                return;
            }
            What::Over => {
                connection.ended_ms = Some(at);
                return;
            }
            What::Unreachable(why) => format!("the broker could not be reached: {why}"),
            What::Finished(Client) => "the client ended it".to_owned(),
            What::Finished(Broker) => "the broker ended it".to_owned(),
            What::Reset(Client) => "the client reset it".to_owned(),
            What::Reset(Broker) => "the broker reset it".to_owned(),
            What::Opened(_) => return,
        };
        // The first to end it is who ended it.
        if connection.end == "it was still open" {
            connection.end = end;
        }
    }
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book")
            .field("sum", &self.sum)
            .finish_non_exhaustive()
    }
}
