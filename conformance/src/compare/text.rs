//! Comparisons for a terminal of 80 columns.

use super::{Cell, Change, Changes, Comparison, Side};
use crate::report::Standing;
use crate::report::layout::{WIDTH, columns, counted, flowed, grouped, one_line, rule, wrapped};
use crate::report::paint::Paint;
use crate::report::sections;
use crate::run::{CaseReport, RunReport};

/// How many cases of a group are named.
const NAMED: usize = 6;
/// How many ways of differing are told.
const GROUPS: usize = 10;
/// How many changes of a kind are told.
const TOLD: usize = 12;
/// How wide the column of the sections is at least.
const SECTION: usize = 22;

/// One broker in a line: its name here, what it says it is, and how it fares.
pub fn legend(name: &str, report: &RunReport, paint: Paint) -> String {
    let target = &report.target;
    let told: Vec<&str> = [&target.product, &target.version]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .chain((!target.via.is_empty()).then_some("via"))
        .chain([target.via.as_str()])
        .collect();
    let told = told.join(" ");
    let told = match told.trim().strip_prefix(name) {
        Some(more) => format!("{name}{more}"),
        None => format!("{name}: {}", told.trim()),
    };
    let line = match told.ends_with(": ") {
        true => format!("{told}{}", fares(report)),
        false => format!("{told}, {}", fares(report)),
    };
    let lines = wrapped(&line, "", "  ");
    match report.summary.exit_status {
        0 | 1 => lines.join("\n"),
        _ => paint.bad(lines.join("\n")),
    }
}

/// How a broker fares, in words.
fn fares(report: &RunReport) -> String {
    let sides: Vec<Side> = report
        .cases
        .iter()
        .map(|case| Side::of(Some(case)))
        .collect();
    let count = |wanted: Side| sides.iter().filter(|side| **side == wanted).count();
    let asked = sides.len() - count(Side::Skipped) - count(Side::NotRun);
    if asked == 0 {
        let nothing = "nothing was run".to_owned();
        return report.aborted.clone().unwrap_or(nothing);
    }
    let seconds = report.summary.duration_ms as f64 / 1000.0;
    let passed = count(Side::Passes);
    let aborted = report.aborted.as_ref();
    let aborted = aborted.map(|why| format!(" ({why})")).unwrap_or_default();
    format!(
        "{} of {} passed, {seconds:.1} s{aborted}",
        grouped(passed),
        grouped(asked)
    )
}

/// Commands against brokers, in as many blocks as 80 columns take. Where all brokers pass everything, names are enough,
/// unless nothing is to be left out.
pub fn table(comparison: &Comparison<'_>, verbose: bool, paint: Paint) -> String {
    let (clean, rows): (Vec<_>, Vec<_>) = comparison
        .rows()
        .into_iter()
        .partition(|(_, cells)| !verbose && cells.iter().all(is_clean));
    let mut lines = vec![paint.bold(rule("commands and brokers: passed of those asked"))];
    if !rows.is_empty() {
        lines.extend(blocks(&rows, comparison, paint));
        let legend = [
            (Standing::Passed, "all passed"),
            (Standing::Known, "known"),
            (Standing::Warning, "warning"),
            (Standing::Unproved, "inconclusive"),
            (Standing::Failed, "failed"),
        ];
        let legend = legend
            .map(|(standing, name)| standing.paint(paint, format!("{} {name}", standing.mark())));
        lines.push(legend.join("  "));
    }
    if !clean.is_empty() {
        let names: Vec<&str> = clean.iter().map(|(section, _)| *section).collect();
        lines.push(paint.good("✓ everywhere:"));
        lines.extend(flowed(named(&names, usize::MAX), 2));
    }
    lines.join("\n")
}

fn is_clean(cell: &Option<Cell>) -> bool {
    cell.is_some_and(|cell| cell.passed == cell.asked && cell.gravest <= Standing::Lenient)
}

