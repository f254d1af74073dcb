//! What is wrong with a script, and where: one line for a log, or the source line with a pointer for a person.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::ast::Span;

/// How many findings are kept for one file. Behind that many, the file is not a script at all.
const MOST: usize = 100;

/// How many names can be shown to choose from.
const FEW: usize = 20;

/// A finding about a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file's name, as given to [`parse`](super::parse()).
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// The place in the source.
    pub span: Span,
    /// How grave it is.
    pub severity: Severity,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The script can run, but its author should look at it.
    Warning,
    /// The script cannot run.
    Error,
}

impl Diagnostic {
    /// The finding with the source line that it is about and a pointer to the column, in several lines. `source` is
    /// the text that was parsed; `color` asks for terminal colours.
    pub fn render(&self, source: &str, color: bool) -> String {
        let level = match self.severity {
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        let start = floor(source, self.span.start);
        let end = floor(source, self.span.end).max(start);
        let snippet = Snippet::source(source)
            .path(&self.file)
            .annotation(AnnotationKind::Primary.span(start..end));
        let mut report = vec![level.primary_title(&self.message).element(snippet)];
        if let Some(help) = &self.help {
            report.push(Group::with_title(Level::HELP.secondary_title(help)));
        }
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&report)
    }
}

/// The last place not behind `at` where a character of `text` begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic {
            file,
            line,
            column,
            message,
            help,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")?;
        match help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// That something is wrong and has been noted already.
#[derive(Debug)]
pub(super) struct Noted;

/// The findings about one text, as they are made.
pub(super) struct Faults<'t> {
    file: String,
    text: &'t str,
    line_starts: Vec<usize>,
    found: Vec<Diagnostic>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(file: &str, text: &'t str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Faults {
            file: file.to_owned(),
            text,
            line_starts,
            found: Vec::new(),
        }
    }

    /// Notes an error.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) -> Noted {
        self.note(Severity::Error, span, message.into(), None)
    }

    /// Notes an error and what would be right.
    pub(super) fn error_with(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Noted {
        self.note(Severity::Error, span, message.into(), Some(help.into()))
    }

    /// Notes what an author should look at.
    pub(super) fn warning(&mut self, span: Span, message: impl Into<String>, help: &str) -> Noted {
        self.note(
            Severity::Warning,
            span,
            message.into(),
            Some(help.to_owned()),
        )
    }

    /// Notes a name that is not among those known, and which of them may be meant.
    pub(super) fn unknown(
        &mut self,
        span: Span,
        message: String,
        name: &str,
        known: &[&str],
    ) -> Noted {
        let all = || match known.len() {
            1..=FEW => Some(format!("there are: {}", known.join(", "))),
            _ => None,
        };
        let help = suggest(name, known.iter().copied()).or_else(all);
        self.note(Severity::Error, span, message, help)
    }

    fn note(
        &mut self,
        severity: Severity,
        span: Span,
        message: String,
        help: Option<String>,
    ) -> Noted {
        if self.found.len() < MOST {
            let (line, column) = self.place(span.start);
            self.found.push(Diagnostic {
                file: self.file.clone(),
                line,
                column,
                message,
                help,
                span,
                severity,
            });
        }
        Noted
    }

    /// The line and the column, counted from 1, of an octet offset.
    fn place(&self, at: usize) -> (u32, u32) {
        let line = self
            .line_starts
            .partition_point(|start| *start <= at)
            .max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self
            .text
            .get(start..at)
            .map_or(at.saturating_sub(start), |before| before.chars().count())
            + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }

    /// A line, counted from 1, without the blanks around it.
    pub(super) fn line(&self, number: u32) -> Span {
        let index = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let start = self
            .line_starts
            .get(index)
            .copied()
            .unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let start = start + (line.len() - line.trim_start().len());
        Span {
            start,
            end: start + line.trim().len(),
        }
    }

    /// The findings in the order of their places.
    pub(super) fn into_found(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|finding| finding.span.start);
        self.found
    }

    /// The value, if there is no error.
    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<Diagnostic>> {
        if self
            .found
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            return Err(self.into_found());
        }
        Ok(value)
    }
}

/// `did you mean …?` for a name that is not among those known, if one of them is near.
pub(super) fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|known| format!("did you mean `{known}`?"))
}

/// The known name that is nearest, if it is near.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    // One letter for another is no likeness where there is only one.
    let reach = (length / 3).clamp(1, 4).min(length.saturating_sub(1));
    let lower = name.to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&lower, &known.to_ascii_lowercase());
    known
        .into_iter()
        .map(|known| (distance(known), known))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
