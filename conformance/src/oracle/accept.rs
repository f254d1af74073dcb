//! A difference that somebody has looked at becomes a case of a suite, or a known difference of a target.

use super::difference::Kind;
use crate::script::{self, Case, File, Item};

/// Why a case cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// It is no script, or holds no case.
    #[error("{0} is no case that `mqspec diff` wrote")]
    NoCase(String),
    /// The suite's file is no script.
    #[error("{0} is no script")]
    NoScript(String),
    /// The suite has it already.
    #[error("{into} has a case {id} already")]
    There {
        /// The file.
        into: String,
        /// The case.
        id: String,
    },
    /// What parts is not told in its first line.
    #[error("{0} does not tell in its first line what the two brokers part over")]
    NoKind(String),
}

/// The text of a suite's file with the case of a difference behind the others. The case keeps what it was found with as
/// comments.
///
/// # Errors
/// If one of the two is no script, or the suite has the case already.
pub fn into_suite(from: (&str, &str), into: (&str, &str)) -> Result<String, AcceptError> {
    let (lead, mut case) = found(from)?;
    let mut file = match into.1.trim().is_empty() {
        true => File {
            protocol: protocol(from),
            ..File::default()
        },
        false => {
            script::parse(into.0, into.1).map_err(|_| AcceptError::NoScript(into.0.to_owned()))?
        }
    };
    if file.cases().any(|it| it.id == case.id) {
        return Err(AcceptError::There {
            into: into.0.to_owned(),
            id: case.id,
        });
    }
    case.lead = lead;
    file.items.push(Item::Case(case));
    Ok(file.to_string())
}

/// The section of a target's file that lists a difference as known. `turned` if the left broker is the target's.
///
/// # Errors
/// If the script does not tell what is different.
pub fn into_target(
    from: (&str, &str),
    turned: bool,
    reason: &str,
    source: &str,
) -> Result<String, AcceptError> {
    let (lead, _) = found(from)?;
    let kind = lead.first().and_then(|line| Kind::read(line));
    let kind = kind.ok_or_else(|| AcceptError::NoKind(from.0.to_owned()))?;
    let (reference, broker) = match turned {
        false => (&kind.left, &kind.right),
        true => (&kind.right, &kind.left),
    };
    let lines = [
        ("after", kind.step.as_str()),
        ("aspect", &kind.aspect),
        ("reference", reference),
        ("broker", broker),
        ("reason", reason),
        ("source", source),
    ];
    let lines =
        lines.map(|(name, text)| format!("{name} = {}\n", toml::Value::String(text.to_owned())));
    Ok(format!("\n[[difference]]\n{}", lines.concat()))
}

/// The comments of a difference's script, and its case.
fn found((name, text): (&str, &str)) -> Result<(Vec<String>, Case), AcceptError> {
    let none = || AcceptError::NoCase(name.to_owned());
    let file = script::parse(name, text).map_err(|_| none())?;
    let case = file.cases().next().cloned().ok_or_else(none)?;
    let mut lead = file.lead.clone();
    while lead.last().is_some_and(|line| line.trim().is_empty()) {
        lead.pop();
    }
    Ok((lead, case))
}

fn protocol((name, text): (&str, &str)) -> Option<String> {
    script::parse(name, text).ok()?.protocol
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: &str = "# left and right part: queue.delete, reply: channel.close 404 | queue.delete-ok.\n# More.\n\n\
        protocol amqp-0-9-1\n\ncase oracle/a\n  \"A title\"\n  clause SEC-01\n  no-control \"none\"\n  open a\n\
        \x20 a > queue.delete queue=$q1\n  a < channel.close reply-code=404\n";

    #[test]
    fn it_becomes_a_case_once() {
        let once = into_suite(("f.mqs", FOUND), ("s.mqs", "")).expect("accepted");
        assert!(once.contains("# More.\ncase oracle/a\n"), "{once}");
        let again = into_suite(("f.mqs", FOUND), ("s.mqs", &once));
        assert!(matches!(again, Err(AcceptError::There { .. })), "{again:?}");
    }

    #[test]
    fn it_becomes_a_known_difference() {
        let section =
            into_target(("f.mqs", FOUND), false, "It \"succeeds\".", "seen").expect("accepted");
        let table: toml::Table = section.parse().expect("TOML");
        let listed = &table["difference"][0];
        assert_eq!(listed["after"].as_str(), Some("queue.delete"));
        assert_eq!(listed["reference"].as_str(), Some("channel.close 404"));
        assert_eq!(listed["broker"].as_str(), Some("queue.delete-ok"));
        let turned = into_target(("f.mqs", FOUND), true, "r", "s").expect("accepted");
        assert!(
            turned.contains("broker = \"channel.close 404\""),
            "{turned}"
        );
    }

    #[test]
    fn what_diff_did_not_write_is_refused() {
        assert!(matches!(
            into_suite(("f", "nonsense"), ("s", "")),
            Err(AcceptError::NoCase(_))
        ));
        let other = FOUND.replace(" part: ", " ");
        assert!(matches!(
            into_target(("f", &other), false, "r", "s"),
            Err(AcceptError::NoKind(_))
        ));
    }
}
