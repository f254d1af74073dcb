//! The tree as text, in the one layout that the notation has: blocks two blanks deep, one blank between fields,
//! values in their shortest form, and no line longer than it must be.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use super::ast::{Arm, Case, Field, File, Grade, Item, Message, Stage, Step, StepKind};
use super::print_value::quoted_text;

/// How many columns a line has, if its fields allow it.
const WIDTH: usize = 110;

/// The file, ending in a line feed.
impl Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::default();
        if let Some(protocol) = &self.protocol {
            printer.lead(&self.lead, 0);
            printer.line(0, &[format!("protocol {protocol}")], None);
        }
        for item in &self.items {
            printer.blank();
            match item {
                Item::Case(case) => printer.case(case),
                Item::Stage(stage) => printer.stage(stage),
            }
        }
        if !self.trailer.is_empty() {
            printer.blank();
        }
        printer.lead(&self.trailer, 0);
        let text = printer.text.trim_end();
        if text.is_empty() {
            Ok(())
        } else {
            writeln!(f, "{text}")
        }
    }
}

/// The case with its comments, without a line feed at its end.
impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::default();
        printer.case(self);
        f.write_str(printer.text.trim_end())
    }
}

/// The step with its comments and the block below it, without a line feed at its end.
impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::default();
        printer.step(self, 0);
        f.write_str(printer.text.trim_end())
    }
}

/// What stands behind the arrow, in one line: the command, its fields and what is behind `with`.
impl Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.command.value)?;
        self.fields
            .iter()
            .try_for_each(|field| write!(f, " {field}"))?;
        let with = if self.with.is_empty() { "" } else { " with" };
        f.write_str(with)?;
        self.with.iter().try_for_each(|field| write!(f, " {field}"))
    }
}

/// `name=value`
impl Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name.value, self.value)
    }
}

impl Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Grade::Pass => "pass",
            Grade::Lenient => "lenient",
        })
    }
}

/// A step's own line, continued where it does not fit, without a line feed at its end.
pub(super) fn statement(kind: &StepKind, indent: usize) -> String {
    let mut printer = Printer::default();
    printer.line(indent, &parts(kind), None);
    printer.text.trim_end().to_owned()
}

/// A step's own line, in parts that a line may end between.
fn parts(kind: &StepKind) -> Vec<String> {
    match kind {
        StepKind::Open { lanes, options } => {
            let lanes = lanes.iter().map(ToString::to_string);
            let options = options.iter().map(ToString::to_string);
            std::iter::once("open".to_owned())
                .chain(lanes)
                .chain(options)
                .collect()
        }
        StepKind::Send(message) => message_parts(message, "> "),
        StepKind::Expect {
            message,
            eventually: false,
        } => message_parts(message, "< "),
        StepKind::Expect {
            message,
            eventually: true,
        } => message_parts(message, "< eventually "),
        StepKind::OneOf(_) => vec!["one-of".to_owned()],
        StepKind::Unordered(_) => vec!["unordered".to_owned()],
        StepKind::Ordered(_) => vec!["ordered".to_owned()],
        StepKind::Repeat {
            count,
            name: Some(name),
            ..
        } => vec![format!("repeat {count} {name}")],
        StepKind::Repeat {
            count, name: None, ..
        } => vec![format!("repeat {count}")],
        StepKind::Control(_) => vec!["control".to_owned()],
        StepKind::Fault(_) => vec!["fault".to_owned()],
        StepKind::Wait(duration) => vec![format!("wait {}", time(*duration))],
        StepKind::Target(name) => vec![format!("target {name}")],
        StepKind::Whenever { message, .. } => {
            let mut parts = message_parts(message, "< ");
            if let Some(first) = parts.first_mut() {
                first.insert_str(0, "whenever ");
            }
            parts
        }
        StepKind::Until(fields) => counts("until", fields),
        StepKind::Check(fields) => counts("check", fields),
    }
}

fn counts(keyword: &str, fields: &[Field]) -> Vec<String> {
    let fields = fields.iter().map(ToString::to_string);
    std::iter::once(keyword.to_owned()).chain(fields).collect()
}

/// A duration in the largest unit that tells it exactly.
pub(super) fn time(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)];
    match units
        .into_iter()
        .find(|(_, unit)| nanos.is_multiple_of(*unit))
    {
        Some((name, unit)) => format!("{}{name}", nanos / unit),
        None => format!("{nanos}ns"),
    }
}

