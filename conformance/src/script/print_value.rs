//! Values in the notation.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{Piece, Value};
use super::lexer::is_word;
use super::print::time;
use super::value::RESERVED;

/// How tightly a value holds together, from the loosest to the tightest.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Hold {
    Either,
    All,
    Range,
    Sum,
    Product,
    Prefix,
    Atom,
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // A text that is a field's whole value, or an alternative for it, is a plain word where it can be. Within
        // tables, sums and calls it is quoted: there it is data, and no name.
        match self {
            Value::Text(pieces) => match plain_word(pieces) {
                Some(word) => f.write_str(word),
                None => quoted(f, pieces),
            },
            Value::Either(values) => separated(f, "|", values, |f, value| match value {
                Value::Either(_) => write!(f, "({value})"),
                _ => write!(f, "{value}"),
            }),
            Value::All(values) => separated(f, " & ", values, |f, value| match value {
                Value::Either(_) | Value::All(_) => write!(f, "({value})"),
                _ => write!(f, "{value}"),
            }),
            Value::Not(inner) if matches!(**inner, Value::Text(_)) => write!(f, "!{inner}"),
            other => write(f, other, Hold::Either),
        }
    }
}

fn hold(value: &Value) -> Hold {
    match value {
        Value::Either(_) => Hold::Either,
        Value::All(_) => Hold::All,
        Value::Range(..) => Hold::Range,
        Value::Add(..) | Value::Sub(..) => Hold::Sum,
        Value::Mul(..) => Hold::Product,
        Value::Not(_) | Value::Matches(_) => Hold::Prefix,
        _ => Hold::Atom,
    }
}

/// A value where at least so much hold is asked for.
struct Held<'v>(&'v Value, Hold);

impl Display for Held<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write(f, self.0, self.1)
    }
}

/// Writes a value where at least `least` is asked for, in parentheses if it holds together less.
fn write(f: &mut Formatter<'_>, value: &Value, least: Hold) -> fmt::Result {
    if hold(value) < least {
        f.write_char('(')?;
        bare(f, value)?;
        return f.write_char(')');
    }
    bare(f, value)
}

fn bare(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Bool(value) => write!(f, "{value}"),
        Value::Int(number) => write!(f, "{number}"),
        Value::Hex(number) if *number < 0 => write!(f, "-{:#x}", number.unsigned_abs()),
        Value::Hex(number) => write!(f, "{number:#x}"),
        Value::Float(number) if number.is_nan() => f.write_str("nan"),
        Value::Float(number) => write!(f, "{number:?}"),
        Value::Duration(duration) => f.write_str(&time(*duration)),
        Value::Text(pieces) => quoted(f, pieces),
        Value::Bytes(octets) => hex(f, octets),
        Value::Var(name) => write!(f, "${name}"),
        Value::Add(left, right) => pair(f, (left, Hold::Sum), " + ", (right, Hold::Product)),
        Value::Sub(left, right) => pair(f, (left, Hold::Sum), " - ", (right, Hold::Product)),
        Value::Mul(left, right) => pair(f, (left, Hold::Product), " * ", (right, Hold::Prefix)),
        Value::Table { pairs, open } => table(f, pairs, *open),
        Value::Array { values, open } => {
            f.write_char('[')?;
            list(f, values)?;
            ellipsis(f, *open, values.is_empty())?;
            f.write_char(']')
        }
        Value::Void => f.write_str("void"),
        Value::Typed(tag, inner) => {
            write!(f, "{tag}:")?;
            write(f, inner, Hold::Prefix)
        }
        Value::Call(name, arguments) => call(f, name, arguments),
        Value::Cover(arguments) => call(f, "cover", arguments),
        Value::Any => f.write_char('_'),
        Value::Absent => f.write_str("absent"),
        Value::Bind(name) => write!(f, "?{name}"),
        Value::Either(values) => separated(f, "|", values, |f, value| write(f, value, Hold::All)),
        Value::All(values) => separated(f, " & ", values, |f, value| write(f, value, Hold::Range)),
        Value::Range(from, to) => {
            from.iter().try_for_each(|from| end_of_range(f, from))?;
            f.write_str("..")?;
            to.iter().try_for_each(|to| end_of_range(f, to))
        }
        Value::Matches(expression) => write!(f, "~{}", quoted_text(expression)),
        Value::Not(inner) => {
            f.write_char('!')?;
            write(f, inner, Hold::Prefix)
        }
    }
}

