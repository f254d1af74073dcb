//! What a client's program said, and how it ended.

use serde::{Deserialize, Serialize};

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with that status.
    Exited(i32),
    /// By that signal.
    Signal(i32),
    /// Not at all: it was ended.
    Hung,
}

/// The line that a program prints when it has done what it was asked, or cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// `done`, `error`, or `without` for a task that the client has no means for.
    pub result: String,
    /// Why, in the client's own words.
    #[serde(default)]
    pub detail: String,
    /// What it received, or was told by the broker, as far as the task asks for it.
    #[serde(default)]
    pub messages: Vec<String>,
    /// The client's version.
    #[serde(default)]
    pub version: Option<String>,
}

/// Both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it said, if it said anything that can be read.
    pub said: Option<Said>,
    /// How it ended.
    pub ended: Ended,
    /// The last lines of its standard error.
    pub stderr: String,
}

/// How much of a program's standard error is kept, in octets.
const KEPT: usize = 2000;

impl Answer {
    /// From what it printed.
    pub fn new(stdout: &[u8], stderr: &[u8], ended: Ended) -> Answer {
        let text = String::from_utf8_lossy(stdout);
        let mut lines = text.lines().rev();
        let said = lines.find_map(|line| serde_json::from_str(line.trim()).ok());
        let from = stderr.len().saturating_sub(KEPT);
        let stderr = String::from_utf8_lossy(&stderr[from..]).trim().to_owned();
        Answer {
            said,
            ended,
            stderr,
        }
    }

    /// How the task ended: what the program says, or an error if it died of one.
    pub fn result(&self) -> &str {
        match (&self.said, self.ended) {
            (Some(said), _) => &said.result,
            (None, Ended::Hung) => "hung",
            (None, Ended::Signal(_)) => "killed",
            (None, Ended::Exited(_)) => "error",
        }
    }

    /// What the program says of it, in a sentence.
    pub fn detail(&self) -> String {
        let last = || self.stderr.lines().last().unwrap_or_default().to_owned();
        match (&self.said, self.ended) {
            (Some(said), _) if !said.detail.is_empty() => said.detail.clone(),
            (Some(_), _) => String::new(),
            (None, Ended::Hung) => "the program did not end in time".to_owned(),
            (None, Ended::Signal(signal)) => format!("the program was ended by signal {signal}"),
            (None, Ended::Exited(status)) => {
                format!("the program ended with status {status}: {}", last())
            }
        }
    }

    /// What it received.
    pub fn messages(&self) -> &[String] {
        self.said.as_ref().map_or(&[], |said| &said.messages)
    }
}
