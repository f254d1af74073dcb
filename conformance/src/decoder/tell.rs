//! What was found, in words and in 80 columns.

use super::answer::brief;
use super::judge::{Judgement, Kind};
use super::oracle::Expected;
use super::program::Reply;
use super::session::{Found, Report};
use crate::corpus::export::hex;
use crate::dialect::Dialect;
use crate::dialect::amqp::{self, Part, inspect, parts};
use crate::report::layout::{WIDTH, columns, counted, rule, wrapped};
use crate::report::paint::Paint;

/// Octets of a part that are shown.
const SHOWN: usize = 8;
/// Parts of a frame that are shown.
const PARTS: usize = 24;
/// Longer frames are not put onto a command line.
const COMMAND_LINE: usize = 1000;

/// The whole report; `again` is the command line that starts the program.
pub fn report(report: &Report, again: &str, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, found) in report.findings.iter().enumerate() {
        lines.extend(finding(number + 1, found, again, paint));
        lines.push(String::new());
    }
    if !report.choices.is_empty() {
        lines.push(paint.dim(rule(
            "what the text leaves to a decoder, or to the peer behind it",
        )));
        for choice in &report.choices {
            let said = match choice.frames {
                1 => choice.what.clone(),
                frames => format!("{}, and so with {frames} frames", choice.what),
            };
            let head = format!("  {:<8}", choice.clause);
            lines.extend(wrapped(&said, &head, "          "));
        }
        lines.push(String::new());
    }
    for (reason, count) in &report.skipped {
        let said = format!(
            "{} skipped by the program: {}",
            counted(*count, "frame"),
            brief(reason)
        );
        lines.extend(wrapped(&said, "  ", "    "));
    }
    if !report.silent.is_empty() {
        let most: Vec<&str> = report.silent.iter().take(12).map(String::as_str).collect();
        let more = report.silent.len() - most.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let said = format!("never told, so not compared: {}{more}", most.join(" "));
        lines.extend(wrapped(&said, "  ", "    "));
    }
    if report.given_up {
        lines.extend(wrapped(
            "the program ended, or said nothing, so often that it was not asked any more",
            "  ",
            "    ",
        ));
    }
    for (what, (asked, agreed)) in [
        ("vectors", report.vectors),
        ("generated frames", report.generated),
    ] {
        lines.push(format!("{agreed:>8} of {asked} {what} as the text says"));
    }
    let kinds = counted(report.findings.len(), "finding");
    lines.push(match report.findings.is_empty() {
        true => paint.good(kinds),
        false => paint.bad(kinds),
    });
    lines
}

fn finding(number: usize, found: &Found, again: &str, paint: Paint) -> Vec<String> {
    let mut lines = vec![paint.bad(rule(&format!("{number}  {}", title(found))))];
    let shrunk = format!("{}; this is the smallest frame that shows it", found.what);
    lines.extend(wrapped(&shrunk, "  ", "  "));
    lines.extend(annotated(&found.octets, paint));
    for clause in clauses(found) {
        lines.extend(cited(clause, paint));
    }
    lines.extend(said(&found.kind, paint));
    if found.others > 0 {
        lines.push(format!(
            "  {} show the same",
            counted(found.others, "other frame")
        ));
    }
    if found.octets.len() <= COMMAND_LINE {
        lines.push(paint.dim(format!(
            "  mqspec decoder --only {} -- {again}",
            hex(&found.octets)
        )));
    }
    lines
}

/// One frame alone.
pub fn one(
    octets: &[u8],
    expected: &Expected,
    reply: &Reply,
    judgement: &Judgement,
    paint: Paint,
) -> Vec<String> {
    let mut lines = annotated(octets, paint);
    match expected {
        Expected::Taken(_, None) => lines.push("  a legal frame".to_owned()),
        Expected::Taken(_, Some(clause)) => {
            lines.push("  a legal frame, of which the text has another reading as well".to_owned());
            lines.extend(cited(clause, paint));
        }
        Expected::Refused(refused) => {
            lines.extend(wrapped(&refused.what, "  ", "  "));
            lines.extend(cited(refused.clause, paint));
        }
        Expected::Unsure => lines.push("  no single frame, or none that can be judged".to_owned()),
    }
    if let Reply::Line(line) = reply {
        lines.extend(wrapped(&format!("the decoder: {line}"), "  ", "    "));
    }
    match judgement {
        Judgement::Agrees => lines.push(paint.good("  as the text says")),
        Judgement::Skips(reason) => lines.push(format!("  skipped: {reason}")),
        Judgement::Free { clause, .. } => {
            lines.push(format!(
                "  the text leaves this to a decoder, or to the peer behind it ({clause})"
            ));
        }
        Judgement::Unjudged => lines.push("  not judged".to_owned()),
        Judgement::Finding(kind) => lines.extend(said(kind, paint)),
    }
    lines
}

/// What a finding is, in a line.
pub fn title(found: &Found) -> String {
    let frame = inspect(&found.octets).into_iter().next();
    let command = frame.map(|frame| frame.command).unwrap_or_default();
    let within = || {
        let tags: Vec<&str> = found
            .features
            .iter()
            .filter(|name| name.starts_with("tag "))
            .map(String::as_str)
            .collect();
        match (tags.is_empty(), found.features.iter().next()) {
            (false, _) => format!(" with {}", tags.join(", ")),
            (true, Some(feature)) => format!(" with a {feature}"),
            (true, None) => String::new(),
        }
    };
    match &found.kind {
        Kind::Takes { clause, fault, .. } => {
            format!("takes what {clause} forbids: {}", clipped(fault, 44))
        }
        Kind::Refuses { .. } => format!("refuses a legal {command}{}", within()),
        Kind::Differs(difference) if difference.kind.starts_with("tag ") => {
            format!(
                "reads another value than {command} holds: {}",
                difference.kind
            )
        }
        Kind::Differs(difference) => {
            format!(
                "reads another value than {command} holds: {}",
                difference.path
            )
        }
        Kind::Dies { how, .. } => format!("{how} at a {command}"),
        Kind::Hangs => format!("says nothing to a {command}"),
        Kind::Garbles { .. } => format!("answers what is no answer to a {command}"),
    }
}

