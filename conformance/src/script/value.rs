//! Values and patterns out of a line's tokens.
//!
//! From the loosest to the tightest: `|`, `&`, ranges, `+` and `-`, `*`, then `!`, `~` and tags before a value.

use super::ast::{Piece, Span, Value};
use super::cursor::Cursor;
use super::diagnose::Noted;
use super::lexer::Kind;

/// How deep a value may be: enough for every table on the wire, and little enough for every stack.
const DEEPEST: usize = 64;

/// Words that mean something else than their text.
pub(super) const RESERVED: [&str; 6] = ["absent", "false", "inf", "nan", "true", "void"];
/// A value and how deep it is.
struct Tree {
    value: Value,
    height: usize,
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        Tree { value, height: 1 }
    }
}

impl Cursor<'_, '_, '_> {
    /// A whole value or pattern.
    pub(super) fn value(&mut self) -> Result<Value, Noted> {
        self.either().map(|tree| tree.value)
    }

    /// One level up from its parts.
    fn above(
        &mut self,
        span: Span,
        value: Value,
        heights: impl IntoIterator<Item = usize>,
    ) -> Result<Tree, Noted> {
        let height = heights.into_iter().max().unwrap_or(0) + 1;
        if height > DEEPEST {
            return Err(self
                .faults
                .error(span, format!("a value nested more than {DEEPEST} deep")));
        }
        Ok(Tree { value, height })
    }

    /// One level down, which keeps the parser itself from going too deep.
    fn within(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Tree, Noted>,
    ) -> Result<Tree, Noted> {
        if self.depth == DEEPEST {
            return Err(self.faults.error(
                self.here(),
                format!("a value nested more than {DEEPEST} deep"),
            ));
        }
        self.depth += 1;
        let tree = inner(self);
        self.depth -= 1;
        tree
    }

    fn either(&mut self) -> Result<Tree, Noted> {
        self.within(|this| this.joined("|", Self::all, Value::Either))
    }

    fn all(&mut self) -> Result<Tree, Noted> {
        self.joined("&", Self::range, Value::All)
    }

    fn joined(
        &mut self,
        sign: &str,
        part: fn(&mut Self) -> Result<Tree, Noted>,
        whole: fn(Vec<Value>) -> Value,
    ) -> Result<Tree, Noted> {
        let span = self.here();
        let first = part(self)?;
        if !self.at_symbol(sign) {
            return Ok(first);
        }
        let mut height = first.height;
        let mut values = vec![first.value];
        while self.eat(sign) {
            let next = part(self)?;
            height = height.max(next.height);
            values.push(next.value);
        }
        self.above(span, whole(values), [height])
    }

    fn range(&mut self) -> Result<Tree, Noted> {
        let span = self.here();
        if self.eat("..") {
            let to = self.sum()?;
            return self.above(
                span,
                Value::Range(None, Some(Box::new(to.value))),
                [to.height],
            );
        }
        let parenthesised = self.at_symbol("(");
        let from = self.sum()?;
        if !(self.at_symbol("..") && self.glued()) {
            return Ok(from);
        }
        if !parenthesised
            && matches!(
                from.value,
                Value::Typed(..) | Value::Not(_) | Value::Matches(_)
            )
        {
            let help = "put the range into parentheses: s:(1..10), !(1..10)";
            return Err(self
                .faults
                .error_with(span, "a range begins with a number", help));
        }
        self.next();
        let open = match self.peek() {
            Some(Kind::Symbol(symbol)) => {
                !matches!(*symbol, "(" | "{" | "[" | "_" | "!" | "~") || !self.glued()
            }
            Some(_) => !self.glued(),
            None => true,
        };
        if open {
            return self.above(
                span,
                Value::Range(Some(Box::new(from.value)), None),
                [from.height],
            );
        }
        let to = self.sum()?;
        let value = Value::Range(Some(Box::new(from.value)), Some(Box::new(to.value)));
        self.above(span, value, [from.height, to.height])
    }

    fn sum(&mut self) -> Result<Tree, Noted> {
        let span = self.here();
        let mut left = self.product()?;
        loop {
            let make = match self.peek() {
                Some(Kind::Symbol("+")) => Value::Add,
                Some(Kind::Symbol("-")) => Value::Sub,
                _ => return Ok(left),
            };
            self.next();
            let right = self.product()?;
            let value = make(Box::new(left.value), Box::new(right.value));
            left = self.above(span, value, [left.height, right.height])?;
        }
    }

    fn product(&mut self) -> Result<Tree, Noted> {
        let span = self.here();
        let mut left = self.prefixed()?;
        while self.eat("*") {
            let right = self.prefixed()?;
            let value = Value::Mul(Box::new(left.value), Box::new(right.value));
            left = self.above(span, value, [left.height, right.height])?;
        }
        Ok(left)
    }

    fn prefixed(&mut self) -> Result<Tree, Noted> {
        let span = self.here();
        match self.peek() {
            Some(Kind::Symbol("!")) => {
                self.next();
                let inner = self.within(Self::prefixed)?;
                self.above(span, Value::Not(Box::new(inner.value)), [inner.height])
            }
            Some(Kind::Symbol("~")) => {
                self.next();
                let place = self.here();
                match self.next().map(|token| &token.kind) {
                    Some(Kind::Text(pieces)) => match plain(pieces) {
                        Some(expression) => Ok(Value::Matches(expression).into()),
                        None => Err(self.faults.error(
                            place,
                            "a regular expression is UTF-8 text without variables",
                        )),
                    },
                    _ => {
                        let help = "it is written ~\"expression\", with \\\\ for one backslash";
                        Err(self.faults.error_with(
                            place,
                            "expected a quoted regular expression behind `~`",
                            help,
                        ))
                    }
                }
            }
            _ => self.atom(),
        }
    }

    fn tagged(&mut self, span: Span, tag: &str) -> Result<Tree, Noted> {
        let inner = self.within(Self::prefixed)?;
        self.above(
            span,
            Value::Typed(tag.to_owned(), Box::new(inner.value)),
            [inner.height],
        )
    }

    fn atom(&mut self) -> Result<Tree, Noted> {
        let span = self.here();
        let Some(token) = self.next() else {
            return Err(self.faults.error(span, "a value is missing"));
        };
        Ok(match &token.kind {
            Kind::Int(number) => Value::Int(*number).into(),
            Kind::Hex(number) => Value::Hex(*number).into(),
            Kind::Float(number) => Value::Float(*number).into(),
            Kind::Duration(duration) => Value::Duration(*duration).into(),
            Kind::Text(pieces) => Value::Text(pieces.clone()).into(),
            Kind::Bytes(octets) => Value::Bytes(octets.clone()).into(),
            Kind::Var(name) => Value::Var(name.clone()).into(),
            Kind::Bind(name) => Value::Bind(name.clone()).into(),
            Kind::Symbol("_") => Value::Any.into(),
            Kind::Symbol("(") => {
                let inner = self.either()?;
                self.close(")", span)?;
                inner
            }
            Kind::Symbol("[") => {
                let (values, open, height) = self.list("]", span)?;
                self.above(span, Value::Array { values, open }, [height])?
            }
            Kind::Symbol("{") => self.table(span)?,
            Kind::Word(word) if self.glued() && self.eat(":") => self.tagged(span, word)?,
            Kind::Word(word) if self.glued() && self.eat("(") => {
                let (values, open, height) = self.list(")", span)?;
                if open {
                    return Err(self
                        .faults
                        .error(span, "`...` belongs into a table or an array"));
                }
                let value = match word.as_str() {
                    "cover" => Value::Cover(values),
                    _ => Value::Call(word.clone(), values),
                };
                self.above(span, value, [height])?
            }
            Kind::Word(word) => match word.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "void" => Value::Void,
                "absent" => Value::Absent,
                "nan" => Value::Float(f64::NAN),
                "inf" => Value::Float(f64::INFINITY),
                _ => Value::Text(vec![Piece::Literal(word.clone().into_bytes())]),
            }
            .into(),
            Kind::Symbol(symbol) => {
                return Err(self
                    .faults
                    .error(span, format!("expected a value, not `{symbol}`")));
            }
        })
    }

    /// Values up to `end`, whether they end in `...`, and how deep the deepest is.
    fn list(&mut self, end: &str, opened: Span) -> Result<(Vec<Value>, bool, usize), Noted> {
        let (mut values, mut height) = (Vec::new(), 0);
        while !self.at_symbol(end) {
            if self.eat("...") {
                self.close(end, opened)?;
                return Ok((values, true, height));
            }
            let next = self.either()?;
            height = height.max(next.height);
            values.push(next.value);
            if !self.eat(",") {
                break;
            }
        }
        self.close(end, opened)?;
        Ok((values, false, height))
    }

    fn table(&mut self, opened: Span) -> Result<Tree, Noted> {
        let (mut pairs, mut open, mut height) = (Vec::new(), false, 0);
        while !self.at_symbol("}") {
            if self.eat("...") {
                open = true;
                break;
            }
            let place = self.here();
            let name = match self.next().map(|token| &token.kind) {
                Some(Kind::Word(word)) => Some(word.clone()),
                Some(Kind::Text(pieces)) => plain(pieces),
                _ => None,
            };
            let (Some(name), true) = (name, self.eat("=")) else {
                let help = "tables are written {name=value, \"another name\"=value}";
                return Err(self
                    .faults
                    .error_with(place, "expected name=value in a table", help));
            };
            let next = self.either()?;
            height = height.max(next.height);
            pairs.push((name, next.value));
            if !self.eat(",") {
                break;
            }
        }
        self.close("}", opened)?;
        self.above(opened, Value::Table { pairs, open }, [height])
    }
}

/// The text, if it is UTF-8 and names no variable.
pub(super) fn plain(pieces: &[Piece]) -> Option<String> {
    let mut text = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(octets) => text.extend_from_slice(octets),
            Piece::Var(_) => return None,
        }
    }
    String::from_utf8(text).ok()
}
