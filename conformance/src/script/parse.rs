//! Files and the headers of cases, out of lines.
//!
//! Every line is read on its own, so that each mistake is found in one go. A line that cannot be read leaves its
//! block as it is; only the line is missing from it.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::ast::{Case, File, Item, Span, Stage, Value};
use super::cursor::{self, Cursor};
use super::diagnose::{Faults, Noted};
use super::lexer::{self, Kind, Line};
use super::message::name;
use super::value::plain;

/// What a file says. Mistakes are noted, and what could not be read is missing.
pub(super) fn file(name: &str, text: &str, faults: &mut Faults<'_>) -> File {
    let (lines, trailer) = lexer::lines(text, faults);
    let mut file = File {
        name: name.to_owned(),
        trailer: even(trailer),
        ..File::default()
    };
    Parser {
        lines: lines.into_iter().peekable(),
        faults,
    }
    .items(&mut file);
    if file.protocol.is_none() && file.items.is_empty() {
        begin(&mut file.trailer);
    } else {
        separate(&mut file.trailer);
    }
    file
}

/// The one value that a text holds.
pub(super) fn value(text: &str, faults: &mut Faults<'_>) -> Option<Value> {
    let (lines, _) = lexer::lines(text, faults);
    let [line] = lines.as_slice() else {
        faults.error(
            Span {
                start: 0,
                end: text.len(),
            },
            "expected one value",
        );
        return None;
    };
    if line.broken {
        return None;
    }
    let mut cursor = Cursor::new(&line.tokens, faults);
    let value = cursor.value().ok()?;
    cursor.finish().ok()?;
    Some(value)
}

/// Without the blank line at the start.
fn begin(lead: &mut Vec<String>) {
    if lead.first().is_some_and(String::is_empty) {
        lead.remove(0);
    }
}

/// With a blank line at the start, if there is anything.
fn separate(lead: &mut Vec<String>) {
    if lead.first().is_some_and(|first| !first.is_empty()) {
        lead.insert(0, String::new());
    }
}

/// With one blank line at most in a row.
fn even(mut lead: Vec<String>) -> Vec<String> {
    lead.dedup_by(|next, last| next.is_empty() && last.is_empty());
    lead
}

pub(super) struct Parser<'f, 't> {
    pub lines: Peekable<IntoIter<Line>>,
    pub faults: &'f mut Faults<'t>,
}

impl Parser<'_, '_> {
    fn items(&mut self, file: &mut File) {
        self.block(None, |parser, mut line| {
            if line.broken {
                return parser.skip(line.indent);
            }
            let indent = line.indent;
            let mut lead = std::mem::take(&mut line.lead);
            lead.extend(line.comment.take());
            let mut words = Cursor::new(&line.tokens, parser.faults);
            let keyword = match words.next().map(|token| &token.kind) {
                Some(Kind::Word(word)) => word.as_str(),
                _ => "",
            };
            if !matches!(keyword, "protocol" | "case" | "stage") {
                let known = cursor::meant(keyword, &["case", "stage", "protocol"]);
                parser.faults.error_with(
                    line.span,
                    "expected a case",
                    format!("write `case ID`; {known}"),
                );
                return parser.skip(indent);
            }
            let name = name(&mut words, &format!("behind `{keyword}`")).map(|name| name.value);
            if name.is_ok() && words.finish().is_err() {
                return parser.skip(indent);
            }
            let name = name.unwrap_or_default();
            if keyword == "protocol" {
                if file.protocol.is_some() || !file.items.is_empty() {
                    parser
                        .faults
                        .error(line.span, "`protocol` stands once, at the start of a file");
                }
                begin(&mut lead);
                (file.lead, file.protocol) = (lead, Some(name));
                return;
            }
            if file.protocol.is_none() && file.items.is_empty() {
                begin(&mut lead);
            } else if lead.first().is_none_or(|first| !first.is_empty()) {
                lead.insert(0, String::new());
            }
            file.items.push(match keyword {
                "case" => Item::Case(parser.case(name, lead, &line)),
                _ => Item::Stage(Stage {
                    lead,
                    name,
                    line: line.number,
                    steps: parser.steps(indent, 1),
                }),
            });
        });
    }

