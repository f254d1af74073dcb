//! What holds for any text: the assertions of the fuzz target `script`.
//!
//! A function panics where its promise is broken. They stand here, and not in the target, so that the committed seeds
//! go through them in every ordinary test run.

use super::ast::{Field, File, Item, Message, Span, Step, StepKind};
use super::{Diagnostic, Vocabulary, check, parse};

/// Reads `text` as a script, and what comes of it as far as it goes: printed, read again, held to what a protocol
/// knows.
///
/// # Panics
///
/// If a text is refused without a finding; if a finding points out of the text; if a script does not read as itself
/// once it is printed, or is printed in another way the second time.
pub fn any_text(text: &str, vocabulary: &dyn Vocabulary) {
    let file = match parse("x.mqs", text) {
        Ok(file) => file,
        Err(found) => {
            assert!(!found.is_empty(), "refused without a word");
            return inside(text, &found);
        }
    };
    inside(text, &check(&file, text, vocabulary));
    let even = file.to_string();
    let again = match parse("x.mqs", &even) {
        Ok(again) => again,
        Err(found) => panic!("what is printed is not read: {}\n{even}", found[0]),
    };
    assert_eq!(
        again.to_string(),
        even,
        "printed in another way the second time"
    );
    let (file, again) = (placeless(file), placeless(again));
    // NaN is unlike itself, and shown like itself.
    assert!(
        file == again || format!("{file:?}") == format!("{again:?}"),
        "{file:#?}\nreads, once it is printed, as\n{again:#?}"
    );
}

/// Findings stand in their order and inside of the text, and can be shown.
fn inside(text: &str, found: &[Diagnostic]) {
    let lines = text.split('\n').count();
    let mut last = 0;
    for finding in found {
        let Span { start, end } = finding.span;
        assert!(
            start <= end && end <= text.len(),
            "{finding}: {start}..{end}"
        );
        assert!(last <= start, "{finding}: behind one at {last}");
        last = start;
        let (line, column) = (finding.line as usize, finding.column as usize);
        assert!((1..=lines).contains(&line), "{finding}: {lines} lines");
        let length = text
            .split('\n')
            .nth(line - 1)
            .map_or(0, |line| line.chars().count());
        assert!(
            (1..=length + 1).contains(&column),
            "{finding}: {length} characters"
        );
        assert!(!finding.message.is_empty());
    }
    for finding in [found.first(), found.last()].into_iter().flatten() {
        assert!(!finding.render(text, true).is_empty());
    }
}

/// The same script without the places, which printing changes, and with the blank lines that printing puts between
/// cases.
pub fn placeless(mut file: File) -> File {
    let mut first = file.protocol.is_none();
    match first {
        true => file.lead.clear(),
        false => separate(&mut file.lead, true),
    }
    for item in &mut file.items {
        match item {
            Item::Case(case) => {
                separate(&mut case.lead, first);
                case.line = 0;
                let names = case.clauses.iter_mut().chain(&mut case.needs);
                names.for_each(|name| name.span = Span::default());
                steps(&mut case.steps);
            }
            Item::Stage(stage) => {
                separate(&mut stage.lead, first);
                stage.line = 0;
                steps(&mut stage.steps);
            }
        }
        first = false;
    }
    while file.trailer.last().is_some_and(String::is_empty) {
        file.trailer.pop();
    }
    if !file.trailer.is_empty() {
        separate(&mut file.trailer, first);
    }
    file
}

fn separate(lead: &mut Vec<String>, first: bool) {
    match (first, lead.first().is_some_and(String::is_empty)) {
        (true, true) => drop(lead.remove(0)),
        (false, false) => lead.insert(0, String::new()),
        _ => {}
    }
}

fn steps(all: &mut [Step]) {
    for step in all {
        (step.line, step.span) = (0, Span::default());
        match &mut step.kind {
            StepKind::Open { options, .. } => fields(options),
            StepKind::Send(sent) => message(sent),
            StepKind::Expect {
                message: expected, ..
            } => message(expected),
            StepKind::OneOf(arms) => arms.iter_mut().for_each(|arm| {
                arm.line = 0;
                steps(&mut arm.steps);
            }),
            StepKind::Unordered(inner)
            | StepKind::Ordered(inner)
            | StepKind::Control(inner)
            | StepKind::Fault(inner)
            | StepKind::Repeat { steps: inner, .. } => steps(inner),
            StepKind::Whenever {
                message: met,
                steps: inner,
            } => {
                message(met);
                steps(inner);
            }
            StepKind::Until(counts) | StepKind::Check(counts) => fields(counts),
            StepKind::Wait(_) | StepKind::Target(_) => {}
        }
    }
}

fn message(message: &mut Message) {
    message.command.span = Span::default();
    fields(&mut message.fields);
    fields(&mut message.with);
}

fn fields(fields: &mut [Field]) {
    let names = fields.iter_mut().map(|field| &mut field.name);
    names.for_each(|name| name.span = Span::default());
}
