//! The tree out of the lines: cases, their headers and the blocks of steps.
//!
//! Every line is read on its own, so that each mistake is found in one go. A line that cannot be read leaves its
//! block as it is; only the line is missing from it.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::ast::{
    Arm, Case, File, Grade, Item, Lane, Message, Span, Spanned, Stage, Step, StepKind, Value,
};
use super::diagnose::{Faults, Noted};
use super::lexer::{self, Kind, Line};
use super::value::{Cursor, is_field_name, keyword, plain};

/// How deep blocks may stand in each other.
const DEEPEST: usize = 12;

const STEPS: [&str; 10] = [
    ">",
    "<",
    "open",
    "unordered",
    "one-of",
    "repeat",
    "control",
    "fault",
    "wait",
    "target",
];

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

struct Parser<'f, 't> {
    lines: Peekable<IntoIter<Line>>,
    faults: &'f mut Faults<'t>,
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
                let known = super::value::keyword(keyword, &["case", "stage", "protocol"]);
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
    fn block(&mut self, above: Option<usize>, mut each: impl FnMut(&mut Self, Line)) {
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
                self.faults.error_with(
                    span,
                    format!("{} blanks of indentation", line.indent),
                    help,
                );
            }
            uneven = line.indent != level;
            each(self, line);
        }
    }

    /// Leaves out what stands below a line that could not be read.
    fn skip(&mut self, above: usize) {
        while self.lines.next_if(|line| line.indent > above).is_some() {}
    }

    fn nothing_below(&mut self, above: usize) {
        if let Some(line) = self.lines.peek()
            && line.indent > above
        {
            let span = line.span;
            self.faults
                .error_with(span, "a line too deep", "the line before it opens no block");
            self.skip(above);
        }
    }

    fn steps(&mut self, above: usize, depth: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        self.block(Some(above), |parser, line| {
            steps.extend(parser.step(line, depth))
        });
        steps
    }

    fn step(&mut self, mut line: Line, depth: usize) -> Option<Step> {
        let indent = line.indent;
        if depth > DEEPEST {
            self.faults
                .error(line.span, format!("blocks nested more than {DEEPEST} deep"));
            self.skip(indent);
            return None;
        }
        let kind = match line.broken {
            true => Err(Noted),
            false => self.kind(&line, depth),
        };
        let Ok(kind) = kind else {
            // What stands below is read for its own mistakes.
            self.steps(indent, depth + 1);
            return None;
        };
        self.nothing_below(indent);
        let (lead, comment) = (std::mem::take(&mut line.lead), line.comment.take());
        Some(Step {
            lead,
            comment,
            line: line.number,
            span: line.span,
            kind,
        })
    }

    fn kind(&mut self, line: &Line, depth: usize) -> Result<StepKind, Noted> {
        let mut words = Cursor::new(&line.tokens, self.faults);
        if let Some(kind) = message(&mut words)? {
            return Ok(kind);
        }
        let place = words.here();
        let keyword = match words.next().map(|token| &token.kind) {
            Some(Kind::Word(word)) => word.as_str(),
            _ => "",
        };
        let kind = match keyword {
            "open" => open(&mut words)?,
            "wait" => match words.next().map(|token| &token.kind) {
                Some(Kind::Duration(duration)) => StepKind::Wait(*duration),
                _ => {
                    return Err(words
                        .faults
                        .error(place, "expected a duration behind `wait`, such as 500ms"));
                }
            },
            "target" => StepKind::Target(name(&mut words, "behind `target`")?.value),
            "repeat" => {
                let count = words.value()?;
                let name = match words.peek() {
                    None => None,
                    Some(Kind::Word(name)) if is_variable(name) => {
                        words.next();
                        Some(name.clone())
                    }
                    Some(_) => {
                        let help = "write repeat COUNT name, without `$`";
                        return Err(words.faults.error_with(
                            words.here(),
                            "expected a variable's name",
                            help,
                        ));
                    }
                };
                StepKind::Repeat {
                    count,
                    name,
                    steps: Vec::new(),
                }
            }
            "one-of" => StepKind::OneOf(Vec::new()),
            "unordered" => StepKind::Unordered(Vec::new()),
            "ordered" => StepKind::Ordered(Vec::new()),
            "control" => StepKind::Control(Vec::new()),
            "fault" => StepKind::Fault(Vec::new()),
            "pass" | "lenient" => {
                let help = "an arm stands directly in a `one-of` block";
                return Err(self.faults.error_with(
                    place,
                    format!("`{keyword}` outside of `one-of`"),
                    help,
                ));
            }
            _ => {
                let help = super::value::keyword(keyword, &STEPS);
                return Err(self.faults.error_with(place, "expected a step", help));
            }
        };
        words.finish()?;
        self.filled(kind, line, depth)
    }

    /// Gives a block its lines.
    fn filled(&mut self, mut kind: StepKind, line: &Line, depth: usize) -> Result<StepKind, Noted> {
        let empty = match &mut kind {
            StepKind::OneOf(arms) => {
                self.block(Some(line.indent), |parser, line| {
                    arms.extend(parser.arm(line, depth))
                });
                arms.is_empty()
            }
            StepKind::Unordered(steps)
            | StepKind::Ordered(steps)
            | StepKind::Control(steps)
            | StepKind::Fault(steps)
            | StepKind::Repeat { steps, .. } => {
                let below = self
                    .lines
                    .peek()
                    .is_some_and(|below| below.indent > line.indent);
                *steps = self.steps(line.indent, depth + 1);
                !below
            }
            _ => false,
        };
        if empty {
            let help = "its lines stand below it, two blanks deeper";
            return Err(self.faults.error_with(line.span, "an empty block", help));
        }
        Ok(kind)
    }

    fn arm(&mut self, line: Line, depth: usize) -> Option<Arm> {
        let indent = line.indent;
        let head = match line.broken {
            true => Err(Noted),
            false => arm(&line, self.faults),
        };
        let steps = self.steps(indent, depth + 2);
        let (grade, note) = head.ok()?;
        let Line {
            lead,
            comment,
            number,
            ..
        } = line;
        Some(Arm {
            lead,
            comment,
            line: number,
            grade,
            note,
            steps,
        })
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

fn arm(line: &Line, faults: &mut Faults<'_>) -> Result<(Grade, Option<String>), Noted> {
    let mut words = Cursor::new(&line.tokens, faults);
    let grade = match words.peek() {
        Some(Kind::Word(word)) if word == "pass" => Grade::Pass,
        Some(Kind::Word(word)) if word == "lenient" => Grade::Lenient,
        Some(Kind::Word(word)) => {
            let help = keyword(word, &["pass", "lenient"]);
            return Err(words
                .faults
                .error_with(words.here(), "expected an arm of `one-of`", help));
        }
        _ => {
            return Err(words.faults.error(
                words.here(),
                "expected `pass` or `lenient`, with its steps below",
            ));
        }
    };
    words.next();
    let place = words.here();
    let note = match words.next().map(|token| &token.kind) {
        None => None,
        Some(Kind::Text(pieces)) if plain(pieces).is_some() => plain(pieces),
        Some(_) => {
            return Err(words
                .faults
                .error(place, "a note is a quoted text without variables"));
        }
    };
    words.finish()?;
    Ok((grade, note))
}

/// A bare name.
fn name(words: &mut Cursor<'_, '_, '_>, place: &str) -> Result<Spanned<String>, Noted> {
    let span = words.here();
    match words.next().map(|token| &token.kind) {
        Some(Kind::Word(name)) => Ok(Spanned {
            value: name.clone(),
            span,
        }),
        _ => Err(words
            .faults
            .error(span, format!("expected a name {place}").trim_end())),
    }
}

/// `a`, `a/2`, `/2`
fn lane(words: &mut Cursor<'_, '_, '_>) -> Result<Lane, Noted> {
    let mut lane = Lane::default();
    let place = words.here();
    if let Some(Kind::Word(name)) = words.peek() {
        words.next();
        if !is_field_name(name) {
            let help = "lower-case letters, digits and `-`";
            return Err(words.faults.error_with(
                place,
                format!("`{name}` is not a connection's name"),
                help,
            ));
        }
        lane.connection = Some(name.clone());
    }
    if words.at_symbol("/") && (lane.connection.is_none() || words.glued()) {
        words.next();
        let place = words.here();
        let stream = match words.peek() {
            Some(Kind::Int(number)) if words.glued() => u16::try_from(*number).ok(),
            _ => None,
        };
        let Some(stream) = stream else {
            return Err(words
                .faults
                .error(place, "expected a number from 0 to 65535 behind `/`"));
        };
        words.next();
        lane.stream = Some(stream);
    }
    Ok(lane)
}

/// `LANE > …` or `LANE < …`, if the line is one.
fn message(words: &mut Cursor<'_, '_, '_>) -> Result<Option<StepKind>, Noted> {
    let arrow = |kind: Option<&Kind>| matches!(kind, Some(Kind::Symbol(">" | "<")));
    let slash = |kind: Option<&Kind>| matches!(kind, Some(Kind::Symbol("/")));
    let (first, second) = (words.peek(), words.peek_second());
    if !(arrow(first) || arrow(second) || slash(first) || slash(second)) {
        return Ok(None);
    }
    let lane = lane(words)?;
    let sends = words.at_symbol(">");
    if !arrow(words.peek()) {
        return Err(words.faults.error(
            words.here(),
            "expected `>` or `<` behind the connection's name",
        ));
    }
    words.next();
    let eventually =
        !sends && matches!(words.peek(), Some(Kind::Word(word)) if word == "eventually");
    if eventually {
        words.next();
    }
    let command = name(words, "of a command")?;
    if !is_field_name(&command.value) {
        let help = "lower-case letters, digits, `.` and `-`";
        return Err(words.faults.error_with(
            command.span,
            format!("`{}` is not a command's name", command.value),
            help,
        ));
    }
    let fields = words.fields()?;
    let mut with = Vec::new();
    if words.peek().is_some() {
        let place = words.here();
        words.next();
        with = words.fields()?;
        if with.is_empty() {
            let help =
                "what is wrong with the octets, or how they are written, follows as name=value";
            return Err(words
                .faults
                .error_with(place, "nothing stands behind `with`", help));
        }
        words.finish()?;
    }
    let message = Message {
        lane,
        command,
        fields,
        with,
    };
    Ok(Some(if sends {
        StepKind::Send(message)
    } else {
        StepKind::Expect {
            message,
            eventually,
        }
    }))
}

fn open(words: &mut Cursor<'_, '_, '_>) -> Result<StepKind, Noted> {
    let mut lanes = Vec::new();
    while words.peek().is_some() && !matches!(words.peek_second(), Some(Kind::Symbol("="))) {
        if !(matches!(words.peek(), Some(Kind::Word(_))) || words.at_symbol("/")) {
            return Err(words.faults.error(
                words.here(),
                "expected a connection's name, such as `a` or `a/2`",
            ));
        }
        lanes.push(lane(words)?);
    }
    let options = words.fields()?;
    Ok(StepKind::Open { lanes, options })
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(lexer::is_word_of_variable)
}
