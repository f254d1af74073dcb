//! A text's lines and their tokens.
//!
//! A line here is a statement: physical lines joined by ` \` count as one. A line with a mistake is kept, marked
//! broken, so that the blocks around it stay as they are and the mistakes in other lines are found as well.

use std::time::Duration;

use super::ast::{Piece, Span};
use super::diagnose::{Faults, Noted};

/// One statement with the comments that belong to it.
pub(super) struct Line {
    pub number: u32,
    /// How many blanks stand before it.
    pub indent: usize,
    pub tokens: Vec<Token>,
    pub lead: Vec<String>,
    pub comment: Option<String>,
    pub span: Span,
    /// Whether a mistake was found in it; the tokens are those before the mistake.
    pub broken: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
    /// Whether a blank or the line's start is before it.
    pub spaced: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Int(i128),
    Hex(i128),
    Float(f64),
    Duration(Duration),
    Text(Vec<Piece>),
    Bytes(Vec<u8>),
    /// `$name`
    Var(String),
    /// `?name`
    Bind(String),
    Symbol(&'static str),
}

/// Statements whose operands are bare names, which may begin with a digit or hold a slash.
const NAMING: [&str; 7] = [
    "case", "clause", "group", "needs", "protocol", "stage", "target",
];

/// The longer ones first.
const SYMBOLS: [&str; 22] = [
    "...", "..", "<", ">", "=", "/", "|", "&", "+", "-", "*", "!", "~", "(", ")", "[", "]", "{",
    "}", ",", ":", "_",
];

/// The lines of a text, and the comment lines behind the last.
pub(super) fn lines(text: &str, faults: &mut Faults<'_>) -> (Vec<Line>, Vec<String>) {
    let mut scanner = Scanner {
        text,
        at: 0,
        number: 1,
        faults,
    };
    scanner.eat("\u{feff}");
    let mut lines = Vec::new();
    let mut lead = Vec::new();
    while !scanner.rest().is_empty() {
        let start = scanner.at;
        scanner.skip(|c| c == ' ');
        let margin = scanner.at;
        let tabs = scanner
            .skip(|c| matches!(c, ' ' | '\t' | '\r'))
            .matches('\t')
            .count();
        // A tab is wrong, but its line belongs into some block.
        let indent = margin - start + 2 * tabs;
        match scanner.peek() {
            None | Some('\n') => {
                if lead.last().is_none_or(|last: &String| !last.is_empty()) {
                    lead.push(String::new());
                }
            }
            Some('#') => {
                let comment = scanner.comment();
                lead.push(if comment.is_empty() {
                    " ".to_owned()
                } else {
                    comment
                });
            }
            Some(_) => {
                if scanner.at > margin {
                    let span = Span {
                        start: margin,
                        end: scanner.at,
                    };
                    scanner.faults.error_with(
                        span,
                        "a tab in the indentation",
                        "blocks are indented by blanks",
                    );
                }
                lines.push(scanner.statement(indent, std::mem::take(&mut lead)));
            }
        }
        scanner.eat("\n");
        scanner.number += 1;
    }
    if lead.last().is_some_and(String::is_empty) {
        lead.pop();
    }
    (lines, lead)
}

pub(super) struct Scanner<'t, 'f, 'x> {
    text: &'t str,
    pub at: usize,
    number: u32,
    pub faults: &'f mut Faults<'x>,
}

