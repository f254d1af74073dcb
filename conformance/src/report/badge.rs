//! A badge: what was tested on the left, how much of it passed on the right.

use super::Standing;
use super::layout::grouped;
use crate::run::RunReport;

/// How much of a suite a broker passes, and what that is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    text: String,
    color: &'static str,
}

const GREEN: &str = "#2a7e3f";
const OLIVE: &str = "#5f7510";
const ORANGE: &str = "#a9560b";
const RED: &str = "#b3261e";
const GREY: &str = "#5f6670";

/// One badge, of one report or of the sum of several.
pub(super) fn badge(reports: &[RunReport]) -> String {
    let label = match reports.iter().find_map(|report| report.protocol.as_deref()) {
        Some(protocol) => protocol.to_owned(),
        None => "conformance".to_owned(),
    };
    let message = message(reports);
    picture(&label, &message)
}

fn message(reports: &[RunReport]) -> Message {
    let cases = || reports.iter().flat_map(|report| &report.cases);
    let count = |wanted: &[Standing]| {
        cases()
            .filter(|case| wanted.contains(&Standing::of(case)))
            .count()
    };
    let passed = count(&[Standing::Passed, Standing::Lenient, Standing::Surprise]);
    let asked = cases().count() - count(&[Standing::Skipped]);
    let text = format!("{} of {} passed", grouped(passed), grouped(asked));
    if count(&[Standing::NotRun]) == cases().count() {
        return Message {
            text: "not run".to_owned(),
            color: GREY,
        };
    }
    if reports.iter().any(|report| report.aborted.is_some()) {
        return Message {
            text: format!("{text}, not finished"),
            color: GREY,
        };
    }
    let fails = reports.iter().any(|report| report.summary.exit_status != 0);
    let color = match (fails, count(&[Standing::Warning])) {
        (true, _) => RED,
        (false, 1..) => ORANGE,
        // What is known is forgiven, and still not right.
        (false, 0) if passed < asked => OLIVE,
        (false, 0) => GREEN,
    };
    Message { text, color }
}

/// How much room is left and right of a text.
const MARGIN: usize = 60;

/// The picture, in tenths of a pixel. Every text is stretched to the width that was counted on, since the reader's font
/// is unknown.
fn picture(label: &str, message: &Message) -> String {
    let Message { text, color } = message;
    let (left, right) = (width(label), width(text));
    let (first, second) = (left + 2 * MARGIN, right + 2 * MARGIN);
    let whole = first + second;
    let px = |tenths: usize| format!("{}.{}", tenths / 10, tenths % 10);
    let (label, text) = (escaped(label), escaped(text));
    let words = |at: usize, wide: usize, words: &str| {
        format!("    <text x=\"{at}\" y=\"140\" textLength=\"{wide}\">{words}</text>\n")
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"20\" role=\"img\" \
         aria-label=\"{label}: {text}\">\n  <title>{label}: {text}</title>\n  \
         <clipPath id=\"r\"><rect width=\"{}\" height=\"20\" rx=\"3\"/></clipPath>\n  \
         <g clip-path=\"url(#r)\">\n    <rect width=\"{}\" height=\"20\" fill=\"#3d434b\"/>\n    \
         <rect x=\"{}\" width=\"{}\" height=\"20\" fill=\"{color}\"/>\n  </g>\n  \
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,Geneva,sans-serif\" \
         font-size=\"110\" transform=\"scale(.1)\">\n{}{}  </g>\n</svg>\n",
        px(whole),
        px(whole),
        px(first),
        px(first),
        px(second),
        words(first / 2, left, &label),
        words(first + second / 2, right, &text),
    )
}

/// The width of a text in Verdana of 11 pixels, in tenths of a pixel: near enough for what is stretched anyway.
fn width(text: &str) -> usize {
    let advance = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ' ' | ':' | ';' | '\'' | '|' | '!' => 38,
        'f' | 'r' | 't' | '-' | '(' | ')' | '/' => 46,
        'm' | 'w' | 'M' | 'W' | '%' => 105,
        '0'..='9' => 70,
        'A'..='Z' => 78,
        c if c.is_ascii() => 66,
        _ => 110,
    };
    text.chars().map(advance).sum()
}

fn escaped(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    kept.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
