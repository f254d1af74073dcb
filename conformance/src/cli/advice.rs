//! What a person may do next: run a case again, or take known deviations into account.

use std::path::{Path, PathBuf};

use mqspec::report::layout::wrapped;
use mqspec::run::{Deviation, RunReport};
use mqspec::suite::Suite;
use mqspec::target::{self, Known, Started, Via};

use super::args::{Filters, Target};

/// Deviations of cases that this suite does not hold.
pub fn absent(asked: &Filters, started: &Started, suite: &Suite) -> Option<String> {
    let absent = |deviation: &&Deviation| suite.case(&deviation.case).is_none();
    let absent: Vec<&str> = started
        .deviations
        .iter()
        .filter(absent)
        .map(|deviation| deviation.case.as_str())
        .collect();
    // With scripts of one's own, that the others are absent is as it should be.
    if absent.is_empty() || asked.suite.is_some() {
        return None;
    }
    let said = format!(
        "the target's list of known deviations names cases that do not exist: {}",
        absent.join(", ")
    );
    Some(wrapped(&said, "", "  ").join("\n"))
}

/// A list of deviations that was compared with other versions of the broker says little about this one.
pub fn version(started: &Started, report: &RunReport) -> Option<String> {
    let version = report.target.version.as_deref()?;
    let compared = &started.compared;
    if started.deviations.is_empty() || compared.is_empty() || compared.iter().any(|v| v == version)
    {
        return None;
    }
    let said = format!(
        "hint: this broker says that it is version {version}; the known deviations were compared with {}",
        compared.join(", ")
    );
    Some(wrapped(&said, "", "  ").join("\n"))
}

/// A broker at a URL may be one whose deviations are known.
pub fn hint(asked: &Target, started: &Started, report: &RunReport) -> Option<String> {
    let product = report.target.product.as_deref()?;
    if started.via != Via::Url || asked.as_target.is_some() || report.summary.failed == 0 {
        return None;
    }
    let version = report.target.version.as_deref().unwrap_or_default();
    let known = target::known().ok()?;
    let same = |known: &&Known| {
        let (name, _) = known.name.split_once('-').unwrap_or((&known.name, ""));
        name.eq_ignore_ascii_case(product)
    };
    // The list that was compared with this version, or else the one that bears the broker's name.
    let name = known
        .iter()
        .filter(same)
        .min_by_key(|known| (!known.versions.iter().any(|v| v == version), &known.name))
        .map(|known| known.name.clone())?;
    let said = format!(
        "hint: this is {product}, whose known deviations are listed; with `--as {name}` they do not fail the run"
    );
    Some(wrapped(&said, "", "  ").join("\n"))
}

/// The command that repeats the run, without its choice of cases.
pub fn again(target: &Target, suite: Option<&Path>) -> String {
    let mut words = vec!["mqspec run".to_owned()];
    words.extend(target.target.as_deref().map(without_password));
    words.extend(target.tls.tls_insecure.then(|| "--tls-insecure".to_owned()));
    let file = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let options = [
        ("--via", target.via.map(|via| via.to_string())),
        ("--image", target.image.clone()),
        ("--as", target.as_target.clone()),
        ("--tls-ca", file(&target.tls.tls_ca)),
        ("--tls-cert", file(&target.tls.tls_cert)),
        ("--tls-key", file(&target.tls.tls_key)),
        ("--suite", suite.map(|path| path.display().to_string())),
    ];
    for (option, value) in options {
        words.extend(value.map(|value| format!("{option} {}", quoted(&value))));
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A URL as it may stand in a log: only the password that everybody knows is shown.
fn without_password(target: &str) -> String {
    let masked = target.split_once("://").and_then(|(scheme, rest)| {
        let (login, host) = rest.rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        (password != "guest").then(|| format!("{scheme}://{user}:PASSWORD@{host}"))
    });
    quoted(&masked.unwrap_or_else(|| target.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_get_into_a_log() {
        assert_eq!(
            without_password("amqp://u:secret@h:1/%2f"),
            "amqp://u:PASSWORD@h:1/%2f"
        );
        assert_eq!(
            without_password("amqp://guest:guest@h"),
            "amqp://guest:guest@h"
        );
        assert_eq!(without_password("rabbitmq"), "rabbitmq");
    }

    #[test]
    fn a_word_with_blanks_is_quoted_for_a_shell() {
        assert_eq!(quoted("a b's"), r"'a b'\''s'");
    }
}
