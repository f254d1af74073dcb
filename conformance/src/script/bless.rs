//! Puts what a broker sent into a script's expectation.

use super::ast::{Arm, File, Item, Message, Step, StepKind};
use super::diagnose::Diagnostic;
use super::{parse, print};

/// Why an expectation cannot be rewritten.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlessError {
    /// The text is not a script.
    #[error("the script cannot be read: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Unreadable(Vec<Diagnostic>),
    /// No `<` step begins in that line.
    #[error("line {0} is no `<` step")]
    NotAnExpectation(u32),
}

/// The script with the `<` step that begins in `line` (counted from 1) rewritten: the command and the fields of
/// `message` instead of those that stand there. Its lane, `eventually`, its comments and every other line stay as
/// they are; so does what stands behind `with`, unless `message` has its own.
///
/// # Errors
/// The text is not a script, or no `<` step begins in the line.
pub fn bless(text: &str, line: u32, message: &Message) -> Result<String, BlessError> {
    let file = parse("script", text).map_err(BlessError::Unreadable)?;
    let not_an_expectation = BlessError::NotAnExpectation(line);
    let Some(step) = find(&file, line) else {
        return Err(not_an_expectation);
    };
    let StepKind::Expect {
        message: written,
        eventually,
    } = &step.kind
    else {
        return Err(not_an_expectation);
    };
    let mut message = Message {
        lane: written.lane.clone(),
        ..message.clone()
    };
    if message.with.is_empty() {
        message.with.clone_from(&written.with);
    }
    let before = text.get(..step.span.start).unwrap_or_default();
    let after = text.get(step.span.end..).unwrap_or_default();
    let indent = before.len() - before.trim_end_matches(' ').len();
    let kind = StepKind::Expect {
        message,
        eventually: *eventually,
    };
    let statement = print::statement(&kind, indent);
    Ok(format!("{before}{}{after}", statement.trim_start()))
}

fn find(file: &File, line: u32) -> Option<&Step> {
    file.items.iter().find_map(|item| match item {
        Item::Case(case) => within(&case.steps, line),
        Item::Stage(stage) => within(&stage.steps, line),
    })
}

fn within(steps: &[Step], line: u32) -> Option<&Step> {
    steps.iter().find_map(|step| {
        if step.line == line {
            return Some(step);
        }
        match &step.kind {
            StepKind::OneOf(arms) => arms
                .iter()
                .find_map(|Arm { steps, .. }| within(steps, line)),
            StepKind::Unordered(steps)
            | StepKind::Ordered(steps)
            | StepKind::Repeat { steps, .. }
            | StepKind::Control(steps)
            | StepKind::Fault(steps) => within(steps, line),
            _ => None,
        }
    })
}
