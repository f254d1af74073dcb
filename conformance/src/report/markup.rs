//! Text that stays text in Markdown as GitHub reads it.

use super::Standing;

/// One sign for tables and lists.
pub(crate) fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::NotRun | Standing::Skipped => "⚪",
        Standing::Passed | Standing::Lenient => "✅",
        Standing::Known => "🟡",
        Standing::Warning => "⚠️",
        Standing::Surprise => "❗",
        Standing::Unproved => "❓",
        Standing::Failed => "❌",
    }
}

/// Prose in which nothing is markup, calls anybody or begins a tag.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The longest row of backticks in a text.
fn backticks(text: &str) -> usize {
    let mut longest = 0;
    let mut row = 0;
    for c in text.chars() {
        row = if c == '`' { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    longest
}

/// A piece of code in a line.
pub(crate) fn code(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fence = "`".repeat(backticks(&line) + 1);
    match line.starts_with('`') || line.ends_with('`') {
        true => format!("{fence} {line} {fence}"),
        false => format!("{fence}{line}{fence}"),
    }
}

/// Code of several lines.
pub(crate) fn fenced(text: &str) -> String {
    let fence = "`".repeat(backticks(text).max(2) + 1);
    format!("{fence}text\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_broker_says_is_no_markup() {
        assert_eq!(
            escaped("<b> *a* @all #1 x_y"),
            "&lt;b&gt; \\*a\\* &#64;all \\#1 x\\_y"
        );
        assert_eq!(code("a `b` c"), "``a `b` c``");
        assert_eq!(code("`"), "`` ` ``");
        assert!(fenced("```\nx").starts_with("````text\n```\nx\n````"));
    }
}