/// Tags and prefixes would take the end of a range for their own, and a word the dots behind it.
fn end_of_range(f: &mut Formatter<'_>, end: &Value) -> fmt::Result {
    let mut text = String::new();
    write!(text, "{}", Held(end, Hold::Sum))?;
    let before = text.trim_end_matches(is_word);
    let word = text
        .get(before.len()..)
        .unwrap_or_default()
        .starts_with(|c: char| c.is_ascii_alphabetic());
    let prefixed = matches!(end, Value::Typed(..) | Value::Not(_) | Value::Matches(_));
    match prefixed || (word && !before.ends_with(['$', '?'])) {
        true => write!(f, "({text})"),
        false => f.write_str(&text),
    }
}

fn pair(
    f: &mut Formatter<'_>,
    left: (&Value, Hold),
    sign: &str,
    right: (&Value, Hold),
) -> fmt::Result {
    write(f, left.0, left.1)?;
    f.write_str(sign)?;
    write(f, right.0, right.1)
}

fn separated<T>(
    f: &mut Formatter<'_>,
    separator: &str,
    values: &[T],
    each: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        each(f, value)?;
    }
    Ok(())
}

fn list(f: &mut Formatter<'_>, values: &[Value]) -> fmt::Result {
    separated(f, ", ", values, |f, value| write(f, value, Hold::Either))
}

fn call(f: &mut Formatter<'_>, name: &str, arguments: &[Value]) -> fmt::Result {
    write!(f, "{name}(")?;
    list(f, arguments)?;
    f.write_char(')')
}

fn ellipsis(f: &mut Formatter<'_>, open: bool, first: bool) -> fmt::Result {
    match (open, first) {
        (false, _) => Ok(()),
        (true, true) => f.write_str("..."),
        (true, false) => f.write_str(", ..."),
    }
}

fn table(f: &mut Formatter<'_>, pairs: &[(String, Value)], open: bool) -> fmt::Result {
    f.write_char('{')?;
    separated(f, ", ", pairs, |f, (name, value)| {
        match name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_word) {
            true => write!(f, "{name}=")?,
            false => write!(f, "{}=", quoted_text(name))?,
        }
        write(f, value, Hold::Either)
    })?;
    ellipsis(f, open, pairs.is_empty())?;
    f.write_char('}')
}

fn hex(f: &mut Formatter<'_>, octets: &[u8]) -> fmt::Result {
    f.write_str("hex\"")?;
    separated(f, " ", octets, |f, octet| write!(f, "{octet:02x}"))?;
    f.write_char('"')
}

/// The text as a plain word, if it can be one.
fn plain_word(pieces: &[Piece]) -> Option<&str> {
    let [Piece::Literal(octets)] = pieces else {
        return None;
    };
    let word = std::str::from_utf8(octets).ok()?;
    let plain = word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(is_word);
    (plain && !RESERVED.contains(&word)).then_some(word)
}

fn quoted(f: &mut Formatter<'_>, pieces: &[Piece]) -> fmt::Result {
    let mut text = String::from("\"");
    for piece in pieces {
        match piece {
            Piece::Literal(octets) => escape(&mut text, octets),
            Piece::Var(name) => {
                // A `$` before the variable stays one: `$${name}`.
                text.push_str("${");
                text.push_str(name);
                text.push('}');
            }
        }
    }
    text.push('"');
    f.write_str(&text)
}

/// A text in quotes.
pub(super) fn quoted_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    escape(&mut quoted, text.as_bytes());
    quoted.push('"');
    quoted
}

fn escape(text: &mut String, octets: &[u8]) {
    for chunk in octets.utf8_chunks() {
        let mut ahead = chunk.valid().chars().peekable();
        while let Some(c) = ahead.next() {
            match c {
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\0' => text.push_str("\\0"),
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '$' if ahead.peek() == Some(&'{') => text.push_str("\\x24"),
                ' '..='~' => text.push(c),
                '\0'..='\x7f' => text.extend(format!("\\x{:02x}", u32::from(c)).chars()),
                _ if c.escape_debug().count() > 1 => text.extend(c.escape_unicode()),
                _ => text.push(c),
            }
        }
        for octet in chunk.invalid() {
            text.push_str(&format!("\\x{octet:02x}"));
        }
    }
}
