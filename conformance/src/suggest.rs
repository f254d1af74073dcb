//! What a person may have meant by a name that does not exist.

/// How many names are suggested at most.
const MOST: usize = 3;

/// The known names that are like the one given, the likest first.
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = name.to_lowercase();
    let reach = (lower.chars().count() / 3).clamp(1, 8);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|known| {
            let other = known.to_lowercase();
            if lower.len() > 2 && (other.contains(&lower) || lower.contains(&other)) {
                return Some((1, known));
            }
            let distance = strsim::damerau_levenshtein(&lower, &other);
            (distance <= reach).then_some((distance, known))
        })
        .collect();
    found.sort();
    found.dedup();
    found
        .into_iter()
        .take(MOST)
        .map(|(_, known)| known)
        .collect()
}

/// A sentence that offers these names, or nothing if there are none.
pub fn sentence(names: &[impl AsRef<str>]) -> Option<String> {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    let (last, first) = quoted.split_last()?;
    Some(match first {
        [] => format!("did you mean {last}?"),
        first => format!("did you mean {} or {last}?", first.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_name_comes_first() {
        let known = [
            "queue.declare/passive-missing",
            "queue.declare/passive",
            "basic.get/empty",
        ];
        assert_eq!(
            near("queue.declare/pasive", known),
            ["queue.declare/passive"]
        );
        assert_eq!(
            near("passive", known),
            ["queue.declare/passive", "queue.declare/passive-missing"]
        );
        assert!(near("zzz", known).is_empty());
    }

    #[test]
    fn several_names_are_offered_as_alternatives() {
        assert_eq!(
            sentence(&["a", "b"]).as_deref(),
            Some("did you mean `a` or `b`?")
        );
        assert_eq!(sentence(&[""; 0]), None);
    }
}
