//! Blocks of steps, out of lines.

use super::ast::{Arm, Field, Grade, Step, StepKind};
use super::cursor::{Cursor, meant};
use super::diagnose::{Faults, Noted};
use super::lexer::{self, Kind, Line};
use super::message::{message, name, open};
use super::parse::Parser;
use super::value::plain;

/// How deep blocks may stand in each other.
const DEEPEST: usize = 12;

const STEPS: [&str; 13] = [
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
    "whenever",
    "until",
    "check",
];

impl Parser<'_, '_> {
    pub(super) fn steps(&mut self, above: usize, depth: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        self.block(Some(above), |parser, line| {
            steps.extend(parser.step(line, depth))
        });
        steps
    }

    pub(super) fn step(&mut self, mut line: Line, depth: usize) -> Option<Step> {
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
        // `whenever < …` is no connection of that name.
        let reacts = matches!(words.peek(), Some(Kind::Word(word)) if word == "whenever");
        if !reacts && let Some(kind) = message(&mut words)? {
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
            "whenever" => {
                let awaited = message(&mut words)?;
                let Some(StepKind::Expect {
                    message,
                    eventually: false,
                }) = awaited
                else {
                    let help = "write whenever LANE < COMMAND field=pattern, and below it the `>` steps that answer";
                    return Err(words.faults.error_with(
                        place,
                        "expected a `<` step behind `whenever`",
                        help,
                    ));
                };
                StepKind::Whenever {
                    message,
                    steps: Vec::new(),
                }
            }
            "until" => StepKind::Until(counts(&mut words)?),
            "check" => StepKind::Check(counts(&mut words)?),
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
                let help = meant(keyword, &STEPS);
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
            // What is only to be taken note of needs no answer.
            StepKind::Whenever { steps, .. } => {
                *steps = self.steps(line.indent, depth + 1);
                false
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

fn arm(line: &Line, faults: &mut Faults<'_>) -> Result<(Grade, Option<String>), Noted> {
    let mut words = Cursor::new(&line.tokens, faults);
    let grade = match words.peek() {
        Some(Kind::Word(word)) if word == "pass" => Grade::Pass,
        Some(Kind::Word(word)) if word == "lenient" => Grade::Lenient,
        Some(Kind::Word(word)) => {
            let help = meant(word, &["pass", "lenient"]);
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

/// What stands behind `until` and `check`.
fn counts(words: &mut Cursor<'_, '_, '_>) -> Result<Vec<Field>, Noted> {
    let place = words.here();
    let fields = words.fields()?;
    if fields.is_empty() {
        let help = "write what the history must say, such as accepted=100 or lost=0";
        return Err(words.faults.error_with(place, "expected a count", help));
    }
    Ok(fields)
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(lexer::is_word_of_variable)
}
