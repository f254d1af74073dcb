//! Colours, where they are wanted.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// Puts colours on text, or leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// With colours or without.
    pub fn new(on: bool) -> Self {
        Paint { on }
    }

    fn with(self, style: Style, text: impl Display) -> String {
        match self.on {
            true => format!("{style}{text}{style:#}"),
            false => text.to_string(),
        }
    }

    /// As it should be.
    pub fn good(self, text: impl Display) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// What fails the run.
    pub fn bad(self, text: impl Display) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    /// What a person should look at.
    pub fn warn(self, text: impl Display) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// What stands in the background.
    pub fn dim(self, text: impl Display) -> String {
        self.with(AnsiColor::BrightBlack.on_default(), text)
    }

    /// What the eye should meet first.
    pub fn bold(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }
}