impl<'t> Scanner<'t, '_, '_> {
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let there = self.rest().starts_with(expected);
        if there {
            self.at += expected.len();
        }
        there
    }

    pub(super) fn skip(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// What has been taken since `start`.
    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn span_from(&self, start: usize) -> Span {
        Span {
            start,
            end: self.at,
        }
    }

    /// A comment up to the line's end, without its `#` and one blank.
    fn comment(&mut self) -> String {
        let comment = self.skip(|c| c != '\n');
        let comment = comment.strip_prefix('#').unwrap_or(comment);
        comment
            .strip_prefix(' ')
            .unwrap_or(comment)
            .trim_end()
            .to_owned()
    }

    fn statement(&mut self, indent: usize, lead: Vec<String>) -> Line {
        let number = self.number;
        let start = self.at;
        let mut line = Line {
            number,
            indent,
            tokens: Vec::new(),
            lead,
            comment: None,
            span: Span::default(),
            broken: false,
        };
        if self.tokens(&mut line).is_err() {
            line.broken = true;
            while self.skip(|c| c != '\n').trim_end().ends_with('\\') && self.eat("\n") {
                self.number += 1;
            }
        }
        line.span = Span {
            start,
            end: line.tokens.last().map_or(start, |token| token.span.end),
        };
        line
    }

    fn tokens(&mut self, line: &mut Line) -> Result<(), Noted> {
        let mut spaced = true;
        loop {
            spaced |= !self.skip(|c| matches!(c, ' ' | '\t' | '\r')).is_empty();
            match self.peek() {
                None | Some('\n') => return Ok(()),
                Some('#') if spaced => {
                    line.comment = Some(self.comment().trim().to_owned())
                        .filter(|comment| !comment.is_empty());
                    return Ok(());
                }
                Some('\\') => {
                    self.continuation()?;
                    spaced = true;
                }
                Some(_) => {
                    let naming = match line.tokens.first() {
                        Some(Token {
                            kind: Kind::Word(first),
                            ..
                        }) => NAMING.contains(&first.as_str()),
                        _ => false,
                    };
                    let start = self.at;
                    // Other blanks than those skipped above are no part of a name, and no token either.
                    let blank = self.peek().is_some_and(char::is_whitespace);
                    // A name stands apart from what is named: `case#x` is none that printing could bring back.
                    let kind = match naming && spaced && !blank {
                        true => Kind::Word(self.skip(|c| !c.is_whitespace()).to_owned()),
                        false => self.token()?,
                    };
                    line.tokens.push(Token {
                        kind,
                        span: self.span_from(start),
                        spaced,
                    });
                    spaced = false;
                }
            }
        }
    }

    /// A backslash at a line's end.
    fn continuation(&mut self) -> Result<(), Noted> {
        let start = self.at;
        self.bump();
        let span = self.span_from(start);
        self.skip(|c| matches!(c, ' ' | '\t' | '\r'));
        if !self.eat("\n") {
            let help = "it may only end a line, which then goes on in the next one";
            return Err(self
                .faults
                .error_with(span, "a backslash outside of a quoted text", help));
        }
        self.number += 1;
        Ok(())
    }

    fn token(&mut self) -> Result<Kind, Noted> {
        let start = self.at;
        let rest = self.rest();
        let mut ahead = rest.chars();
        match (ahead.next(), ahead.next()) {
            (Some('"'), _) => self.quoted().map(Kind::Text),
            (Some('h'), _) if rest.starts_with("hex\"") => self.hex().map(Kind::Bytes),
            (Some('a'..='z' | 'A'..='Z'), _) => Ok(Kind::Word(self.skip(is_word).to_owned())),
            (Some('0'..='9'), _) | (Some('-'), Some('0'..='9')) => self.number(),
            (Some('-'), Some('i')) if rest.starts_with("-inf") => {
                self.eat("-inf");
                Ok(Kind::Float(f64::NEG_INFINITY))
            }
            (Some('$'), _) => self.variable().map(Kind::Var),
            (Some('?'), _) => self.variable().map(Kind::Bind),
            (Some('#'), _) => {
                self.bump();
                let span = self.span_from(start);
                Err(self.faults.error_with(
                    span,
                    "a `#` within a word",
                    "a comment needs a blank before its `#`",
                ))
            }
            _ => match SYMBOLS.into_iter().find(|symbol| self.eat(symbol)) {
                Some(symbol) => Ok(Kind::Symbol(symbol)),
                None => {
                    let found = self.bump().unwrap_or_default();
                    let span = self.span_from(start);
                    let message = format!("{found:?} means nothing here");
                    Err(self.faults.error_with(
                        span,
                        message,
                        "a text with other signs stands in double quotes",
                    ))
                }
            },
        }
    }

    /// `$name` or `?name`.
    fn variable(&mut self) -> Result<String, Noted> {
        let start = self.at;
        let sign = self.bump().unwrap_or_default();
        let name = self.skip(is_word_of_variable);
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Ok(name.to_owned());
        }
        self.skip(is_word);
        let span = self.span_from(start);
        let help = format!(
            "write {sign}name: a lower-case letter, then lower-case letters, digits and `_`"
        );
        Err(self
            .faults
            .error_with(span, format!("`{sign}` without a variable's name"), help))
    }
}

/// Whether a plain word may hold the sign.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Whether a variable's name may hold the sign.
pub(super) fn is_word_of_variable(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}
