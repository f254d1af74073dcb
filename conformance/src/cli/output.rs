//! Standard output, whose reader may go away at any time.

use std::io::{ErrorKind, IsTerminal, Write};

use mqspec::report::paint::Paint;

use super::args::Color;
use super::failure::Failure;

impl Color {
    /// Whether what is written there shall have colours.
    pub fn applies_to(self, stream: &impl IsTerminal) -> bool {
        let forbidden = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && !forbidden("NO_COLOR") && !dumb,
        }
    }
}

/// Where results go.
#[derive(Debug)]
pub struct Output {
    color: Color,
    to_stderr: bool,
    closed: bool,
    failure: Option<Failure>,
}

impl Output {
    pub fn new(color: Color) -> Self {
        Output {
            color,
            to_stderr: false,
            closed: false,
            failure: None,
        }
    }

    /// When there are colours.
    pub fn color(&self) -> Color {
        self.color
    }

    /// Sends what follows to standard error, since standard output holds something for a program.
    pub fn give_way(&mut self) {
        self.to_stderr = true;
    }

    /// Colours as they suit where results go.
    pub fn paint(&self) -> Paint {
        Paint::new(match self.to_stderr {
            true => self.color.applies_to(&std::io::stderr()),
            false => self.color.applies_to(&std::io::stdout()),
        })
    }

    /// Prints text that brings its own line feeds.
    pub fn print(&mut self, text: &str) {
        match self.to_stderr {
            true => self.write(std::io::stderr(), text),
            false => self.write(std::io::stdout(), text),
        }
    }

    /// Prints what a program reads.
    pub fn print_data(&mut self, text: &str) {
        self.write(std::io::stdout(), text);
    }

    /// Prints a line.
    pub fn line(&mut self, line: impl std::fmt::Display) {
        self.print(&format!("{line}\n"));
    }

    fn write(&mut self, mut stream: impl Write, text: &str) {
        if self.closed {
            return;
        }
        let written = stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush());
        if let Err(error) = written {
            self.closed = true;
            // A reader that has seen enough, such as `head`, is no mistake.
            if error.kind() != ErrorKind::BrokenPipe {
                let said = format!("what was found cannot be printed: {error}");
                self.failure.get_or_insert(Failure::usage(said));
            }
        }
    }

    /// What went wrong with printing, if anything.
    pub fn finish(self) -> Result<(), Failure> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}
