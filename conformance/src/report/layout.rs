//! Text in 80 columns.

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a line has.
pub const WIDTH: usize = 80;

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Prose in lines: the first behind `first`, the others behind `rest`.
pub fn wrapped(text: &str, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(WIDTH)
        // Names such as `reply-code` stay whole.
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
        .initial_indent(first)
        .subsequent_indent(rest);
    let lines = textwrap::wrap(text.trim(), options);
    lines
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// A statement of the notation in lines of at most `width` columns, joined by ` \` as the notation does it. A word that
/// is longer than a line is cut.
pub fn folded(statement: &str, width: usize) -> Vec<String> {
    const HANG: &str = "    ";
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words(statement) {
        let fits = columns(&line) + 1 + columns(&word) + 2 <= width;
        if !line.trim().is_empty() && !fits {
            lines.push(format!("{line} \\"));
            line = HANG.trim_end().to_owned();
        }
        line.push_str(match (line.is_empty(), lines.is_empty()) {
            (true, true) => "",
            (true, false) => HANG,
            (false, _) => " ",
        });
        line.push_str(&word);
        if columns(&line) > width {
            let mut pieces = pieces(&line, width, HANG);
            line = pieces.pop().unwrap_or_default();
            lines.append(&mut pieces);
        }
    }
    lines.push(line);
    lines
}

/// The words of a statement: what stands between blanks, but quoted text is one word.
fn words(statement: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    let mut escaped = false;
    for letter in statement.trim().chars() {
        if letter.is_whitespace() && !quoted {
            words.push(String::new());
            continue;
        }
        if letter == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = letter == '\\' && !escaped;
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty() && word != "\\");
    words
}

/// Leaves out what stands behind the first lines, which have at most `width` columns.
pub fn shorten(lines: &mut Vec<String>, most: usize, width: usize) {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.truncate(last.trim_end_matches(" \\").len());
            while columns(last) + 2 > width {
                last.pop();
            }
            last.push_str(" …");
        }
    }
}

/// A text cut into pieces of at most so many columns, all but the first of which begin with `hang`.
fn pieces(text: &str, width: usize, hang: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut taken = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or_default();
        if taken + wide > width && taken > 0 {
            pieces.push(hang.to_owned());
            taken = columns(hang);
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
        taken += wide;
    }
    pieces
}

/// A line of 80 columns that begins with a title.
pub fn rule(title: &str) -> String {
    let rest = WIDTH.saturating_sub(columns(title) + 4);
    format!("── {title} {}", "─".repeat(rest))
}

/// Words in lines of 80 columns, behind blanks.
pub fn flowed(words: impl IntoIterator<Item = String>, indent: usize) -> Vec<String> {
    let text: Vec<String> = words.into_iter().collect();
    let blanks = " ".repeat(indent);
    wrapped(&text.join(" "), &blanks, &blanks)
}

/// `1 case`, `2 cases`.
pub fn counted(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('s')) {
        (1, _) => format!("1 {what}"),
        (_, Some(_)) => format!("{count} {what}es"),
        _ => format!("{count} {what}s"),
    }
}

/// The text in one line, cut behind so many characters.
pub fn one_line(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(limit) {
        None => line,
        Some((at, _)) => format!("{} …", &line[..at]),
    }
}

/// `2,553`.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script;

    #[test]
    fn a_folded_statement_is_the_same_statement() {
        let long = "< basic.get-ok routing-key=\"a b  c\" headers={a=\"x\\\" y\", n={m=1}} body=\"some words here\"";
        let lines = folded(long, 30);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| columns(line) <= 30), "{lines:#?}");
        let case = |step: &str| format!("case a/b\n  \"t\"\n  clause X-1\n  {step}\n");
        let joined = lines.join("\n  ");
        let steps = |text: &str| script::parse("a", text).map(|file| file.to_string());
        assert_eq!(steps(&case(&joined)), steps(&case(long)));
    }

    #[test]
    fn a_number_is_read_in_groups_of_three() {
        let shown = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_word_that_is_longer_than_a_line_is_cut() {
        let lines = folded(&format!("> raw data=hex\"{}\"", "00".repeat(60)), 40);
        assert!(lines.iter().all(|line| columns(line) <= 40), "{lines:#?}");
    }
}
