//! Texts of target files in which `{name}` stands for a value: `{port}`, `{dir}`.
//!
//! Only a lower-case word in braces is a placeholder, so that most configuration languages need no
//! quoting; `{{name}}` is the text `{name}`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The placeholders that need no variable, for a person.
pub(super) const KNOWN: &str = "{dir}, {host}, {port}, {port2} to {port9}, {secret}, {user}, {password}, {vhost} \
                                ({dir} and further ports are for processes only)";

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{[a-z][a-z0-9_]*\}\}|\{([a-z][a-z0-9_]*)\}")
        .expect("the expression is well-formed")
});

/// The values of placeholders, by name.
pub(super) type Values = BTreeMap<String, String>;

/// Whether a name has a value for every process.
pub(super) fn in_process(name: &str) -> bool {
    name == "dir" || is_further_port(name) || in_container(name)
}

/// Whether a name has a value for every container.
pub(super) fn in_container(name: &str) -> bool {
    matches!(
        name,
        "host" | "port" | "secret" | "user" | "password" | "vhost"
    )
}

/// Whether a name stands for a port beside the one that the suite talks to.
pub(super) fn is_further_port(name: &str) -> bool {
    matches!(
        name.strip_prefix("port").map(str::as_bytes),
        Some([b'2'..=b'9'])
    )
}

/// The placeholders of a text.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    PLACEHOLDER
        .captures_iter(text)
        .filter_map(|found| found.get(1))
        .map(|name| name.as_str())
}

/// The text with values in place of placeholders. One without a value stays.
pub(super) fn expand<'a>(text: &'a str, values: &Values) -> Cow<'a, str> {
    PLACEHOLDER.replace_all(text, |found: &Captures<'_>| {
        let whole = &found[0];
        match found.get(1) {
            Some(name) => values
                .get(name.as_str())
                .map_or(whole, String::as_str)
                .to_owned(),
            // One pair of the braces was only to say that this is text.
            None => whole.get(1..whole.len() - 1).unwrap_or(whole).to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{dir}/home", "/tmp/x/home")]
    #[case("127.0.0.1:{port}", "127.0.0.1:4711")]
    #[case("{port}{port2}", "47114712")]
    #[case("{{port}} is {port}", "{port} is 4711")]
    #[case(
        "[{rabbit, [{tcp, {127,0,0,1}}]}].",
        "[{rabbit, [{tcp, {127,0,0,1}}]}]."
    )]
    #[case(r#"{"port": {port}}"#, r#"{"port": 4711}"#)]
    #[case("{", "{")]
    #[case("{}", "{}")]
    #[case("{Port}", "{Port}")]
    fn only_a_word_in_braces_is_replaced(#[case] text: &str, #[case] expected: &str) {
        let values = [("dir", "/tmp/x"), ("port", "4711"), ("port2", "4712")];
        let values = values
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(expand(text, &values), expected);
    }

    #[test]
    fn quoted_placeholders_are_no_placeholders() {
        assert_eq!(
            names("{a} {{b}} {c_2} {D}").collect::<Vec<_>>(),
            ["a", "c_2"]
        );
    }

    #[rstest]
    #[case("port2", true)]
    #[case("port9", true)]
    #[case("port", false)]
    #[case("port1", false)]
    #[case("port10", false)]
    fn there_are_eight_further_ports(#[case] name: &str, #[case] is: bool) {
        assert_eq!(is_further_port(name), is);
        assert!(!is || in_process(name));
    }
}
