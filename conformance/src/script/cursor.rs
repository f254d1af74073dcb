//! What is left of a line, and the fields in it.

use super::ast::{Field, Span, Spanned};
use super::diagnose::{Faults, Noted, suggest};
use super::lexer::{Kind, Token};

/// What is left of one line.
pub(super) struct Cursor<'l, 'f, 't> {
    tokens: &'l [Token],
    end: Span,
    pub depth: usize,
    pub faults: &'f mut Faults<'t>,
}

impl<'l, 'f, 't> Cursor<'l, 'f, 't> {
    pub(super) fn new(tokens: &'l [Token], faults: &'f mut Faults<'t>) -> Self {
        let end = tokens.last().map_or(0, |last| last.span.end);
        Cursor {
            tokens,
            end: Span { start: end, end },
            depth: 0,
            faults,
        }
    }

    pub(super) fn peek(&self) -> Option<&'l Kind> {
        self.tokens.first().map(|token| &token.kind)
    }

    pub(super) fn peek_second(&self) -> Option<&'l Kind> {
        self.tokens.get(1).map(|token| &token.kind)
    }

    /// Whether the symbol follows the next token without a blank.
    pub(super) fn second_is_glued(&self, symbol: &str) -> bool {
        self.tokens.get(1).is_some_and(|second| {
            !second.spaced && matches!(second.kind, Kind::Symbol(found) if found == symbol)
        })
    }

    pub(super) fn next(&mut self) -> Option<&'l Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    /// The place of the next token, or of the line's end.
    pub(super) fn here(&self) -> Span {
        self.tokens.first().map_or(self.end, |token| token.span)
    }

    /// Whether there is a next token, and no blank before it.
    pub(super) fn glued(&self) -> bool {
        self.tokens.first().is_some_and(|token| !token.spaced)
    }

    pub(super) fn at_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Kind::Symbol(found)) if *found == symbol)
    }

    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let there = self.at_symbol(symbol);
        if there {
            self.next();
        }
        there
    }

    pub(super) fn close(&mut self, symbol: &str, opened: Span) -> Result<(), Noted> {
        if self.eat(symbol) {
            return Ok(());
        }
        match self.peek() {
            Some(_) => Err(self
                .faults
                .error(self.here(), format!("expected `,` or `{symbol}`"))),
            None => Err(self.faults.error(
                opened,
                format!("nothing closes this: `{symbol}` is missing"),
            )),
        }
    }

    /// Nothing more may stand in the line.
    pub(super) fn finish(&mut self) -> Result<(), Noted> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self
                .faults
                .error(self.here(), "nothing more is expected in this line")),
        }
    }

    /// `name=value …` up to the line's end or to a `with`.
    pub(super) fn fields(&mut self) -> Result<Vec<Field>, Noted> {
        let mut fields = Vec::new();
        while let Some(Kind::Word(name)) = self.peek() {
            if name == "with" && !matches!(self.peek_second(), Some(Kind::Symbol("="))) {
                break;
            }
            fields.push(self.field(name)?);
        }
        match self.peek() {
            None | Some(Kind::Word(_)) => Ok(fields),
            Some(Kind::Int(_) | Kind::Hex(_) | Kind::Float(_)) if !fields.is_empty() => {
                let help = "a sum or difference has blanks around its sign: $n - 1";
                Err(self.faults.error_with(
                    self.here(),
                    "expected a further field, not a number",
                    help,
                ))
            }
            Some(_) => Err(self.faults.error_with(
                self.here(),
                "expected a field",
                "fields are written name=value",
            )),
        }
    }

    fn field(&mut self, name: &str) -> Result<Field, Noted> {
        let span = self.here();
        self.next();
        if !is_field_name(name) {
            let proper = name.to_ascii_lowercase().replace('_', "-");
            let help = match is_field_name(&proper) {
                true => format!("did you mean `{proper}`?"),
                false => "lower-case letters, digits, `.` and `-`".to_owned(),
            };
            return Err(self.faults.error_with(
                span,
                format!("`{name}` is not a field's name"),
                help,
            ));
        }
        if !self.at_symbol("=") {
            let help = format!("fields are written name=value; `{name}` has no value");
            return Err(self.faults.error_with(span, "expected a field", help));
        }
        let spaced = !self.glued();
        let sign = self.here();
        self.next();
        if spaced || !self.glued() {
            let message = match self.peek() {
                None => format!("`{name}` has no value"),
                Some(_) => "a blank beside `=`".to_owned(),
            };
            return Err(self
                .faults
                .error_with(sign, message, "fields are written name=value"));
        }
        let value = self.value()?;
        Ok(Field {
            name: Spanned {
                value: name.to_owned(),
                span,
            },
            value,
        })
    }
}

/// Whether a field, a command or an option may be called so.
pub(super) fn is_field_name(name: &str) -> bool {
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(sign)
}

/// A keyword near to what was written.
pub(super) fn meant(word: &str, known: &[&'static str]) -> String {
    let all = || format!("expected one of {}", known.join(", "));
    suggest(word, known.iter().copied()).unwrap_or_else(all)
}
