//! A summary in Markdown, for a pull request or a job's page.

use std::collections::BTreeMap;

use super::format::{again, teller};
use super::layout::{counted, grouped, one_line};
use super::markup::{code, escaped, fenced, sign};
use super::sections::COLUMNS;
use super::{Standing, Teller, failure, meaning};
use crate::dialect::Dialect;
use crate::run::{CaseReport, RunReport};
use crate::suite::{Suite, family, section};

/// How many octets all of it may have: GitHub takes 65,536 characters, and whoever posts it may add something.
const LIMIT: usize = 60_000;
/// How many cases are shown with their exchange.
const SHOWN: usize = 20;
/// How many octets one exchange may have.
const EXCHANGE: usize = 8_000;

/// A section for each report.
pub(super) fn markdown(
    reports: &[RunReport],
    suite: &Suite,
    dialect: &'static dyn Dialect,
) -> String {
    let limit = LIMIT / reports.len().max(1);
    let told = reports.iter().map(|report| {
        let again = again(report);
        one(report, &teller(&again, suite, dialect), limit)
    });
    told.collect::<Vec<_>>().join("\n")
}

fn one(report: &RunReport, teller: &Teller<'_>, limit: usize) -> String {
    let mut text = format!("{}\n{}", headline(report), table(report));
    let foot = foot(report, teller);
    let known = known(report, limit / 5);
    let room = limit.saturating_sub(text.len() + foot.len() + known.len());
    text.push_str(&wrong(report, teller, room));
    text.push_str(&known);
    text.push_str(&foot);
    text
}

fn count(report: &RunReport, wanted: &[Standing]) -> usize {
    let cases = report.cases.iter();
    cases
        .filter(|case| wanted.contains(&Standing::of(case)))
        .count()
}

/// What came of the run, in a heading and a line.
fn headline(report: &RunReport) -> String {
    let target = &report.target;
    let broker = target.called();
    let meaning = meaning(report);
    let why = meaning.split_once(": ").map_or(&*meaning, |(_, why)| why);
    let warnings = count(report, &[Standing::Warning]);
    let (sign, what) = match (report.summary.exit_status, &report.aborted) {
        (_, Some(_)) => ("⛔", format!("not finished: {why}")),
        (0, None) if warnings > 0 => {
            let warnings = counted(warnings, "warning");
            ("⚠️", format!("nothing failed, {warnings}"))
        }
        (0, None) => ("✅", "nothing failed".to_owned()),
        (_, None) => ("❌", why.to_owned()),
    };
    let protocol = report.protocol.as_deref().unwrap_or("conformance");
    let passed = count(
        report,
        &[Standing::Passed, Standing::Lenient, Standing::Surprise],
    );
    let asked = report.cases.len() - count(report, &[Standing::Skipped]);
    let mut parts = vec![format!(
        "**{} of {} passed**",
        grouped(passed),
        grouped(asked)
    )];
    for (standings, one) in [
        (&[Standing::Failed][..], "MUST broken"),
        (&[Standing::Surprise], "passed unexpectedly"),
        (&[Standing::Unproved], "inconclusive"),
        (&[Standing::NotRun], "not run"),
        (&[Standing::Warning], "SHOULD broken"),
    ] {
        match count(report, standings) {
            0 => {}
            some => parts.push(format!("{} {one}", grouped(some))),
        }
    }
    let known = count(report, &[Standing::Known]);
    if known > 0 {
        parts.push(counted(known, "known deviation"));
    }
    let skipped = count(report, &[Standing::Skipped]);
    if skipped > 0 {
        parts.push(format!("{} skipped", grouped(skipped)));
    }
    format!(
        "## {sign} {}, {}: {}\n\n{}\n",
        escaped(&broker),
        escaped(protocol),
        escaped(&what),
        parts.join(" · ")
    )
}

/// Classes, and below them those commands that are not wholly as they should be.
fn table(report: &RunReport) -> String {
    let mut families: BTreeMap<&str, BTreeMap<&str, Vec<&CaseReport>>> = BTreeMap::new();
    for case in &report.cases {
        let sections = families.entry(family(&case.id)).or_default();
        sections.entry(section(&case.id)).or_default().push(case);
    }
    let heads: Vec<&str> = COLUMNS.iter().map(|(head, _)| *head).collect();
    let mut lines = vec![
        format!("| class | {} |", heads.join(" | ")),
        format!("|---|{}", "--:|".repeat(COLUMNS.len())),
    ];
    for (family, sections) in families {
        let all: Vec<&CaseReport> = sections.values().flatten().copied().collect();
        lines.push(row(family, "", &all));
        for (section, cases) in sections {
            let wrong = cases
                .iter()
                .any(|case| Standing::of(case) >= Standing::Warning);
            if wrong && section != family {
                lines.push(row(section, "&nbsp;&nbsp;", &cases));
            }
        }
    }
    format!("{}\n", lines.join("\n"))
}

fn row(name: &str, indent: &str, cases: &[&CaseReport]) -> String {
    let cells = COLUMNS.iter().map(|(_, standings)| {
        let cases = cases.iter();
        match cases
            .filter(|case| standings.contains(&Standing::of(case)))
            .count()
        {
            0 => "·".to_owned(),
            some => grouped(some),
        }
    });
    let gravest = cases.iter().map(|case| Standing::of(case)).max();
    let sign = sign(gravest.unwrap_or(Standing::NotRun));
    let cells: Vec<String> = cells.collect();
    format!("| {indent}{sign} `{name}` | {} |", cells.join(" | "))
}

