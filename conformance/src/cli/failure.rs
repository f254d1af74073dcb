//! How a command ends that cannot do what it is asked: one message, and an exit status.

use mqspec::report::saved::SavedError;
use mqspec::select::SelectError;
use mqspec::suite::SuiteError;
use mqspec::target::TargetError;

use super::args::Color;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    status: u8,
    message: Message,
}

#[derive(Debug)]
enum Message {
    /// A sentence.
    Said(String),
    /// Findings that bring their own heads and pointers.
    Suite(SuiteError),
}

impl Failure {
    /// The command was used wrongly.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure {
            status: 2,
            message: Message::Said(message.into()),
        }
    }

    /// The target cannot be reached or started.
    pub fn target(message: impl Into<String>) -> Failure {
        Failure {
            status: 3,
            message: Message::Said(message.into()),
        }
    }

    /// Something was asked that holds for no broker or script: the answer is no.
    pub fn refusal(message: impl Into<String>) -> Failure {
        Failure {
            status: 1,
            message: Message::Said(message.into()),
        }
    }

    /// Somebody stopped it.
    pub fn stopped(status: u8) -> Failure {
        Failure {
            status,
            message: Message::Said("interrupted".to_owned()),
        }
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// A file cannot be read or written.
    pub fn file(path: impl std::fmt::Display, error: &std::io::Error) -> Failure {
        Failure::usage(format!("{path}: {error}"))
    }

    /// Prints the message and gives the exit status.
    pub fn tell(self, color: Color) -> u8 {
        let colored = color.applies_to(&std::io::stderr());
        match self.message {
            Message::Said(message) => {
                let style = anstyle::AnsiColor::Red.on_default().bold();
                match colored {
                    true => eprintln!("{style}error:{style:#} {message}"),
                    false => eprintln!("error: {message}"),
                }
            }
            Message::Suite(SuiteError::Mistaken(mistakes)) => {
                for (mistake, text) in &mistakes {
                    eprintln!("{}\n", mistake.render(text, colored));
                }
                let count = mqspec::report::layout::counted(mistakes.len(), "mistake");
                eprintln!("{count} in the scripts: nothing was done");
            }
            Message::Suite(error) => eprintln!("error: {error}"),
        }
        self.status
    }
}

impl From<SuiteError> for Failure {
    fn from(error: SuiteError) -> Self {
        Failure {
            status: 2,
            message: Message::Suite(error),
        }
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        Failure::usage(format!("{error}\n  `mqspec list` shows all cases"))
    }
}

impl From<SavedError> for Failure {
    fn from(error: SavedError) -> Self {
        Failure::usage(error.to_string())
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        match error.is_usage() {
            true => Failure::usage(error.to_string()),
            false => Failure::target(error.to_string()),
        }
    }
}
