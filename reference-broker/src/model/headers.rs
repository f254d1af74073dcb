//! Matching by header table (EXT-04, EXT-05).

use std::collections::BTreeMap;

use mqspec_codec::{FieldTable, FieldValue, ShortStr};

use super::Refusal;

const MODE: &str = "x-match";
const PRIVATE: &str = "x-";

/// What the arguments of a binding ask of a message's headers.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    any: bool,
    /// Names, and the values they must have; `None` asks for presence alone.
    pairs: Vec<(ShortStr, Option<FieldValue>)>,
}

impl Pattern {
    /// Reads the arguments. Without `x-match` every pair has to match. Names that begin with `x-`
    /// count only in the modes that say so.
    pub(super) fn new(arguments: &FieldTable) -> Result<Self, Refusal> {
        let (any, with_private) = match arguments.get(MODE) {
            None => (false, false),
            Some(mode) => match mode.as_str() {
                Some("all") => (false, false),
                Some("any") => (true, false),
                Some("all-with-x") => (false, true),
                Some("any-with-x") => (true, true),
                _ => {
                    let modes = "is none of all, any, all-with-x and any-with-x";
                    return Err(Refusal::Argument(MODE, modes));
                }
            },
        };
        let pairs = arguments
            .iter()
            .filter(|(name, _)| name != MODE && (with_private || !name.starts_with(PRIVATE)))
            .map(|(name, value)| (name.clone(), (value != FieldValue::Void).then_some(value)))
            .collect();
        Ok(Self { any, pairs })
    }

    /// Whether a message with these headers is asked for. Values of different types differ.
    pub(super) fn matches(&self, headers: &Headers) -> bool {
        let matches = |(name, wanted): &(ShortStr, Option<FieldValue>)| {
            headers
                .0
                .get(name)
                .is_some_and(|value| wanted.as_ref().is_none_or(|it| it == value))
        };
        if self.any {
            self.pairs.iter().any(matches)
        } else {
            self.pairs.iter().all(matches)
        }
    }
}

/// A message's header table, made ready to be looked into often.
#[derive(Debug, Default)]
pub(super) struct Headers(BTreeMap<ShortStr, FieldValue>);

impl Headers {
    pub(super) fn new(table: Option<FieldTable>) -> Self {
        let mut headers = BTreeMap::new();
        for (name, value) in table.unwrap_or_default().iter() {
            // Of duplicates, which are illegal, the first counts (DAT-07).
            headers.entry(name).or_insert(value);
        }
        Self(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pairs: &[(&str, FieldValue)]) -> FieldTable {
        pairs
            .iter()
            .fold(FieldTable::new(), |table, (name, value)| {
                table.with(name, value.clone()).expect("a legal pair")
            })
    }

    fn text(text: &'static str) -> FieldValue {
        ShortStr::from_static(text).into()
    }

    fn matches(arguments: &[(&str, FieldValue)], headers: &[(&str, FieldValue)]) -> bool {
        let pattern = Pattern::new(&table(arguments)).expect("legal arguments");
        pattern.matches(&Headers::new(Some(table(headers))))
    }

    #[test]
    fn all_pairs_have_to_match_unless_any_may() {
        let wanted = [("a", text("1")), ("b", text("2"))];
        let with = |mode| [&[(MODE, text(mode))], wanted.as_slice()].concat();
        assert!(matches(
            &wanted,
            &[("b", text("2")), ("a", text("1")), ("c", text("3"))]
        ));
        assert!(!matches(&wanted, &[("a", text("1"))]));
        assert!(!matches(
            &with("all"),
            &[("a", text("1")), ("b", text("x"))]
        ));
        assert!(matches(&with("any"), &[("a", text("x")), ("b", text("2"))]));
        assert!(!matches(&with("any"), &[("c", text("2"))]));
    }

    #[test]
    fn without_pairs_all_matches_everything_and_any_nothing() {
        assert!(matches(&[], &[]));
        assert!(matches(&[(MODE, text("all"))], &[("a", text("1"))]));
        assert!(!matches(&[(MODE, text("any"))], &[("a", text("1"))]));
    }

    #[test]
    fn a_void_value_asks_for_presence_alone() {
        assert!(matches(&[("a", FieldValue::Void)], &[("a", 7.into())]));
        assert!(!matches(&[("a", FieldValue::Void)], &[("b", 7.into())]));
    }

    #[test]
    fn the_type_is_part_of_the_value() {
        assert!(matches(&[("a", 7.into())], &[("a", 7.into())]));
        assert!(!matches(&[("a", 7.into())], &[("a", 7_i64.into())]));
        assert!(!matches(&[("a", text("7"))], &[("a", 7.into())]));
    }

    #[test]
    fn private_names_count_only_where_the_mode_says_so() {
        let with = |mode| [(MODE, text(mode)), ("x-a", text("1")), ("b", text("2"))];
        let b_only = [("b", text("2"))];
        let x_only = [("x-a", text("1"))];
        assert!(matches(&with("all"), &b_only));
        assert!(!matches(&with("all-with-x"), &b_only));
        assert!(!matches(&with("any"), &x_only));
        assert!(matches(&with("any-with-x"), &x_only));
    }

    #[test]
    fn an_unknown_mode_is_refused() {
        let arguments = table(&[(MODE, text("some"))]);
        assert!(matches!(
            Pattern::new(&arguments),
            Err(Refusal::Argument(MODE, _))
        ));
        let arguments = table(&[(MODE, 1.into())]);
        assert!(matches!(
            Pattern::new(&arguments),
            Err(Refusal::Argument(MODE, _))
        ));
    }
}