/// The cases that a person should look at, the gravest first: some with their exchange, more with what came, and the
/// rest as a number.
fn wrong(report: &RunReport, teller: &Teller<'_>, room: usize) -> String {
    let strict = report.is_strict();
    let told = |case: &&CaseReport| match Standing::of(case) {
        Standing::Lenient => strict,
        standing => standing.is_news() || standing == Standing::Surprise,
    };
    let mut cases: Vec<&CaseReport> = report.cases.iter().filter(told).collect();
    if cases.is_empty() {
        return String::new();
    }
    // The sort is stable: within a standing the suite's order stays.
    cases.sort_by_key(|case| std::cmp::Reverse(Standing::of(case)));
    let mut text = "\n### What went wrong\n\n".to_owned();
    let last = |left: usize| {
        format!(
            "\n… and {} more: the report of `--json` has all of them.\n",
            grouped(left)
        )
    };
    let room = room.saturating_sub(text.len() + last(cases.len()).len());
    for (index, case) in cases.iter().enumerate() {
        let line = line(case, teller);
        let details = match index < SHOWN {
            true => details(case, teller),
            false => String::new(),
        };
        if text.len() + line.len() + details.len() <= room {
            text.push_str(&line);
            text.push_str(&details);
        } else if text.len() + line.len() <= room {
            text.push_str(&line);
        } else {
            text.push_str(&last(cases.len() - index));
            break;
        }
    }
    text
}

/// How long a value in a line may be.
const VALUE: usize = 160;

/// What the case is, the clause, and what came in place of what.
fn line(case: &CaseReport, teller: &Teller<'_>) -> String {
    let standing = Standing::of(case);
    let broken = case
        .finding
        .as_ref()
        .and_then(|finding| finding.clause.as_ref());
    let clauses: Vec<String> = match broken {
        Some(clause) => vec![clause.clone()],
        None => case.clauses.clone(),
    };
    let cited = clauses.iter().map(|id| {
        let clause = teller.dialect.clauses().get(id);
        let level = clause.map_or_else(|| case.level.clone(), |clause| clause.level.to_string());
        format!("{level} {}", code(id))
    });
    let cited: Vec<String> = cited.collect();
    let what = match &case.finding {
        Some(finding) => format!(
            "expected {}, came {}",
            code(&short(&finding.expected.join(" | "))),
            code(&short(&finding.came))
        ),
        None if standing == Standing::Surprise => {
            "passes: take it off the list of known deviations".to_owned()
        }
        None => escaped(&short(&case.detail)),
    };
    format!(
        "- {} {} {} ({})  \n  {what}\n",
        sign(standing),
        code(&case.id),
        escaped(&case.title),
        cited.join(", ")
    )
}

fn short(text: &str) -> String {
    one_line(text, VALUE)
}

/// The whole proof, folded away.
fn details(case: &CaseReport, teller: &Teller<'_>) -> String {
    if Standing::of(case) == Standing::Surprise {
        return String::new();
    }
    let mut told = failure(case, teller);
    if told.len() > EXCHANGE {
        let mut at = EXCHANGE;
        while !told.is_char_boundary(at) {
            at -= 1;
        }
        told.truncate(at);
        told.push_str("\n…");
    }
    let fenced = fenced(told.trim_end());
    let inner: String = fenced.lines().map(|line| format!("  {line}\n")).collect();
    format!("  <details><summary>the exchange</summary>\n\n{inner}\n  </details>\n")
}

/// The known deviations by reason, folded away.
fn known(report: &RunReport, room: usize) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in &report.cases {
        if Standing::of(case) == Standing::Known
            && let Some(known) = &case.known
        {
            match reasons
                .iter_mut()
                .find(|(reason, _)| *reason == known.reason)
            {
                Some((_, ids)) => ids.push(&case.id),
                None => reasons.push((&known.reason, vec![&case.id])),
            }
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    reasons.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    let all = reasons.iter().map(|(_, ids)| ids.len()).sum();
    let mut text = format!(
        "\n<details><summary>{}</summary>\n\n",
        counted(all, "known deviation")
    );
    let many = reasons.len();
    for (index, (reason, ids)) in reasons.into_iter().enumerate() {
        let named = match ids.as_slice() {
            [one] => code(one),
            several => format!("{} and {} more", code(several[0]), several.len() - 1),
        };
        let line = format!("- {} ({named})\n", escaped(&short(reason)));
        if text.len() + line.len() > room {
            let left = counted(many - index, "further reason");
            text.push_str(&format!("- … and {left}\n"));
            break;
        }
        text.push_str(&line);
    }
    text.push_str("\n</details>\n");
    text
}

/// What made it, and how it is made again.
fn foot(report: &RunReport, teller: &Teller<'_>) -> String {
    let seconds = report.summary.duration_ms as f64 / 1000.0;
    let parts = [
        report
            .mqspec
            .as_ref()
            .map(|version| format!("mqspec {version}")),
        report.began.clone(),
        Some(format!("{seconds:.1} s")),
        Some(format!("via {}", report.target.via)).filter(|_| !report.target.via.is_empty()),
        report.seed.map(|seed| format!("seed {seed}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().map(|it| escaped(&it)).collect();
    format!(
        "\n<sub>{} · one case again: {}</sub>\n",
        parts.join(" · "),
        code(&format!("{} --only CASE", teller.again))
    )
}