fn blocks(
    rows: &[(&str, Vec<Option<Cell>>)],
    comparison: &Comparison<'_>,
    paint: Paint,
) -> Vec<String> {
    let cells = rows.iter().flat_map(|(_, cells)| cells);
    let wide = cells.map(|cell| columns(&shown(*cell)) + 2);
    let wide = wide.fold(11, usize::max);
    // Where there is room, names stand above their columns.
    let named = comparison.names.iter().map(|name| columns(name) + 2);
    let named = named.fold(wide, usize::max);
    let wide = match SECTION + comparison.names.len() * named <= WIDTH {
        true => named,
        false => wide,
    };
    let longest = rows.iter().map(|(section, _)| columns(section) + 1);
    let longest = longest.fold(SECTION, usize::max);
    let brokers = comparison.names.len();
    let first = WIDTH.saturating_sub(brokers * wide).clamp(SECTION, longest);
    let per_block = ((WIDTH - first) / wide).max(1);
    // Names that do not fit are letters, which are explained.
    let fits = |name: &String| columns(name) < wide;
    let lettered = !comparison.names.iter().all(fits);
    let mut lines = Vec::new();
    let heads: Vec<String> = match lettered {
        true => (0..brokers).map(letter).collect(),
        false => comparison.names.clone(),
    };
    if lettered {
        let explained = heads.iter().zip(&comparison.names);
        lines.extend(explained.map(|(letter, name)| format!("{letter}  {name}")));
    }
    let all: Vec<usize> = (0..brokers).collect();
    for block in all.chunks(per_block) {
        let heads: String = block
            .iter()
            .map(|column| format!("{:>wide$}", heads[*column]))
            .collect();
        lines.push(paint.dim(format!("{:first$}{heads}", "")));
        for (section, cells) in rows {
            let mut line = format!("{:first$}", cut(section, first - 1));
            for column in block {
                let cell = cells[*column];
                let text = shown(cell);
                let blanks = " ".repeat(wide.saturating_sub(columns(&text)));
                let standing = cell.map_or(Standing::NotRun, |cell| cell.gravest);
                line.push_str(&blanks);
                line.push_str(&standing.paint(paint, text));
            }
            lines.push(line);
        }
    }
    lines
}

/// A name in so many columns.
fn cut(name: &str, width: usize) -> String {
    match name.char_indices().nth(width) {
        None => name.to_owned(),
        Some(_) => {
            let kept: String = name.chars().take(width - 1).collect();
            format!("{kept}…")
        }
    }
}

/// How each broker fares as a whole.
pub fn sum(comparison: &Comparison<'_>, paint: Paint) -> String {
    let mut lines = vec![paint.bold(rule("sum")), sections::heads(paint)];
    for (name, report) in comparison.names.iter().zip(comparison.reports()) {
        let cases: Vec<&CaseReport> = report.cases.iter().collect();
        lines.push(sections::row(&cut(name, sections::NAME - 1), &cases, paint));
    }
    lines.join("\n")
}

fn letter(column: usize) -> String {
    let letter = b'A'.saturating_add(u8::try_from(column % 26).unwrap_or_default());
    match column / 26 {
        0 => char::from(letter).to_string(),
        round => format!("{}{round}", char::from(letter)),
    }
}

fn shown(cell: Option<Cell>) -> String {
    match cell {
        None => "·".to_owned(),
        Some(cell) => format!("{}/{} {}", cell.passed, cell.asked, cell.gravest.mark()),
    }
}

/// The cases on which the brokers differ, by who does what; and what is not in every report.
pub fn told(comparison: &Comparison<'_>, verbose: bool, paint: Paint) -> String {
    let groups = comparison.groups();
    let count: usize = groups.iter().map(|group| group.cases.len()).sum();
    let title = match count {
        0 => "the brokers differ in no case".to_owned(),
        count => format!(
            "{} of {} on which they differ",
            counted(count, "case"),
            grouped(comparison.len())
        ),
    };
    let mut lines = vec![paint.bold(rule(&title))];
    let shown = if verbose { usize::MAX } else { GROUPS };
    let left: Vec<usize> = groups
        .iter()
        .skip(shown)
        .map(|group| group.cases.len())
        .collect();
    for group in groups.into_iter().take(shown) {
        let who = who(&group.sides, &comparison.names);
        let head = format!("{:>5}  ", group.cases.len());
        let gravest = group.sides.iter().min();
        lines.extend(
            wrapped(&who, &head, "       ")
                .into_iter()
                .map(|line| match gravest {
                    Some(Side::Fails) => paint.bold(line),
                    _ => line,
                }),
        );
        let ids = named(&group.cases, if verbose { usize::MAX } else { NAMED });
        let ids = flowed(ids, 9).into_iter().map(|line| paint.dim(line));
        lines.extend(ids);
    }
    if !left.is_empty() {
        let cases: usize = left.iter().sum();
        lines.push(paint.dim(format!(
            "{cases:>5}  in {} ways that are rarer (-v shows them)",
            left.len()
        )));
    }
    for (name, lacking) in comparison.names.iter().zip(comparison.absent()) {
        if lacking.is_empty() {
            continue;
        }
        let said = format!(
            "{name} was not asked {} that others were, which says nothing about it:",
            counted(lacking.len(), "case")
        );
        lines.extend(
            wrapped(&said, "", "  ")
                .into_iter()
                .map(|line| paint.warn(line)),
        );
        let ids = named(&lacking, if verbose { usize::MAX } else { NAMED });
        lines.extend(flowed(ids, 9));
    }
    lines.join("\n")
}