/// A message in parts that a line may end between.
fn message_parts(message: &Message, arrow: &str) -> Vec<String> {
    let lane = message.lane.to_string();
    let blank = if lane.is_empty() { "" } else { " " };
    let mut parts = vec![format!("{lane}{blank}{arrow}{}", message.command.value)];
    parts.extend(message.fields.iter().map(ToString::to_string));
    for (index, field) in message.with.iter().enumerate() {
        let with = if index == 0 { "with " } else { "" };
        parts.push(format!("{with}{field}"));
    }
    parts
}

#[derive(Default)]
struct Printer {
    text: String,
}

impl Printer {
    /// An empty line, unless there is one or nothing precedes it.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn lead(&mut self, lead: &[String], indent: usize) {
        for comment in lead {
            if comment.is_empty() {
                self.blank();
            }
            for line in comment.lines() {
                let line = format!("# {line}");
                self.put(indent, line.trim_end());
                self.text.push('\n');
            }
        }
    }

    fn put(&mut self, indent: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
    }

    /// A statement, continued where its parts do not fit into one line.
    fn line(&mut self, indent: usize, parts: &[String], comment: Option<&str>) {
        let mut column = indent;
        for (index, part) in parts.iter().enumerate() {
            let width = part.chars().count();
            if index == 0 {
                self.put(indent, part);
                column += width;
                continue;
            }
            let reserve = if index + 1 == parts.len() { 0 } else { 2 };
            if column + 1 + width + reserve > WIDTH {
                self.text.push_str(" \\\n");
                self.put(indent + 4, part);
                column = indent + 4 + width;
            } else {
                self.text.push(' ');
                self.text.push_str(part);
                column += 1 + width;
            }
        }
        let comment = comment.unwrap_or_default().split_whitespace();
        for (index, word) in comment.enumerate() {
            self.text.push_str(if index == 0 { "  # " } else { " " });
            self.text.push_str(word);
        }
        self.text.push('\n');
    }

    fn case(&mut self, case: &Case) {
        self.lead(&case.lead, 0);
        self.line(0, &[format!("case {}", case.id)], None);
        if !case.title.is_empty() {
            self.line(2, &[quoted_text(&case.title)], None);
        }
        self.names(
            "clause",
            case.clauses.iter().map(|clause| clause.value.as_str()),
        );
        self.names("needs", case.needs.iter().map(|need| need.value.as_str()));
        if let Some(group) = &case.group {
            self.line(2, &[format!("group {group}")], None);
        }
        if let Some(reason) = &case.no_control {
            self.line(2, &[format!("no-control {}", quoted_text(reason))], None);
        }
        self.steps(&case.steps, 2);
    }

    /// A header line with names; another of its kind where they do not fit.
    fn names<'a>(&mut self, keyword: &str, names: impl Iterator<Item = &'a str>) {
        let mut line = String::new();
        for name in names {
            if !line.is_empty() && 2 + line.chars().count() + 1 + name.chars().count() > WIDTH {
                self.line(2, &[std::mem::take(&mut line)], None);
            }
            if line.is_empty() {
                line.push_str(keyword);
            }
            line.push(' ');
            line.push_str(name);
        }
        if !line.is_empty() {
            self.line(2, &[line], None);
        }
    }

    fn stage(&mut self, stage: &Stage) {
        self.lead(&stage.lead, 0);
        self.line(0, &[format!("stage {}", stage.name)], None);
        self.steps(&stage.steps, 2);
    }

    fn steps(&mut self, steps: &[Step], indent: usize) {
        for step in steps {
            self.step(step, indent);
        }
    }

    fn step(&mut self, step: &Step, indent: usize) {
        self.lead(&step.lead, indent);
        self.line(indent, &parts(&step.kind), step.comment.as_deref());
        match &step.kind {
            StepKind::OneOf(arms) => arms.iter().for_each(|arm| self.arm(arm, indent + 2)),
            StepKind::Unordered(steps)
            | StepKind::Ordered(steps)
            | StepKind::Repeat { steps, .. }
            | StepKind::Whenever { steps, .. }
            | StepKind::Control(steps)
            | StepKind::Fault(steps) => self.steps(steps, indent + 2),
            _ => {}
        }
    }

    fn arm(&mut self, arm: &Arm, indent: usize) {
        self.lead(&arm.lead, indent);
        let mut head = arm.grade.to_string();
        if let Some(note) = &arm.note {
            let _ = write!(head, " {}", quoted_text(note));
        }
        self.line(indent, &[head], arm.comment.as_deref());
        self.steps(&arm.steps, indent + 2);
    }
}
