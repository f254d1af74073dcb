//! Exchanges that nobody wrote: they are legible, the same for the same seed, and lead everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mqspec::dialect::{Dialect, amqp};
use mqspec::fuzz::exchanges::{draft, suits};
use mqspec::fuzz::shrink::smaller;
use mqspec::script::{self, Case};
use mqspec::suite::Suite;

fn cases() -> Vec<Arc<Case>> {
    let suite = Suite::embedded(amqp::dialect()).expect("the embedded suite");
    let cases = suite.cases.into_iter().map(|(_, case)| case);
    cases.filter(|case| suits(case)).collect()
}

#[test]
fn drafts_are_scripts_and_so_is_whatever_they_shrink_to() {
    let dialect = amqp::dialect();
    let cases = cases();
    assert!(
        cases.len() > 300,
        "only {} cases to start from",
        cases.len()
    );
    let mut slugs = BTreeSet::new();
    let mut mistakes = BTreeMap::new();
    for number in 0..3000 {
        let first = draft(dialect.author(), 1, number, &cases);
        assert_eq!(
            first,
            draft(dialect.author(), 1, number, &cases),
            "the same again"
        );
        let shrunk = if number % 50 == 0 {
            smaller(&first)
        } else {
            Vec::new()
        };
        for draft in [first].into_iter().chain(shrunk) {
            let text = draft.script(dialect.name(), &[]).text;
            let line = |at: usize| text.lines().nth(at.saturating_sub(1)).unwrap_or_default();
            let mut mistaken = |found: &[script::Diagnostic]| {
                for it in found
                    .iter()
                    .filter(|it| it.severity == script::Severity::Error)
                {
                    let at = usize::try_from(it.line).unwrap_or_default();
                    mistakes.insert(it.message.clone(), format!("{number}: {}", line(at)));
                }
            };
            match script::parse("fuzz.mqs", &text) {
                Err(found) => mistaken(&found),
                Ok(file) => mistaken(&script::check(&file, &text, dialect.vocabulary())),
            }
            slugs.insert((draft.state, draft.attempt));
        }
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let states = dialect.author().states().len();
    let reached: BTreeSet<_> = slugs.iter().map(|(state, _)| *state).collect();
    assert_eq!(reached.len(), states, "not every state is reached");
    let attempts: BTreeSet<_> = slugs.iter().map(|(_, attempt)| attempt.clone()).collect();
    let all: BTreeSet<_> = dialect.author().attempts().into_iter().collect();
    assert_eq!(attempts, all, "not everything is attempted");
}