/// `a, b, … and 3 more`.
fn named(ids: &[&str], most: usize) -> Vec<String> {
    let shown = ids.len().min(most);
    let mut words: Vec<String> = ids[..shown].iter().map(|id| format!("{id},")).collect();
    match ids.len() - shown {
        0 => {
            if let Some(last) = words.last_mut() {
                last.pop();
            }
        }
        left => words.push(format!("and {left} more")),
    }
    words
}

/// `garagemq and metalmq fail; reference passes`.
pub(super) fn who(sides: &[Side], names: &[String]) -> String {
    let mut kinds: Vec<Side> = sides.to_vec();
    kinds.sort();
    kinds.dedup();
    let parts = kinds.into_iter().map(|kind| {
        let those: Vec<&str> = sides
            .iter()
            .zip(names)
            .filter(|(side, _)| **side == kind)
            .map(|(_, name)| name.as_str())
            .collect();
        let several = those.len() > 1;
        let verb = kind.verb(several);
        let those = match those.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        };
        match kind {
            Side::Fails | Side::Passes => format!("{those} {verb}"),
            _ => format!("{those}: {verb}"),
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

impl Changes<'_> {
    /// What turned red, what turned green, and what else is not as it was.
    pub fn told(&self, since: &str, verbose: bool, paint: Paint) -> String {
        let most = if verbose { usize::MAX } else { TOLD };
        let mut lines = vec![paint.bold(rule(&format!("changes since {since}")))];
        if self.is_empty() {
            lines.push("nothing changed".to_owned());
        }
        let red = changes(&self.red, "turned red", most, paint);
        let green = changes(&self.green, "turned green", most, paint);
        let other = changes(&self.other, "changed otherwise", most, paint);
        lines.extend(red.into_iter().chain(green).chain(other));
        let new = cases(&self.new, "new", most, paint);
        let gone = cases(&self.gone, "gone", most, paint);
        lines.extend(new.into_iter().chain(gone));
        lines.join("\n")
    }
}

fn changes(changes: &[Change<'_>], title: &str, most: usize, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    if changes.is_empty() {
        return lines;
    }
    lines.push(format!("{} {title}", counted(changes.len(), "case")));
    for Change { before, now } in changes.iter().take(most) {
        let (old, new) = (Standing::of(before), Standing::of(now));
        let line = format!("{} {}  {} → {}", new.mark(), now.id, old.name(), new.name());
        lines.extend(
            wrapped(&line, "", "    ")
                .into_iter()
                .map(|line| new.paint(paint, line)),
        );
        if let Some(finding) = now.finding.as_ref().filter(|_| new.is_news()) {
            let why = one_line(&finding.why, 2 * WIDTH);
            lines.extend(wrapped(&why, "    ", "    "));
        }
    }
    lines.extend(left(changes.len(), most, paint));
    lines
}

fn cases(cases: &[&CaseReport], title: &str, most: usize, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    if cases.is_empty() {
        return lines;
    }
    lines.push(format!("{} {title}", counted(cases.len(), "case")));
    for case in cases.iter().take(most) {
        let standing = Standing::of(case);
        let line = format!("{} {}  {}", standing.mark(), case.id, standing.name());
        lines.push(standing.paint(paint, line));
    }
    lines.extend(left(cases.len(), most, paint));
    lines
}

fn left(all: usize, most: usize, paint: Paint) -> Option<String> {
    let left = all.saturating_sub(most);
    (left > 0).then(|| paint.dim(format!("  … and {left} more (-v shows them)")))
}
