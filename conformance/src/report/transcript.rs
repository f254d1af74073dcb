//! An exchange in the notation, for a terminal: without its head, shortened, and marked where it went wrong.

use super::Teller;
use super::layout::{WIDTH, folded, shorten};
use crate::dialect::Dialect;
use crate::run::CaseReport;
use crate::script::{self, Case, Lane, Message, Step, StepKind};

/// What the runner writes behind the line that deviates.
const HERE: &str = "<- here";
/// How many statements of a long exchange are shown.
const SHOWN: usize = 40;
/// How many of them stand at its beginning.
const HEAD: usize = 12;
/// How many comments above a statement are shown.
const ASIDES: usize = 16;
/// How many lines one statement gets, and the one that is marked.
const ROWS: (usize, usize) = (2, 5);

/// One statement, and what stands beside it.
struct Line {
    /// What was said by and to reactions before it.
    above: Vec<String>,
    statement: String,
    comment: Option<String>,
    marked: bool,
}

/// The exchange of a case, in lines of 80 columns. Steps of more than one line (there are none in what was said) and
/// texts that are no script stay as they are.
pub(super) fn lines(report: &CaseReport, teller: &Teller<'_>) -> Vec<String> {
    let Some(case) = parsed(&report.transcript) else {
        return report
            .transcript
            .lines()
            .map(|line| format!("    {line}"))
            .collect();
    };
    let options_matter = teller
        .suite
        .case(&report.id)
        .is_some_and(|(_, case)| opens_specially(&case.steps));
    let keep_opening = teller.verbose || options_matter;
    let lines = collapse(&case.steps, teller, keep_opening);
    let nothing_came = lines.iter().all(|line| !line.marked);
    let mut out = Vec::new();
    let hidden = match teller.verbose {
        true => 0,
        false => lines.len().saturating_sub(SHOWN),
    };
    for (index, line) in lines.iter().enumerate() {
        if (HEAD..HEAD + hidden).contains(&index) {
            if index == HEAD {
                let said = format!(
                    "  ⋮ {hidden} steps left out: -v shows all, --transcripts DIR keeps them"
                );
                out.push(teller.paint.dim(said));
            }
            continue;
        }
        out.extend(shown(line, teller));
    }
    if let Some(finding) = &report.finding
        && nothing_came
    {
        out.push(teller.paint.bad(format!("  ▶ # {} came", finding.came)));
    }
    out
}

/// The case that a transcript is, if it is one.
pub(super) fn parsed(transcript: &str) -> Option<Case> {
    script::parse("transcript", transcript)
        .ok()?
        .cases()
        .next()
        .cloned()
}

fn shown(line: &Line, teller: &Teller<'_>) -> Vec<String> {
    let most = if line.marked { ROWS.1 } else { ROWS.0 };
    let mut rows = folded(&line.statement, WIDTH - 4);
    if !teller.verbose {
        shorten(&mut rows, most, WIDTH - 4);
    }
    if let Some(comment) = &line.comment {
        match rows.last_mut() {
            Some(last) if last.chars().count() + comment.chars().count() + 3 <= WIDTH - 4 => {
                last.push_str(&format!("  # {comment}"));
            }
            _ => rows.insert(0, format!("# {comment}")),
        }
    }
    let paint = teller.paint;
    let above = above(line, teller);
    let paint_row = |(index, row): (usize, String)| match (line.marked, index) {
        (true, 0) => paint.bad(format!("  ▶ {row}")),
        (true, _) => paint.bad(format!("    {row}")),
        (false, _) => format!("    {row}"),
    };
    let rows = rows.into_iter().enumerate().map(paint_row);
    above.into_iter().chain(rows).collect()
}

/// What was said before a statement, in one line each.
fn above(line: &Line, teller: &Teller<'_>) -> Vec<String> {
    let hidden = match teller.verbose {
        true => 0,
        false => line.above.len().saturating_sub(ASIDES),
    };
    let mut out = Vec::new();
    for (index, said) in line.above.iter().enumerate() {
        let place = ASIDES / 2;
        if index == place && hidden > 0 {
            out.push(format!("    # ⋮ {hidden} of these left out"));
        }
        if (place..place + hidden).contains(&index) {
            continue;
        }
        let mut rows = folded(&format!("# {said}"), WIDTH - 4);
        shorten(&mut rows, 1, WIDTH - 4);
        out.extend(rows.into_iter().map(|row| format!("    {row}")));
    }
    out
}

/// Whether some `open` of the case asks for more than a stage.
fn opens_specially(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.kind {
        StepKind::Open { options, .. } => !options.is_empty(),
        StepKind::Control(steps) | StepKind::Fault(steps) | StepKind::Repeat { steps, .. } => {
            opens_specially(steps)
        }
        _ => false,
    })
}

/// The steps as lines; the dialogue that opens a connection, where it went as ever, is one line.
fn collapse(steps: &[Step], teller: &Teller<'_>, keep_opening: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = steps;
    while let Some((step, after)) = rest.split_first() {
        let opening = match &step.kind {
            StepKind::Open { lanes, .. } if !keep_opening => dialogue(lanes, after, teller.dialect),
            _ => None,
        };
        let mut line = line(step);
        rest = after;
        if let (Some(length), StepKind::Open { lanes, .. }) = (opening, &step.kind) {
            let names: String = lanes.iter().map(|lane| format!(" {lane}")).collect();
            line.statement = format!("open{names}");
            line.comment = Some(format!("{length} steps: the usual dialogue"));
            rest = &after[length..];
        }
        lines.push(line);
    }
    lines
}

/// How many of the steps are the usual dialogue of the connection just opened; `None` if it went another way.
pub(super) fn dialogue(lanes: &[Lane], steps: &[Step], dialect: &dyn Dialect) -> Option<usize> {
    let name = lanes.first().and_then(|lane| lane.connection.as_deref());
    let prologue = dialect.prologue().iter().flat_map(|stage| &stage.steps);
    let mut length = 0;
    for usual in prologue {
        let said = steps.get(length)?;
        let (usual, said_message) = (message(usual)?, message(said)?);
        let same = usual.command.value == said_message.command.value
            && said_message.lane.connection.as_deref() == name
            && !is_marked(said);
        if !same {
            return None;
        }
        length += 1;
    }
    (length > 0).then_some(length)
}

fn message(step: &Step) -> Option<&Message> {
    match &step.kind {
        StepKind::Send(message) | StepKind::Expect { message, .. } => Some(message),
        _ => None,
    }
}

/// Whether the exchange left the script with this statement.
pub(super) fn is_marked(step: &Step) -> bool {
    step.comment
        .as_deref()
        .is_some_and(|comment| comment.trim() == HERE)
}

fn line(step: &Step) -> Line {
    let bare = Step {
        comment: None,
        lead: Vec::new(),
        ..step.clone()
    };
    let marked = is_marked(step);
    let statement = bare.to_string();
    let lead = step.lead.iter().filter(|line| !line.trim().is_empty());
    Line {
        above: lead.map(|line| line.trim().to_owned()).collect(),
        statement: statement.trim().to_owned(),
        comment: step.comment.clone().filter(|_| !marked),
        marked,
    }
}
