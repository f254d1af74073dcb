//! Values and patterns: variables, tags, functions, and what only an expectation can say.

use super::super::ast::{Field, Piece, Span, Step, Value};
use super::super::diagnose::suggest;
use super::scope::{Name, Scope, is_generated};
use super::steps::Checker;

/// Where a value stands.
pub(super) struct Site {
    /// What is pointed at if the place within the value is not known.
    place: Span,
    /// Where the value's text is.
    region: Span,
    /// The value's name for a person, and whether it is written rather than matched.
    what: String,
    written: bool,
}

impl Site {
    /// The value of a field of a step.
    pub(super) fn of(field: &Field, step: &Step, written: bool) -> Site {
        let place = field.name.span;
        let region = Span {
            start: place.end,
            end: step.span.end,
        };
        Site {
            place,
            region,
            what: format!("`{}`", field.name.value),
            written,
        }
    }

    /// A value that has no name.
    pub(super) fn behind(place: Span, what: &str, written: bool) -> Site {
        Site {
            place,
            region: place,
            what: what.to_owned(),
            written,
        }
    }
}

impl Checker<'_, '_, '_> {
    pub(super) fn value(&mut self, value: &Value, site: &Site, scope: &mut Scope) {
        if let Some(pattern) = site.written.then(|| pattern(value)).flatten() {
            let place = self.find(site, &pattern);
            let help = "patterns stand in `<` lines; what is sent needs a value";
            self.faults.error_with(
                place,
                format!(
                    "`{pattern}` in {} matches, and says nothing to write",
                    site.what
                ),
                help,
            );
            return;
        }
        match value {
            Value::Var(name) => self.variable(name, &format!("${name}"), site, scope),
            Value::Bind(name) => {
                let place = self.find(site, &format!("?{name}"));
                self.bind(name, place, scope);
            }
            Value::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Var(name) = piece {
                        self.variable(name, &format!("${{{name}}}"), site, scope);
                    }
                }
            }
            Value::Typed(tag, inner) => {
                let known = self.vocabulary.tags();
                if !known.contains(&tag.as_str()) {
                    let place = self.find(site, &format!("{tag}:"));
                    self.faults
                        .unknown(place, format!("no type has the tag `{tag}`"), tag, &known);
                }
                self.value(inner, site, scope);
            }
            Value::Call(name, arguments) => {
                let mut known = self.vocabulary.functions();
                known.push("noise");
                if !known.contains(&name.as_str()) {
                    let place = self.find(site, &format!("{name}("));
                    self.faults.unknown(
                        place,
                        format!("no function is called `{name}`"),
                        name,
                        &known,
                    );
                }
                arguments
                    .iter()
                    .for_each(|argument| self.value(argument, site, scope));
            }
            Value::Matches(expression) => {
                if let Err(error) = regex::bytes::Regex::new(expression) {
                    let place = self.find(site, "~");
                    // The library draws the expression first; what is wrong stands in the last line.
                    let error = error.to_string();
                    let reason = error
                        .lines()
                        .last()
                        .unwrap_or_default()
                        .trim_start_matches("error: ");
                    self.faults
                        .error_with(place, "not a regular expression", reason);
                }
            }
            Value::Table { pairs, .. } => {
                for (index, (name, inner)) in pairs.iter().enumerate() {
                    if site.written && pairs.iter().take(index).any(|(earlier, _)| earlier == name)
                    {
                        let place = self.find(site, name);
                        let help = "octets that say so can be written with hex\"…\"";
                        self.faults.warning(
                            place,
                            format!("the table has `{name}` a second time"),
                            help,
                        );
                    }
                    self.value(inner, site, scope);
                }
            }
            Value::Array { values, .. }
            | Value::Either(values)
            | Value::All(values)
            | Value::Cover(values) => {
                values
                    .iter()
                    .for_each(|inner| self.value(inner, site, scope));
            }
            Value::Add(left, right) | Value::Sub(left, right) | Value::Mul(left, right) => {
                self.value(left, site, scope);
                self.value(right, site, scope);
            }
            Value::Range(from, to) => {
                from.iter()
                    .chain(to)
                    .for_each(|end| self.value(end, site, scope));
            }
            Value::Not(inner) => self.value(inner, site, scope),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Hex(_)
            | Value::Float(_)
            | Value::Duration(_)
            | Value::Bytes(_) => {}
            Value::Void | Value::Any | Value::Absent => {}
        }
    }

    fn variable(&mut self, name: &str, written: &str, site: &Site, scope: &mut Scope) {
        let variable = Name::Variable(name.to_owned());
        let built_in = self.vocabulary.variables();
        if is_generated(name) || built_in.contains(&name) || scope.knows(&variable) {
            return;
        }
        let place = self.find(site, written);
        let help = suggest(name, built_in).unwrap_or_else(|| {
            format!("`?{name}` in a `<` line before this one gives it what comes there")
        });
        let message = format!("`${name}` has no value here");
        self.faults.error_with(place, message, help);
        // Once is enough.
        scope.add(variable);
    }

    /// The place of a piece of the value's text.
    fn find(&self, site: &Site, piece: &str) -> Span {
        let text = self
            .text
            .get(site.region.start..site.region.end)
            .unwrap_or_default();
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let whole = |at: &usize| {
            let open = piece.ends_with(name);
            !open
                || !text
                    .get(at + piece.len()..)
                    .is_some_and(|rest| rest.starts_with(name))
        };
        let found = text.match_indices(piece).map(|(at, _)| at).find(whole);
        found.map_or(site.place, |at| {
            let start = site.region.start + at;
            Span {
                start,
                end: start + piece.len(),
            }
        })
    }
}

/// What of a value is a pattern, as it is written.
fn pattern(value: &Value) -> Option<String> {
    Some(match value {
        Value::Any => "_".to_owned(),
        Value::Absent => "absent".to_owned(),
        Value::Bind(name) => format!("?{name}"),
        Value::Either(_) => "|".to_owned(),
        Value::All(_) => "&".to_owned(),
        Value::Range(..) => "..".to_owned(),
        Value::Matches(_) => "~".to_owned(),
        Value::Not(_) => "!".to_owned(),
        Value::Cover(_) => "cover".to_owned(),
        Value::Table { open: true, .. } | Value::Array { open: true, .. } => "...".to_owned(),
        _ => return None,
    })
}
