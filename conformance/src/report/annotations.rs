//! What GitHub Actions shows beside a job: its workflow commands, which a step prints
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use std::fmt::Write;

use super::Standing;
use super::layout::counted;
use crate::run::{CaseReport, RunReport};

/// How many of each kind GitHub shows for one step.
const SHOWN: usize = 10;

/// What went wrong: failures and what was not proved as errors, a broken SHOULD as a warning; the gravest first.
pub(super) fn annotations(reports: &[RunReport]) -> String {
    let mut text = String::new();
    for report in reports {
        if let Some(aborted) = &report.aborted {
            line(&mut text, "error", &report.target.name, aborted);
        }
        let of = |wanted: &[Standing]| {
            let standing = |case: &&CaseReport| wanted.contains(&Standing::of(case));
            let mut cases: Vec<&CaseReport> = report.cases.iter().filter(standing).collect();
            cases.sort_by_key(|case| std::cmp::Reverse(Standing::of(case)));
            cases
        };
        let wrong = [Standing::Failed, Standing::Surprise, Standing::Unproved];
        for (kind, cases) in [("error", of(&wrong)), ("warning", of(&[Standing::Warning]))] {
            // The last place tells of those that have none.
            let shown = match cases.len() {
                some if some <= SHOWN => some,
                _ => SHOWN - 1,
            };
            for case in &cases[..shown] {
                line(&mut text, kind, &case.id, &message(case));
            }
            if cases.len() > shown {
                let rest = counted(cases.len() - shown, "further case");
                line(
                    &mut text,
                    kind,
                    &report.target.name,
                    &format!("{rest}: the report has them"),
                );
            }
        }
    }
    text
}

fn message(case: &CaseReport) -> String {
    let clauses = case.clauses.join(", ");
    format!("{}.\n{}\n{} {clauses}", case.title, case.detail, case.level)
}

/// One command. What a broker says may not end it, nor begin another.
fn line(text: &mut String, kind: &str, title: &str, message: &str) {
    let title = escaped(title).replace(':', "%3A").replace(',', "%2C");
    let _ = writeln!(text, "::{kind} title={title}::{}", escaped(message));
}

fn escaped(text: &str) -> String {
    let text = text.trim_end();
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_broker_says_is_no_command() {
        let mut text = String::new();
        line(&mut text, "error", "a:b,c", "100 %\n::stop-commands::x\r\n");
        assert_eq!(
            text,
            "::error title=a%3Ab%2Cc::100 %25%0A::stop-commands::x\n"
        );
    }
}
