//! Matching by topic pattern (EXT-03).

/// Whether a routing key fits a pattern. Both are words with dots between them, the empty string
/// being no word at all; `*` stands for exactly one word and `#` for any number of them.
pub(super) fn matches(pattern: &str, key: &str) -> bool {
    let pattern = words(pattern);
    let key = words(key);
    // As with file names: on a mismatch the last `#` takes one word more. Where there are several,
    // only the last matters, so that the time is at most the product of the lengths.
    let (mut at_pattern, mut at_key) = (0, 0);
    let mut last_hash = None;
    loop {
        match (pattern.get(at_pattern), key.get(at_key)) {
            (None, None) => return true,
            (Some(&"#"), _) => {
                last_hash = Some((at_pattern + 1, at_key));
                at_pattern += 1;
                continue;
            }
            (Some(wanted), Some(word)) if *wanted == "*" || wanted == word => {
                at_pattern += 1;
                at_key += 1;
                continue;
            }
            _ => {}
        }
        match last_hash {
            Some((after_hash, taken)) if taken < key.len() => {
                last_hash = Some((after_hash, taken + 1));
                at_pattern = after_hash;
                at_key = taken + 1;
            }
            _ => return false,
        }
    }
}

fn words(text: &str) -> Vec<&str> {
    if text.is_empty() {
        Vec::new()
    } else {
        text.split('.').collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::matches;

    #[rstest]
    #[case("", "")]
    #[case("a.b", "a.b")]
    #[case("*", "a")]
    #[case("*.b", "a.b")]
    #[case("a.*.c", "a.b.c")]
    #[case("#", "")]
    #[case("#", "a.b.c")]
    #[case("a.#", "a")]
    #[case("a.#", "a.b.c")]
    #[case("#.c", "c")]
    #[case("#.c", "a.c.b.c")]
    #[case("a.#.c", "a.c")]
    #[case("#.#", "")]
    #[case("#.#", "a")]
    #[case("*.#", "a")]
    #[case("#.*", "a.b")]
    #[case("#.b.#.d.#", "a.b.c.d.e")]
    #[case("a.*.#.e", "a.b.e")]
    #[case("*.*", "a.")]
    #[case("a..b", "a..b")]
    fn fits(#[case] pattern: &str, #[case] key: &str) {
        assert!(matches(pattern, key));
    }

    #[rstest]
    #[case("", "a")]
    #[case("a", "")]
    #[case("a.b", "a.b.c")]
    #[case("a.b.c", "a.b")]
    #[case("*", "")]
    #[case("*", "a.b")]
    #[case("a.*", "a")]
    #[case("*.#", "")]
    #[case("a.#", "b.a")]
    #[case("#.c", "c.a")]
    #[case("#.b.#.d.#", "a.d.c.b.e")]
    #[case("a#", "ab")]
    #[case("a*", "ab")]
    fn does_not_fit(#[case] pattern: &str, #[case] key: &str) {
        assert!(!matches(pattern, key));
    }

    #[test]
    fn many_hashes_take_no_long_time() {
        let pattern = format!("{}b", "#.".repeat(120));
        let key = format!("{}a", "a.".repeat(120));
        assert!(!matches(&pattern, &key));
    }
}
