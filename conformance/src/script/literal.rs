//! Quoted texts, octets and numbers.

use std::time::Duration;

use super::ast::{Piece, Span};
use super::diagnose::Noted;
use super::lexer::{Kind, Scanner, is_word, is_word_of_variable};

impl Scanner<'_, '_, '_> {
    /// A text in double quotes.
    pub(super) fn quoted(&mut self) -> Result<Vec<Piece>, Noted> {
        let start = self.at;
        self.bump();
        let mut pieces = Vec::new();
        let mut literal = Vec::new();
        loop {
            let here = self.at;
            match self.bump() {
                None | Some('\n') => {
                    self.at = here;
                    let help =
                        "it ends with `\"` in the same line; a line break within it is written \\n";
                    return Err(self.faults.error_with(
                        self.span_from(start),
                        "a quoted text without its end",
                        help,
                    ));
                }
                Some('"') => break,
                Some('\\') => self.escape(here, &mut literal)?,
                Some('$') if self.eat("{") => {
                    let name = self.skip(is_word_of_variable).to_owned();
                    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !self.eat("}") {
                        let help = "write ${name}, or \\x24{ for the two signs themselves";
                        let span = self.span_from(here);
                        return Err(self.faults.error_with(
                            span,
                            "`${` without a variable's name and `}`",
                            help,
                        ));
                    }
                    if !literal.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    }
                    pieces.push(Piece::Var(name));
                }
                Some(other) => literal.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(pieces)
    }

    /// What stands behind a backslash that began at `start`.
    fn escape(&mut self, start: usize, literal: &mut Vec<u8>) -> Result<(), Noted> {
        let octet = match self.peek() {
            Some('n') => b'\n',
            Some('r') => b'\r',
            Some('t') => b'\t',
            Some('0') => b'\0',
            Some('"') => b'"',
            Some('\\') => b'\\',
            Some('x') => {
                let digits = self.rest().get(1..3).unwrap_or_default();
                let valid = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                let Some(octet) = u8::from_str_radix(digits, 16).ok().filter(|_| valid) else {
                    return Err(
                        self.bad_escape(start, "`\\x` takes two hexadecimal digits, as in \\x0a")
                    );
                };
                self.at += 2;
                octet
            }
            Some('u') => {
                self.bump();
                let digits = self
                    .rest()
                    .strip_prefix('{')
                    .and_then(|rest| rest.split_once('}'));
                let scalar = digits.and_then(|(digits, _)| {
                    let valid = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                    u32::from_str_radix(digits, 16)
                        .ok()
                        .filter(|_| valid)
                        .and_then(char::from_u32)
                });
                let (Some((digits, _)), Some(scalar)) = (digits, scalar) else {
                    return Err(self.bad_escape(
                        start,
                        "`\\u` takes a character's number in braces, as in \\u{20ac}",
                    ));
                };
                self.at += digits.len() + 2;
                literal.extend_from_slice(scalar.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => {
                return Err(self.bad_escape(
                    start,
                    "there are \\n \\r \\t \\0 \\\" \\\\ \\xNN and \\u{NNNN}",
                ));
            }
        };
        self.bump();
        literal.push(octet);
        Ok(())
    }

    fn bad_escape(&mut self, start: usize, help: &str) -> Noted {
        if self.peek().is_some_and(|next| next != '\n') {
            self.bump();
        }
        self.faults
            .error_with(self.span_from(start), "an unknown escape", help)
    }

    /// `hex"00 ff"`
    pub(super) fn hex(&mut self) -> Result<Vec<u8>, Noted> {
        let start = self.at;
        self.eat("hex\"");
        let mut octets = Vec::new();
        loop {
            self.skip(|c| c == ' ');
            let here = self.at;
            if self.eat("\"") {
                return Ok(octets);
            }
            let pair = self.skip(|c| c.is_ascii_hexdigit());
            if !pair.is_empty() && pair.len().is_multiple_of(2) {
                let digits = pair
                    .as_bytes()
                    .chunks(2)
                    .filter_map(|pair| std::str::from_utf8(pair).ok());
                octets.extend(digits.filter_map(|pair| u8::from_str_radix(pair, 16).ok()));
                continue;
            }
            let (span, message) = match (pair.is_empty(), self.peek()) {
                (true, None | Some('\n')) => {
                    (self.span_from(start), "octets without their closing `\"`")
                }
                (true, Some(_)) => {
                    self.bump();
                    (self.span_from(here), "not a hexadecimal digit")
                }
                (false, _) => (
                    self.span_from(here),
                    "half an octet: an odd number of hexadecimal digits",
                ),
            };
            return Err(self.faults.error_with(
                span,
                message,
                "write octets as pairs of digits, as in hex\"00 ff\"",
            ));
        }
    }

    /// `404`, `-1`, `0x1F`, `1.5`, `1e6`, `500ms`
    pub(super) fn number(&mut self) -> Result<Kind, Noted> {
        let start = self.at;
        let negative = self.eat("-");
        if self.eat("0x") {
            let digits = self.skip(|c| c.is_ascii_alphanumeric());
            let number = i128::from_str_radix(digits, 16).ok();
            return match number.map(|number| if negative { -number } else { number }) {
                Some(number) => self.end_of_number(start, Kind::Hex(number)),
                None => Err(self.faults.error(
                    self.span_from(start),
                    "not a hexadecimal number of 127 bits at most",
                )),
            };
        }
        self.digits();
        let mut float = false;
        if followed_by_digit(self.rest().strip_prefix('.')) {
            self.eat(".");
            self.digits();
            float = true;
        }
        let exponent = self.rest().strip_prefix(['e', 'E']);
        if followed_by_digit(exponent)
            || followed_by_digit(exponent.and_then(|rest| rest.strip_prefix(['-', '+'])))
        {
            self.at += 2;
            self.digits();
            float = true;
        }
        let span = self.span_from(start);
        let digits = self.since(start);
        if float {
            let Ok(number) = digits.parse() else {
                return Err(self.faults.error(span, "not a number"));
            };
            return self.end_of_number(start, Kind::Float(number));
        }
        let Ok(number) = digits.parse::<i128>() else {
            return Err(self.faults.error(span, "a number of more than 128 bits"));
        };
        let unit_start = self.at;
        let unit = self.skip(|c| c.is_ascii_alphabetic());
        if unit.is_empty() {
            return self.end_of_number(start, Kind::Int(number));
        }
        let unit_span = Span {
            start: unit_start,
            end: self.at,
        };
        let amount = u64::try_from(number).ok();
        let duration = match unit {
            "ns" => amount.map(Duration::from_nanos),
            "us" => amount.map(Duration::from_micros),
            "ms" => amount.map(Duration::from_millis),
            "s" => amount.map(Duration::from_secs),
            "min" => amount
                .and_then(|minutes| minutes.checked_mul(60))
                .map(Duration::from_secs),
            _ => {
                self.skip(is_word);
                let quoted = format!("\"{}\"", self.since(start));
                let help = format!(
                    "a duration ends in ms, s or min; a text that begins with a digit is quoted: {quoted}"
                );
                return Err(self.faults.error_with(
                    unit_span,
                    format!("`{unit}` is no unit of time"),
                    help,
                ));
            }
        };
        match duration {
            Some(duration) => self.end_of_number(start, Kind::Duration(duration)),
            None => Err(self.faults.error(self.span_from(start), "not a duration")),
        }
    }

    fn digits(&mut self) {
        self.skip(|c| c.is_ascii_digit());
    }

    /// That no letter follows a number directly.
    fn end_of_number(&mut self, start: usize, kind: Kind) -> Result<Kind, Noted> {
        if !self
            .peek()
            .is_some_and(|next| next.is_alphanumeric() || next == '_')
        {
            return Ok(kind);
        }
        self.skip(is_word);
        let text = self.since(start);
        let help = format!("a text that begins with a digit is quoted: \"{text}\"");
        Err(self.faults.error_with(
            self.span_from(start),
            format!("`{text}` is no number"),
            help,
        ))
    }
}

fn followed_by_digit(rest: Option<&str>) -> bool {
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