/// The clauses that a finding is about.
pub fn clauses(found: &Found) -> Vec<&'static str> {
    let of = |feature: &str| match feature {
        "tag s" => "DAT-09",
        "tag l" | "tag L" => "DAT-10",
        "tag B" | "tag u" | "tag i" => "DAT-11",
        "tag D" => "DAT-08",
        "tag x" => "DAT-12",
        "tag A" => "DAT-13",
        "timestamp" => "DAT-04",
        "tag F" | "table" => "DAT-15",
        feature if feature.starts_with("tag ") => "DAT-14",
        "bit" => "MTH-03",
        "shortstr" => "DAT-02",
        "longstr" => "DAT-03",
        "octet" | "short" | "long" | "longlong" => "DAT-01",
        _ => "FRM-01",
    };
    match &found.kind {
        Kind::Takes { clause, .. } => vec![clause],
        Kind::Differs(difference) => vec![of(&difference.kind)],
        Kind::Refuses { .. } => {
            let tagged = found
                .features
                .iter()
                .filter(|name| name.starts_with("tag "));
            let mut named: Vec<&str> = tagged.map(|name| of(name)).collect();
            if named.is_empty() {
                named.extend(found.features.iter().map(|name| of(name)).take(1));
            }
            if named.is_empty() {
                named.push("FRM-01");
            }
            named.dedup();
            named
        }
        Kind::Dies { .. } | Kind::Hangs | Kind::Garbles { .. } => Vec::new(),
    }
}

fn said(kind: &Kind, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    let text = match kind {
        Kind::Takes { what, .. } => format!("{what}; the decoder takes it"),
        Kind::Refuses { said } => format!("the decoder refuses it: {}", brief(said)),
        Kind::Differs(found) => {
            lines.push(format!("  {} ({})", found.path, found.kind));
            lines.extend(wrapped(
                &format!("holds    {}", found.wanted),
                "    ",
                "             ",
            ));
            format!("it says  {}", found.got)
        }
        Kind::Dies { how, said } => {
            lines.extend(
                wrapped(&format!("the decoder {how}"), "  ", "    ")
                    .into_iter()
                    .map(|line| paint.bad(line)),
            );
            for line in said.iter().rev().take(3).rev() {
                lines.push(format!("    {}", clipped(line, WIDTH - 4)));
            }
            return lines;
        }
        Kind::Hangs => "the decoder says nothing, and was ended".to_owned(),
        Kind::Garbles { what } => what.clone(),
    };
    let indent = if matches!(kind, Kind::Differs(_)) {
        "    "
    } else {
        "  "
    };
    let told = wrapped(&text, indent, "             ");
    lines.extend(told.into_iter().map(|line| paint.bad(line)));
    lines
}

fn cited(id: &str, paint: Paint) -> Vec<String> {
    let Some(clause) = amqp::dialect().clauses().get(id) else {
        return Vec::new();
    };
    let said = format!(
        "{} {} ({}): {}",
        clause.level, clause.id, clause.source, clause.text
    );
    wrapped(&said, "  ", "    ")
        .into_iter()
        .map(|line| paint.dim(line))
        .collect()
}

/// A frame's octets with what each of them is.
fn annotated(octets: &[u8], paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for part in parts(octets) {
        annotate(octets, &part, 0, &mut lines, paint);
    }
    let too_many = lines.len().saturating_sub(PARTS);
    if too_many > 0 {
        let last = lines.split_off(lines.len() - 3);
        lines.truncate(PARTS - 4);
        lines.push(format!("          … {}", counted(too_many + 1, "part")));
        lines.extend(last);
    }
    lines
}

fn annotate(octets: &[u8], part: &Part, depth: usize, lines: &mut Vec<String>, paint: Paint) {
    let own = octets
        .get(part.offset..part.offset + part.own())
        .unwrap_or_default();
    let mut digits: Vec<String> = own
        .iter()
        .take(SHOWN)
        .map(|octet| format!("{octet:02x}"))
        .collect();
    if own.len() > SHOWN {
        digits[SHOWN - 1] = "…".to_owned();
    }
    let digits = digits.join(" ");
    let name = clipped(&format!("{}{}", "  ".repeat(depth), part.name), 18);
    let blanks = 18_usize.saturating_sub(columns(&name));
    let head = format!("  {:>6}  {digits:<24}", part.offset);
    let room = WIDTH - 10 - 24 - 18 - 3;
    let value = clipped(&part.value, room);
    lines.push(
        format!("{} {name}{}  {value}", paint.dim(head), " ".repeat(blanks))
            .trim_end()
            .to_owned(),
    );
    for inner in &part.inner {
        annotate(octets, inner, depth + 1, lines, paint);
    }
}

fn clipped(text: &str, room: usize) -> String {
    let text = text.replace(['\n', '\r'], " ");
    if columns(&text) <= room {
        return text;
    }
    let mut short: String = text.chars().take(room.saturating_sub(1)).collect();
    while columns(&short) >= room {
        short.pop();
    }
    format!("{short}…")
}