    fn case(&mut self, id: String, lead: Vec<String>, line: &Line) -> Case {
        let mut case = Case {
            lead,
            id,
            title: String::new(),
            line: line.number,
            clauses: Vec::new(),
            needs: Vec::new(),
            group: None,
            no_control: None,
            steps: Vec::new(),
        };
        self.block(Some(line.indent), |parser, line| match header(&line) {
            Some(keyword) => {
                if !case.steps.is_empty() {
                    let help =
                        "first the title, clause, needs, group and no-control; then the steps";
                    parser.faults.error_with(
                        line.span,
                        format!("the case's {keyword} behind its steps"),
                        help,
                    );
                }
                let _noted = parser.header(keyword, &line, &mut case);
                case.lead
                    .extend(line.lead.into_iter().filter(|comment| !comment.is_empty()));
                case.lead.extend(line.comment);
                parser.nothing_below(line.indent);
            }
            None => case.steps.extend(parser.step(line, 1)),
        });
        case
    }

    fn header(&mut self, keyword: &str, line: &Line, case: &mut Case) -> Result<(), Noted> {
        let mut words = Cursor::new(&line.tokens, self.faults);
        if keyword != "title" {
            words.next();
        }
        let place = words.here();
        match keyword {
            "clause" | "needs" => {
                let list = if keyword == "clause" {
                    &mut case.clauses
                } else {
                    &mut case.needs
                };
                list.push(name(&mut words, &format!("behind `{keyword}`"))?);
                while words.peek().is_some() {
                    list.push(name(&mut words, "")?);
                }
                return Ok(());
            }
            "group" => {
                let group = name(&mut words, "behind `group`")?;
                if case.group.replace(group.value).is_some() {
                    return Err(self.faults.error(line.span, "the case has a group already"));
                }
            }
            _ => {
                let text = match words.next().map(|token| &token.kind) {
                    Some(Kind::Text(pieces)) => plain(pieces).filter(|text| !text.is_empty()),
                    _ => None,
                };
                let Some(text) = text else {
                    return Err(words.faults.error(
                        place,
                        format!("the {keyword} is a quoted text without variables"),
                    ));
                };
                let twice = match keyword {
                    "title" => !std::mem::replace(&mut case.title, text).is_empty(),
                    _ => case.no_control.replace(text).is_some(),
                };
                if twice {
                    return Err(words
                        .faults
                        .error(line.span, format!("the case has a {keyword} already")));
                }
            }
        }
        words.finish()
    }

    /// Hands each line of a block to `each`, which takes the lines below it as well.
    pub(super) fn block(&mut self, above: Option<usize>, mut each: impl FnMut(&mut Self, Line)) {
        let mut level = if above.is_none() { Some(0) } else { None };
        let mut uneven = false;
        while let Some(line) = self
            .lines
            .next_if(|line| above.is_none_or(|above| line.indent > above))
        {
            let level = *level.get_or_insert(line.indent);
            if line.indent != level && !uneven {
                let help = match line.indent > level {
                    true => "the line before it opens no block".to_owned(),
                    false => format!("the lines of its block stand {level} blanks deep"),
                };
                let start = line.span.start.saturating_sub(line.indent);
                let span = Span {
                    start,
                    end: line.span.start,
                };
                self.faults
                    .error_with(span, "a line that is not in line with its block", help);
            }
            uneven = line.indent != level;
            each(self, line);
        }
    }

    /// Leaves out what stands below a line that could not be read.
    pub(super) fn skip(&mut self, above: usize) {
        while self.lines.next_if(|line| line.indent > above).is_some() {}
    }

    pub(super) fn nothing_below(&mut self, above: usize) {
        if let Some(line) = self.lines.peek()
            && line.indent > above
        {
            let span = line.span;
            self.faults
                .error_with(span, "a line too deep", "the line before it opens no block");
            self.skip(above);
        }
    }
}

/// What kind of header line of a case this is, if it is one.
fn header(line: &Line) -> Option<&'static str> {
    match line.tokens.first().map(|token| &token.kind) {
        Some(Kind::Text(_)) => Some("title"),
        Some(Kind::Word(word)) if !line.broken => ["clause", "needs", "group", "no-control"]
            .into_iter()
            .find(|known| known == word),
        _ => None,
    }
}
